"""The words every layer of ConvScope shares: targets, parameters, methods, findings and results.

Nothing here imports TensorFlow, so that a screen can list the methods before the engine is loaded.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.params import Choice as Choice
from explain.params import Fill as Fill
from explain.params import Images as Images
from explain.params import Layer as Layer
from explain.params import MakeFill as MakeFill
from explain.params import Number as Number
from explain.params import Param as Param

if TYPE_CHECKING:
    from explain.completeness import Completeness, Promise
    from explain.plans import Sums

Map = NDArray[np.float32]
"""One map, (H, W) float32, not normalised."""

ScoreKind = Literal["logit", "probability", "log_probability"]
TargetNeed = Literal["any", "class", "none"]
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Target:
    """The score being explained.

    `index` is the class (or sigmoid unit); `minus` subtracts a second class; `kind` says whether the score
    is the logit, the probability or its logarithm; `sign` is -1 for the evidence against it.
    """

    index: int
    minus: int | None = None
    kind: ScoreKind = "logit"
    sign: Literal[1, -1] = 1

    def __post_init__(self) -> None:
        if self.minus is not None and self.kind != "logit":
            raise ArgumentError(f"target: a difference of classes is a difference of logits, got kind={self.kind!r}")
        whole = isinstance(self.minus, numbers.Integral) and isinstance(self.index, numbers.Integral)
        if whole and self.minus == self.index:
            raise ArgumentError(f"target: class {self.index} minus itself is always 0; choose two different classes")


Compute = Callable[..., Iterator[Images]]
"""A method's mathematics: (engine, x, targets, **params) -> ever better raw maps, (N, h, w, C) float32.

x is (N, H, W, C) and targets are N; params are those the method declares, by name.
"""


@dataclass(frozen=True)
class Plan:
    """One image's map as a sum over numbered samples, so that it can grow, stop, go on later, and be split in halves.

    `count` samples; `draw(start, stop)` returns what samples start..stop-1 add, (stop - start, h, w, C), the same
    whenever it is asked; `finish(total, done)` turns the total (h, w, C) of `done` samples into the raw map (h, w, c);
    `batch` is how many samples a pass takes best. `grows_by` names the parameter that sets `count` and nothing else, so
    that a greater one only adds samples ("": none does). `alike` says that the samples are draws of one kind, so that
    one half against the other tells how far the map repeats; successive `group`s of samples stay within a half.
    `walk` is `draw` for slow samples: it yields None wherever the caller may stop, and the values at last.
    `needs(total, done)`, where there is one, says from those so far how many there are to be in all: `count`, or
    more where these turn out too few.
    """

    count: int
    draw: Callable[[int, int], Images]
    finish: Callable[[Images, int], Images]
    batch: int = 8
    grows_by: str = ""
    alike: bool = False
    group: int = 1
    walk: Callable[[int, int], Iterator[Images | None]] | None = None
    needs: Callable[[Images, int], int] | None = None


MakePlan = Callable[..., Plan]
"""(engine, x, target, **params) -> Plan, for one image (1, H, W, C) and its target."""


def drop_channel(raw: Images) -> Images:
    """Reduce maps that already have one channel, (N, h, w, 1) -> (N, h, w)."""
    return raw[..., 0]


@dataclass(frozen=True)
class Method:
    """A way to attribute a target to pixels, declared once and drawn by every screen from this.

    `word` is the verb its maps may use (science.md: "sensitive to", "contributes to", "channel pattern for").
    `signed` says whether raw values have a meaning below zero. `targets` says what it can explain: "any" score,
    a "class" score only, or "none" (class-blind). `quantity` names what one value of the map is. `signed_compute` keeps
    the values below zero that `compute` leaves out. `sampled` says whether `compute` yields maps that are not final.
    `plan` (and `signed_plan`) give such a method's samples one by one, `compute` being then `plans.compute_of(plan)`.
    `seeded` methods draw at random: they are given `seed` beside their own parameters.
    `promises` holds a finished map against what it should add up to, where the mathematics says that it does.
    `signed_quantity` names what a value of `signed_compute`'s map is.
    `smoothed_title` is the name its smoothed form is known by, "" where it has none of its own. `passes` counts a
    forward pass of one image as 1, forward and back as 2, a part as its share; `forward_only`: none goes back.
    `first_passes`: what it costs where it takes more samples only if the first ones turn out too few.
    Methods of one `family` are one formula at the layers that `cams.same_formula` says.
    """

    key: str
    title: str
    compute: Compute
    passes: Callable[..., float]
    paper: str
    word: str
    quantity: str
    doesnt_show: str
    params: tuple[Param, ...] = ()
    signed: bool = False
    targets: TargetNeed = "any"
    group: str = "gradient"
    order: int = 100
    recommended: bool = False
    reduce: Callable[[Images], Images] = drop_channel
    signed_compute: Compute | None = None
    signed_quantity: str = ""
    sampled: bool = False
    smoothed_title: str = ""
    plan: MakePlan | None = None
    signed_plan: MakePlan | None = None
    seeded: bool = False
    forward_only: bool = False
    promises: Promise | None = None
    first_passes: Callable[..., float] | None = None
    family: str = ""

    @property
    def uses_layer(self) -> bool:
        """Whether the method reads a layer's activations (a CAM)."""
        return any(isinstance(param, Layer) for param in self.params)


