"""What a caller asked for, checked: the method, the target, the layer, the smoothing, the method's own parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from explain.attribution import METHODS
from explain.cams import cam_layer
from explain.checks import checked_images, fraction, of_param, one_image, one_of, shown, switch, whole
from explain.engines import engine_for
from explain.errors import ArgumentError
from explain.faults import check_large_enough
from explain.fills import resolved
from explain.memo import met, settled
from explain.noise import SAMPLINGS
from explain.smoothing import BATCH, STATISTICS, smoothing_plan
from explain.types import Choice, Compute, Entry, Images, Layer, MakePlan, Method, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MOST_SAMPLES = 10_000
MOST_NOISY = 1e36
"""The greatest standard deviation of the noise: a hundred of it are still finite in float32."""


@dataclass(frozen=True)
class Job:
    """One attribution, checked and ready to run. `settings` repeat it; `params` are what the method gets."""

    engine: Engine
    x: Images
    method: Method
    target: Target
    layer: str | None
    params: Mapping[str, Any]
    settings: Mapping[str, Any]
    entry: Entry | None
    title: str

    @property
    def signed(self) -> bool:
        """Whether values below zero are kept."""
        return bool(self.settings["signed"])

    @property
    def samples(self) -> int:
        """Noisy copies to smooth over, 0 for none."""
        return int(self.settings["smooth_samples"])

    @property
    def compute(self) -> Compute:
        """The method's mathematics, with its sign where that is asked for, by the caller or by the statistic."""
        signed = self.signed or (self.samples and STATISTICS[self.settings["smooth_statistic"]].signed)
        return self.method.signed_compute if signed and self.method.signed_compute else self.method.compute

    def plan(self) -> Plan | None:
        """Return the samples that the map is a sum of, None for a method in one shot. May cost passes."""
        if self.samples:
            return smoothing_plan(
                partial(self.compute, **self.params),
                self.engine,
                self.x,
                self.target,
                samples=self.samples,
                noise=self.settings["smooth_noise"],
                statistic=self.settings["smooth_statistic"],
                sampling=self.settings["smooth_sampling"],
                seed=self.settings["seed"],
                batch=1 if self.settings["parity"] else BATCH,
            )
        made = self._method_plan()
        return made(self.engine, self.x, self.target, **self.params) if made else None

    def _method_plan(self) -> MakePlan | None:
        """The plan of `compute`; a signed map without a plan of its own goes by its own yields."""
        return self.method.plan if self.compute is self.method.compute else self.method.signed_plan


def checked_job(
    model: Any,
    x: Any,
    method: str,
    target: Any,
    layer: str | None,
    entry: Entry | None,
    title: str,
    given: dict[str, Any],
) -> Job:
    """Return a checked job; `given` are the settings of `api.stream` and the method's own parameters.

    Raises ValueError naming the argument, what was expected and what came; NoClassOutput for a model without classes.
    """
    chosen = method_called(method)
    shared = {name: given.pop(name) for name in _COMMON}
    settings = _common(chosen, **shared)
    own = _params(chosen, given, settings["parity"])
    engine = engine_for(model)
    if (why := getattr(engine.model, "no_maps_because", None)) is not None:
        raise why
    images = settled(checked_images(met(one_image(x)), engine.input_shape))
    check_large_enough(engine, images)
    _check_noise(images, settings)
    if not isinstance(title, str):
        raise ArgumentError(f"title: expected text, got {shown(title)}; give the picture's title, or leave it out")
    if entry is None and hasattr(model, "labels") and hasattr(model, "trained"):
        entry = model
    reads = _layer(engine, chosen, layer)
    goal = _goal(engine, images, chosen, target)
    if chosen.uses_layer:
        own["layer"] = reads
    passed = resolved(chosen, own, entry, settings["seed"])
    return Job(engine, images, chosen, goal, reads, passed, settings | own, entry, title)


_COMMON = ("smooth_samples", "smooth_noise", "smooth_statistic", "smooth_sampling", "seed", "parity", "signed")


