"""What a config may name: Keras's layers for image networks with their settings, activations, operations.

An allow-list, since Keras itself lets a config name almost every function it exports. Settings that begin with a role
(`kernel_initializer`, `bias_regularizer` ...) are checked by their role.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERY = "name trainable dtype autocast activity_regularizer batch_shape batch_input_shape"
_BIAS = "activation use_bias bias_initializer bias_regularizer bias_constraint"
_KERNEL = "kernel_initializer kernel_regularizer kernel_constraint"
_DEPTHWISE = "depth_multiplier depthwise_initializer depthwise_regularizer depthwise_constraint"
_POINTWISE = "pointwise_initializer pointwise_regularizer pointwise_constraint"
_WINDOW = "kernel_size strides padding data_format dilation_rate"
_SCALE = "axis epsilon center scale beta_initializer gamma_initializer"
_SCALE += " beta_regularizer gamma_regularizer beta_constraint gamma_constraint"
_MOVED = "fill_mode interpolation seed fill_value data_format"

_SETTINGS = {
    "InputLayer": "batch_shape shape batch_size sparse ragged optional",
    "Conv2D": f"filters groups {_WINDOW} {_KERNEL} {_BIAS}",
    "Conv2DTranspose": f"filters output_padding {_WINDOW} {_KERNEL} {_BIAS}",
    "DepthwiseConv2D": f"{_WINDOW} {_DEPTHWISE} {_BIAS}",
    "SeparableConv2D": f"filters {_WINDOW} {_DEPTHWISE} {_POINTWISE} {_BIAS}",
    "Dense": f"units quantization_config {_KERNEL} {_BIAS}",
    "MaxPooling2D": "pool_size strides padding data_format",
    "AveragePooling2D": "pool_size strides padding data_format",
    "GlobalMaxPooling2D": "data_format keepdims",
    "GlobalAveragePooling2D": "data_format keepdims",
    "BatchNormalization": f"{_SCALE} momentum moving_mean_initializer moving_variance_initializer "
    "renorm renorm_clipping renorm_momentum synchronized",
    "LayerNormalization": f"{_SCALE} rms_scaling",
    "GroupNormalization": f"{_SCALE} groups",
    "UnitNormalization": "axis",
    "Normalization": "axis mean variance invert",
    "Rescaling": "scale offset",
    "Resizing": "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value antialias "
    "data_format",
    "CenterCrop": "height width data_format",
    "Cropping2D": "cropping data_format",
    "ZeroPadding2D": "padding data_format",
    "UpSampling2D": "size data_format interpolation",
    "Activation": "activation",
    "ReLU": "max_value negative_slope threshold",
    "LeakyReLU": "negative_slope alpha",
    "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "ELU": "alpha",
    "Softmax": "axis",
    "Add": "",
    "Subtract": "",
    "Multiply": "",
    "Average": "",
    "Maximum": "",
    "Minimum": "",
    "Concatenate": "axis",
    "Flatten": "data_format",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "Identity": "",
    "Dropout": "rate noise_shape seed",
    "SpatialDropout2D": "rate data_format seed noise_shape",
    "GaussianDropout": "rate seed",
    "GaussianNoise": "stddev seed",
    "AlphaDropout": "rate noise_shape seed",
    "ActivityRegularization": "l1 l2",
    "RandomFlip": "mode seed data_format",
    "RandomRotation": f"factor {_MOVED}",
    "RandomZoom": f"height_factor width_factor {_MOVED}",
    "RandomTranslation": f"height_factor width_factor {_MOVED}",
    "RandomContrast": "factor value_range seed data_format",
    "RandomBrightness": "factor value_range seed data_format",
    "TimeDistributed": "layer",
}
LAYERS = {name: frozenset(f"{_EVERY} {own}".split()) for name, own in _SETTINGS.items()}
ALIASES = {
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
    "DepthwiseConvolution2D": "DepthwiseConv2D",
    "MaxPool2D": "MaxPooling2D",
    "AvgPool2D": "AveragePooling2D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "BatchNormalizationV1": "BatchNormalization",
}
MODELS = ("Sequential", "Functional", "Model")

# Settings that older versions of Keras wrote and that changed nothing: dropped where they hold this value.
IDLE: dict[str, dict[str, object]] = {
    "DepthwiseConv2D": {"groups": 1, "filters": None, "rank": 2},
    "SeparableConv2D": {"groups": 1, "rank": 2},
    "Conv2DTranspose": {"groups": 1, "rank": 2},
    "Conv2D": {"rank": 2},
}
IDLE_ANYWHERE: dict[str, object] = {
    "lora_rank": None,
    "lora_alpha": None,
    "quantization_config": None,
    "bounding_box_format": None,
    "pool_dimensions": 2,
    "sparse": False,
    "ragged": False,
}

# Operations on tensors, such as `x / 255`: the module that Keras writes, and how many tensors or numbers they take.
OPERATIONS = {
    "Add": "keras.src.ops.numpy",
    "Subtract": "keras.src.ops.numpy",
    "Multiply": "keras.src.ops.numpy",
    "Divide": "keras.src.ops.numpy",
    "TrueDivide": "keras.src.ops.numpy",
    "Relu": "keras.src.ops.nn",
    "Relu6": "keras.src.ops.nn",
    "Sigmoid": "keras.src.ops.nn",
    "Softmax": "keras.src.ops.nn",
    "Silu": "keras.src.ops.nn",
    "Tanh": "keras.src.ops.numpy",
}

ACTIVATIONS = _words(
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus "
    "sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold"
)
INITIALIZERS = _words(
    "constant glorotnormal glorotuniform henormal heuniform identity identityinitializer lecunnormal lecununiform ones "
    "one orthogonal orthogonalinitializer randomnormal randomuniform truncatednormal normal uniform variancescaling "
    "zeros zero"
)
REGULARIZERS = _words("l1 l2 l1l2 orthogonalregularizer")
CONSTRAINTS = _words("maxnorm minmaxnorm nonneg unitnorm")
ROLES = {
    "_initializer": ("initialiser", INITIALIZERS),
    "_regularizer": ("regulariser", REGULARIZERS),
    "_constraint": ("constraint", CONSTRAINTS),
}
DTYPES = _words("float16 bfloat16 float32 float64 mixed_float16 mixed_bfloat16")
INPUT_DTYPES = DTYPES | _words("uint8 int8 int16 uint16 int32 int64")

_TEXT = "is for text or tables, and ConvScope opens networks for images"
_SERIES = "is for series, and ConvScope opens networks for images"
_VOLUME = "works on volumes or video, and ConvScope opens networks for images in two dimensions"
_CONVNEXT = "is a part of ConvNeXt, which Keras keeps outside its layers, and ConvScope doesn't open those networks"
_CODE = "runs code that comes with the file, which ConvScope never does"
REASONS = {
    **dict.fromkeys(
        ("Embedding", "TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing"), _TEXT
    ),
    **dict.fromkeys(("CategoryEncoding", "Discretization", "FeatureSpace", "ReversibleEmbedding"), _TEXT),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "Masking", "LSTMCell", "GRUCell"), _SERIES),
    **dict.fromkeys(("Conv1D", "SeparableConv1D", "MaxPooling1D", "AveragePooling1D", "Conv1DTranspose"), _SERIES),
    **dict.fromkeys(("GlobalMaxPooling1D", "GlobalAveragePooling1D", "UpSampling1D", "ZeroPadding1D"), _SERIES),
    **dict.fromkeys(("Conv3D", "Conv3DTranspose", "MaxPooling3D", "AveragePooling3D", "UpSampling3D"), _VOLUME),
    **dict.fromkeys(("GlobalMaxPooling3D", "GlobalAveragePooling3D", "ZeroPadding3D", "Cropping3D"), _VOLUME),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "DepthwiseConv1D"), _VOLUME),
    "LayerScale": _CONVNEXT,
    **dict.fromkeys(
        ("TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFOpLambda", "SlicingOpLambda"), _CODE
    ),
}
