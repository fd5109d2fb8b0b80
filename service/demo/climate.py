"""The climate of every unit in every block over time: shared with its department, drifting, and struck by events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.demo import parameters as given
from service.demo.organisation import PLACES, POSITION, department
from service.survey.instrument import Block

Floats = NDArray[np.float64]


def climates(rng: np.random.Generator, blocks: Sequence[Block], pulses: int, months_between: int) -> Floats:
    """What belonging to a unit adds to a person's latent value: (pulses, places, blocks)."""
    tops, place_top = np.unique([department(place) for place in PLACES], return_inverse=True)
    spread = np.array([_spread(block) for block in blocks])
    quarters = months_between / 3
    of_units = _drifting(rng, (pulses, len(PLACES), len(blocks)), given.UNIT_MEMORY**quarters)
    of_tops = _drifting(rng, (pulses, len(tops), len(blocks)), given.DEPARTMENT_MEMORY**quarters)
    drawn: Floats = sqrt(given.UNIT_VARIANCE) * of_units
    drawn += sqrt(given.DEPARTMENT_VARIANCE) * of_tops[:, place_top]
    drawn *= spread
    return drawn + _events([block.id for block in blocks], pulses)


def leaning(rng: np.random.Generator, rows: int, blocks: int, shared: float) -> Floats:
    """Standard normal (rows, blocks), any two blocks correlated `shared`."""
    together = rng.standard_normal((rows, 1))
    return sqrt(shared) * together + sqrt(1 - shared) * rng.standard_normal((rows, blocks))


def _spread(block: Block) -> float:
    about_leader = block.id == given.LEADER_BLOCK or not block.cross_team
    return given.LEADER_SPREAD if about_leader else 1.0


def _drifting(rng: np.random.Generator, shape: tuple[int, int, int], memory: float) -> Floats:
    """A stationary AR(1) of variance 1 along the first of (pulses, rows, blocks)."""
    pulses, rows, blocks = shape

    def steps() -> Iterator[Floats]:
        now = leaning(rng, rows, blocks, given.CLIMATE_SHARED)
        for _ in range(pulses):
            yield now
            now = memory * now + sqrt(1 - memory**2) * leaning(rng, rows, blocks, given.CLIMATE_SHARED)

    return np.array(list(steps()))


def _events(blocks: Sequence[str], pulses: int) -> Floats:
    """The told story (pulses, places, blocks); an instrument without the blocks it is about has none."""
    events = np.zeros((pulses, len(PLACES), len(blocks)))
    if given.SHOCK_BLOCK in blocks:
        struck = [department(place) == given.SHOCK_DEPARTMENT for place in PLACES]
        events[:, struck, blocks.index(given.SHOCK_BLOCK)] += _shock(pulses)[:, None]
    if given.GROWTH_BLOCK in blocks:
        growth = np.linspace(given.GROWTH_FROM, given.GROWTH_TO, pulses)
        events[:, POSITION[given.GROWTH_TEAM], blocks.index(given.GROWTH_BLOCK)] += growth
    return events


def _shock(pulses: int) -> Floats:
    """None for two thirds of the pulses, then the drop, then most of the way back to where it comes to rest."""
    since = np.arange(pulses) - shock_at(pulses)
    faded = given.SHOCK_REST + (given.SHOCK_DROP - given.SHOCK_REST) * given.SHOCK_LINGERS ** np.maximum(since, 0)
    return np.where(since >= 0, faded, 0.0)


def shock_at(pulses: int) -> int:
    """The position of the first pulse after the shock."""
    return 2 * pulses // 3
