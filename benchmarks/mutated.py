"""Damaged model files at the first two gates: how many are refused, how long the slowest takes, what it needs.

Run from the project's folder: python -m benchmarks.mutated [--files 1000] [--seed 0] [--only NUMBER]

Every file is a good .keras or .h5 file with bits flipped, a part cut out, or a part of another file put in; half of the
archives are packed again after the damage, so that their checksums are right. File i is drawn from (seed, i) and can be
made again alone. In the same run every good file must pass. A refusal is an answer; anything else that is raised is a
crash. Seconds are elapsed, memory is the growth of this process or the whole of a reading child, whichever is more.
"""

from __future__ import annotations

import argparse
import collections
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SECONDS, MEGABYTES = 2.0, 300.0
ROW = "{:<34}{:>8}{:>9}{:>9}{:>9}{:>11}{:>11}"
Draw = np.random.Generator


def flip(data: bytes, other: bytes, draw: Draw) -> bytes:
    """Turn round up to 64 bits, anywhere or within a few hundred bytes."""
    out = bytearray(data)
    count = int(2 ** draw.uniform(0, 6))
    if draw.random() < 0.5:
        start = int(draw.integers(len(out)))
        places = (start + draw.integers(0, 512, count)) % len(out)
    else:
        places = draw.integers(0, len(out), count)
    for place in places:
        out[place] ^= 1 << int(draw.integers(8))
    return bytes(out)


def cut(data: bytes, other: bytes, draw: Draw) -> bytes:
    """Leave out the end, or a part in the middle."""
    start = int(draw.integers(len(data)))
    return data[:start] if draw.random() < 0.5 else data[:start] + data[start + int(draw.integers(1, 4096)) :]


def splice(data: bytes, other: bytes, draw: Draw) -> bytes:
    """Put a part of another file, or of this one, over a part or between."""
    source = other if draw.random() < 0.5 else data
    length = int(2 ** draw.uniform(2, 12))
    begin, at = int(draw.integers(len(source))), int(draw.integers(len(data)))
    part = source[begin : begin + length]
    return data[:at] + part + data[at + (len(part) if draw.random() < 0.5 else 0) :]


MUTATIONS: tuple[Callable[[bytes, bytes, Draw], bytes], ...] = (flip, cut, splice)


