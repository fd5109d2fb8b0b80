"""ICC(1) and ICC(2): how much answers to a block depend on the team, from the released statistics alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, exact, scored_blocks
from service.analytics.scatter import LEAST_VARIANCE, scatter
from service.analytics.status import Status
from service.release.release import Release

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One block in one pulse: `n` respondents in `groups` atoms; every figure None unless status is "ok".

    `icc1` is the share of a person's score that lies between teams, `icc2` the reliability of a team's mean.
    Either may be below zero, where teams differ less than chance would make them.
    """

    pulse: str
    block: str
    status: Status
    n: int | None = None
    groups: int | None = None
    icc1: float | None = None
    icc2: float | None = None


def aggregation(release: Release) -> Iterator[Aggregation]:
    """One for each scored block, in the instrument's order.

    One-way analysis of variance over the published atoms, each a published unit without the published units
    below it. With k = N / G the mean group size, ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW) and ICC(2) =
    (MSB - MSW) / MSB (Bliese 2000; ICC1 and ICC2 of R's multilevel). MSW comes from the release's pooled moments.
    """
    within = scatter(release)
    for block, items in scored_blocks(release).items():
        spread = within.of(items)
        n, score = atoms(release, items)
        if spread.basis == "pooled" and len(n) >= 2:
            yield _one_way(release.pulse, block, n, score, spread.variance)
        else:
            yield Aggregation(release.pulse, block, "insufficient")


def _one_way(pulse: str, block: str, n: Floats, score: Floats, msw: float) -> Aggregation:
    people, groups = float(n.sum()), len(n)
    grand = float(n @ score) / people
    msb = float(n @ (score - grand) ** 2) / (groups - 1)
    if msb < LEAST_VARIANCE:
        return Aggregation(pulse, block, "insufficient")
    icc1 = (msb - msw) / (msb + (people / groups - 1) * msw)
    return Aggregation(pulse, block, "ok", int(people), groups, icc1, (msb - msw) / msb)


def atoms(release: Release, items: Items) -> tuple[Floats, Floats]:
    """Respondents and block scores (0 to 100) of the published atoms in which every item was answered."""
    n, _, scores = item_atoms(release, items)
    return n, scores.mean(axis=1)


def item_atoms(release: Release, items: Items) -> tuple[Floats, Floats, Floats]:
    """Of the G published atoms in which every item was answered: respondents (G), how many answered each item and
    the items' scores from 0 to 100 (both G x J).

    An atom is a unit that shows all these items exactly, minus the topmost such units below it: who is in a unit
    with a bound is counted in the next one above without. Atoms share nobody.
    """
    own = np.array(_residuals(release, items), np.float64).reshape(-1, 1 + 2 * len(items))
    own = own[(own[:, : 1 + len(items)] > 0).all(axis=1)]
    n, answered, totals = own[:, 0], own[:, 1 : 1 + len(items)], own[:, 1 + len(items) :]
    low = np.array([item.scale.low for item in items])
    steps = np.array([item.scale.points - 1 for item in items])
    return n, answered, 100 * (totals - low * answered) / (answered * steps)


def _residuals(release: Release, items: Items) -> list[list[int]]:
    """A row [n, n of each item, total of each item] for each atom, parents first."""
    rows: dict[str, list[int]] = {}
    nearest: dict[str | None, str | None] = {None: None}
    for unit in release.units:
        above = nearest.get(unit.parent)
        figures = exact(unit.figures, items)
        if figures is None or unit.figures is None:
            nearest[unit.id] = above
            continue
        row = [unit.figures.n, *(figure.n for figure in figures), *(figure.least for figure in figures)]
        nearest[unit.id] = unit.id
        rows[unit.id] = row
        if above is not None:
            rows[above] = [whole - part for whole, part in zip(rows[above], row, strict=True)]
    return list(rows.values())
