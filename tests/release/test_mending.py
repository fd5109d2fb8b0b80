"""Withdrawing slices until nothing is left to subtract, on whatever is thrown at it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from service.release import lightest
from service.release.audit import audit
from service.release.layout import Layout
from service.release.mending import mended
from service.release.tree import Flags, publishable

Case = tuple[Layout, list[Flags], int]


def layout_of(parents: list[int], shown: list[bool], people: list[tuple[int, ...]]) -> Layout:
    rows = np.array(people, np.int64)
    families = [rows[:, at] for at in range(1, rows.shape[1] - 1)]
    return Layout.of(parents, np.array(shown, np.bool_), rows[:, 0], rows[:, -1], families)


def groups_of(layout: Layout, kept: list[Flags]) -> Iterator[list[int]]:
    parents = layout.parents

    def inside(unit: int, cell_unit: int) -> bool:
        while cell_unit > unit:
            cell_unit = parents[cell_unit]
        return cell_unit == unit

    cells = list(enumerate(layout.unit.tolist()))
    for unit in np.flatnonzero(layout.shown):
        yield [cell for cell, at in cells if inside(int(unit), at)]
    for family, flags in enumerate(kept):
        for unit, value in np.argwhere(flags).tolist():
            yield [cell for cell, at in cells if inside(unit, at) and layout.values[family][cell] == value]


def safe(layout: Layout, kept: list[Flags], threshold: int) -> bool:
    return audit(layout.n.tolist(), groups_of(layout, kept), threshold).safe


def cases(count: int) -> Iterator[Case]:
    """Any slices of published units, small ones and all: only the units are chosen lawfully."""
    for seed in range(count):
        chance = np.random.default_rng(seed)
        size, threshold = int(chance.integers(1, 7)), int(chance.integers(3, 7))
        widths = [int(chance.integers(2, 4)) for _ in range(int(chance.integers(1, 4)))]
        parents = [-1] + [int(chance.integers(max(0, at - 3), at)) for at in range(1, size)]
        people = [
            (unit, *(int(chance.integers(-1 if chance.random() < 0.2 else 0, width)) for width in widths))
            for unit in range(size)
            for _ in range(int(chance.poisson(threshold)))
        ]
        if not people:
            continue
        rows, n = np.unique(np.array(people, np.int64), axis=0, return_counts=True)
        own = np.bincount(rows[:, 0], n, size).astype(np.int64)
        shown = publishable(parents, own, own, threshold)
        layout = Layout.of(parents, shown, rows[:, 0], n, [rows[:, 1 + at] for at in range(len(widths))])
        if len(layout.n):
            flags = [shown[:, np.newaxis] & (chance.random((size, width)) < 0.8) for width in widths]
            yield layout, flags, threshold


@pytest.mark.parametrize("large_first", [False, True])
def test_what_is_left_is_safe_and_was_published(large_first: bool) -> None:
    was_safe = withdrawn = left = 0
    for layout, flags, threshold in cases(150):
        found = mended(layout, flags, flags, threshold, large_first=large_first)
        assert safe(layout, found, threshold)
        assert all((after <= before).all() for after, before in zip(found, flags, strict=True))
        gone = sum(int((before & ~after).sum()) for before, after in zip(flags, found, strict=True))
        if safe(layout, flags, threshold):
            assert gone == 0
            was_safe += 1
        withdrawn, left = withdrawn + gone, left + sum(int(after.sum()) for after in found)
    assert was_safe
    assert withdrawn > 300
    assert left > 60


def test_what_may_not_go_stays() -> None:
    """What was settled before is not touched when more is offered."""
    moved = 0
    for layout, flags, threshold in cases(80):
        settled = mended(layout, flags, flags, threshold)
        offered = [before & ~after for before, after in zip(flags, settled, strict=True)]
        again = mended(layout, flags, offered, threshold, large_first=True)
        assert safe(layout, again, threshold)
        assert all((before <= after).all() for before, after in zip(settled, again, strict=True))
        moved += sum(int((after & ~before).sum()) for before, after in zip(settled, again, strict=True))
    assert moved


#: One unit with two bands: the first counts 20 and 22 people, the second 21 and 21; 3 are in one of two slices alone.
CROSSING = layout_of([-1], [True], [(0, 0, 0, 19), (0, 0, 1, 1), (0, 1, 0, 2), (0, 1, 1, 20)])


def both() -> list[Flags]:
    return [np.ones((1, 2), np.bool_), np.ones((1, 2), np.bool_)]


def test_small_slices_go_first_or_the_largest() -> None:
    assert not safe(CROSSING, both(), 5)
    small, large = (mended(CROSSING, both(), both(), 5, large_first=it) for it in (False, True))
    assert [flags.tolist() for flags in small] == [[[True, True]], [[False, False]]]
    assert not large[0][0, 1]
    assert safe(CROSSING, small, 5)
    assert safe(CROSSING, large, 5)


def test_nothing_goes_where_nothing_may_or_need() -> None:
    nothing = [np.zeros((1, 2), np.bool_)] * 2
    assert all(map(np.array_equal, mended(CROSSING, both(), nothing, 5), both()))
    assert all(map(np.array_equal, mended(CROSSING, both(), both(), 3), both()))


def test_a_search_that_gives_up_counts_as_having_found_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lightest, "PATIENCE", 0)
    more = 0
    for layout, flags, threshold in cases(80):
        found = mended(layout, flags, flags, threshold)
        assert safe(layout, found, threshold)
        with monkeypatch.context() as patient:
            patient.setattr(lightest, "PATIENCE", 3000)
            kept = mended(layout, flags, flags, threshold)
        more += sum(int(it.sum()) for it in kept) - sum(int(it.sum()) for it in found)
    assert more > 0
