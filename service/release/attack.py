"""The adversary: what anybody can work out from a release, tried before it is published.

It knows this release and the earlier ones of its series and nothing else, and shares no code with what chose the
figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from service.release import codec
from service.release.answers import tells_alone, tells_with_sums
from service.release.basis import PRIME
from service.release.elimination import BRANCH, Equation, branches_of, equations_of, reduced
from service.release.groups import Groups, Shown, groups_of, shown_of, tree_of
from service.release.overlap import overlap_attempt, unanimity_attempt
from service.release.release import PublicUnit, Release
from service.release.report import Attempt, Report
from service.release.sameness import format_attempt, order_attempt, time_attempt

Ints = npt.NDArray[np.int64]

#: Earlier releases of the series that an attack takes to hand: reading them takes longer than all the rest.
LOOKED_BACK = 4


def attack(content: bytes, earlier: Iterable[Release] = ()) -> Report:
    """Try everything on a release, by the bytes that everybody will have, and on the `earlier` ones of its series.

    A distribution gives its favourable count away, published or not.
    """
    release = codec.decode(content)
    tree = tree_of(release.units)
    units = groups_of(tree, release.units, lambda u: None if u.figures is None else (u.figures.n, u.figures.headcount))
    shown = [shown_of(item, tree, release.units) for item in release.asked]
    return Report(
        (
            _subtraction(units, shown, release.threshold),
            _participation(units, release.threshold),
            _equations(tree, units, shown, release.threshold),
            _edges([it for it in shown if it.item.scored]),
            _concentration(shown, release.threshold),
            _pooling(release, units),
            _arithmetic(units, shown, release.units),
            overlap_attempt(release),
            unanimity_attempt(release),
            time_attempt(release, earlier),
            format_attempt(content, release),
            order_attempt(release),
        )
    )


def _small(counts: Ints, threshold: int) -> bool:
    """Whether any group is neither empty nor large enough; fewer than nobody is never lawful."""
    return bool(((counts != 0) & (counts < threshold)).any())


def _subtraction(units: Groups, shown: Sequence[Shown], threshold: int) -> Attempt:
    levels = [units, *(groups for it in shown for groups in (it.sums, it.favourable, it.counts))]
    found = any(
        _small(groups.remainders()[:, 0], threshold) or bool((groups.figures[:, 0] < threshold).any())
        for groups in levels
    )
    return Attempt(
        "subtraction",
        "from every published unit its greatest published parts were taken away, for respondents and for each item",
        sum(groups.figures.size for groups in levels),
        "a group of respondents below the threshold" if found else "no group of respondents below the threshold",
        not found,
    )


def _participation(units: Groups, threshold: int) -> Attempt:
    found = _small(units.remainders()[:, 1], threshold) or bool((units.figures[:, 1] < threshold).any())
    return Attempt(
        "participation",
        "the same subtractions, weighing each group by how many could have answered",
        units.figures.size,
        "a group of invited people below the threshold" if found else "no group of invited people below the threshold",
        not found,
    )


def _equations(tree: list[int], units: Groups, shown: Sequence[Shown], threshold: int) -> Attempt:
    """Published units are nested or apart, so their differences are disjoint; solving shows it without believing it."""
    branches = list(branches_of(tree))
    distinct = {(tuple(it.sums.units), it.sums.figures[:, 0].tobytes()): it.sums.figures[:, :1] for it in shown}
    systems = [(units.units, units.figures), *((list(key[0]), figures) for key, figures in distinct.items())]
    found, used = False, 0
    for places, figures in systems:
        published = dict(zip(places, figures.tolist(), strict=True))
        for members in branches:
            rows = equations_of(tree, members, published)
            used += len(rows) * figures.shape[1]
            found = found or _solved_small(reduced(rows), figures.shape[1], threshold)
    rest = len(tree) - sum(map(len, branches))
    got = "a combination of figures about too few people" if found else "no combination of figures about too few people"
    note = f"; for the other {rest} units subtraction is all there is, as published units are nested or apart"
    return Attempt(
        "equations",
        f"published units were solved as equations in branches of up to {BRANCH} units",
        used,
        got + (note if rest else ""),
        not found,
    )


def _solved_small(solved: list[Equation], width: int, threshold: int) -> bool:
    """Whether some solution is small, or two share a unit, against the theorem that they never do."""
    columns = [column for row in solved for column in row if column >= 0]
    if len(columns) != len(set(columns)):
        return True
    known = (row.get(-1 - column, 0) for row in solved for column in range(width))
    # Beyond half the prime a figure stands for a number below zero.
    return any(value and not threshold <= value < PRIME // 2 for value in known)


def _edges(shown: Sequence[Shown]) -> Attempt:
    found = any(tells_alone(it) or tells_with_sums(it) for it in shown)
    return Attempt(
        "edges",
        "for each group's sum and favourable count, every answer a respondent may have given was listed",
        sum(it.favourable.figures.size for it in shown),
        "a respondent left fewer than three possible answers" if found else "three possible answers for everybody",
        not found,
    )


def _concentration(shown: Sequence[Shown], threshold: int) -> Attempt:
    found = False
    for it in shown:
        left = it.counts.remainders()
        n, counts = left[:, 0], left[:, 3:]
        uneven = n - counts.max(axis=1, initial=0) < 2
        few = (counts > 0).sum(axis=1) < min(3, it.item.scale.points)
        found = found or bool(((n != 0) & ((n < 2 * threshold) | uneven | few)).any())
    return Attempt(
        "concentration",
        "each distribution, and each difference of two, was searched for too few people or too few answers",
        sum(it.counts.figures.size for it in shown),
        "a distribution that tells on somebody" if found else "no distribution that tells on anybody",
        not found,
    )


def _pooling(release: Release, units: Groups) -> Attempt:
    pooled = release.pooled
    inner = units.remainders()[:, 0]
    passed = pooled is None or (
        pooled.n >= 10 * release.threshold
        and pooled.atoms >= 2
        and bool((np.diag(pooled.within) >= pooled.n / 4).all())
        and (pooled.n, pooled.atoms) == (inner.sum(), (inner > 0).sum())
    )
    return Attempt(
        "pooling",
        "the pooled scatter was checked to be some, of many people in several groups, all of them published",
        0 if pooled is None else pooled.within.size,
        "pooled over enough people" if passed else "pooled over too few people",
        bool(passed),
    )


def _arithmetic(units: Groups, shown: Sequence[Shown], published: Sequence[PublicUnit]) -> Attempt:
    """Every published figure is a sum of differences, so what holds of these holds of all."""
    n, headcount = units.remainders().T
    sound = bool(((n >= 0) & (n <= headcount)).all()) and all(_consistent(it, published) for it in shown)
    return Attempt(
        "arithmetic",
        "figures were checked against each other: parts against wholes, sums against counts and scale",
        units.figures.size + sum(it.sums.figures.size + it.counts.figures.size for it in shown),
        "figures that agree" if sound else "figures that contradict each other",
        sound,
    )


def _consistent(it: Shown, published: Sequence[PublicUnit]) -> bool:
    scale = it.item.scale
    people = np.array([u.figures.n if (u := published[place]).figures else 0 for place in it.sums.units], np.int64)
    unanswered = Groups(it.sums.units, it.sums.above, people[:, np.newaxis] - it.sums.figures[:, :1]).remainders()
    n, total = it.sums.remainders().T
    least, most = (scale.low * n, scale.high * n) if it.item.scored else (0 * n, 0 * n)
    sound = (unanswered[:, 0] >= 0) & (least <= total) & (total <= most)
    count, _, favourable = it.favourable.remainders().T
    sound_halves = (favourable >= 0) & (favourable <= count)
    return bool(sound.all()) and bool(sound_halves.all()) and _counts_agree(it, published)


def _counts_agree(it: Shown, published: Sequence[PublicUnit]) -> bool:
    for place, known in zip(it.counts.units, it.counts.figures[:, 2].tolist(), strict=True):
        figures = published[place].figures
        if figures and figures.items[it.item.id].favourable not in (None, known):
            return False
    left = it.counts.remainders()
    counts = left[:, 3:]
    points = np.arange(it.item.scale.low, it.item.scale.high + 1) * int(it.item.scored)
    return bool((counts >= 0).all() and (counts.sum(1) == left[:, 0]).all() and (counts @ points == left[:, 1]).all())