def repacked(data: bytes, other: bytes, draw: Draw, mutate: Callable[[bytes, bytes, Draw], bytes]) -> bytes:
    """Damage one member of an archive and pack it again with a right checksum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = str(draw.choice(["config.json", "model.weights.h5"]))
    parts[name] = mutate(parts[name], other, draw)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for one, part in parts.items():
            archive.writestr(one, part)
    return stream.getvalue()


def mutated(goods: dict[str, bytes], seed: int, number: int) -> tuple[str, bytes]:
    """Return what was done to which good file, and the damaged file."""
    draw = np.random.default_rng([seed, number])
    names = sorted(goods)
    name, other = str(draw.choice(names)), goods[str(draw.choice(names))]
    mutate = MUTATIONS[number % len(MUTATIONS)]
    kind = Path(name).suffix
    if kind == ".keras" and draw.random() < 0.5:
        return f"{mutate.__name__} in {kind}, repacked", repacked(goods[name], other, draw, mutate)
    return f"{mutate.__name__} in {kind}", mutate(goods[name], other, draw)


def good_files() -> dict[str, bytes]:
    """Return ordinary models as Keras saves them: Sequential, with a skip, nested; each in both formats."""
    from keras import Input, Model, Sequential, layers

    image = Input((32, 32, 3), name="image")
    stem = layers.Conv2D(8, 3, padding="same", name="stem")(image)
    z = layers.ReLU(name="relu")(layers.BatchNormalization(name="norm")(stem))
    z = layers.Add(name="sum")([layers.SeparableConv2D(8, 3, padding="same", name="apart")(z), stem])
    z = layers.Dense(5, activation="softmax", name="scores")(layers.GlobalAveragePooling2D(name="average")(z))
    skip = Model(image, z, name="skip")
    plain = Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    plain.compile("adam", "categorical_crossentropy")
    inside = Model(skip.inputs, skip.get_layer("sum").output, name="backbone")
    nested = Sequential([Input((32, 32, 3)), inside, layers.GlobalMaxPooling2D(), layers.Dense(2)], name="nested")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for model in (skip, plain, nested):
            for ending in (".keras", ".h5"):
                path = Path(folder) / f"{model.name}{ending}"
                model.save(path)
                found[path.name] = path.read_bytes()
    return found


@dataclass
class Tally:
    """What became of files of one kind."""

    passed: int = 0
    refused: int = 0
    crashed: int = 0
    seconds: list[float] = field(default_factory=list)
    slowest: int = -1

    def add(self, outcome: str, seconds: float, number: int) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        if seconds > max(self.seconds, default=0.0):
            self.slowest = number
        self.seconds.append(seconds)

    def row(self, title: str) -> str:
        worst = max(self.seconds, default=0.0)
        files = self.passed + self.refused + self.crashed
        median = f"{np.median(self.seconds):.3f}" if self.seconds else "-"
        return ROW.format(title, files, self.passed, self.refused, self.crashed, median, f"{worst:.3f}")


def answer(data: bytes, name: str, codes: collections.Counter[str]) -> tuple[str, float]:
    """Inspect one file. Returns what became of it, and the seconds it took."""
    from model_zoo.own.inspect import inspect
    from model_zoo.own.types import Refused

    began = time.perf_counter()
    try:
        inspect(data, name)
        outcome = "passed"
    except Refused as refused:
        outcome = "refused"
        codes[refused.code] += 1
    except Exception as error:
        outcome = "crashed"
        print("".join(traceback.format_exception(error)[-2:]), file=sys.stderr)
    return outcome, time.perf_counter() - began


def memory() -> float:
    """Return the most memory in MB that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured_apart(goods: dict[str, bytes], asked: argparse.Namespace) -> int:
    """Run the measurement in a process of its own, which never held Keras nor had it for a child."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in goods.items():
            (Path(folder) / name).write_bytes(data)
        command = [sys.executable, "-m", "benchmarks.mutated", "--goods", folder]
        command += ["--files", str(asked.files), "--seed", str(asked.seed)]
        return subprocess.run(command, check=False).returncode


def run(goods: dict[str, bytes], files: int, seed: int) -> bool:
    """Inspect every good and every damaged file, print what came of them, and say whether all is as asked."""
    codes: collections.Counter[str] = collections.Counter()
    controls, kinds = Tally(), collections.defaultdict(Tally)
    start = memory()
    for number, (name, data) in enumerate(sorted(goods.items())):
        controls.add(*answer(data, name, codes), number)
    for number in range(files):
        kind, data = mutated(goods, seed, number)
        outcome, seconds = answer(data, "model.keras", codes)
        kinds[kind].add(outcome, seconds, number)
        if outcome == "crashed" or seconds > SECONDS / 2:
            print(f"file {number} ({kind}): {outcome} after {seconds:.2f} s", file=sys.stderr)
    grown = memory() - start
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(ROW.format("", "files", "passed", "refused", "crashed", "median s", "worst s"))
    print(controls.row("unmutated controls"))
    for kind, tally in sorted(kinds.items()):
        print(tally.row(kind))
    worst = max((max(tally.seconds) for tally in kinds.values()), default=0.0)
    crashed = sum(tally.crashed for tally in kinds.values())
    met = not crashed and controls.passed == len(goods) and worst <= SECONDS and max(grown, child) <= MEGABYTES
    print(f"worst {worst:.2f} s of {SECONDS:g}; this process grew {grown:.0f} MB, a child held at most {child:.0f} MB")
    print("refused for: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()))
    print("as asked: " + ("met" if met else "MISSED"))
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="make this one file again and say what becomes of it")
    parser.add_argument("--keep", type=Path, help="with --only: write the damaged file to this path")
    parser.add_argument("--goods", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.goods:
        goods = {path.name: path.read_bytes() for path in asked.goods.iterdir()}
        sys.exit(0 if run(goods, asked.files, asked.seed) else 1)
    goods = good_files()
    if asked.only is None:
        sys.exit(measured_apart(goods, asked))
    kind, data = mutated(goods, asked.seed, asked.only)
    if asked.keep:
        asked.keep.write_bytes(data)
    codes: collections.Counter[str] = collections.Counter()
    print(kind, *answer(data, "model.keras", codes), dict(codes))


if __name__ == "__main__":
    main()
