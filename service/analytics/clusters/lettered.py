"""Archetypes pulse by pulse, each told from the last pulses up to it, their letters handed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from service.analytics.clusters.clustering import Clustering, cluster
from service.analytics.clusters.profiles import PULSES
from service.analytics.clusters.teams import profiles
from service.analytics.restated import as_today
from service.analytics.series import Series
from service.release.release import Release


def newest_clustering(releases: Sequence[Release], chance: Callable[[Release], np.random.Generator]) -> Clustering:
    """As of the last of a series' releases, oldest first.

    Every pulse before is gone through as it was told then, from the six releases up to it: an archetype keeps its
    letter for as long as it can be recognised. `chance` gives a release's own, whatever else was drawn before.
    """
    found = Clustering("insufficient", 0, 0, 0)
    lettered: Clustering | None = None
    for end in range(1, len(releases) + 1):
        lately = Series.of(as_today(releases[max(0, end - PULSES) : end]))
        found = cluster(profiles(lately), chance(releases[end - 1]), lettered)
        lettered = found if found.archetypes else lettered
    return found
