"""Archetypes of teams as two tables: what they are, and which team is of which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from service.analytics.clusters.clustering import Clustering
from service.analytics.clusters.lettered import newest_clustering
from service.analytics.clusters.membership import Membership
from service.exports.group_columns import ARCHETYPES, CLUSTERS
from service.exports.table import Row, Table
from service.release.release import PublicUnit, Release
from service.survey.instrument import text_in

_NOBODY = Membership("", "insufficient")


def group_tables(releases: Sequence[Release], chance: Callable[[Release], np.random.Generator]) -> tuple[Table, Table]:
    """As of the newest of a series' releases, oldest first."""
    newest, found = releases[-1], newest_clustering(releases, chance)
    names = {block.id: text_in(block.names, "en") for block in newest.instrument.blocks}
    labels = {archetype.id: archetype.label.phrase(names) for archetype in found.archetypes}
    return (
        replace(CLUSTERS, rows=list(_teams(newest, found, labels))),
        replace(ARCHETYPES, rows=list(_archetypes(newest.pulse, found, labels))),
    )


def _teams(newest: Release, found: Clustering, labels: Mapping[str, str]) -> Iterator[Row]:
    """Every team, also where there are no archetypes to be of."""
    members = {it.team: it for it in found.membership}
    above = {unit.parent for unit in newest.units}
    for unit in newest.units:
        if unit.id in above:
            continue
        it = members.get(unit.id, _NOBODY)
        status = _status(unit, it, found)
        label = None if it.archetype is None else labels[it.archetype]
        yield newest.pulse, unit.id, unit.name, status, found.verdict, it.archetype, label, it.probability, found.method


def _status(unit: PublicUnit, it: Membership, found: Clustering) -> str:
    if it.status == "insufficient" and unit.figures is None:
        return "suppressed"
    return "ok" if found.verdict == "no_structure" else it.status


def _archetypes(pulse: str, found: Clustering, labels: Mapping[str, str]) -> Iterator[Row]:
    """A row an archetype and block; where there are none, one row that says so."""
    said: Row = (
        pulse,
        found.verdict,
        found.teams,
        found.pulses,
        found.k,
        found.p_value,
        found.stability,
        found.elevation_share,
    )
    for it in found.archetypes:
        for block, points in it.profile.items():
            yield *said, it.id, labels[it.id], it.size, block, points, found.method
    if not found.archetypes:
        yield *said, None, None, None, None, None, found.method
