"""One population of teams nested in the units above them: what chance alone makes of an organisation like this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.analytics.clusters.mixture import Floats, Ints
from service.analytics.clusters.profiles import Whitened
from service.analytics.clusters.quick import quick_mixture

_DRAWS, _LEVEL = 99, 0.05


@dataclass(frozen=True, slots=True)
class Population:
    """Covariances r x r of the effects of the units `above` and of teams about theirs, in whitened coordinates."""

    above: Floats
    teams: Floats

    def draw(self, above: Ints, noise: Floats, rng: np.random.Generator) -> Floats:
        """m x r: an organisation with these units above and these errors, and no archetypes."""
        _, place = np.unique(above, return_inverse=True)
        r = len(self.teams)
        between = rng.standard_normal((int(place.max()) + 1, r)) @ _root(self.above).T
        own = rng.standard_normal((len(noise), r)) @ _root(self.teams).T
        return between[place] + own + rng.standard_normal((len(noise), r)) * np.sqrt(noise)[:, None]


def population(teams: Whitened) -> Population:
    """By the moments of a nested one-way layout (Searle, Casella & McCulloch 1992, ch. 3), in each the known error
    taken off, without negative variances. Without nesting (one unit above, or one team in each) all is teams."""
    z, noise, m = teams.z, teams.noise, len(teams.z)
    _, place, size = np.unique(teams.above, return_inverse=True, return_counts=True)
    units, r = len(size), z.shape[1]
    grand = z - z.mean(axis=0)
    if not 1 < units < m:
        return Population(np.zeros((r, r)), _positive(grand.T @ grand / (m - 1) - noise.mean() * np.eye(r)))
    means = np.stack([np.bincount(place, column) for column in grand.T], axis=1) / size[:, None]
    inner = grand - means[place]
    error = np.bincount(place, noise) / size
    own = (inner.T @ inner - (noise.sum() - error.sum()) * np.eye(r)) / (m - units)
    between = (means.T * size) @ means - (error.sum() - noise.mean()) * np.eye(r) - (units - 1) * own
    return Population(_positive(between / (m - (size**2).sum() / m)), _positive(own))


def chance_of_gain(teams: Whitened, alike: Population, most: int, rng: np.random.Generator) -> float:
    """The p value of one population: how often a draw gains as much BIC from up to `most` archetypes as the data.

    Parametric bootstrap (McLachlan 1987); data and draws are fitted by the same quick method. It stops as soon as
    the verdict at 5 % is certain, after Besag & Clifford (1991), whose estimate of p is then given.
    """
    observed, beyond = _gain(teams.z, most, rng), 0
    enough = int(_LEVEL * (_DRAWS + 1))
    for drawn in range(1, _DRAWS + 1):
        beyond += _gain(alike.draw(teams.above, teams.noise, rng), most, rng) >= observed
        if beyond == enough:
            return beyond / drawn
    return (beyond + 1) / (_DRAWS + 1)


def _gain(data: Floats, most: int, rng: np.random.Generator) -> float:
    one = quick_mixture(data, 1, rng).bic
    return max(quick_mixture(data, k, rng).bic for k in range(2, most + 1)) - one


def _positive(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    positive: Floats = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return positive


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root
