"""Flat, ordinary twins of models that users bring: functional, channels last, float32, with the same weights."""

from __future__ import annotations

from corpus.writing import draw, pair


def conv_net(size=(16, 16, 3), pool=True, units=3, activation="softmax", more=False, channels=3):
    """The corpus's ordinary model: convolution, pooling, average, dense."""
    from keras import Input, Model, layers

    image = Input(size)
    z = layers.Conv2D(4, 3, activation="relu", name="conv")(image)
    z = layers.MaxPooling2D(2)(z) if pool else z
    z = layers.ReLU()(z) if more else z
    z = layers.GlobalAveragePooling2D()(z)
    model = Model(image, layers.Dense(units, activation=activation)(z))
    model.set_weights([*pair(3, 3, channels, 4).values(), *pair(4, units).values()])
    return model


def dense_net():
    from keras import Input, Model, layers

    image = Input((16, 16, 3))
    model = Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(image)))
    model.set_weights([draw(768, 3) / 16, draw(3)])
    return model


def segmenter():
    from keras import Input, Model, layers

    image = Input((16, 16, 3))
    z = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(image)
    model = Model(image, layers.Conv2D(2, 1, activation="softmax")(layers.UpSampling2D()(z)))
    model.set_weights([*pair(3, 3, 3, 4).values(), *pair(1, 1, 4, 2).values()])
    return model


def shallow():
    """What 2,000 layers come to that pass on a picture without values below zero: average and dense."""
    from keras import Input, Model, layers

    image = Input((8, 8, 3))
    model = Model(image, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(image)))
    model.set_weights(list(pair(3, 3).values()))
    return model


def skipping(order="channels_last", policy="float32"):
    """Convolution, normalisation, two branches side by side and a skip, then a flat head; in either order of axes."""
    from keras import Input, Model, layers

    axis, shape = (1, (3, 10, 9)) if order == "channels_first" else (-1, (10, 9, 3))
    kept = {"data_format": order, "dtype": policy, "padding": "same"}
    image = Input(shape, name="image")
    stem = layers.Conv2D(4, 3, name="stem", **kept)(image)
    z = layers.ReLU(name="on", dtype=policy)(layers.BatchNormalization(axis=axis, name="bn", dtype=policy)(stem))
    left = layers.DepthwiseConv2D(3, name="left", activation="relu", **kept)(z)
    right = layers.Conv2D(3, 1, name="right", activation="relu", **kept)(z)
    z = layers.Concatenate(axis=axis, name="both", dtype=policy)([left, right])
    z = layers.Add(name="sum", dtype=policy)([layers.Conv2D(4, 3, name="last", **kept)(z), stem])
    z = layers.MaxPooling2D(data_format=order, name="pool", dtype=policy)(z)
    z = layers.Flatten(data_format=order, name="flat", dtype=policy)(z)
    return Model(image, layers.Dense(5, activation="softmax", name="scores", dtype="float32")(z))


def transfer(flat):
    """A backbone with a head as in transfer learning, many labels at once; nested, or `flat`."""
    from keras import Input, Model, layers

    def backbone(image):
        z = layers.Conv2D(5, 3, strides=2, padding="same", use_bias=False, name="conv1")(image)
        z = layers.ReLU(name="relu1")(layers.BatchNormalization(name="bn1")(z))
        return layers.SeparableConv2D(6, 3, activation="relu", name="conv2")(z)

    image = Input((14, 12, 3), name="image")
    if flat:
        z = backbone(image)
    else:
        inside = Input((14, 12, 3), name="inside")
        z = Model(inside, backbone(inside), name="backbone")(image)
    z = layers.Dropout(0.3, name="drop")(layers.GlobalAveragePooling2D(name="average")(z))
    return Model(image, layers.Dense(4, activation="sigmoid", name="labels")(z))


def turned_flatten(order, flatten):
    """A Sequential model whose Flatten keeps or turns the order of its values."""
    from keras import Input, Sequential, layers

    shape = (3, 9, 8) if order == "channels_first" else (9, 8, 3)
    parts = [Input(shape), layers.Conv2D(4, 3, activation="relu", data_format=order, name="conv")]
    if flatten == "turned":
        parts.append(layers.Permute((3, 1, 2)))
    parts.append(layers.Flatten(data_format="channels_last" if flatten != "own" else order))
    return Sequential([*parts, layers.Dense(3, activation="softmax", name="scores")])