def _common(
    method: Method,
    smooth_samples: Any,
    smooth_noise: Any,
    smooth_statistic: Any,
    smooth_sampling: Any,
    seed: Any,
    parity: Any,
    signed: Any,
) -> dict[str, Any]:
    if switch("signed", signed) and method.signed_compute is None:
        why = "keeps values below zero already" if method.signed else "has no signed map"
        raise ArgumentError(f"signed: {method.title} {why}; leave it False, or use one of {', '.join(_signed_keys())}")
    return {
        "smooth_samples": whole("smooth_samples", smooth_samples, 0, MOST_SAMPLES),
        "smooth_noise": fraction("smooth_noise", smooth_noise),
        "smooth_statistic": "mean" if signed else one_of("smooth_statistic", smooth_statistic, tuple(STATISTICS)),
        "smooth_sampling": one_of("smooth_sampling", smooth_sampling, tuple(SAMPLINGS)),
        "seed": whole("seed", seed, 0, 2**32 - 1),
        "parity": switch("parity", parity),
        "signed": bool(signed),
    }


def _check_noise(x: Images, settings: Mapping[str, Any]) -> None:
    """Refuse noise that takes float32 past its end."""
    span = float(x.max()) - float(x.min()) if settings["smooth_samples"] else 0.0
    if settings["smooth_noise"] * span > MOST_NOISY:
        raise ArgumentError(
            f"smooth_noise: expected at most {MOST_NOISY / span:.3g} for an image that spans {span:.3g}, so that noisy "
            f"copies stay finite, got {settings['smooth_noise']:.3g}; take less"
        )


def method_called(key: str) -> Method:
    """Return a method by its key. Raises ValueError naming those that exist."""
    one_of("method", key, tuple(METHODS))
    return METHODS[key]


def own_params(method: Method, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of a result's settings that are the method's own parameters.

    Raises ValueError for one that is neither the method's nor one of all methods'.
    """
    names = [param.name for param in method.params]
    _refuse_unknown(method, set(given) - {*names, *_COMMON, "layer"}, names)
    return {name: value for name, value in given.items() if name in names}


def _refuse_unknown(method: Method, unknown: Collection[str], known: Collection[str]) -> None:
    if unknown:
        takes = ", ".join(known) or "none"
        raise ArgumentError(f"{min(unknown)}: {method.title} has no such parameter; it takes {takes}")


def _signed_keys() -> Sequence[str]:
    return [key for key, method in METHODS.items() if method.signed_compute is not None]


def _layer(engine: Engine, method: Method, layer: str | None) -> str | None:
    if method.uses_layer:
        return cam_layer(engine, layer)
    if layer is not None:
        raise ArgumentError(
            f"layer: {method.title} works at the image and reads no layer, got {layer!r}; leave it None"
        )
    return None


def _goal(engine: Engine, x: Images, method: Method, target: Any) -> Target:
    if method.targets == "none" and not engine.classes:
        return Target(0)
    goal = engine.top_target(x) if target is None else engine.target(target)
    if method.targets != "class":
        return goal
    if engine.output_kind == "linear" and engine.classes == 1:
        raise ArgumentError(
            f"target: {method.title} weighs by a class's probability, and one plain score has none; "
            "choose a gradient method, or occlusion"
        )
    turned = goal.sign == -1 and engine.output_kind != "sigmoid"
    if goal.minus is not None or goal.kind == "log_probability" or turned:
        raise ArgumentError(
            f"target: {method.title} weighs by a class's probability, so it explains one class, got {goal}; "
            "give a class number, or choose a gradient method"
        )
    return goal


def _params(method: Method, given: Mapping[str, Any], parity: bool) -> dict[str, Any]:
    """Return a method's own parameters, checked, with defaults; parity takes aligned corners where there's a choice."""
    declared = {param.name: param for param in method.params if not isinstance(param, Layer)}
    _refuse_unknown(method, set(given) - set(declared), declared)
    values: dict[str, Any] = {}
    for name, param in declared.items():
        default = param.default
        if parity and isinstance(param, Choice) and "aligned_corners" in param.options:
            default = "aligned_corners"
        values[name] = of_param(param, given.get(name, default))
    return values
