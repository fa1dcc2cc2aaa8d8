"""What we checked: evidence for or against one map, row by row, and never a total.

One file each in explain/evidence/rows, ending in `ROW = Row(...)`, found from that folder.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

from explain.attribution import METHODS
from explain.checks import of_param, one_image, one_of
from explain.engines import engine_for
from explain.evidence import rows
from explain.evidence.types import Checked, Outcome, Row
from explain.types import Attribution, Entry

__all__ = ["ROWS", "Checked", "Outcome", "Row", "check", "discover", "passes", "solving", "summary"]


def discover(modules: Iterable[ModuleType]) -> Mapping[str, Row]:
    """Return the rows of some modules by key, in their order on screen.

    Raises ValueError for a module without ROW and for two with one key; import errors are let through.
    """
    found: dict[str, Row] = {}
    for module in modules:
        row = getattr(module, "ROW", None)
        if not isinstance(row, Row):
            raise ValueError(f"{module.__name__}: expected the file to end in ROW = Row(...)")
        if row.key in found:
            raise ValueError(f"{module.__name__}: the key {row.key!r} is taken; choose another")
        found[row.key] = row
    ordered = sorted(found.values(), key=lambda row: (row.order, row.key))
    return MappingProxyType({row.key: row for row in ordered})


ROWS = discover(
    importlib.import_module(f"{rows.__name__}.{entry.name}") for entry in pkgutil.iter_modules(rows.__path__)
)
"""Every row by key."""


def check(
    row: str,
    model: Any,
    x: Any,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
    **options: Any,
) -> Iterator[Checked]:
    """Check one thing about the map of one image; yields ever fuller results, the last of them finished.

    model: an Engine, a Keras model or a declared entry; x: the image that the attribution is of, (H, W, C) or
    (1, H, W, C). The method, target and settings are the attribution's. `options` are the row's own parameters.
    Raises ValueError for a row or an option that there is none of, and for a map of another size.
    """
    chosen = ROWS[one_of("row", row, tuple(ROWS))]
    own = _options(chosen, options)
    image = one_image(x)
    if attribution.map.shape != image.shape[1:3]:
        raise ValueError(
            f"attribution: its map is {attribution.map.shape}, the image {image.shape}; give its own image"
        )
    if entry is None and hasattr(model, "labels") and hasattr(model, "trained"):
        entry = model
    engine, method = engine_for(model), METHODS[attribution.method]
    return chosen.run(engine, image, method, attribution.target, attribution, entry=entry, seed=seed, **own)


def passes(row: str, model: Any, attribution: Attribution, **options: Any) -> int:
    """Return the model passes that a row costs at most for a map, 0 for a free one."""
    chosen = ROWS[one_of("row", row, tuple(ROWS))]
    own = _options(chosen, options)
    return int(chosen.passes(engine_for(model), METHODS[attribution.method], attribution, **own))


def solving(row: str, model: Any, attribution: Attribution, **options: Any) -> float:
    """Return the seconds that a row takes on this machine beside its passes; timed once where there are any."""
    chosen = ROWS[one_of("row", row, tuple(ROWS))]
    own = _options(chosen, options)
    return float(chosen.solving(engine_for(model), METHODS[attribution.method], attribution, **own))


def summary(model: Any, x: Any, attribution: Attribution, *, entry: Entry | None = None) -> Checked | None:
    """Return the one free row that says most about a map, to stand beside it; None where none says anything.

    Only rows that cost no pass are asked; `most_telling` chooses.
    """
    free = [row for row in ROWS if passes(row, model, attribution) == 0]
    return most_telling([result for row in free for result in check(row, model, x, attribution, entry=entry)])


def most_telling(results: Sequence[Checked]) -> Checked | None:
    """Return the finished result that says most, None where nothing was tested.

    The first that is contradicted, else the first that can't be told from chance, else the last that is supported. What
    speaks against a map over a few pictures only (`few`) says least.
    """
    ended = [result for result in results if result.finished]
    against = [result for result in ended if result.outcome in ("contradicted", "not_distinguishable")]
    few = [result for result in against if result.values.get("few")]
    found = [
        *(result for result in against if result.outcome == "contradicted" and result not in few),
        *(result for result in against if result.outcome == "not_distinguishable" and result not in few),
        *(result for result in reversed(ended) if result.outcome == "supported"),
        *few,
    ]
    return found[0] if found else None


def _options(row: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    declared = {param.name: param for param in row.options}
    unknown = set(given) - set(declared)
    if unknown:
        known = ", ".join(declared) or "none"
        raise ValueError(f"{min(unknown)}: the row {row.key!r} has no such option; it takes {known}")
    values: dict[str, Any] = {}
    for name, param in declared.items():
        values[name] = of_param(param, given.get(name, param.default))
    return values
