"""Damaged pictures through the one door: bits turned, bytes overwritten, cut, spliced.

Run from the project's folder: python -m benchmarks.mutated_images [--files N] [--seed N] [--keep FOLDER]

No file may crash, hang, take more than 2 s or more than 300 MB. A child process opens the files one after another, so
that a crash of a decoder is seen and not suffered. Of each file it measures the seconds and the memory above its idle.
The good files that the others were made from are opened in the same run, every hundred files: they have to load. --keep
writes those that broke a bound.
"""

from __future__ import annotations

import argparse
import json
import struct
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from select import select
from subprocess import DEVNULL, PIPE

import numpy as np

from benchmarks.picture_mutations import FORMATS, good_files, mutated

ROOT = Path(__file__).parent.parent
SECONDS, MEGABYTES, GIVE_UP = 2.0, 300.0, 20.0
CONTROLS_EVERY = 100

CHILD = """
import json, resource, struct, sys, time
import numpy as np
from PIL import ImageCms
from explain.image_file import ImageFileError, open_image

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024

def held():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024

idle = 0.0
while head := sys.stdin.buffer.read(4):
    data = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    idle = idle or held()
    began = time.perf_counter()
    try:
        opened = open_image(data)
        pixels = opened.pixels
        right = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size
        said = ["loaded" if right else "wrong array", ""]
    except ImageFileError as error:
        said = [error.code, str(error)]
    except BaseException as error:
        said = ["raised", repr(error)[:300]]
    print(json.dumps([*said, time.perf_counter() - began, peak() - idle]), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """What became of one file: "loaded", an error's code, or "raised", "crashed", "hung", "wrong array"."""

    outcome: str
    words: str
    seconds: float
    megabytes: float

    @property
    def bad(self) -> bool:
        """Whether the file got through a bound."""
        wrong = self.outcome in ("raised", "crashed", "hung", "wrong array")
        return wrong or self.seconds > SECONDS or self.megabytes > MEGABYTES


class Child:
    """The process that opens files; a new one is started where it died."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def open(self, data: bytes) -> Answer:
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, "-W", "ignore", "-c", CHILD]
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        began = time.perf_counter()
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()
        if not select([self.process.stdout], [], [], GIVE_UP)[0]:
            self.process.kill()
            self.process.wait()
            return Answer("hung", "", time.perf_counter() - began, 0)
        line = self.process.stdout.readline()
        if not line:
            return Answer("crashed", f"exit {self.process.wait()}", time.perf_counter() - began, 0)
        return Answer(*json.loads(line))

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None


@dataclass
class Report:
    """What a run found."""

    outcomes: Counter[str]
    slowest: float = 0.0
    largest: float = 0.0
    controls: int = 0
    bad: list[tuple[str, int, bytes, Answer]] = None  # type: ignore[assignment]


def run(files: int, seed: int = 0) -> Report:
    """Open so many mutated files, and the good ones in between; raises AssertionError for a good one that fails."""
    good, child, report = good_files(), Child(), Report(Counter(), bad=[])
    for number in range(files):
        if number % CONTROLS_EVERY == 0:
            _controls(child, good, report)
        draw = np.random.default_rng((seed, number))
        kind = FORMATS[number % len(FORMATS)]
        data = mutated(draw, good, kind)
        answer = child.open(data)
        report.outcomes[answer.outcome] += 1
        report.slowest = max(report.slowest, answer.seconds)
        report.largest = max(report.largest, answer.megabytes)
        if answer.bad:
            report.bad.append((kind, number, data, answer))
    _controls(child, good, report)
    child.close()
    return report


def _controls(child: Child, good: dict[str, list[bytes]], report: Report) -> None:
    for kind, some in good.items():
        for data in some:
            answer = child.open(data)
            assert answer.outcome == "loaded", f"a good {kind} was not opened: {answer}"
            report.controls += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="write the files that broke a bound into this folder")
    asked = parser.parse_args()
    began = time.perf_counter()
    report = run(asked.files, asked.seed)
    for kind, number, data, answer in report.bad:
        print(f"BAD {kind} {number}: {answer}")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            (asked.keep / f"{asked.seed}_{number}.{kind.lower()}").write_bytes(data)
    print(f"{asked.files:,} mutated files in {time.perf_counter() - began:.0f} s:", dict(report.outcomes.most_common()))
    print(f"good files opened in between: {report.controls:,} of {report.controls:,}")
    for name, value, most, unit in (
        ("slowest file", report.slowest, SECONDS, "s"),
        ("most memory", report.largest, MEGABYTES, "MB"),
        ("crashed, hung, raised or over a bound", len(report.bad), 0, ""),
    ):
        print(f"{name}: {value:.4g} {unit}   at most {most:g}: {'met' if value <= most else 'MISSED'}")
    sys.exit(bool(report.bad))


if __name__ == "__main__":
    main()
