"""Whether a block measures one thing, and whether its score may be read as the team's: for every block of a pulse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from service.analytics.block import Items, scored_blocks
from service.analytics.measurement.one_factor import one_factor
from service.analytics.measurement.one_way import OneWay, one_way, reml
from service.analytics.measurement.reliability import cronbach, reliability
from service.analytics.quality_moments import Moments, moments
from service.analytics.scatter import scatter
from service.analytics.status import Status
from service.analytics.team_agreement import beyond_chance, distributions
from service.release.release import Release

Verdict = Literal["aggregate", "caution", "individual", "insufficient"]

#: What the reliability of a team's mean must reach for the verdicts "aggregate" and "caution".
TRUSTED, DOUBTFUL = 0.7, 0.5


@dataclass(frozen=True, slots=True)
class BlockQuality:
    """One block in one pulse: `n` respondents in `groups` atoms; figures None unless status is "ok" (those of
    agreement stand wherever distributions are shown). Intervals are 95 %.

    `alpha` and `omega` over all respondents whatever their team; `heywood` says that omega rests on a negative
    uniqueness. The same `_within` teams, and `alpha_between` from the covariance between teams less chance.
    One item alone has none of these, two have no omega; nor is any given where the matrix does not yield it.

    `icc1` (k = N / G; `icc1_n0` with n0 in place of k; `icc1_reml` from the random-intercept model) is the share of
    a person's score that lies between teams, `icc2` the reliability of a team's mean.

    `agreement_teams` show distributions; `rwg_j` is their median and `beyond_chance` the share of them (0 to 1) that
    agree more than people answering blindly do 95 % of the time.

    `verdict`, the score of a team being read as the team's: "aggregate" where the interval of `icc1` is above 0 and
    `icc2` at least .7, "caution" where it is at least .5, else "individual": the score then says more of who
    answered. rwg(j) has no vote: its median is .78 where ICC(1) is .10.
    """

    pulse: str
    block: str
    status: Status
    verdict: Verdict
    n: int | None = None
    groups: int | None = None
    n0: float | None = None
    alpha: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None
    omega: float | None = None
    heywood: bool | None = None
    alpha_within: float | None = None
    alpha_between: float | None = None
    omega_within: float | None = None
    icc1: float | None = None
    icc1_low: float | None = None
    icc1_high: float | None = None
    icc1_n0: float | None = None
    icc1_reml: float | None = None
    icc2: float | None = None
    icc2_low: float | None = None
    icc2_high: float | None = None
    agreement_teams: int | None = None
    rwg_j: float | None = None
    beyond_chance: float | None = None


def block_quality(release: Release) -> Iterator[BlockQuality]:
    """One for each scored block, in the instrument's order; "insufficient" below two published atoms, without the
    pooled scatter, or where teams' scores are all the same.

    Alpha's interval is Feldt's (1965), which takes people as unrelated: with teams it is a little too narrow.
    """
    within = scatter(release)
    for block, items in scored_blocks(release).items():
        row = _with_agreement(BlockQuality(release.pulse, block, "insufficient", "insufficient"), release, items)
        found = moments(release, items, within)
        one = None if found is None else one_way(found.groups())
        if found is None or one is None or one.status != "ok" or one.icc2 is None:
            yield row
        else:
            yield _with_differences(_with_consistency(row, found), found, one)


def _with_agreement(row: BlockQuality, release: Release, items: Items) -> BlockQuality:
    shared = distributions(release, items)
    found, passed = ([], 0) if shared is None else beyond_chance(shared, len(items))
    if not found:
        return replace(row, agreement_teams=0)
    return replace(row, agreement_teams=len(found), rwg_j=median(found), beyond_chance=passed / len(found))


def _with_consistency(row: BlockQuality, found: Moments) -> BlockQuality:
    total, between = found.total(), found.latent_between()
    everybody, factor = reliability(total, found.people), one_factor(total)
    low, high = everybody.interval or (None, None)
    return replace(
        row,
        alpha=everybody.alpha,
        alpha_low=low,
        alpha_high=high,
        omega=factor.omega,
        heywood=factor.heywood,
        alpha_within=cronbach(found.within),
        alpha_between=None if between is None else _at_most_one(cronbach(between)),
        omega_within=one_factor(found.within).omega,
    )


def _at_most_one(alpha: float | None) -> float | None:
    """What is left between teams need not be the covariance of anything, and alpha then passes 1."""
    return None if alpha is None else min(1.0, alpha)


def _with_differences(row: BlockQuality, found: Moments, one: OneWay) -> BlockQuality:
    return replace(
        row,
        status="ok",
        verdict=verdict(one),
        n=one.n,
        groups=one.groups,
        n0=one.n0,
        icc1=one.icc1,
        icc1_low=one.icc1_low,
        icc1_high=one.icc1_high,
        icc1_n0=one.icc1_n0,
        icc1_reml=reml(found.groups()).icc1,
        icc2=one.icc2,
        icc2_low=one.icc2_low,
        icc2_high=one.icc2_high,
    )


def verdict(one: OneWay) -> Verdict:
    """By the rule in BlockQuality."""
    if one.icc1_low is None or one.icc2 is None:
        return "insufficient"
    if one.icc1_low <= 0 or one.icc2 < DOUBTFUL:
        return "individual"
    return "aggregate" if one.icc2 >= TRUSTED else "caution"