@dataclass(frozen=True)
class Finding:
    """What a careful colleague would say about a result: ids and values, never a sentence.

    `mend` names an action that a screen may offer, "" where there is none.
    """

    code: str
    severity: Severity
    values: Mapping[str, Any] = field(default_factory=dict)
    mend: str = ""


@dataclass(frozen=True, eq=False)
class Attribution:
    """One image's attribution by one method, raw, with everything needed to repeat it.

    `raw` (h, w, C) before the channels are reduced; `native` (h, w) on the method's own grid; `map` (H, W) at the
    image's size; `done` of `total` samples or steps (a partial map has done < total); `passes` and `seconds` spent so
    far, those of the map it continues included. `sums` is what `stream(after=...)` goes on from. Of maps over random
    samples: `reliability`, split-half, 0..1; `overlap`, the share of the strongest tenth that both halves have;
    `curve`, (done, reliability) as it grew. None where there is nothing to split. `promise`: what the
    finished map adds up to, where its method promises a sum. `entry`: the key of the declared model that told what
    black and white are, "" for none.
    """

    method: str
    target: Target
    raw: Images
    native: Map
    map: Map
    layer: str | None
    passes: int
    findings: tuple[Finding, ...]
    settings: Mapping[str, Any]
    done: int
    total: int
    seconds: float
    versions: Mapping[str, str]
    model_hash: str
    image_hash: str = ""
    entry: str = ""
    reliability: float | None = None
    overlap: float | None = None
    curve: tuple[tuple[int, float], ...] = ()
    sums: Sums | None = field(default=None, repr=False, compare=False)
    promise: Completeness | None = None

    @property
    def partial(self) -> bool:
        """Whether the computation was stopped, or has not finished yet."""
        return self.done < self.total


class Entry(Protocol):
    """What `explain` needs to know of a declared model (model_zoo.ModelEntry is one)."""

    @property
    def key(self) -> str:
        """The registry's key."""

    @property
    def trained(self) -> bool:
        """Whether the weights come from training."""

    @property
    def value_range(self) -> tuple[float, float]:
        """Lowest and highest preprocessed value."""

    def build(self) -> Any:
        """Build the Keras model."""

    def preprocess(self, image: Any) -> NDArray[np.float32]:
        """Turn pixels (H, W, 3) uint8 of any size into the model's input, (H, W, C) float32."""

    def labels(self) -> list[str]:
        """Return the class names in output order."""
