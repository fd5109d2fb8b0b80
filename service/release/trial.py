"""The trial of a release before it is sealed: the adversary's attack, and auditors who also know who answered.

The auditors read the published groups off the release itself and share nothing with what chose them. Two of them
must agree: one that knows that groups are nested and proves it by a certificate that is verified from scratch, and,
as far as it reaches in large organisations, one that takes the groups as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from service.release.attack import attack
from service.release.audit import audit
from service.release.gate import Gated
from service.release.layout import Layout
from service.release.reach import told_on
from service.release.release import Release
from service.release.report import Attempt, Report
from service.release.structured import prove, verify
from service.release.tree import Ints
from service.survey.pulse import combinations

#: Cells that the general auditor looks at, of respondents first: it knows nothing it could divide the work by.
_GENERAL = 1500

#: A published group: a unit, or with a family and value its slice (positions).
_Group = tuple[int, int, int]


@dataclass(frozen=True)
class _Case:
    """Figures of one kind: who they count, cell by cell, and the groups they are published for."""

    layout: Layout
    groups: tuple[_Group, ...]


def tried(made: Gated, earlier: Iterable[Release] = ()) -> Report:
    """Everything anybody could try on what `made` would publish, with all that can be known when it is sealed."""
    cases = list(_cases(made))
    return Report(
        (
            *attack(made.content, earlier).attempts,
            _certified(cases, made.release.threshold),
            _combined(cases, made.release.threshold),
            _ranged(made),
        )
    )


def _cases(made: Gated) -> Iterator[_Case]:
    """Respondents, and each item's answers; of items with the same groups and counts one."""
    release = made.release
    seen: set[tuple[bytes, bytes, tuple[_Group, ...]]] = set()
    for item, layout in [(None, made.layout), *((it.item.id, it.answered) for it in made.columns)]:
        case = _Case(layout, tuple(_groups(release, item)))
        key = (layout.n.tobytes(), layout.kept.tobytes(), case.groups)
        if case.groups and key not in seen:
            seen.add(key)
            yield case


def _groups(release: Release, item: str | None) -> Iterator[_Group]:
    """Those with any figure of the item, exact or a bound: both say how many answered."""
    values = [combinations(release.bands, by) for by in release.families]
    for place, unit in enumerate(release.units):
        if unit.figures is None:
            continue
        if item is None or item in unit.figures.items:
            yield place, -1, -1
        for it in unit.figures.slices:
            if item is None or item in it.items:
                family = release.families.index(it.by)
                yield place, family, values[family].index(it.bands)


def _certified(cases: Sequence[_Case], threshold: int) -> Attempt:
    found = False
    for case in cases:
        n, atoms = _atoms(case)
        proof = prove(n, atoms, threshold)
        found = found or not proof.safe or not verify(n, atoms, threshold, proof)
    return Attempt(
        "certificate",
        "for respondents and each item as many sets of people were drawn as the threshold says, each of which a "
        "combination of figures must meet; another look at the sets alone confirmed it",
        sum(len(case.groups) for case in cases),
        "a combination about too few people" if found else "no combination about too few people",
        not found,
        "close",
    )


def _combined(cases: Sequence[_Case], threshold: int) -> Attempt:
    looked_at = accumulate(len(case.layout.n) for case in cases)
    small = [case for case, cells in zip(cases, looked_at, strict=True) if cells <= _GENERAL]
    found = any(not audit(case.layout.n.tolist(), _members(case), threshold).safe for case in small)
    left = len(cases) - len(small)
    rest = f"; {left} sets of figures, of items or too large, were left to the certificate" if left else ""
    return Attempt(
        "combinations",
        "every linear combination of the published groups was searched, without knowing how they nest",
        sum(len(case.groups) for case in small),
        ("a combination about too few people" if found else "no combination about too few people") + rest,
        not found,
        "close",
    )


def _atoms(case: _Case) -> tuple[Ints, Ints]:
    """Respondents and atoms (C x families + 1) of the cells that any group counts, deeper groups numbered higher."""
    layout = case.layout
    widths = [int(value.max(initial=-1)) + 2 for value in layout.values]
    first = np.cumsum([1, *widths])
    published = {family: np.zeros((len(layout.parents), width), np.bool_) for family, width in enumerate(widths)}
    units = np.zeros((len(layout.parents), 1), np.bool_)
    for unit, family, value in case.groups:
        if family < 0:
            units[unit] = True
        elif value < widths[family]:
            published[family][unit, value] = True
    columns = [_deepest(layout, units, np.zeros_like(layout.unit)) * int(first[-1])]
    for family, flags in published.items():
        at = _deepest(layout, flags, layout.values[family])
        columns.append(np.where(at >= 0, at * first[-1] + first[family] + layout.values[family], -1))
    atoms = np.stack(columns, axis=1)
    inside = atoms[:, 0] >= 0
    return layout.n[inside], atoms[inside]


def _deepest(layout: Layout, published: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], value: Ints) -> Ints:
    """For each cell the nearest unit at or above its own that publishes its value, or -1; -1 for no value."""
    at, stated = layout.unit.copy(), value >= 0
    parents = np.array([*layout.parents, -1], np.int64)
    while (climbing := stated & (at >= 0) & ~published[at, value]).any():
        at[climbing] = parents[at[climbing]]
    return np.where(stated, at, -1)


def _members(case: _Case) -> Iterator[list[int]]:
    """The cells of each group."""
    layout = case.layout
    inside: dict[int, list[int]] = {}
    for cell, unit in enumerate(layout.unit.tolist()):
        while unit >= 0:
            inside.setdefault(unit, []).append(cell)
            unit = layout.parents[unit]
    for unit, family, value in case.groups:
        cells = inside.get(unit, [])
        yield cells if family < 0 else [cell for cell in cells if layout.values[family][cell] == value]


def _ranged(made: Gated) -> Attempt:
    tried, found = 0, False
    for column in made.columns:
        if column.slices:
            cells, told = told_on(column.known)
            tried += cells
            found = found or bool(told)
    return Attempt(
        "range",
        "for people in the groups nearest to an end, what they may have answered was bounded by linear programmes over "
        "all sums of units and slices around them",
        tried,
        "a respondent left fewer than three possible answers" if found else "three possible answers for everybody",
        not found,
        "close",
    )
