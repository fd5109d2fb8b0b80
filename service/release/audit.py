"""The auditor of any list of published groups: does a linear combination of them involve too few respondents?

An attacker can compute exactly the combinations v in the space that the groups span, and v involves the respondents
of the cells where it is not zero. A release is safe when every v that involves anybody involves at least as many as
the threshold.

Each respondent is a copy of its cell's column (the groups it is in). Peel off the threshold less one disjoint sets,
each a maximal independent set of what is left, and E is the rest. A v that involves fewer than the threshold misses
one of these sets; each spans E, so v is zero on all of E. Where E has full rank that leaves v = 0, and otherwise few v
to search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.release.basis import Basis, Row
from service.release.search import PATIENCE, Element, lightest


@dataclass(frozen=True, slots=True)
class Verdict:
    """`least` respondents in `cells` are involved in some combination, if that is fewer than the threshold.

    A search that was cut off is not `complete`, and a release about which it is not known is not safe.
    """

    safe: bool
    least: int | None
    cells: tuple[int, ...]
    complete: bool


def audit(counts: Sequence[int], groups: Iterable[Iterable[int]], threshold: int, patience: int = PATIENCE) -> Verdict:
    """The verdict on groups of cells that hold `counts` respondents; `patience` bounds the nodes of the search."""
    classes = _classes(counts, groups)
    rows = [element.row for element in classes]
    rest = _peeled(classes, threshold - 1)
    if len(rest.rows) == len(Basis(rows).rows):
        return Verdict(safe=True, least=None, cells=(), complete=True)
    loose = [Element(rest.remainder(row), weight, cells) for row, weight, cells in classes]
    found = lightest(loose, threshold, patience)
    if not found.complete:
        return Verdict(safe=False, least=None, cells=(), complete=False)
    return Verdict(safe=found.least is None, least=found.least, cells=found.members, complete=True)


def _classes(counts: Sequence[int], groups: Iterable[Iterable[int]]) -> list[Element]:
    """Cells in the same groups as one; nobody's cells and those in no group involve nobody."""
    meets: list[list[int]] = [[] for _ in counts]
    for number, group in enumerate(groups):
        for cell in set(group):
            meets[cell].append(number)
    alike: dict[tuple[int, ...], list[int]] = {}
    for cell, numbers in enumerate(meets):
        if counts[cell] and numbers:
            alike.setdefault(tuple(numbers), []).append(cell)
    return [
        Element(dict.fromkeys(numbers, 1), sum(counts[cell] for cell in cells), tuple(cells))
        for numbers, cells in alike.items()
    ]


def _peeled(classes: list[Element], times: int) -> Basis:
    """What the respondents span who are left when `times` maximal independent sets of them have been taken away."""
    left = [element.weight for element in classes]
    rows: list[Row] = [element.row for element in classes]
    for _ in range(times):
        basis = Basis()
        # The most numerous first, so that the few of a class last as long as they can.
        for place in sorted(range(len(left)), key=lambda place: -left[place]):
            if left[place] and basis.add(rows[place]):
                left[place] -= 1
    return Basis(row for row, copies in zip(rows, left, strict=True) if copies)
