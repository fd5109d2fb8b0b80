"""The scores of every node of an organisation along a series, as one block of arrays, and the tree they form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Levels of the tree: nodes without others below them, roots, and from there one more for each step down.
TEAMS, ROOT = 0, 1


@dataclass(frozen=True, slots=True)
class Panel:
    """U nodes x T pulses x B blocks of a series.

    `parent` (U,) is the position of each node's parent, -1 at a root, parents first; `n` and `score` (U, T, B) the
    respondents behind a score and the score, 0 and NaN where it is missing or suppressed; `within` (T, B) the
    variance of one person's score about the mean of the team, squared score units, above 0; `headcount` (U, T) or NaN;
    `step` the points one scale unit makes (25 for scores of 0 to 100 on a scale of 1 to 5); `extra` (U, T, B) error
    variance a score has beside sampling, where only a bound is known.
    """

    parent: Ints
    n: Floats
    score: Floats
    within: Floats
    headcount: Floats
    step: float
    extra: Floats | None = None

    @property
    def seen(self) -> Bools:
        """(U, T, B): whether there is a score to learn from."""
        usable: Bools = np.isfinite(self.score) & (self.n > 0)
        return usable


def levels(parent: Ints) -> Ints:
    """(U,) the level of the tree within which each node is compared and tested."""
    depth = np.full(len(parent), ROOT, np.int64)
    for node, above in enumerate(parent.tolist()):
        if above >= 0:
            depth[node] = depth[above] + 1
    depth[np.setdiff1d(np.arange(len(parent)), parent)] = TEAMS
    return depth
