"""Words and numbers as they stand on screen: translation, digits, percentages, sizes."""

from __future__ import annotations

import gettext as _gettext
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

LOCALES = Path(__file__).resolve().parent.parent / "locales"
MINUS = "\u2212"
TIMES = "\u00d7"
MARKUP = frozenset("\\`*_[]()!<>#:$~|{}")
NO_BREAK = "\u00a0"
_SUPERSCRIPT = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

_catalog = _gettext.translation("convscope", localedir=str(LOCALES), fallback=True)


def _(message: str) -> str:
    """Translate a message; English in the source is what stands when there is no catalog."""
    return _catalog.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message that depends on a count; the caller puts the count in."""
    return _catalog.ngettext(singular, plural, n)


def number(value: float, digits: int = 3, *, strip: bool = False) -> str:
    """Write a number with `digits` significant digits, a true minus, and an exponent from 1e-3 down or 1e6 up.

    `strip` drops trailing zeros, for the ticks of an axis. Whole numbers (int) below a million are written in full.
    """
    if isinstance(value, int) and abs(value) < 1_000_000:
        return f"{value:,}".replace("-", MINUS)
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if abs(value) > 1e-3 and power < 6:
        written = f"{float(f'{mantissa}e{power}'):,.{max(0, digits - 1 - power)}f}"
        return _tidy(written, strip)
    return f"{_tidy(mantissa, strip)}{TIMES}10{str(power).translate(_SUPERSCRIPT)}"


def _tidy(written: str, strip: bool) -> str:
    if strip and "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)


def column(values: Iterable[float], digits: int = 3) -> list[str]:
    """Write numbers that are read together with the same decimals, so that the largest has `digits` digits."""
    numbers = [float(value) for value in values]
    most = max((abs(value) for value in numbers if math.isfinite(value)), default=0.0)
    if most == 0 or most <= 1e-3 or most >= 1e6:
        return [number(value, 2) for value in numbers]
    decimals = max(0, digits - 1 - math.floor(math.log10(most)))
    return [_fixed(value, decimals) for value in numbers]


def _fixed(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return number(value)
    written = f"{value:.{decimals}f}"
    return written.replace("-", MINUS) if float(written) else f"{0:.{decimals}f}"


def percent(share: float) -> str:
    """Write a share of 1 as a percentage: whole from 1 % to 99 %, one decimal outside, never a false 0 or 100."""
    value = 100 * float(share)
    if math.isnan(value):
        return "NaN"
    if 0 < abs(value) < 0.1:
        written = "<0.1" if value > 0 else f">{MINUS}0.1"
    elif 99.9 < value < 100:
        written = ">99.9"
    elif value == 0 or value == 100 or 1 <= abs(value) <= 99:
        written = f"{value:.0f}"
    else:
        written = f"{value:.1f}"
    return f"{written.replace('-', MINUS)}{NO_BREAK}%"


def bytes_text(size: int) -> str:
    """Write a size in bytes with the decimal unit a download page uses: 553 MB, 1.2 GB, 640 B."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            decimals = 1 if unit != "B" and value < 10 else 0
            return f"{value:.{decimals}f}{NO_BREAK}{unit}"
        value /= 1000
    raise AssertionError("unreachable: the last unit always returns")


def shape_text(shape: tuple[int | None, ...]) -> str:
    """Write a tensor's shape without its batch: 56x56x256 with true multiplication signs, a free size as "?"."""
    return TIMES.join("?" if size is None else f"{size}" for size in shape)


def plain(words: str) -> str:
    """Escape what a screen would read as markup: names of files and titles from an address are shown as text."""
    return "".join(f"\\{letter}" if letter in MARKUP else letter for letter in words)


def short(name: str, limit: int = 24) -> str:
    """Shorten a name to `limit` characters: its first synonym ("tabby, tabby cat"), else cut between two words.

    A cut is marked by an ellipsis, and the full name belongs in the hover. A long word is cut where it must be.
    """
    first = name.partition(",")[0]
    if len(name) <= limit or (first and len(first) <= limit):
        return name if len(name) <= limit else first
    cut = name[: limit - 1]
    words = cut if name[limit - 1] == " " else cut.rpartition(" ")[0]
    return (words if len(words) >= limit // 3 else cut).rstrip(" -,") + "\u2026"


def fitted(template: str, names: Mapping[str, str], limit: int = 90, shorter: str = "", **values: str | int) -> str:
    """Fill in a template with at most `limit` characters: too long, `shorter` says it, then names are shortened."""
    if shorter and len(template.format(**names, **values)) > limit:
        template = shorter
    for room in range(max((len(name) for name in names.values()), default=0), 3, -1):
        written = template.format(**{key: short(name, room) for key, name in names.items()}, **values)
        if len(written) <= limit:
            return written
    return short(template.format(**{key: short(name, 4) for key, name in names.items()}, **values), limit)
