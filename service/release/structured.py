"""The auditor of nested groups, at the size of an organisation, with a certificate that anyone can verify.

Units are one family of nested groups, the slices by each band another. Let k be the threshold. If every unit atom
holds k respondents, a combination v that involves fewer is not zero and yet not the same on all of some unit atom.
Peel off k - 1 disjoint sets of respondents: in each unit atom a base and those whose differences to it are
independent of what the set spans already, until it spans the differences of all that are left; E is who is left at the
end. A v that involves fewer than k respondents misses one of the k sets, so the differences of E are zero under v.
Where they have the rank of all differences there is no such v: the release is safe, and the sets prove it. Otherwise v
is searched among those that are constant inside every unit atom on E.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.release.families import Families, Ints, Span
from service.release.search import PATIENCE, Element, Found, lightest


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """What was found, and for a safe release why: `sets` are k disjoint sets of respondents as (class, copies) rows.

    `least` respondents in `classes` are the fewest found in a combination, if fewer than the threshold; not `complete`
    if the search was cut off, which is not safe. `searched` counts the classes that the sets alone did not settle.
    """

    safe: bool
    complete: bool
    least: int | None
    classes: tuple[int, ...]
    sets: tuple[Ints, ...]
    searched: int


def prove(n: npt.ArrayLike, atoms: npt.ArrayLike, threshold: int, patience: int = PATIENCE) -> Proof:
    """Audit classes of `n` (C,) respondents in the atoms (C, F): the unit's first, -1 where a band's family has none.

    Atoms are numbered across families, a deeper group higher than those above it. The proof is exact: `least` is the
    least of all combinations unless it is not `complete`.
    """
    families = Families(n, atoms)
    smallest = _smallest(families, threshold)
    # A small unit atom is itself such a combination; only a smaller one is of interest then.
    limit = smallest.least or threshold
    left = list(families.copies)
    taken = [_peel(families, left) for _ in range(limit - 1)]
    loose = _loose(families, left)
    found = lightest(loose, limit, patience)
    worst = smallest if found.least is None else found
    safe = worst.least is None and found.complete
    sets = tuple(_listed(families, counts) for counts in (*taken, left)) if safe else ()
    return Proof(
        safe=safe,
        complete=found.complete,
        least=worst.least,
        classes=tuple(sorted(families.classes[list(worst.members)].tolist())),
        sets=sets,
        searched=len(loose),
    )


def verify(n: npt.ArrayLike, atoms: npt.ArrayLike, threshold: int, proof: Proof, patience: int = PATIENCE) -> bool:
    """Whether the proof shows that this release is safe; nothing in it is believed.

    The k sets must hold respondents there are and none twice, and the first k - 1 must each span the differences of
    the last. What the last does not span is searched again.
    """
    families = Families(n, atoms)
    if not proof.safe or len(proof.sets) != threshold or _smallest(families, threshold).least is not None:
        return False
    sets = [_copies(families, listed) for listed in proof.sets]
    if any(copies is None for copies in sets):
        return False
    held = [copies for copies in sets if copies is not None]
    if any(sum(copies) > present for *copies, present in zip(*held, families.copies, strict=True)):
        return False
    *taken, rest = held
    if not all(_spans(families, copies, rest) for copies in taken):
        return False
    found = lightest(_loose(families, rest), threshold, patience)
    return found.complete and found.least is None


def _smallest(families: Families, threshold: int) -> Found:
    """The smallest unit atom that holds fewer than the threshold, if any does."""
    people = families.people()
    if not people or min(people) >= threshold:
        return Found(None, (), True)
    unit = people.index(min(people))
    return Found(people[unit], tuple(range(families.units[unit], families.units[unit + 1])), True)


def _peel(families: Families, left: list[int]) -> list[int]:
    """Take from those left one of each place that is needed to span their differences; what was taken."""
    taken = [0] * len(left)
    for place in Span(families).absorb(left):
        taken[place] = 1
        left[place] -= 1
    return taken


def _spans(families: Families, copies: Sequence[int], others: Sequence[int]) -> bool:
    span = Span(families)
    span.absorb(copies)
    rank = span.rank
    span.absorb(others)
    return span.rank == rank


def _loose(families: Families, rest: Sequence[int]) -> list[Element]:
    """The places of unit atoms on which v need not be constant if it is on the rest, as elements of a search.

    A row is the unit's own number (below 0, free in each unit) and the difference to a base modulo the rest's.
    """
    span = Span(families)
    span.absorb(rest)
    loose: list[Element] = []
    for unit, (start, end) in enumerate(families.spans()):
        kinds = families.kinds[start:end]
        base = kinds[0]
        if all(span.root(kind) == span.root(base) for kind in kinds):
            continue
        rows = [span.basis.remainder(families.difference(kind, base)) for kind in kinds]
        if any(rows):
            places = range(start, end)
            loose += (
                Element({-1 - unit: 1, **row}, families.copies[place], (place,))
                for place, row in zip(places, rows, strict=True)
            )
    return loose


def _listed(families: Families, counts: Sequence[int]) -> Ints:
    copies = np.array(counts, np.int64)
    return np.stack((families.classes, copies), axis=1)[copies > 0]


def _copies(families: Families, listed: npt.ArrayLike) -> list[int] | None:
    """The copies at each place of a listed set; None if a class holds nobody or less than one copy."""
    table = np.asarray(listed, np.int64)
    if table.ndim != 2 or table.shape[1] != 2:
        return None
    places = {number: place for place, number in enumerate(families.classes.tolist())}
    counts = [0] * len(families.copies)
    for number, copies in table.tolist():
        if number not in places or copies < 1:
            return None
        counts[places[number]] += copies
    return counts
