"""The pages, discovered from their folder: each declares itself in its docstring, so a page is one new file.

The first line is the question it answers; then `name: value` lines: label, icon, group, order, layers (which layers it
can use), classes ("needed" where the page makes no sense without a class output) and first_look ("shown" where the
page draws the precomputed first look) and strip ("last" where the page's own picture is drawn before the strip's, for
pages that are stepped through fast; "none" where the page is about no model) and for ("operator" where it is theirs).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components import operating
from components.text import _
from explain.layers import LayerInfo

PAGES = Path(__file__).parent.parent / "pages"

USES: dict[str, tuple[Callable[[LayerInfo], bool], str, str]] = {
    "any": (lambda layer: True, "", ""),
    "kernel": (
        lambda layer: layer.has_kernel and len(layer.output_shape) == 3,
        "this page shows convolution kernels, and this layer has none",
        "has no convolution, so there are no kernels to draw",
    ),
    "map": (
        lambda layer: len(layer.output_shape) == 3 and layer.output_shape[0] > 1,
        "a map needs rows and columns, and this layer has none left",
        "",
    ),
}
"""Which layers a page can show, why not the others, and what a model without any lacks, "" if the page does without."""


@dataclass(frozen=True)
class Screen:
    """One page as it declares itself."""

    key: str
    file: Path
    question: str
    label: str
    icon: str
    group: str
    order: int
    layers: str
    needs_classes: bool
    first_look: bool
    strip_last: bool
    strip: bool = True
    operator: bool = False

    def usable(self, layer: LayerInfo) -> bool:
        """Whether the page can show a layer."""
        return USES[self.layers][0](layer)

    @property
    def reason(self) -> str:
        """Why the page can't show the layers it can't."""
        return _(USES[self.layers][1]) if USES[self.layers][1] else ""

    @property
    def lacks(self) -> str:
        """What a model lacks in which the page can show no layer at all, "" where the page does without."""
        return _(USES[self.layers][2]) if USES[self.layers][2] else ""


def screens() -> tuple[Screen, ...]:
    """Return the pages in their order, the operator's only where there is one.

    Raises ValueError naming a page whose docstring does not declare it.
    """
    return tuple(screen for screen in _all() if not screen.operator or operating.switched_on())


@cache
def _all() -> tuple[Screen, ...]:
    found = [_read(path) for path in PAGES.glob("*.py") if path.stem != "__init__"]
    return tuple(sorted(found, key=lambda screen: screen.order))


def _read(path: Path) -> Screen:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    question, *rest = [line.strip() for line in text.splitlines() if line.strip()]
    said = dict(line.split(": ", 1) for line in rest if ": " in line)
    missing = {"label", "icon", "group", "order"} - set(said)
    if missing:
        raise ValueError(f"{path.name}: its docstring must declare {sorted(missing)}; see components/screens.py")
    return Screen(
        key=path.stem,
        file=path,
        question=question,
        label=said["label"],
        icon=said["icon"],
        group=said["group"],
        order=int(said["order"]),
        layers=said.get("layers", "any"),
        needs_classes=said.get("classes") == "needed",
        first_look=said.get("first_look") == "shown",
        strip_last=said.get("strip") == "last",
        strip=said.get("strip") != "none",
        operator=said.get("for") == "operator",
    )
