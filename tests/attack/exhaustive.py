"""What the auditors must say, found by trying everything over the rationals: slow, short, and no code of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank over the rationals, by elimination on fractions."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    while left:
        row = left.pop()
        column = next((place for place, value in enumerate(row) if value), None)
        if column is None:
            continue
        found += 1
        for other in left:
            if other[column]:
                times = other[column] / row[column]
                for place in range(column, len(row)):
                    if row[place]:
                        other[place] -= times * row[place]
    return found


def columns(counts: Sequence[int], groups: Sequence[Sequence[int]]) -> dict[tuple[int, ...], int]:
    """Respondents by the groups they are in; alike cells are zero together under every combination."""
    alike: dict[tuple[int, ...], int] = {}
    for cell, count in enumerate(counts):
        column = tuple(int(cell in group) for group in groups)
        if count and any(column):
            alike[column] = alike.get(column, 0) + count
    return alike


def supports(alike: dict[tuple[int, ...], int], threshold: int) -> list[tuple[int, tuple[tuple[int, ...], ...]]]:
    """Every set of columns that holds fewer than the threshold, the lightest first."""
    sets: list[tuple[int, tuple[tuple[int, ...], ...]]] = [(0, ())]
    for column, count in alike.items():
        sets += [(weight + count, (*chosen, column)) for weight, chosen in sets if weight + count < threshold]
    return sorted(sets)


def least(counts: Sequence[int], groups: Sequence[Sequence[int]], threshold: int) -> int | None:
    """The fewest respondents a combination involves, if fewer than the threshold.

    Some combination that is not zero is zero outside a set of columns exactly when those outside have a lower rank.
    """
    alike = columns(counts, groups)
    full = rank(list(alike))
    for weight, chosen in supports(alike, threshold):
        if rank([column for column in alike if column not in chosen]) < full:
            return weight
    return None


def involves(counts: Sequence[int], groups: Sequence[Sequence[int]], cells: Sequence[int]) -> bool:
    """Whether some combination is not zero for somebody, and zero for everybody outside these cells."""
    alike = columns(counts, groups)
    outside = columns([0 if cell in cells else count for cell, count in enumerate(counts)], groups)
    return rank(list(outside)) < rank(list(alike))
