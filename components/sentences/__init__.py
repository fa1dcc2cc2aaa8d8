"""The sentence bank: a template, a computed predicate, the numbers and their n. Screens compose nothing themselves."""

from components.sentences.findings import mend_label, said
from components.sentences.images import image_note
from components.sentences.maps import (
    A_POINT,
    activation_title,
    attribution_title,
    channel_doesnt_show,
    colour_title,
    cover_title,
    ends,
    kernel_title,
    layer_title,
    lower_first,
    norm_title,
    share_for_half,
    sum_title,
    target_words,
    twin_title,
)
from components.sentences.prediction import close_call, outlook, prediction, undecided

__all__ = [
    "A_POINT",
    "activation_title",
    "attribution_title",
    "channel_doesnt_show",
    "close_call",
    "colour_title",
    "cover_title",
    "ends",
    "image_note",
    "kernel_title",
    "layer_title",
    "lower_first",
    "mend_label",
    "norm_title",
    "outlook",
    "prediction",
    "said",
    "share_for_half",
    "sum_title",
    "target_words",
    "twin_title",
    "undecided",
]
