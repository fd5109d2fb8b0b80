"""Archetypes along a series: each pulse's own, told apart by the letters of those before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from service.analytics.clusters.clustering import Clustering, cluster
from service.analytics.clusters.teams import profiles
from service.analytics.series import Series
from service.release.release import Release


def clusterings(series: Series, chance: Callable[[Release], np.random.Generator]) -> list[Clustering]:
    """One for each release, each as of it. `chance` gives a release's own, whatever else was drawn before."""
    found: list[Clustering] = []
    lettered: Clustering | None = None
    for place, release in enumerate(series.releases):
        found.append(cluster(profiles(series, place + 1), chance(release), lettered))
        lettered = found[-1] if found[-1].archetypes else lettered
    return found
