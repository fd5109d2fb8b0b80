"""Which of many estimated changes have a sign that can be trusted, judged from all of them together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Prior weight of "no change at all", in estimates beside the one every component gets: leans to no change.
_LEAN = 10.0
_ROUNDS = 200
#: Weight of no change that the search starts from.
_FIRST = 0.9
_ENOUGH = 1e-6
#: Estimates the prior is learnt from, evenly spread over all.
_SAMPLE = 4000


@dataclass(frozen=True, slots=True)
class Signs:
    """For each estimate the chance that its sign is wrong, `lfsr`; `null` the share of changes that are none."""

    lfsr: Floats
    null: float


def false_sign_rates(estimate: Floats, variance: Floats) -> Signs:
    """The local false sign rates of Stephens (2017, Biostatistics 18, 275-294), with a mixture of normals.

    The prior of a true change is found from the estimates: a share of exactly none and normals about 0 of standard
    deviations half an octave apart, from a tenth of the least error to twice what the greatest estimate calls for.
    Weights by expectation and maximisation, penalised towards no change as there.
    """
    spread = _grid(estimate, variance)
    total = variance[:, None] + spread**2
    log = -0.5 * (np.log(total) + estimate[:, None] ** 2 / total)
    likelihood = np.exp(log - log.max(axis=1, keepdims=True))
    weight = _weights(likelihood[:: -(-len(likelihood) // _SAMPLE)])
    chance = likelihood * weight
    chance /= chance.sum(axis=1, keepdims=True)
    below = (chance * _below(estimate, variance, spread)).sum(axis=1)
    above = np.maximum(1 - below - chance[:, 0], 0.0)
    return Signs(1 - np.maximum(below, above), float(weight[0]))


def _grid(estimate: Floats, variance: Floats) -> Floats:
    least = np.sqrt(variance.min()) / 10
    most = 2 * np.sqrt(max(float((estimate**2 - variance).max()), 4 * least**2))
    octaves = np.arange(int(np.ceil(2 * np.log2(most / least))) + 1) / 2
    return np.concatenate([[0.0], most / 2**octaves])


def _weights(likelihood: Floats) -> Floats:
    weight = np.full(likelihood.shape[1], (1 - _FIRST) / (likelihood.shape[1] - 1))
    weight[0] = _FIRST
    for _ in range(_ROUNDS):
        chance = likelihood * weight
        again = (chance / chance.sum(axis=1, keepdims=True)).sum(axis=0)
        again[0] += _LEAN - 1
        again /= again.sum()
        moved, weight = np.abs(again - weight).max(), again
        if moved < _ENOUGH:
            break
    return weight


def _below(estimate: Floats, variance: Floats, spread: Floats) -> Floats:
    """The posterior chance of a change below 0 under each normal of the prior; 0 under none."""
    from scipy.special import ndtr

    kept = spread[1:] ** 2 / (spread[1:] ** 2 + variance[:, None])
    below = ndtr(-kept * estimate[:, None] / np.sqrt(kept * variance[:, None]))
    return np.hstack([np.zeros((len(estimate), 1)), below])
