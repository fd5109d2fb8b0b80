"""Secondary suppression by Gaussian elimination, as official statistics does it: a reference in exact arithmetic.

After Ø. Langsrud, "Secondary cell suppression by Gaussian elimination" (Privacy in Statistical Databases 2024), the
method of the R package SSBtools with `singletonMethod = "none"`. Groups come one after the other, those least to be
missed first, and each is published unless a small group would then follow from what is published. So the order alone
decides what is hidden. Whether empty groups are small (`protectZeros`) and whether they come first, to be published
before anything else (`secondaryZeros = FALSE`), is settled in `primary` and in `candidates`: cells without anybody
are cells like all others here, and what they hide is hidden only from those who do not know that they are empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: A Mersenne prime; calculating modulo it, no coefficient of the equations grows and none is rounded.
PRIME = 2**61 - 1

#: Coefficients by cell, none of them zero.
Vector = dict[int, int]


def secondary(groups: Sequence[Iterable[int]], candidates: Iterable[int], primary: Iterable[int]) -> set[int]:
    """The groups to hide besides `primary`, each group being the cells it sums; both lists name groups by index."""
    hidden = set(primary)
    small = _distinct(dict.fromkeys(groups[group], 1) for group in hidden)
    pivots: list[tuple[int, Vector]] = []
    found = set()
    for group in candidates:
        if group in hidden:
            continue
        rest = dict.fromkeys(groups[group], 1)
        for pivot, row in pivots:  # in the order they were found: a row may hold later pivots, never earlier ones
            _eliminate(rest, pivot, row)
        if not rest:
            continue  # follows from what is published
        rest = _scaled(rest)
        if frozenset(rest.items()) in small:
            found.add(group)
            continue
        pivot = min(rest)
        pivots.append((pivot, rest))
        # Reducing may make two of them alike, never one of them vanish: then it would have been `rest`.
        small = _distinct(_without(vector, pivot, rest) for vector in small.values())
    return found


def _distinct(vectors: Iterable[Vector]) -> dict[frozenset[tuple[int, int]], Vector]:
    """By what they are up to a factor: what is left of a small group is the whole of what keeps it from being known."""
    return {frozenset(scaled.items()): scaled for scaled in map(_scaled, vectors) if scaled}


def _scaled(vector: Vector) -> Vector:
    """Times what makes the coefficient of the first cell 1."""
    first = vector[min(vector)] if vector else 1
    if first == 1:
        return vector
    factor = pow(first, -1, PRIME)
    return {cell: value * factor % PRIME for cell, value in vector.items()}


def _without(vector: Vector, pivot: int, row: Vector) -> Vector:
    if pivot in vector:
        vector = dict(vector)
        _eliminate(vector, pivot, row)
    return vector


def _eliminate(vector: Vector, pivot: int, row: Vector) -> None:
    """Take away so much of `row`, whose coefficient at `pivot` is 1, that `vector` has none there."""
    factor = vector.get(pivot, 0)
    if not factor:
        return
    for cell, value in row.items():
        left = (vector.get(cell, 0) - factor * value) % PRIME
        if left:
            vector[cell] = left
        else:
            del vector[cell]
