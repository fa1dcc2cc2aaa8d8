"""Guess first, on the Shift page: where a feature map will be when the picture moves."""

from __future__ import annotations

from collections.abc import Mapping

from components.parts.guess import Question
from components.parts.shift import Shown, ink_left, name_of, way
from components.text import _, number, percent
from explain.followed import Followed, strongest_channel
from explain.shift import centre_of_mass
from model_zoo.fashion import SIDE

NETWORK = "fashion_cnn"
NEAR = 1.0
"""Pixels within which a centre counts as moved with the picture, or as left where it was: half a cell of that map."""
WHOLE = 0.999


def question(one: Shown, found: Mapping[str, tuple[Followed, Followed]]) -> Question | None:
    """Ask where the centre of the strongest channel's map goes as the picture moves; None where nothing moves it.

    What is right was measured. It could be known where the map moves along, as convolution has it, but not where pixels
    that left the picture, or the padding, took its centre elsewhere.
    """
    change = one.change
    before, now = found[NETWORK]
    if before.layer is None or not change.only_moves or not (change.right or change.down):
        return None
    layer = before.layer
    channel = strongest_channel(before.maps[layer])
    was, is_ = (centre_of_mass(part.maps[layer][..., channel], (SIDE, SIDE)) for part in (before, now))
    if was is None or is_ is None:
        return None
    down, right = is_[0] - was[0], is_[1] - was[1]
    options = _("It moves along, {way}").format(way=way(change.right, change.down)), _("It stays"), _("Neither")
    with_it = max(abs(right - change.right), abs(down - change.down)) <= NEAR
    stays = max(abs(right), abs(down)) <= NEAR
    answer = 0 if with_it else 1 if stays else 2
    said = _("centre of channel {n} of {layer}: {right} px right, {down} px down.").format(
        n=channel, layer=layer, right=number(right, 2), down=number(down, 2)
    )
    return Question(
        f"shift_{one.number}_{change.right}_{change.down}",
        _("“{network}”: where will the strongest feature map be?").format(network=name_of(NETWORK)),
        options,
        answer,
        with_it,
        f"{_why(one, with_it)} {said}",
    )


def _why(one: Shown, with_it: bool) -> str:
    if with_it:
        return _("convolution has the same weights at every place, so what stays in the picture moves along;")
    if ink_left(one) < WHOLE:
        return _("{share} of the picture's ink left it, and new edges came;").format(share=percent(1 - ink_left(one)))
    return _("nothing left the picture, but pooling falls on other pixels, and the border reads zeros;")
