"""What is believed of a unit's two true scores, given its own answers and how such units differ in the organisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Before any team is seen, true scores of teams are taken to vary this much as persons within a team do: an ICC(1) of
#: .15, the middle of what is usual for climate (Bliese 2000). It counts as much as `_PRIOR_TEAMS` further teams would.
_PRIOR_RATIO = 0.18
_PRIOR_TEAMS = 5


@dataclass(frozen=True, slots=True)
class Population:
    """The organisation's teams: true scores scatter with `between` (2 x 2) about `centre` (2), which is itself only
    known up to `doubt` (2 x 2); `within` (2 x 2) is one person's scatter about their team. Squared points. `between` is
    an estimate with `df` degrees of freedom, the prior's among them."""

    within: Floats
    between: Floats
    centre: Floats
    doubt: Floats
    df: int

    def posterior(self, scores: Floats, answered: Floats) -> tuple[Floats, Floats]:
        """Mean (2) and covariance (2 x 2) of a unit's two true scores, from its `scores` and how many answered each.

        Normal with a normal prior (Efron and Morris 1972, in two dimensions), with B = S (T + S)^-1: mean y - B (y - m)
        and covariance (I - B) S + B D B' + 2 / df d d', where S is the error of the scores, T `between`, m `centre`, D
        `doubt`, and d = B (y - m). The last two are what not knowing m and T exactly adds (Morris 1983).
        """
        error = _error(self.within, answered)
        pull = np.linalg.solve(self.between + error, error).T
        moved = pull @ (scores - self.centre)
        covariance = error - pull @ error + pull @ self.doubt @ pull.T + 2 / self.df * np.outer(moved, moved)
        return scores - moved, (covariance + covariance.T) / 2


def population(scores: Floats, answered: Floats, within: Floats) -> Population:
    """From the teams' `scores` and numbers of answers (both teams x 2, at least one team).

    Between teams: the moment estimator of one-way MANOVA, (MSB - within) / n0 with its negative part set to none
    (Amemiya 1985), averaged with the prior by teams. Never none at all: it would make every team surely alike.
    """
    df = len(scores) - 1 + _PRIOR_TEAMS
    moments = _moments(scores, answered.min(axis=1), within)
    between = ((len(scores) - 1) * moments + _PRIOR_TEAMS * _PRIOR_RATIO * within) / df
    weights = np.array([np.linalg.inv(between + _error(within, n)) for n in answered])
    doubt = np.linalg.inv(weights.sum(axis=0))
    centre = doubt @ np.einsum("tij,tj->i", weights, scores)
    return Population(within, between, centre, doubt, df)


def _moments(scores: Floats, n: Floats, within: Floats) -> Floats:
    """The variance of team means beyond chance, the nearest that can be one; none of a single team."""
    if len(scores) < 2:
        return np.zeros((2, 2))
    people = float(n.sum())
    apart = scores - n @ scores / people
    between = (apart * n[:, None]).T @ apart / (len(scores) - 1)
    size = (people - float(n @ n) / people) / (len(scores) - 1)
    values, vectors = np.linalg.eigh((between - within) / size)
    nearest: Floats = (vectors * np.maximum(values, 0)) @ vectors.T
    return nearest


def _error(within: Floats, answered: Floats) -> Floats:
    """The covariance of two means over `answered` persons each, as if the smaller group were part of the larger."""
    share = np.array([[1 / answered[0], 1 / answered.max()], [1 / answered.max(), 1 / answered[1]]])
    error: Floats = within * share
    return error
