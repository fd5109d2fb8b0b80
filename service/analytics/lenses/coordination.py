"""Whether the way a team keeps in step fits how its work hangs together: a hypothesis for the team, no diagnosis."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from service.analytics.lenses.chances import mode_chances
from service.analytics.status import Status
from service.release.release import PublicUnit, Release
from service.survey.instrument import Item

Work = Literal["pooled", "sequential", "reciprocal"]
Means = Literal["standards", "plans", "adjustment"]
Verdict = Literal["matched", "too_loose", "too_tight", "no_shared_picture", "unclear"]

#: Thompson (1967): how work can hang together, from the least to the most, and what answers to each.
WORK: tuple[Work, ...] = ("pooled", "sequential", "reciprocal")
MEANS: tuple[Means, ...] = ("standards", "plans", "adjustment")
#: Ids of the lens's block and of its three items in an instrument: work pattern, means, amount.
BLOCK, WORK_ITEM, MEANS_ITEM, AMOUNT_ITEM = "coordination", "CF1", "CF2", "CF3"
#: Both commonest answers must be this likely to be so before they are laid side by side.
SURE = 0.8
#: Percent who must agree how the work hangs together; with fewer that is the finding.
AGREED = 60


@dataclass(frozen=True, slots=True)
class Coordination:
    """One unit: what most say of its work and of how it keeps in step, each with the probability that most would.

    `n` answered the least answered of the two. `work` and `means` are the commonest answers, None where two are as
    common; `work_agreed` and `means_agreed` percent who gave them, `work_probability` and `means_probability` how
    likely they are the commonest. `fit` is the level of the work less that of the means, said with the verdicts:
    0 `matched`; above, the work asks for more than is done, `too_loose`; below, more is done than it asks for,
    `too_tight`. `no_shared_picture`: fewer than 60 % agree on the work. `unclear`: either commonest answer is less
    than .8 likely to be so. `too_little`, `about_right` and `too_much` are percent of those who judged the amount,
    None where that is not released. Every figure is None unless `status` is "ok".

    `standing` says what the verdict is: a hypothesis, since the items are not validated and the match of work and
    means is Thompson's proposition (1967) and not something this team has shown.
    """

    pulse: str
    unit: str
    status: Status
    n: int | None = None
    work: Work | None = None
    work_agreed: float | None = None
    work_probability: float | None = None
    means: Means | None = None
    means_agreed: float | None = None
    means_probability: float | None = None
    fit: int | None = None
    too_little: float | None = None
    about_right: float | None = None
    too_much: float | None = None
    verdict: Verdict | None = None
    standing: Literal["hypothesis"] = "hypothesis"


@dataclass(frozen=True, slots=True)
class _Commonest:
    """The commonest answer's place (None where two are as common), percent who gave it, and its probability."""

    place: int | None
    agreed: float
    probability: float


def coordination(release: Release, *, units: Collection[str] | None = None) -> Iterator[Coordination]:
    """Units in the roster's order, `units` None meaning all; none where the pulse does not ask both items.

    Suppressed where the release withholds the distribution of either.
    """
    asked = {item.id: item for item in release.asked if item.block == BLOCK}
    if not all(_asks_kinds(asked.get(id)) for id in (WORK_ITEM, MEANS_ITEM)):
        return
    for unit in release.units:
        if units is None or unit.id in units:
            yield _of(release.pulse, unit)


def _asks_kinds(item: Item | None) -> bool:
    return item is not None and not item.scored and item.scale.points == len(WORK)


def _of(pulse: str, unit: PublicUnit) -> Coordination:
    work, means = _counts(unit, WORK_ITEM), _counts(unit, MEANS_ITEM)
    if work is None or means is None:
        return Coordination(pulse, unit.id, "suppressed")
    n = min(sum(work), sum(means))
    if not n:
        return Coordination(pulse, unit.id, "insufficient")
    pattern, kept = _commonest(work), _commonest(means)
    verdict, fit = _verdict(pattern, kept, shared=100 * max(work) >= AGREED * sum(work))
    return Coordination(
        pulse,
        unit.id,
        "ok",
        n,
        None if pattern.place is None else WORK[pattern.place],
        pattern.agreed,
        pattern.probability,
        None if kept.place is None else MEANS[kept.place],
        kept.agreed,
        kept.probability,
        fit,
        *_amount(_counts(unit, AMOUNT_ITEM)),
        verdict,
    )


def _counts(unit: PublicUnit, item: str) -> tuple[int, ...] | None:
    figures = None if unit.figures is None else unit.figures.items.get(item)
    return None if figures is None else figures.counts


def _commonest(counts: tuple[int, ...]) -> _Commonest:
    most = max(counts)
    place = counts.index(most)
    return _Commonest(place if counts.count(most) == 1 else None, 100 * most / sum(counts), mode_chances(counts)[place])


def _verdict(work: _Commonest, means: _Commonest, *, shared: bool) -> tuple[Verdict, int | None]:
    if not shared:
        return "no_shared_picture", None
    if work.place is None or means.place is None or min(work.probability, means.probability) < SURE:
        return "unclear", None
    fit = work.place - means.place
    return "matched" if not fit else "too_loose" if fit > 0 else "too_tight", fit


def _amount(counts: tuple[int, ...] | None) -> tuple[float | None, float | None, float | None]:
    """Percent below, at and above the middle of the scale; None where withheld or nobody judged."""
    if counts is None or not sum(counts) or not len(counts) % 2:
        return None, None, None
    middle = len(counts) // 2
    parts = sum(counts[:middle]), counts[middle], sum(counts[middle + 1 :])
    little, right, much = (100 * part / sum(counts) for part in parts)
    return little, right, much
