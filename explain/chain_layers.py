"""What each layer of a chain does to sizes and costs, by Keras's rules; what can't be says which value would fix it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from explain.arithmetic import conv_macs, conv_parameters, dense_parameters, dilated, keras_rule
from explain.errors import ConvScopeError
from explain.layers import Kind

Shape = tuple[int, ...]
Pair = tuple[int, int]
AXES = ("rows", "columns")
ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


class Impossible(ConvScopeError, ValueError):  # noqa: N818 - says the state
    """A layer that can't follow what is before it: `code` and `values` for a sentence, `at` its place from 0."""

    at: int = -1

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(code, message, values)


@dataclass(frozen=True)
class Link:
    """One layer asked for. What its type has no use for stays as it is.

    `units` filters or units; `window` the kernel, the pooling window or the factor of an enlargement (rows, columns);
    `strides` None for the type's own: 1, and the window's for pooling; `shape` what Reshape makes; `rate` of Dropout;
    `activation` one of ACTIVATIONS.
    """

    type: str
    units: int = 1
    window: Pair = (2, 2)
    strides: Pair | None = None
    padding: str = "valid"
    dilation: Pair = (1, 1)
    bias: bool = True
    shape: Shape = ()
    rate: float = 0.5
    activation: str = "linear"

    @property
    def steps(self) -> Pair:
        """The strides in force."""
        return self.strides or (self.window if LINKS[self.type].pools else (1, 1))

    @property
    def gaps(self) -> Pair:
        """The dilation in force."""
        return self.dilation if "dilation" in LINKS[self.type].fields else (1, 1)


@dataclass(frozen=True)
class LinkType:
    """A type of layer: its Keras class, the fields of a Link that it reads, what it makes of a shape, what that costs.

    `slides` where windows slide over the input, so that the textbook's formula speaks of it; `pools` where they take
    strides of their own size unless told otherwise.
    """

    keras: str
    kind: Kind
    fields: tuple[str, ...]
    makes: Callable[[Link, Shape], Shape]
    parameters: Callable[[Link, Shape], int] = lambda link, source: 0
    macs: Callable[[Link, Shape, Shape], int] = lambda link, source, out: 0
    slides: bool = False
    pools: bool = False


def _grid(link: Link, source: Shape) -> None:
    if len(source) != 3:
        raise Impossible(
            "needs_grid",
            f"{link.type}: expected an input of rows, columns and channels, got {source}; put it before the layer that "
            "made one row of numbers of it, or put a Reshape between",
            shape=source,
        )


def _slid(link: Link, source: Shape) -> Pair:
    """Return the rows and columns behind a sliding window."""
    _grid(link, source)
    if max(link.steps) > 1 and max(link.gaps) > 1:
        raise Impossible(
            "strides_and_dilation",
            f"strides: Keras has no layer with strides {link.steps} and dilation {link.gaps}; set one of them to 1",
        )
    sizes = []
    for axis, size, window, step, gap in zip(AXES, source, link.window, link.steps, link.gaps, strict=False):
        reach = dilated(window, gap)
        if link.padding == "valid" and reach > size:
            raise Impossible(
                "window_too_large",
                f"window: it reaches over {reach} {axis}, and {size} are left; take at most {most(size, gap)}, "
                'or padding="same"',
                axis=axis, reach=reach, size=size, most=most(size, gap),
            )  # fmt: skip
        sizes.append(keras_rule(size, window, step, link.padding, gap))
    return sizes[0], sizes[1]


def most(size: int, dilation: int = 1) -> int:
    """Return the largest window that fits into `size` cells."""
    return (size - 1) // dilation + 1


def _conv(link: Link, source: Shape) -> Shape:
    return (*_slid(link, source), link.units)


def _pool(link: Link, source: Shape) -> Shape:
    return (*_slid(link, source), source[2])


def _sum_pool(link: Link, source: Shape) -> Shape:
    if link.padding == "same":
        raise Impossible(
            "sum_same",
            'padding: a sum is the average times the window\'s size, which at a padded border is not so; take "valid"',
        )
    return _pool(link, source)


def _enlarged(link: Link, source: Shape) -> Shape:
    """Return the shape behind a transposed convolution: every cell lays a whole window, strides apart."""
    _grid(link, source)
    over = (
        (0, 0) if link.padding == "same" else tuple(max(w - s, 0) for w, s in zip(link.window, link.steps, strict=True))
    )
    rows, columns = (size * step + more for size, step, more in zip(source, link.steps, over, strict=False))
    return rows, columns, link.units


def _repeated(link: Link, source: Shape) -> Shape:
    _grid(link, source)
    return source[0] * link.window[0], source[1] * link.window[1], source[2]


def _reshaped(link: Link, source: Shape) -> Shape:
    have, want = prod(source), prod(link.shape)
    if not link.shape or have != want:
        known = prod(link.shape[:-1]) if link.shape else 0
        fits = have // known if known and have % known == 0 else 0
        raise Impossible(
            "reshape",
            f"shape: {source} has {have} numbers, and {link.shape} takes {want}; "
            + (f"make the last one {fits}" if fits else f"choose sizes that multiply to {have}"),
            source=source, have=have, want=want, fits=fits,
        )  # fmt: skip
    return link.shape


def _same(link: Link, source: Shape) -> Shape:
    return source


def _conv_parameters(link: Link, source: Shape) -> int:
    return conv_parameters(link.window, source[-1], link.units, link.bias)


LINKS: dict[str, LinkType] = {
    "conv": LinkType(
        "Conv2D", "conv", ("units", "window", "strides", "padding", "dilation", "bias", "activation"), _conv,
        _conv_parameters,
        lambda link, source, out: conv_macs(out, link.window, source[2], out[2]), slides=True,
    ),
    "transpose": LinkType(
        "Conv2DTranspose", "conv", ("units", "window", "strides", "padding", "bias", "activation"), _enlarged,
        _conv_parameters,
        lambda link, source, out: conv_macs(source, link.window, source[2], out[2]),
    ),
    "max": LinkType("MaxPooling2D", "pool", ("window", "strides", "padding"), _pool, slides=True, pools=True),
    "average": LinkType("AveragePooling2D", "pool", ("window", "strides", "padding"), _pool, slides=True, pools=True),
    "sum": LinkType("AveragePooling2D", "pool", ("window", "strides", "padding"), _sum_pool, slides=True, pools=True),
    "upsampling": LinkType("UpSampling2D", "resize", ("window",), _repeated),
    "flatten": LinkType("Flatten", "flatten", (), lambda link, source: (prod(source),)),
    "reshape": LinkType("Reshape", "flatten", ("shape",), _reshaped),
    "dense": LinkType(
        "Dense", "dense", ("units", "bias", "activation"), lambda link, source: (*source[:-1], link.units),
        lambda link, source: dense_parameters(source[-1], link.units, link.bias),
        lambda link, source, out: source[-1] * prod(out),
    ),
    "dropout": LinkType("Dropout", "dropout", ("rate",), _same),
    "norm": LinkType("BatchNormalization", "norm", (), _same, lambda link, source: 4 * source[-1]),
}  # fmt: skip
"""Every type of layer that a chain can have, by the word it is written with."""
