"""Three networks beside each other on the Shift page: shares, one feature map, and what counts for one class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from components import figures, raster, show
from components.figures import Words
from components.figures.shift import centred_map
from components.parts.shift import Shown, name_of, way
from components.raster import natural_limits
from components.text import _, percent
from explain.followed import Followed, strongest_channel
from model_zoo import ModelEntry
from model_zoo.fashion import CLASS_NAMES
from model_zoo.shift_networks import shift_networks

SHOWN = 3


def networks(one: Shown, found: Mapping[str, tuple[Followed, Followed]]) -> None:
    """Draw the three networks beside each other: shares, one feature map, what counts for the picture's own class."""
    for key, place in zip(found, show.columns(3), strict=True):
        before, now = found[key]
        with place:
            st.subheader(name_of(key), anchor=False)
            show.small(_about(shift_networks()[key]))
            _shares(key, one, before, now)
            _map(key, before, now)
            _attribution(key, one, before, now)


def _about(entry: ModelEntry) -> str:
    accuracy = percent(float(entry.facts["test_accuracy"]))
    return _("{summary}; {accuracy} of the 10,000 test pictures right").format(summary=entry.summary, accuracy=accuracy)


def _shares(key: str, one: Shown, before: Followed, now: Followed) -> None:
    best = [int(at) for at in np.argsort(-now.probabilities, kind="stable")[:SHOWN]]
    rows = best if one.target in best else [*best[: SHOWN - 1], one.target]
    rest = 1 - float(sum(now.probabilities[at] for at in rows))
    words = Words(
        _("{name}: {was} before, {now} now").format(
            name=one.name,
            was=percent(float(before.probabilities[one.target])),
            now=percent(float(now.probabilities[one.target])),
        ),
        _("Shares of the softmax: {which}. The other {n} classes share {rest}.").format(
            which=_("the three largest, the picture's own class outlined")
            if one.target in best
            else _("the two largest and, outlined, the picture's own class"),
            n=len(CLASS_NAMES) - len(rows),
            rest=percent(max(0.0, rest)),
        ),
    )
    drawn = figures.bars(
        [CLASS_NAMES[at] for at in rows],
        [float(now.probabilities[at]) for at in rows],
        [float(now.logits[at]) for at in rows],
        words,
        target=rows.index(one.target),
        indices=rows,
        width=show.fit(340),
    )
    show.figure(drawn, f"shift_bars_{key}")


def _map(key: str, before: Followed, now: Followed) -> None:
    if now.layer is None:
        st.info(
            _("No feature map: the first layer joins all pixels at once, so no rows and columns are left."),
            icon=":material/grid_off:",
        )
        return
    channel = strongest_channel(before.maps[now.layer])
    values = now.maps[now.layer][..., channel]
    limits = natural_limits(np.stack([before.maps[now.layer][..., channel], values]), "activation")
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    title = _("Channel {n}: strongest at row {row}, column {column}").format(n=channel, row=row, column=column)
    words = Words(
        title if values.any() else _("Channel {n}: silent on this picture").format(n=channel),
        _("{layer}, {h}×{w}, the channel that was strongest before; one scale for before and now.").format(
            layer=now.layer, h=values.shape[0], w=values.shape[1]
        ),
    )
    drawn = figures.one_map(values, "activation", words, quantity=_("activation"), limits=limits, width=show.fit(300))
    show.figure(drawn, f"shift_map_{key}")


def _attribution(key: str, one: Shown, before: Followed, now: Followed) -> None:
    place = _("{method}, {layer}").format(method=now.method, layer=now.layer) if now.layer else now.method
    limits = natural_limits(np.stack([np.abs(before.attribution), np.abs(now.attribution)]), "attribution")
    words = Words(
        _centre_words(before, now, one),
        _("{place}, for {name}; ring: centre before, cross: centre now; one scale for both.").format(
            place=place, name=one.name
        ),
        _("whether the network is right, nor why."),
    )
    drawn = centred_map(
        now.attribution,
        "attribution",
        words,
        quantity=_("attribution"),
        limits=limits,
        picture=raster.colour_map(one.after[..., 0], "input_grey", (0.0, 1.0))[..., :3],
        before=before.centre,
        now=now.centre,
        width=show.fit(300),
    )
    show.figure(drawn, f"shift_attribution_{key}")


def _centre_words(before: Followed, now: Followed, one: Shown) -> str:
    if before.centre is None or now.centre is None:
        return _("Nothing counts for {name} here").format(name=one.name)
    down, right = (round(new - old, 1) for old, new in zip(before.centre, now.centre, strict=True))
    if not (down or right):
        return _("What counts for {name}: its centre is where it was").format(name=one.name)
    return _("What counts for {name}: centre moved {way}").format(name=one.name, way=way(right, down))
