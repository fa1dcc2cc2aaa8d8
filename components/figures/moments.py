"""How right a network was at each recorded moment of its training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent

HEIGHT, GAP = 250, 0.12
BAND = "rgba(123,140,162,0.30)"


def moments(
    steps: Sequence[int],
    accuracy: Values,
    loss: Values,
    words: Words,
    *,
    jump: tuple[int, int] | None = None,
    width: int = 420,
) -> Drawn:
    """Draw accuracy (T,) over loss (T,), one place a moment: evenly, since moments are dense early.

    `jump` are the two neighbouring moments between which the accuracy rose most. Raises ValueError without moments.
    """
    if not len(steps) or {len(accuracy), len(loss)} != {len(steps)}:
        raise ValueError(f"steps: expected one for each of {len(accuracy)} values and at least one, got {len(steps)}")
    written = [number(int(step)) for step in steps]
    figure = _ground(written, width)
    for position, (name, values, axis) in enumerate(((_("accuracy"), accuracy, "y"), (_("loss"), loss, "y2"))):
        line = {"color": tokens.SERIES[position], "width": 2, "dash": tokens.DASHES[position]}
        places = list(range(len(steps)))
        curve = go.Scatter(x=places, y=np.asarray(values), mode="lines+markers", line=line, name=name, yaxis=axis)
        curve.update(marker={"size": 4}, customdata=written)
        figure.add_trace(curve.update(hovertemplate=f"%{{customdata}}: {name} %{{y:.3g}}<extra></extra>"))
    if jump is not None:
        figure.add_vrect(x0=jump[0], x1=jump[1], fillcolor=BAND, line_width=0, layer="below")
    alt = _("At steps {steps}: accuracy {accuracy}; loss {loss}.").format(
        steps=", ".join(written),
        accuracy=", ".join(percent(float(one)) for one in accuracy),
        loss=", ".join(number(float(one), 2) for one in loss),
    )
    note = _("Grey: between these two the accuracy rose most.") if jump is not None else ""
    return finish(figure, words, alt, note)


def _ground(steps: Sequence[str], width: int) -> go.Figure:
    """Two curves over one axis of places, some of them named by their step."""
    figure = base.blank(width, HEIGHT, hovermode="x unified")
    figure.update_layout(margin={"l": 46, "r": 12, "t": 8, "b": 44})
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    quiet |= {"tickfont": {"size": 12, "color": tokens.TEXT}, "title_font": {"size": 12, "color": tokens.TEXT}}
    every, last = max(1, -(-len(steps) // 5)), len(steps) - 1
    marked = [*(at for at in range(0, last, every) if last - at >= 0.7 * every), last]
    ticks = {"tickmode": "array", "tickvals": marked, "ticktext": [steps[at] for at in marked], "tickangle": 0}
    figure.update_xaxes(title_text=_("step"), anchor="y2", fixedrange=True, **ticks, **quiet)
    shares = {"tickmode": "array", "tickvals": [0, 0.5, 1], "ticktext": [percent(one) for one in (0, 0.5, 1)]}
    upper = {"domain": [0.5 + GAP / 2, 1], "range": [-0.03, 1.03], "title_text": _("accuracy"), **shares}
    lower = {"domain": [0, 0.5 - GAP / 2], "rangemode": "tozero", "title_text": _("loss")}
    figure.update_layout(yaxis=upper | quiet | {"fixedrange": True}, yaxis2=lower | quiet | {"fixedrange": True})
    return figure
