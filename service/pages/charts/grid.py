"""What pictures of units by blocks share: rows from top to bottom, columns from left to right, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_NAMES, _EDGE, _INDENT, _TOP, _FOOT = 240, 14, 12, 64, 44
#: Letters of a name that fit beside a row, and of a block's above its column.
_NAME, _HEADING = 30, 17


@dataclass(frozen=True, slots=True)
class Grid:
    """As many `rows` of the height `row`, and a column of the width `column` for each of the `names`."""

    names: Sequence[str]
    rows: int
    column: int
    row: int

    @property
    def columns(self) -> list[int]:
        """Where each begins."""
        return [_NAMES + self.column * place for place in range(len(self.names))]

    @property
    def headings(self) -> list[tuple[int, tuple[str, ...]]]:
        """The middle of each column, and its name as the lines it is broken into."""
        return [(x + self.column // 2, _broken(name)) for x, name in zip(self.columns, self.names, strict=True)]

    @property
    def width(self) -> int:
        return _NAMES + self.column * len(self.names) + _EDGE

    @property
    def height(self) -> int:
        return self.top(self.rows) + _FOOT

    def top(self, row: int) -> int:
        return _TOP + self.row * row


@dataclass(frozen=True, slots=True)
class Name:
    """A unit's, or as much of it as there is room for, where it begins."""

    x: int
    text: str


def indented(name: str, depth: int) -> Name:
    return Name(_EDGE + _INDENT * depth, _cut(name, _NAME - 2 * depth))


def _cut(name: str, most: int) -> str:
    """The name, or as much of it as `most` letters hold with the sign that there is more."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _broken(name: str) -> tuple[str, ...]:
    """Into lines of whole words, three at the most."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + len(word) < _HEADING:
            lines[-1] += f" {word}"
        else:
            lines.append(_cut(word, _HEADING))
    return tuple(lines[:3])
