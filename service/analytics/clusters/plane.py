"""Teams on a plane: where the profiles of one pulse stand along the two directions in which they differ most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, block_range, exact, scored_blocks
from service.analytics.heatmap import side_by_side
from service.analytics.scatter import scatter
from service.release.release import Release, UnitFigures

Floats = npt.NDArray[np.float64]

#: Fewer teams always lie on a line or plane.
_LEAST_TEAMS, _LEAST_BLOCKS = 4, 2
#: A block that fewer of the teams have would cost the others their place.
_COMMON = 0.5
_FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Direction:
    """`loadings` by block, of length one together, their sum never below zero; `share` of all differences, 0 to 1."""

    loadings: Mapping[str, float]
    share: float

    def along(self, profile: Mapping[str, float]) -> float:
        """How far a profile, in points from the teams' mean by block, lies in this direction."""
        return sum(weight * profile.get(block, 0.0) for block, weight in self.loadings.items())


@dataclass(frozen=True, slots=True)
class Plane:
    """Principal components of the teams' block scores, unweighted and not rescaled, so that both directions are in
    points of 100. `places` by team, from the teams' mean. `chance` is the covariance (2 x 2) that chance alone gives
    the place of a team with `typical` respondents; None where the release does not tell how people scatter.
    """

    directions: tuple[Direction, Direction]
    places: Mapping[str, tuple[float, float]]
    typical: int
    chance: tuple[tuple[float, float], tuple[float, float]] | None


def plane(release: Release, teams: Collection[str]) -> Plane | None:
    """Of these units those whose scores are released exactly in every block that most of them have; blocks that
    describe one identifiable person and lenses are left out. None with fewer than four teams, two blocks or no
    differences."""
    kinds = {block.id: block.kind for block in release.instrument.blocks}
    blocks = [block for block in scored_blocks(release) if kinds[block] == "block" and block in side_by_side(release)]
    ids, scores, n = _scores(release, teams, blocks)
    common = np.isfinite(scores).mean(axis=0) >= _COMMON if len(ids) else np.zeros(len(blocks), np.bool_)
    whole = np.isfinite(scores[:, common]).all(axis=1)
    blocks = [block for block, kept in zip(blocks, common, strict=True) if kept]
    if len(blocks) < _LEAST_BLOCKS or whole.sum() < _LEAST_TEAMS:
        return None
    return _laid([ids[row] for row in np.flatnonzero(whole)], scores[whole][:, common], n[whole], blocks, release)


def _laid(ids: Sequence[str], scores: Floats, n: Floats, blocks: Sequence[str], release: Release) -> Plane | None:
    apart = scores - scores.mean(axis=0)
    values, vectors = np.linalg.eigh(apart.T @ apart / len(ids))
    if values[-1] < _FLAT:
        return None
    axes = vectors[:, [-1, -2]]
    axes = axes * np.where(axes.sum(axis=0) < 0, -1.0, 1.0)
    first, second = (
        Direction(dict(zip(blocks, axis.tolist(), strict=True)), float(value / values.sum()))
        for axis, value in zip(axes.T, values[[-1, -2]].clip(0), strict=True)
    )
    at = {id: (x, y) for id, (x, y) in zip(ids, (apart @ axes).tolist(), strict=True)}
    typical = int(np.median(n))
    return Plane((first, second), at, typical, _chance(release, blocks, axes, typical))


def _scores(release: Release, teams: Collection[str], blocks: Sequence[str]) -> tuple[list[str], Floats, Floats]:
    """Of the published ones, in the release's order: ids, scores (NaN where not exact) and respondents."""
    asked = scored_blocks(release)
    published = [(unit, unit.figures) for unit in release.units if unit.id in teams and unit.figures is not None]
    rows = [[_score(figures, asked[block]) for block in blocks] for _, figures in published]
    scores = np.array(rows, np.float64).reshape(len(published), len(blocks))
    return [unit.id for unit, _ in published], scores, np.array([figures.n for _, figures in published], np.float64)


def _score(figures: UnitFigures, items: Items) -> float:
    found = exact(figures, items)
    return block_range(items, found)[0] if found and all(figure.n for figure in found) else np.nan


def _chance(
    release: Release, blocks: Sequence[str], axes: Floats, typical: int
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    within, asked = scatter(release), scored_blocks(release)
    if not typical or any(item.id not in within.position for block in blocks for item in asked[block]):
        return None
    weights = np.array([_weights(asked[block], within.position) for block in blocks])
    (a, b), (c, d) = (axes.T @ weights @ within.covariance @ weights.T @ axes / typical).tolist()
    return (a, b), (c, d)


def _weights(items: Items, position: Mapping[str, int]) -> list[float]:
    at = {position[item.id] for item in items}
    return [1 / len(items) if place in at else 0.0 for place in range(len(position))]
