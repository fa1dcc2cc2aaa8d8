"""What is said of mistakes: scores with their intervals, the most frequent one, mean maps and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.sentences.maps import strongest
from components.text import NO_BREAK, _, fitted, ngettext, number, plain
from explain.mean_map import BY_CHANCE, Mean
from explain.mistakes import most_frequent, wilson

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


def tenths(share: float) -> str:
    """Write a share of 1 as a percentage with one decimal: what thousands of pictures can tell apart."""
    return f"{100 * share:.1f}{NO_BREAK}%"


def interval(hits: int, total: int) -> str:
    """Write the 95 % interval of a share."""
    low, high = wilson(hits, total)
    return _("{low} to {high}").format(low=f"{100 * low:.1f}", high=tenths(high))


def score(matrix: Counts, names: Sequence[str]) -> str:
    """Say how many answers are right, with the interval, and which mistake is the most frequent."""
    right, total, worst = int(np.trace(matrix)), int(matrix.sum()), most_frequent(matrix)
    said = _("{right} of {n} test pictures right: {share} (95 % interval {interval}).").format(
        right=number(right), n=number(total), share=tenths(right / max(1, total)), interval=interval(right, total)
    )
    if worst is None:
        return said
    times = int(matrix[worst])
    more = ngettext(
        " Most frequent mistake: {a} as {b}, {n} time.", " Most frequent mistake: {a} as {b}, {n} times.", times
    )
    return fitted(
        "{said}" + more, {"a": plain(names[worst[0]]), "b": plain(names[worst[1]])}, 140, said=said, n=number(times)
    )


def matrix_title(matrix: Counts, names: Sequence[str]) -> str:
    """Title the matrix: the class whose pictures are missed most, and what they are most often taken for."""
    totals = matrix.sum(axis=1)
    wrong = matrix - np.diag(np.diag(matrix))
    if not wrong.any():
        return _("No picture is taken for another class")
    missed = np.where(totals > 0, wrong.sum(axis=1) / np.maximum(totals, 1), -1)
    row = int(missed.argmax())
    values: dict[str, Any] = {"share": tenths(float(missed[row])), "n": number(int(totals[row]))}
    return fitted(
        _("{a} is missed most, {share} of {n}; most often it is taken for {b}"),
        {"a": plain(names[row]), "b": plain(names[int(wrong[row].argmax())])},
        **values,
    )


def cell_title(matrix: Counts, names: Sequence[str], cell: tuple[int, int]) -> str:
    """Title the pictures of a cell."""
    count = int(matrix[cell])
    a, b = (plain(names[at]) for at in cell)
    if cell[0] == cell[1]:
        said = ngettext("{a}, rightly told: {n} picture", "{a}, rightly told: {n} pictures", count)
    else:
        said = ngettext("{a} taken for {b}: {n} picture", "{a} taken for {b}: {n} pictures", count)
    return fitted(said, {"a": a, "b": b}, n=number(count))


def mean_title(group: Mean, name: str) -> str:
    """Title a mean map by where it is strongest."""
    if not group.count:
        return fitted(_("{name}: every one of the {n} maps is 0 everywhere"), {"name": name}, n=number(group.empty))
    row, column = strongest(group.map)
    said = ngettext(
        "{name}: {n} map, strongest at row {row}, column {column}",
        "{name}: mean of {n} maps, strongest at row {row}, column {column}",
        group.count,
    )
    return fitted(said, {"name": name}, n=number(group.count), row=row, column=column)


def difference_title(clear: NDArray[np.bool_]) -> str:
    """Title a difference of means: in how many cells it is more than its error, and how many would be by chance."""
    return _("{n} of {cells} cells differ by over 2 standard errors; about {chance} would by chance").format(
        n=number(int(clear.sum())), cells=number(clear.size), chance=number(max(1, round(BY_CHANCE * clear.size)))
    )
