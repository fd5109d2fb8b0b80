"""How people lean on each other: over-reliance and isolation as two numbers, and which quadrant a unit is in."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, block_range, exact, lowest, scored_blocks
from service.analytics.lenses.quadrants import Quadrants, quadrants
from service.analytics.lenses.shrinkage import Population, population
from service.analytics.scatter import LEAST_VARIANCE, Scatter, scatter
from service.analytics.scores import BlockMeasure, Score, block_measures
from service.analytics.status import Status
from service.release.release import PublicUnit, Release

Floats = npt.NDArray[np.float64]
Quadrant = Literal["dependent", "interdependent", "inter-independent", "detached"]

#: Ids of the lens's two poles in an instrument: blocks of the kind "lens", keyed so that more is more of the pole.
OVER_RELIANCE, ISOLATION = "over-reliance", "isolation"
#: The middle of any scale: as many steps below as above, where nobody leans either way.
NEUTRAL = 50.0
#: A quadrant is named from this probability on.
NAMED = 0.7
#: Two items may be answered almost alike; beyond this they would be one number.
_MOST_CORRELATED = 0.99


@dataclass(frozen=True, slots=True)
class Interdependence:
    """One unit's two poles, each a Score of its own (0 to 100, more is more of the pole), and its quadrant.

    The two are never averaged: a team with much of both is not one with a middling amount of either. `status` is the
    quadrant's; where it is "ok" the four probabilities add up to 1, else they are None, whatever the scores say.
    `quadrant` names the one whose probability is at least .7; None where none is.

    | over-reliance | isolation | quadrant |
    |---|---|---|
    | high | low | dependent: others' loads are carried, nobody goes alone |
    | low | high | detached: nobody's load is another's, everybody goes alone |
    | high | high | interdependent: loads are carried across and people still go alone; both pulls are there at once |
    | low | low | inter-independent: neither pull; people stand on their own and choose to work together |

    Torbert's order runs from dependence over interdependence, where each is bound to the others, to inter-independence,
    where each is free and the bond is chosen; detachment is off that path. So the quadrant without either pole has his
    last word, and the one with both, bound and not yet free, the word before it: it names a place and is no praise.
    """

    pulse: str
    unit: str
    over_reliance: Score
    isolation: Score
    status: Status
    dependent: float | None = None
    interdependent: float | None = None
    inter_independent: float | None = None
    detached: float | None = None
    quadrant: Quadrant | None = None


def interdependence(release: Release, *, units: Collection[str] | None = None) -> Iterator[Interdependence]:
    """Units in the roster's order, `units` None meaning all; none where the pulse does not ask both poles.

    The probabilities are those of the two true scores after shrinkage towards the organisation, cut at the scale's
    middle. They need the pooled moments of both poles: without them status is "insufficient" where scores are "ok".
    """
    lens = _lens(release)
    if lens is not None:
        for unit in release.units:
            if units is None or unit.id in units:
                yield lens.of(unit)


@dataclass(frozen=True, slots=True)
class _Lens:
    over_reliance: BlockMeasure
    isolation: BlockMeasure
    teams: Population | None

    def of(self, unit: PublicUnit) -> Interdependence:
        first, second = (pole.of(unit.id, unit.figures) for pole in (self.over_reliance, self.isolation))
        read = _read(unit, (self.over_reliance.items, self.isolation.items))
        if read is None or self.teams is None:
            return Interdependence(first.pulse, unit.id, first, second, _lacking(first, second))
        chances = _named(quadrants(*self.teams.posterior(*read), NEUTRAL))
        likeliest = max(chances, key=lambda name: chances[name])
        return Interdependence(
            first.pulse,
            unit.id,
            first,
            second,
            "ok",
            chances["dependent"],
            chances["interdependent"],
            chances["inter-independent"],
            chances["detached"],
            likeliest if chances[likeliest] >= NAMED else None,
        )


def _named(chances: Quadrants) -> dict[Quadrant, float]:
    """The first of the two values is over-reliance, the second isolation."""
    return {
        "dependent": chances.high_low,
        "interdependent": chances.high_high,
        "inter-independent": chances.low_low,
        "detached": chances.low_high,
    }


def _lens(release: Release) -> _Lens | None:
    poles = _poles(release)
    if poles is None:
        return None
    within = scatter(release)
    first, second = (block_measures(release, within, [pole])[0] for pole in (OVER_RELIANCE, ISOLATION))
    return _Lens(first, second, _teams(release, poles, _together(within, *poles)))


def _poles(release: Release) -> tuple[Items, Items] | None:
    asked = scored_blocks(release)
    lenses = {block.id for block in release.instrument.blocks if block.kind == "lens"}
    if not {OVER_RELIANCE, ISOLATION} <= asked.keys() & lenses:
        return None
    return asked[OVER_RELIANCE], asked[ISOLATION]


def _together(within: Scatter, first: Items, second: Items) -> Floats | None:
    """One person's covariance (2 x 2, squared points) between the poles; None where the release does not tell it."""
    if any(item.id not in within.position for item in (*first, *second)):
        return None
    shares = np.zeros((2, len(within.position)))
    for row, items in enumerate((first, second)):
        shares[row, [within.position[item.id] for item in items]] = 1 / len(items)
    covariance: Floats = shares @ within.covariance @ shares.T
    if covariance.diagonal().min() <= LEAST_VARIANCE:
        return None
    most = _MOST_CORRELATED * math.sqrt(covariance[0, 0] * covariance[1, 1])
    covariance[0, 1] = covariance[1, 0] = np.clip(covariance[0, 1], -most, most)
    return covariance


def _teams(release: Release, poles: tuple[Items, Items], within: Floats | None) -> Population | None:
    """How the true scores of teams vary, over published units with no published unit below: they share nobody."""
    published = {unit.id for unit in release.units if unit.figures is not None}
    units = map(release.unit.__getitem__, lowest(release, published))
    read = [found for found in (_read(unit, poles) for unit in units) if found is not None]
    if within is None or not read:
        return None
    return population(np.array([scores for scores, _ in read]), np.array([n for _, n in read]), within)


def _read(unit: PublicUnit, poles: tuple[Items, Items]) -> tuple[Floats, Floats] | None:
    """The unit's two scores and the least number who answered an item of each; None where not both are exact."""
    found = [exact(unit.figures, items) for items in poles]
    if any(figures is None or not all(figure.n for figure in figures) for figures in found):
        return None
    shown = [figures for figures in found if figures is not None]
    scores = [block_range(items, figures)[0] for items, figures in zip(poles, shown, strict=True)]
    answered = [min(figure.n for figure in figures) for figures in shown]
    return np.array(scores, np.float64), np.array(answered, np.float64)


def _lacking(first: Score, second: Score) -> Status:
    """Why there is no quadrant: what either pole lacks, or else the moments of both."""
    words: tuple[Status, ...] = ("suppressed", "insufficient", "bound")
    return next((word for word in words if word in (first.status, second.status)), "insufficient")
