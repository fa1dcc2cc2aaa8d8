"""Hold a Place against a model and a page: what is really pointed at, and what had to be changed."""

from __future__ import annotations

from dataclasses import dataclass

from components.glances import Glance
from components.screens import Screen
from components.state import Place
from components.text import _
from explain.layers import LayerInfo


@dataclass(frozen=True)
class Pointed:
    """The Place as one page can honour it; `notes` say what was asked for and could not be had."""

    layer: LayerInfo | None
    channel: int | None
    row: int | None
    col: int | None
    target: int | None
    minus: int | None
    notes: tuple[str, ...] = ()

    @property
    def cell(self) -> tuple[int, int] | None:
        """The pinned row and column, None if none is pinned."""
        return None if self.row is None or self.col is None else (self.row, self.col)


def point(place: Place, glance: Glance, screen: Screen) -> Pointed:
    """Honour a Place as far as the model and the page allow, and say where they don't."""
    notes: list[str] = []
    layer = _layer(place, glance, screen, notes)
    channel, row, col = place.channel, place.row, place.col
    if layer is not None and channel is not None and channel >= layer.output_shape[-1]:
        if place.layer in (None, layer.name):
            notes.append(
                _("Channel {channel} does not exist: {layer} has {count}.").format(
                    channel=channel, layer=layer.name, count=layer.output_shape[-1]
                )
            )
        channel = None
    if row is not None and col is not None and not _has_cell(layer, row, col):
        if layer is not None and layer.spatial and place.layer in (None, layer.name):
            notes.append(
                _("Cell ({row}, {col}) does not exist: {layer} has {h}×{w}.").format(
                    row=row, col=col, layer=layer.name, h=layer.output_shape[0], w=layer.output_shape[1]
                )
            )
        row = col = None
    classes = 0 if glance.logits is None else len(glance.logits)
    target = _class(place.target, classes, notes)
    minus = _class(place.minus, classes, notes)
    return Pointed(
        layer,
        channel,
        row,
        col,
        target,
        None if minus == (glance.top if target is None else target) else minus,
        tuple(notes),
    )


def _layer(place: Place, glance: Glance, screen: Screen, notes: list[str]) -> LayerInfo | None:
    usable = [layer for layer in glance.layers if layer.kind != "input" and screen.usable(layer)]
    if not usable:
        return None
    asked = glance.layer(place.layer)
    if place.layer and asked is None:
        notes.append(_("This model has no layer called {layer}.").format(layer=place.layer[:60]))
    if asked is None:
        return default_layer(usable, glance, screen)
    if asked in usable:
        return asked
    if asked.kind == "input":
        notes.append(_("The input is no layer to point at; the picture stands for it."))
        return default_layer(usable, glance, screen)
    before = [layer for layer in usable if layer.index <= asked.index]
    near = before[-1] if before else usable[0]
    notes.append(
        _("{asked} can't be shown here: {reason}. Shown instead: {near}, the nearest that can.").format(
            asked=asked.name, reason=screen.reason, near=near.name
        )
    )
    return near


def default_layer(usable: list[LayerInfo], glance: Glance, screen: Screen) -> LayerInfo:
    """Return the layer a page opens on: the default CAM layer where maps are made, else the first convolution."""
    if screen.layers == "map":
        named = next((layer for layer in usable if layer.name == glance.default_layer), None)
        return named or usable[-1]
    return next((layer for layer in usable if layer.has_kernel), usable[0])


def _has_cell(layer: LayerInfo | None, row: int, col: int) -> bool:
    if layer is None or len(layer.output_shape) != 3:
        return False
    return row < layer.output_shape[0] and col < layer.output_shape[1]


def _class(number: int | None, classes: int, notes: list[str]) -> int | None:
    if number is None or number < classes:
        return number
    if classes:
        notes.append(_("There is no class {number}: this model has {count}.").format(number=number, count=classes))
    return None
