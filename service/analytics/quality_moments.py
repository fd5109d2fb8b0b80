"""The covariances a block's items have among people, within teams and between them, from one release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.atoms import item_atoms
from service.analytics.block import Items
from service.analytics.measurement.one_way import Groups
from service.analytics.scatter import LEAST_VARIANCE, Scatter
from service.release.release import Release

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """G published atoms and J items, in points of 0 to 100: `size` respondents (G), `answered` and mean `score` of
    each item (G x J), and the covariance `within` teams (J x J, squared points)."""

    size: Floats
    answered: Floats
    score: Floats
    within: Floats

    @property
    def people(self) -> int:
        return int(self.size.sum())

    def total(self) -> Floats:
        """The covariance of all these people, whatever team: (W + B) / (N - 1)."""
        inside = self.within * (self.people - len(self.size))
        return np.asarray((inside + self._between()) / (self.people - 1), np.float64)

    def latent_between(self) -> Floats | None:
        """(MSB - MSW) / n0, what is left between teams without the chance of who is in them; None where nothing is."""
        n0 = (self.people - float(self.size @ self.size) / self.people) / (len(self.size) - 1)
        latent = (self._between() / (len(self.size) - 1) - self.within) / n0
        return np.asarray(latent, np.float64) if (np.diag(latent) > 0).all() else None

    def _between(self) -> Floats:
        apart = self.score - self.size @ self.score / self.people
        return np.asarray((apart.T * self.size) @ apart, np.float64)

    def groups(self) -> Groups:
        """Of the block's score, its people sharing the scatter within teams."""
        return self._one_way(self.score.mean(axis=1), float(self.within.mean()))

    def item_groups(self, at: int) -> Groups:
        return self._one_way(self.score[:, at], float(self.within[at, at]))

    def _one_way(self, mean: Floats, msw: float) -> Groups:
        return Groups(self.size, mean, msw * (self.size - 1))


def moments(release: Release, items: Items, within: Scatter) -> Moments | None:
    """None where the release has no pooled scatter for these items, fewer than two atoms show them, nobody shares
    an atom, or an item does not vary.

    Where answers are missing, atoms' means are of those who answered and the scatter is set right as in `scatter`.
    """
    if any(item.id not in within.position for item in items):
        return None
    at = [within.position[item.id] for item in items]
    inside = within.covariance[np.ix_(at, at)]
    size, answered, score = item_atoms(release, items)
    if len(size) < 2 or size.sum() <= len(size) or (np.diag(inside) < LEAST_VARIANCE).any():
        return None
    return Moments(size, answered, score, inside)
