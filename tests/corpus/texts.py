"""What a user reads when a case is refused, word for word: the cause, then what to do."""

NO_LAMBDA = (
    "Export the model without it (Rescaling, Activation or Reshape often do the same), or, if the network is one "
    "of those that ship with ConvScope, save only the weights and pick it."
)
OWN_LAYERS = (
    "Export the model with Keras's own layers and functions only, or, if the network is one of those that ship "
    "with ConvScope, save only the weights and pick it."
)
IMAGES = "Export the part of the model that takes images."
SAVE_AGAIN = 'Save it again with model.save("model.keras").'
SMALLER = "Save a model that takes smaller pictures or has fewer channels there."
TOGETHER = "Save config and weights together, from the same model."
NOT_WHOLE = "Copy or save the file again: it was probably cut off on its way."
COPY_AGAIN = "Copy or save the file again; if it was downloaded, compare its size with the original."

TEXTS = {
    (1, "lambda"): ("“double” is or holds a Lambda: Python code in the file, which ConvScope never runs. " + NO_LAMBDA),
    (2, "lambda in h5"): (
        "“double” is or holds a Lambda: Python code in the file, which ConvScope never runs. " + NO_LAMBDA
    ),
    (3, "lambda in a submodel"): (
        "“double” is or holds a Lambda: Python code in the file, which ConvScope never runs. " + NO_LAMBDA
    ),
    (4, "lambda in TimeDistributed"): (
        "“double” is or holds a Lambda: Python code in the file, which ConvScope never runs. " + NO_LAMBDA
    ),
    (6, "foreign function"): (
        "The activation of the layer “conv” names “spring” of the module “corpus.trap”, which isn't part of "
        "Keras. Nothing of it was run. " + OWN_LAYERS
    ),
    (7, "foreign class"): (
        "The layer “sprung” names “Sprung” of the module “corpus.trap”, which isn't part of Keras. Nothing of it "
        "was run. " + OWN_LAYERS
    ),
    (8, "Keras function as a layer"): (
        "The config names “set_dtype_policy” of “keras.config” as the layer “set_dtype_policy”, and that is none "
        "of the layers ConvScope opens. Nothing of it was run. " + OWN_LAYERS
    ),
    (8, "Keras function as activation"): (
        "The activation of the layer “conv” is “set_floatx”, which isn't one that ConvScope opens. Nothing of it "
        "was run. " + OWN_LAYERS
    ),
    (9, "TFSMLayer"): (
        "The layer “served” (TFSMLayer) runs code that comes with the file, which ConvScope never does. " + OWN_LAYERS
    ),
    (10, "StringLookup with a path"): (
        "The layer “words” (StringLookup) is for text or tables, and ConvScope opens networks for images. " + IMAGES
    ),
    (11, "a layer as root"): (
        "The config doesn't describe a model: “Dense” of “keras.layers” was found. " + SAVE_AGAIN
    ),
    (11, "a list as root"): ("The config doesn't describe a model: list was found. " + SAVE_AGAIN),
    (12, "bad JSON"): ("The model's config is not valid JSON. " + SAVE_AGAIN),
    (13, "deep JSON"): ("The model's config is nested 200,000 deep; at most 64 are accepted. " + SAVE_AGAIN),
    (14, "NaN in JSON"): (
        "The model's config holds NaN, which is no number that a layer can be built with. "
        "Look for a setting that became NaN or infinite (a rate, a scale), set it, and save the model again."
    ),
    (15, "200 million units"): (
        "The model declares 1,600,000,115 parameters, 1,000,000,000 of them in “wide”; at most 150,000,000 are "
        "accepted. " + SMALLER
    ),
    (15, "units the file hasn't"): (
        "The layer “wide” needs weights of 4×2000000, 2000000; the file holds 4×3, 3. " + TOGETHER
    ),
    (16, "huge input"): (
        "One picture would set 305,168 MB of activations, 152,582 MB of them in “conv” (99998×99998×4); at most "
        "1,024 MB are accepted. " + SMALLER
    ),
    (17, "up-sampling chain"): (
        "One picture would set 4,129 MB of activations, 3,136 MB of them in “up_4” (14336×14336×4); at most 1,024"
        " MB are accepted. " + SMALLER
    ),
    (18, "zip bomb in the config"): (
        "“config.json” in the archive grows from 100 kB to 100 MB when unpacked; no model does. " + SAVE_AGAIN
    ),
    (19, "zip bomb in the weights"): (
        "“model.weights.h5” in the archive grows from 100 kB to 100 MB when unpacked; no model does. " + SAVE_AGAIN
    ),
    (20, "member that leads out"): (
        "The archive holds “../../evil.txt”, a name that leads out of the archive. " + SAVE_AGAIN
    ),
    (21, "member twice"): (
        "The archive holds “config.json” twice, so it isn't clear which one is meant. " + SAVE_AGAIN
    ),
    (22, "encrypted"): (
        "“metadata.json” in the archive is encrypted. Upload the file as Keras saved it, without a password."
    ),
    (23, "external link"): (
        "“layers/conv2d/vars/0” in the HDF5 file is a link to another file (external link). " + SAVE_AGAIN
    ),
    (24, "external raw data"): (
        "“layers/conv2d/vars/0” in the HDF5 file keeps its numbers in another file. " + SAVE_AGAIN
    ),
    (25, "virtual dataset"): (
        "“layers/conv2d/vars/0” in the HDF5 file is put together from other datasets (virtual dataset). " + SAVE_AGAIN
    ),
    (26, "soft link"): (
        "“layers/conv2d/vars/0” in the HDF5 file is a link to another place by name (soft link). " + SAVE_AGAIN
    ),
    (27, "2.8 GB declared"): (
        "“layers/conv2d/vars/0” in the HDF5 file declares 2,670 MB, and 0 kB are stored. " + SAVE_AGAIN
    ),
    (28, "truncated"): ("The file is a damaged archive (its end is missing). " + NOT_WHOLE),
    (33, "zipped SavedModel"): (
        "The file is a zipped SavedModel, whose graph of operations can run code. "
        "Load it where you trained it and save it as one file: "
        'keras.models.load_model("folder").save("model.keras") with tf.keras, or model.save("model.keras").'
    ),
    (35, "no weights in the archive"): (
        "The archive has no weights: there is no model.weights.h5 in it. " + SAVE_AGAIN
    ),
    (35, "a layer's weights missing"): (
        "The weights of the layer “conv” (3×3×3×4, 4) are not in the file. " + SAVE_AGAIN
    ),
    (36, "wrong shape"): ("The layer “conv” needs weights of 3×3×3×4, 4; the file holds 3×3×3×5, 5. " + TOGETHER),
    (37, "custom layer"): (
        "The layer “squeeze” is of a class of its own (“Squeeze”), not one of Keras's; its code isn't in the "
        "file. " + OWN_LAYERS
    ),
    (38, "subclassed"): (
        "The model is a class of its own (“MyNet”): how its layers are joined stands in its code, which isn't in "
        "the file. "
        "Build it again as a Sequential or functional model (keras.Model(inputs, outputs)), give it the weights, "
        "save it."
    ),
    (43, "text model"): (
        "The layer “words” (Embedding) is for text or tables, and ConvScope opens networks for images. " + IMAGES
    ),
    (44, "Conv3D"): (
        "The layer “conv” (Conv3D) works on volumes or video, and ConvScope opens networks for images in two "
        "dimensions. " + IMAGES
    ),
    (50, "unbuilt"): (
        "The model “net” was saved before it was built: it doesn't say what it takes in. "
        "Call it once on a picture or give it keras.Input((height, width, channels)), then save it again."
    ),
    (55, "over the limit"): (
        "The file has 51 MB; at most 50 MB are accepted. "
        'Save it without its optimizer, keras.models.load_model("model.keras", compile=False).save("smaller.keras"), '
        "or with float16 weights; whoever runs "
        "this server can raise the limit (CONVSCOPE_OWN_MAX_BYTES)."
    ),
    (29, "truncated h5"): ("The HDF5 file is damaged or cut off. " + COPY_AGAIN),
    (30, "empty"): ("The file is empty (0 bytes). Save or copy the model again, then upload it."),
    (31, "text renamed"): (
        "The file is text, not a Keras model. "
        "Upload a .keras file, an .h5 file of a whole model, or a weights file with the architecture it is for."
    ),
    (34, "weights only"): (
        "The file holds weights only: it doesn't say what network they are for. "
        "Pick the architecture that they are for (efficientnet_lite0, fashion_cnn, fashion_cnn_untrained, "
        'simple_cnn_224, vgg16), or save the whole model with model.save("model.keras").'
    ),
    (36, "wrong shape in h5"): ("The layer “conv” needs weights of 3×3×3×4, 4; the file holds 3×3×1×4, 4. " + TOGETHER),
    (37, "custom layer in h5"): (
        "The layer “squeeze” is of a class of its own (“Squeeze”), not one of Keras's; its code isn't in the "
        "file. " + OWN_LAYERS
    ),
    (56, "never finishes"): (
        "Reading the HDF5 file didn't end within 1 s of computing: it is damaged, or made to keep its reader "
        "busy. " + COPY_AGAIN
    ),
}
