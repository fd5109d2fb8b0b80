"""From a latent value to a tick on the scale: the graded response model, and what is passed over."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.demo import parameters as given
from service.demo.climate import Floats, leaning
from service.demo.organisation import Ints
from service.survey.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Items:
    """How the items of an instrument work, a row an item. `boundaries` (items, most boundaries) end in infinities."""

    ids: tuple[str, ...]
    block: Ints
    discrimination: Floats
    boundaries: Floats
    low: Ints
    high: Ints
    reverse: NDArray[np.bool_]


def calibrated(rng: np.random.Generator, instrument: Instrument) -> Items:
    """The items of the instrument with drawn parameters, which hold for the whole history."""
    position = {block.id: index for index, block in enumerate(instrument.blocks)}
    items = instrument.items
    block = np.array([position[item.block] for item in items], np.int64)
    level = rng.normal(0, given.BLOCK_LEVEL_SD, len(position))[block] + rng.normal(0, given.ITEM_LEVEL_SD, len(items))
    steps = _boundaries([item.scale.points for item in items])
    return Items(
        ids=tuple(item.id for item in items),
        block=block,
        discrimination=given.DISCRIMINATION_MEDIAN * rng.lognormal(0, given.DISCRIMINATION_LOG_SD, len(items)),
        boundaries=steps + level[:, None],
        low=np.array([item.scale.low for item in items], np.int64),
        high=np.array([item.scale.high for item in items], np.int64),
        reverse=np.array([item.reverse for item in items], np.bool_),
    )


def ticked(rng: np.random.Generator, items: Items, latent: Floats) -> Ints:
    """Unkeyed answers (respondents, items) to latent values (respondents, blocks).

    Samejima (1969): P(at least point k) = logistic(a (latent - b_k)). One logistic draw a person and item, held
    against every boundary, gives all points their probabilities at once.
    """
    theta = latent[:, items.block]
    held = theta + rng.logistic(size=theta.shape) / items.discrimination
    passed = (held[:, :, None] > items.boundaries).sum(axis=2)
    raw: Ints = np.where(items.reverse, items.high - passed, items.low + passed)
    return raw


def passed_over(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which answers (respondents, items) are left out; somebody who sends anything has answered something."""
    missing = rng.random(shape) < given.ITEM_NONRESPONSE
    missing[missing.all(axis=1), 0] = False
    return missing


def mood(rng: np.random.Generator, people: int, blocks: int) -> Floats:
    """What of a person's latent values (people, blocks) is of this occasion only."""
    return sqrt(1 - given.TRAIT_LASTING) * leaning(rng, people, blocks, given.TRAIT_SHARED)


def _boundaries(points: list[int]) -> Floats:
    """Evenly placed, for items of so many points each, and infinity where an item has no more."""
    steps = np.arange(max(points) - 1)
    counts = np.array(points)[:, None] - 1
    width = given.BOUNDARY_HIGH - given.BOUNDARY_LOW
    return np.where(steps < counts, given.BOUNDARY_LOW + width * (steps + 0.5) / counts, np.inf)
