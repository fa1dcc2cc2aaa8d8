"""Bad and unusual files by the numbers of the project's list of faults, built anew and the same each time.

`CASES` holds one entry for each file: a function that builds it, and what has to come of it. `CASES[n].data()` is the
file; a case that opens has no code.
"""

from __future__ import annotations

from corpus.cases import CASES, Case
from corpus.good import controls

__all__ = ["CASES", "Case", "controls"]
