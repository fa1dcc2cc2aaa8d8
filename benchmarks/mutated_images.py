"""Damaged pictures through the one door: bits turned, bytes overwritten, cut, spliced.

Run from the project's folder: python -m benchmarks.mutated_images [--files N] [--seed N] [--keep FOLDER]

No file may crash, hang, take more than 2 s or more than 300 MB. A child process opens the files one after another, so
that a crash of a decoder is seen and not suffered. Of each file it measures the seconds and the memory above its idle.
The good files that the others were made from are opened in the same run, every hundred files: they have to load. --keep
writes those that broke a bound.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from select import select
from subprocess import DEVNULL, PIPE

import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
SECONDS, MEGABYTES, GIVE_UP = 2.0, 300.0, 20.0
CONTROLS_EVERY = 100
EDGES = (0, 1, 0x7F, 0x80, 0xFF)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF")

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


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def good_files(seed: int = 0) -> dict[str, list[bytes]]:
    """Return small good files of each format, in the modes that its decoder has branches for."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:48, 0:64]
    scene = np.stack([x * 4, y * 5, (x + y) * 2], -1) + draw.integers(0, 30, (48, 64, 3))
    colour = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    grey, palette, clear = colour.convert("L"), colour.quantize(64), colour.convert("RGBA")
    clear.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    float32 = Image.fromarray(np.asarray(grey, np.float32) / 255)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [colour.rotate(90 * n) for n in (1, 2)]}
    return {
        "PNG": [
            saved(colour, "PNG", exif=exif),
            saved(clear, "PNG"),
            saved(palette, "PNG", transparency=bytes(range(64))),
            saved(deep, "PNG"),
            saved(grey, "PNG", transparency=7),
            saved(colour, "PNG", **frames),
            saved(grey.convert("1"), "PNG"),
        ],
        "JPEG": [
            saved(colour, "JPEG", exif=exif),
            saved(colour, "JPEG", progressive=True, quality=90),
            saved(colour.convert("CMYK"), "JPEG"),
            saved(grey, "JPEG"),
            saved(colour, "JPEG", restart_marker_blocks=2, subsampling=2),
        ],
        "GIF": [saved(palette, "GIF"), saved(colour, "GIF", **frames), saved(palette, "GIF", transparency=3)],
        "WEBP": [
            saved(colour, "WEBP", exif=exif),
            saved(clear, "WEBP", lossless=True),
            saved(clear, "WEBP", quality=50),
            saved(colour, "WEBP", **frames),
        ],
        "TIFF": [
            saved(colour, "TIFF", exif=exif),
            saved(colour, "TIFF", compression="tiff_lzw"),
            saved(colour, "TIFF", compression="jpeg"),
            saved(clear, "TIFF", compression="tiff_deflate"),
            saved(deep, "TIFF", compression="packbits"),
            saved(float32, "TIFF", compression="tiff_adobe_deflate"),
            saved(grey.convert("1"), "TIFF", compression="group4"),
            saved(palette, "TIFF", **{**frames, "append_images": [palette]}),
            saved(colour, "TIFF", big_tiff=True),
            saved(colour.convert("CMYK"), "TIFF"),
        ],
    }


def mutated(draw: np.random.Generator, good: dict[str, list[bytes]], kind: str) -> bytes:
    """Return a good file of a format with one to three mutations, those of a PNG often with right checksums again."""
    files = good[kind]
    data = bytearray(files[draw.integers(len(files))])
    for _turn in range(int(draw.integers(1, 4))):
        other = good[FORMATS[draw.integers(len(FORMATS))] if draw.random() < 0.3 else kind]
        _mutate(draw, data, other[draw.integers(len(other))])
    return with_checksums(bytes(data)) if kind == "PNG" and draw.random() < 0.7 else bytes(data)


def _mutate(draw: np.random.Generator, data: bytearray, other: bytes) -> None:
    size = len(data)
    if size < 16:
        return
    head = draw.random() < 0.5
    at = int(draw.integers(0, min(size, 256) if head else size))
    count = int(min(2 ** draw.integers(0, 10), size - at))
    way = draw.choice(
        ["flip", "edge", "number", "cut", "drop", "splice", "repeat"], p=[0.3, 0.2, 0.2, 0.08, 0.07, 0.1, 0.05]
    )
    if way == "flip":
        for place in draw.integers(0, size, int(draw.integers(1, 33))) if not head else [at]:
            data[place] ^= 1 << int(draw.integers(8))
    elif way == "edge":
        data[at] = EDGES[draw.integers(len(EDGES))]
    elif way == "number":
        value = int(2 ** draw.uniform(0, 32)) - int(draw.integers(0, 2))
        data[at : at + 4] = struct.pack("<I" if draw.random() < 0.5 else ">I", max(0, min(value, 2**32 - 1)))
    elif way == "cut":
        del data[int(draw.integers(1, size)) :]
    elif way == "drop":
        del data[at : at + count]
    elif way == "splice":
        start = int(draw.integers(len(other)))
        data[at : at + count] = other[start : start + int(2 ** draw.integers(0, 12))]
    else:
        data[at:at] = data[at : at + count] * int(draw.integers(1, 50))


def with_checksums(data: bytes) -> bytes:
    """Give every chunk of a PNG the checksum that it should have, so that its decoder gets to see it."""
    fixed, at = bytearray(data), 8
    while at + 12 <= len(fixed):
        size = struct.unpack(">I", fixed[at : at + 4])[0]
        end = at + 8 + size
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(fixed[at + 4 : end])))
        at = end + 4
    return bytes(fixed)


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
