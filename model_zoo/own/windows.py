"""The rules of the layers that slide a window over maps: convolutions and pooling; see `shapes`."""

from __future__ import annotations

from model_zoo.own.settings import Config, Shape, Weights, joined, pair, split, whole


def window(size: int, kernel: int, stride: int, dilation: int, padding: object) -> int:
    """Return how many places a window has along one side."""
    if padding == "same":
        return -(-size // stride)
    if padding != "valid":
        raise ValueError(str(padding))
    return (size - (kernel - 1) * dilation - 1) // stride + 1


def slid(config: Config, shape: Shape, key: str, strides: str | None = "strides") -> tuple[int, int, tuple[int, int]]:
    """Return the height and width after a window slid over maps, and the window's own."""
    height, width, _ = split(config, shape)
    kernel = pair(config, key)
    stride = kernel if key == "pool_size" and config.get("strides") is None else pair(config, "strides", 1)
    dilation, padding = pair(config, "dilation_rate", 1), config.get("padding", "valid")
    new = [window(*each, padding) for each in zip((height, width), kernel, stride, dilation, strict=True)]
    return new[0], new[1], kernel


def biased(config: Config, weights: Weights, channels: int) -> Weights:
    """Return the weights with a bias, unless the layer has none."""
    return [*weights, (channels,)] if config.get("use_bias", True) else weights


def conv(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Conv2D: a kernel of (height, width, channels / groups, filters)."""
    height, width, kernel = slid(config, shapes[0], "kernel_size")
    channels, filters = split(config, shapes[0])[2], whole(config, "filters")
    groups = whole(config, "groups") if "groups" in config else 1
    if channels % groups or filters % groups:
        raise ValueError("groups")
    weights: Weights = [(*kernel, channels // groups, filters)]
    return joined(config, height, width, filters), biased(config, weights, filters)


def conv_transpose(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Conv2DTranspose: the output is larger by the strides."""
    height, width, channels = split(config, shapes[0])
    kernel, stride = pair(config, "kernel_size"), pair(config, "strides", 1)
    dilation, filters = pair(config, "dilation_rate", 1), whole(config, "filters")
    extra = pair(config, "output_padding", least=0) if config.get("output_padding") is not None else None
    new = []
    for at, size in enumerate((height, width)):
        reach = (kernel[at] - 1) * dilation[at] + 1
        if extra is not None:
            cut = reach // 2 if config.get("padding") == "same" else 0
            new.append((size - 1) * stride[at] + reach - 2 * cut + extra[at])
        elif config.get("padding") == "same":
            new.append(size * stride[at])
        else:
            new.append(size * stride[at] + max(reach - stride[at], 0))
    return joined(config, new[0], new[1], filters), biased(config, [(*kernel, filters, channels)], filters)


def depthwise(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """DepthwiseConv2D: every channel on its own."""
    height, width, kernel = slid(config, shapes[0], "kernel_size")
    channels, times = split(config, shapes[0])[2], whole({"depth_multiplier": 1, **config}, "depth_multiplier")
    weights = biased(config, [(*kernel, channels, times)], channels * times)
    return joined(config, height, width, channels * times), weights


def separable(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """SeparableConv2D: depthwise, then pointwise."""
    height, width, kernel = slid(config, shapes[0], "kernel_size")
    channels, times = split(config, shapes[0])[2], whole({"depth_multiplier": 1, **config}, "depth_multiplier")
    filters = whole(config, "filters")
    weights: Weights = [(*kernel, channels, times), (1, 1, channels * times, filters)]
    return joined(config, height, width, filters), biased(config, weights, filters)


def pool(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Maximum or mean over a window."""
    height, width, _ = slid(config, shapes[0], "pool_size")
    return joined(config, height, width, split(config, shapes[0])[2]), []


def pool_all(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Maximum or mean over all places."""
    channels = split(config, shapes[0])[2]
    return (joined(config, 1, 1, channels) if config.get("keepdims") else (1, channels)), []
