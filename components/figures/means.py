"""Where the means of two groups of maps differ: over the mean picture, both groups named at the ends of the colours."""

from __future__ import annotations

from components.figures import cells, maps
from components.figures.base import Values
from components.figures.contract import Drawn, Words
from components.raster import Pixels


def difference(
    gap: Values, picture: Pixels, words: Words, *, names: tuple[str, str], quantity: str, width: int = 320
) -> Drawn:
    """Draw a first mean less a second, (h, w), NaN where they don't differ, over a picture (H, W, 3).

    `names` are the first and the second group.
    """
    drawn = maps.one_map(gap, "difference", words, quantity=quantity, picture=picture, width=width)
    first, second = names
    cells.name_ends(drawn.figure, (second, first))
    return drawn
