"""Everything that is computed once from the releases of a series, as the tables that are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from service.analytics.drivers.drivers import drivers
from service.analytics.item_quality import item_quality
from service.analytics.lenses.coordination import coordination
from service.analytics.lenses.interdependence import interdependence
from service.analytics.quality import block_quality
from service.analytics.restated import restated
from service.analytics.series import Series
from service.analytics.team_agreement import team_agreement
from service.exports.finding_tables import findings_table
from service.exports.group_columns import DRIVERS
from service.exports.grouped import group_tables
from service.exports.lens_columns import COORDINATION, INTERDEPENDENCE
from service.exports.quality_columns import AGREEMENT, ITEMS, QUALITY
from service.exports.table import Table
from service.exports.trended import trend_tables
from service.release.release import Release


def analysed(releases: Sequence[Release]) -> tuple[Table, ...]:
    """The findings as of the newest of these releases, which are of one series and in order, oldest first.

    Chance (resampling, starting points) is drawn from the newest pulse's id: the same releases give the same tables.
    """
    series, now = Series.of(releases), restated(releases)
    today = series if now is None else Series.of(now.releases)
    return (
        *trend_tables(series, today, () if now is None else now.units),
        *group_tables(releases, lambda release: chance(release, "clusters")),
        *_of_one(releases[-1], series),
    )


def chance(release: Release, name: str) -> np.random.Generator:
    seed = hashlib.sha256(f"{release.pulse} {name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(seed[:16]))


def _of_one(release: Release, series: Series) -> tuple[Table, ...]:
    names = {unit.id: unit.name for unit in release.units}
    drifting = series.drifting
    return (
        findings_table(QUALITY, block_quality(release), names, method=lambda _: "quality-1"),
        findings_table(
            ITEMS,
            item_quality(release),
            names,
            drift=lambda it: drifting.get(it.item),
            method=lambda _: "items-1",
        ),
        findings_table(AGREEMENT, team_agreement(release), names, method=lambda _: "agreement-1"),
        findings_table(DRIVERS, drivers(release, chance(release, "drivers")), names, correlation=lambda it: it.r),
        _lenses(release, names),
        findings_table(COORDINATION, coordination(release), names, method=lambda _: "coordination-1"),
    )


def _lenses(release: Release, names: Mapping[str, str]) -> Table:
    return findings_table(
        INTERDEPENDENCE,
        interdependence(release),
        names,
        over_reliance=lambda it: it.over_reliance.score,
        over_reliance_low=lambda it: it.over_reliance.low,
        over_reliance_high=lambda it: it.over_reliance.high,
        isolation=lambda it: it.isolation.score,
        isolation_low=lambda it: it.isolation.low,
        isolation_high=lambda it: it.isolation.high,
        method=lambda _: "interdependence-1",
    )
