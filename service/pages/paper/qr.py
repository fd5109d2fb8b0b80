"""A link as a QR code: one path of dark strokes that any printer prints and any camera reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

#: Light modules on every side: with fewer, cameras do not find the code.
QUIET = 4


@dataclass(frozen=True, slots=True)
class Symbol:
    """`side` modules a side, the quiet zone included; `path` is to be stroked one module wide."""

    side: int
    path: str


def symbol(link: str) -> Symbol:
    """Readable with up to 15 % of it lost: paper is folded, and strips are torn."""
    import segno  # the pages everybody reads need none of it

    code = segno.make(link, error="m", micro=False)
    return Symbol(len(code.matrix) + 2 * QUIET, "".join(_strokes(code.matrix)))


def _strokes(matrix: Sequence[Sequence[int]]) -> Iterator[str]:
    """Each run of dark modules as a stroke, said from where the one before it ended: that is shortest."""
    pen = -1
    at = 0
    for y, row in enumerate(matrix):
        x = 0
        for dark, run in groupby(row):
            length = len(tuple(run))
            if dark:
                yield f"M{x + QUIET} {QUIET}.5h{length}" if pen < 0 else f"m{x - at} {y - pen}h{length}"
                pen, at = y, x + length
            x += length
