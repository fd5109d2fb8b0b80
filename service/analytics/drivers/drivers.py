"""Which blocks go with which between teams, once the noise of small teams is taken out; never what causes what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.atoms import item_atoms
from service.analytics.block import Items, scored_blocks
from service.analytics.drivers.importance import MOST_PREDICTORS, correlations, lmg
from service.analytics.measurement.between_within import Moments, between_within
from service.analytics.measurement.one_way import Groups, one_way
from service.analytics.scatter import scatter
from service.analytics.status import Status
from service.release.release import Release

Floats = npt.NDArray[np.float64]

METHOD = "lmg-latent-1"
#: Below this many teams the shares are mostly chance.
LEAST_TEAMS = 100
DRAWS = 400
#: A latent correlation matrix is used when no eigenvalue is below this: nearer to none it is all but dependent.
_LEAST_EIGENVALUE = 0.01
#: So many of the draws must be usable as they are.
_USABLE = 0.5


@dataclass(frozen=True, slots=True)
class Driver:
    """How much of what the other blocks together tell of `outcome` goes with `block`, over the teams of a pulse.

    `share` 0 to 1 with its 95 % interval `low` to `high`; `r` the correlation of the two blocks' true team means;
    `r2` the part of the outcome's true variance between teams that all the other blocks tell, alike in every row of an
    outcome, of which the shares add up to 1; `teams` the atoms it rests on. Every figure None unless `status` is "ok".
    """

    pulse: str
    outcome: str
    block: str
    status: Status
    teams: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    r: float | None = None
    r2: float | None = None
    method: str = METHOD


def drivers(release: Release, rng: np.random.Generator) -> Iterator[Driver]:
    """For each scored block as the outcome each other, in the instrument's order.

    Shares by Lindeman, Merenda & Gold (1980) on the latent covariance between teams, (MSB - pooled within) / n0, over
    the atoms in which every block's items are shown; intervals by drawing teams with replacement (Efron & Tibshirani
    1993). "insufficient" below 100 such teams, when the interval of any block's ICC(1) holds 0, or when the latent
    covariance, or that of more than half of the draws, could not be that of any teams.
    """
    blocks = scored_blocks(release)
    model = _model(release, blocks, rng)
    for outcome in blocks:
        others = [block for block in blocks if block != outcome]
        yield from _rows(release.pulse, outcome, others, list(blocks), model)


@dataclass(frozen=True, slots=True)
class _Model:
    """Latent correlations between `teams` teams (B x B), and those of the draws (draws x B x B)."""

    teams: int
    correlation: Floats
    draws: Floats


def _rows(pulse: str, outcome: str, others: list[str], blocks: list[str], model: _Model | None) -> Iterator[Driver]:
    if model is None:
        yield from (Driver(pulse, outcome, block, "insufficient") for block in others)
        return
    order = [blocks.index(block) for block in (outcome, *others)]
    correlation = model.correlation[np.ix_(order, order)]
    added, r2 = lmg(correlation)
    drawn, drawn_r2 = lmg(model.draws[:, order][:, :, order])
    low, high = np.quantile(drawn / drawn_r2[:, None], (0.025, 0.975), axis=0)
    for place, block in enumerate(others):
        yield Driver(
            pulse,
            outcome,
            block,
            "ok",
            model.teams,
            float(added[place] / r2),
            float(low[place]),
            float(high[place]),
            float(correlation[0, place + 1]),
            float(r2),
        )


def _model(release: Release, blocks: Mapping[str, Items], rng: np.random.Generator) -> _Model | None:
    given = _moments(release, blocks) if 2 <= len(blocks) <= MOST_PREDICTORS + 1 else None
    if given is None or len(given.n) < LEAST_TEAMS or not _all_differ(given):
        return None
    latent = between_within(given).latent
    if latent is None or not _definite(latent[None])[0]:
        return None
    draws = _drawn(given, rng)
    if _definite(draws).mean() < _USABLE:
        return None
    return _Model(len(given.n), correlations(latent), _mended(draws))


def _moments(release: Release, blocks: Mapping[str, Items]) -> Moments | None:
    """Of the blocks' scores over the atoms that show them all; None where the pooled scatter of an item is not there.

    The scatter within teams is that of the release, over all its atoms.
    """
    items = tuple(item for each in blocks.values() for item in each)
    within = scatter(release)
    if any(item.id not in within.position for item in items):
        return None
    n, _, scores = item_atoms(release, items)
    mean = np.array([[(item.block == block) / len(own) for block, own in blocks.items()] for item in items])
    at = [within.position[item.id] for item in items]
    pooled = mean.T @ within.covariance[np.ix_(at, at)] @ mean
    return Moments(n, scores @ mean, pooled * (n.sum() - len(n)))


def _all_differ(given: Moments) -> bool:
    """Whether every block's ICC(1) is above zero, its 95 % interval included."""
    each = (
        one_way(Groups(given.n, given.mean[:, place], given.n / given.n.sum() * given.within[place, place]))
        for place in range(given.mean.shape[1])
    )
    return all(found.icc1_low is not None and found.icc1_low > 0 for found in each)


def _drawn(given: Moments, rng: np.random.Generator) -> Floats:
    """The latent covariance (draws x B x B) of as many teams, drawn with replacement; the scatter within stays."""
    n, size = given.n, len(given.n)
    apart = given.mean - n @ given.mean / n.sum()
    products = (n[:, None, None] * apart[:, :, None] * apart[:, None, :]).reshape(size, -1)
    parts = np.column_stack([n, n**2, n[:, None] * apart, products])
    sums = np.stack([_times_drawn(size, rng) @ parts for _ in range(DRAWS)])
    people, squares, first = sums[:, 0, None, None], sums[:, 1, None, None], sums[:, 2 : 2 + apart.shape[1]]
    second = sums[:, 2 + apart.shape[1] :].reshape(DRAWS, *given.within.shape)
    msb = (second - first[:, :, None] * first[:, None, :] / people) / (size - 1)
    n0 = (people - squares / people) / (size - 1)
    latent: Floats = (msb - given.within / (n.sum() - size)) / n0
    return latent


def _times_drawn(size: int, rng: np.random.Generator) -> Floats:
    return np.bincount(rng.integers(0, size, size), minlength=size).astype(np.float64)


def _definite(covariance: Floats) -> npt.NDArray[np.bool_]:
    """Of each of a stack, whether it could be the covariance of anything, its correlations well off dependence."""
    varies = _varies(covariance)
    found = np.zeros(len(covariance), np.bool_)
    found[varies] = np.linalg.eigvalsh(correlations(covariance[varies]))[:, 0] > _LEAST_EIGENVALUE
    return found


def _varies(covariance: Floats) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.diagonal(covariance, axis1=1, axis2=2).min(axis=1) > 0
    return found


def _mended(draws: Floats) -> Floats:
    """Correlations of the draws in which everything varies, eigenvalues that are too small raised (Higham 2002).

    To leave such draws out would leave out what speaks for strong correlations: intervals would be too narrow, and
    samples in which few occur by luck would be trusted most.
    """
    values, vectors = np.linalg.eigh(correlations(draws[_varies(draws)]))
    return correlations((vectors * np.maximum(values, _LEAST_EIGENVALUE)[:, None, :]) @ vectors.swapaxes(1, 2))
