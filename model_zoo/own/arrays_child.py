"""Run as a process of its own, by path: copies the numbers of one checked HDF5 file into an .npz file.

As `hdf5_child`, whose limits it sets first: a damaged HDF5 file can keep its reader busy for ever, or crash it, also
where its structure is sound. What comes out is plain: whole arrays of float32 or whole numbers, and names as JSON.
Arguments: the file, the .npz to write, the limits as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any


def plain(found: Any) -> Any:
    """Return a dataset's numbers: floats of any width as float32, whole numbers and truth values as they are."""
    import numpy as np

    values = found[()]
    if values.dtype.kind == "V":  # bfloat16, which HDF5 doesn't know: the upper half of a float32
        if values.dtype.itemsize != 2:
            raise ValueError("type")
        bits = np.frombuffer(values.tobytes(), np.uint16).reshape(values.shape).astype(np.uint32)
        return (bits << np.uint32(16)).view(np.float32)
    with np.errstate(over="ignore"):
        return values.astype(np.float32) if values.dtype.kind == "f" else values


def beside(name: str) -> Any:
    """Import a script of this folder alone: with the folder on the path, its names would hide Python's own."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy(hdf5: Any, source: str, target: str, most: dict[str, int]) -> dict[str, Any]:
    """Write the arrays, numbered, to `target`; returns their paths in that order, and the lists of names."""
    import h5py
    import numpy as np

    try:
        with h5py.File(source, "r", locking=False) as file:
            said = hdf5.Reader(file, most).walk()
            paths = [path for path in said["arrays"] if not path.startswith("optimizer")]
            with open(target, "wb") as stream:
                np.savez(stream, **{str(at): plain(file[path]) for at, path in enumerate(paths)})
        return {"paths": paths, "names": said["names"]}
    except hdf5.Found as found:
        return {"refused": list(found.args)}
    except MemoryError:
        return {"refused": ["memory"]}
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {"refused": ["damaged"]}


if __name__ == "__main__":
    sys.path.extend(sys.argv[4:])
    reader, limits = beside("hdf5_child"), json.loads(sys.argv[3])
    reader.limit(limits["seconds"], limits["memory_bytes"], limits["file_bytes"])
    sys.stdout.write(json.dumps(copy(reader, sys.argv[1], sys.argv[2], limits)))
