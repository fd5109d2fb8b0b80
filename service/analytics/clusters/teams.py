"""The teams of a series as profiles to cluster: the newest release's leaves, over the blocks that describe a team."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.analytics.block import scored_blocks
from service.analytics.clusters.profiles import Profiles
from service.analytics.heatmap import side_by_side
from service.analytics.scatter import scatter
from service.analytics.series import Series
from service.release.release import Release

Floats = npt.NDArray[np.float64]


def profiles(series: Series) -> Profiles:
    """Units that have none below them in the newest release, in its order, over all pulses of the series.

    Lenses are left out, and blocks that describe one identifiable person: an archetype stands beside other teams'.
    """
    newest = series.releases[-1]
    parents = {unit.parent for unit in newest.units}
    teams = [unit.id for unit in newest.units if unit.id not in parents]
    kinds = {block.id: block.kind for block in newest.instrument.blocks}
    blocks = [block for block in side_by_side(newest) if kinds[block] == "block" and block in series.blocks]
    units, _, places = series.place
    at = np.ix_([units[team] for team in teams], range(len(series.releases)), [places[it] for it in blocks])
    above = [series.panel.parent[units[team]] for team in teams]
    return Profiles(
        scores=series.panel.score[at],
        n=series.panel.n[at],
        within=np.stack([_within(release, blocks) for release in series.releases]),
        above=np.array(above, np.int64),
        teams=tuple(teams),
        blocks=tuple(blocks),
    )


def _within(release: Release, blocks: Sequence[str]) -> Floats:
    """(B, B) covariance of one person's block scores about the team's; NaN for blocks it has none of."""
    within, items = scatter(release), scored_blocks(release)
    weights = np.zeros((len(blocks), len(within.position)))
    known = np.zeros(len(blocks), np.bool_)
    for row, block in enumerate(blocks):
        ids = [item.id for item in items.get(block, ())]
        known[row] = bool(ids) and all(id in within.position for id in ids)
        if known[row]:
            weights[row, [within.position[id] for id in ids]] = 1 / len(ids)
    covariance: Floats = weights @ within.covariance @ weights.T
    return np.where(known[:, None] & known, covariance, np.nan)
