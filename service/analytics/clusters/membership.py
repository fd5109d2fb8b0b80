"""Which archetype each team belongs to, as surely as the number of people heard from allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from service.analytics.clusters.mixture import Floats, Mixture
from service.analytics.clusters.profiles import Whitened

#: Below this probability a team is not given an archetype.
CLEAR = 0.7


@dataclass(frozen=True, slots=True)
class Membership:
    """One team: `archetype` the letter of the most likely one, None unless status is "ok".

    `probabilities` has one for each archetype, in their order, and `probability` is the greatest. Both are None
    with status "insufficient": the team lacks a block that the archetypes are made of.
    """

    team: str
    status: Literal["ok", "unclear", "insufficient"]
    archetype: str | None = None
    probability: float | None = None
    probabilities: tuple[float, ...] | None = None


def probabilities(teams: Whitened, mixture: Mixture) -> Floats:
    """m x k: Bayes' rule with each team's own error.

    The fitted covariance holds the mean error of the fitted teams; what is left without it is how teams of one
    archetype truly differ, to which each team's own error is added. In the eigenvectors of the former the sum is
    diagonal for every team at once.
    """
    values, axes = np.linalg.eigh(mixture.covariance)
    spread = np.maximum(values - teams.noise.mean(), 0.0) + teams.noise[:, None]
    apart = teams.z @ axes
    logits = np.stack(
        [
            np.log(weight) - 0.5 * ((apart - centre) ** 2 / spread).sum(axis=1)
            for weight, centre in zip(mixture.weights, mixture.means @ axes, strict=True)
        ],
        axis=1,
    )
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def memberships(
    all_teams: tuple[str, ...], teams: Whitened, shares: Floats, letters: list[str]
) -> tuple[Membership, ...]:
    """One for each team of the organisation, in its order; `shares` are those of `probabilities`."""
    rows = dict(zip(teams.rows.tolist(), shares.tolist(), strict=True))
    return tuple(_member(team, rows.get(position), letters) for position, team in enumerate(all_teams))


def _member(team: str, shares: list[float] | None, letters: list[str]) -> Membership:
    if shares is None:
        return Membership(team, "insufficient")
    probability = max(shares)
    if probability < CLEAR:
        return Membership(team, "unclear", None, probability, tuple(shares))
    return Membership(team, "ok", letters[shares.index(probability)], probability, tuple(shares))
