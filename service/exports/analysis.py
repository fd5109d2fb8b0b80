"""Everything that is computed once from the releases of a series, as the tables that are kept."""

from __future__ import annotations

from collections.abc import Sequence

from service.analytics.aggregation import aggregation
from service.analytics.points import trend_points
from service.exports.table import Table
from service.exports.tables import quality_table, trends_table
from service.release.release import Release

#: Changes whenever a finding would come out otherwise: findings made by another method are made anew.
METHOD = "1"


def analysed(releases: Sequence[Release]) -> tuple[Table, ...]:
    """The findings as of the newest of these releases, which are of one series and in order, oldest first."""
    newest = releases[-1]
    return (
        trends_table(releases, trend_points(releases)),
        quality_table(aggregation(newest)),
    )
