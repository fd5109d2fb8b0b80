"""Trends, changes and alerts of a series as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from service.analytics.points import TrendPoint
from service.analytics.restated import reorganised
from service.analytics.series import Series
from service.analytics.trends.alerts import METHOD as CHANGE_METHOD
from service.analytics.trends.alerts import UnitChange, summary, unit_changes
from service.analytics.trends.changes import changes
from service.analytics.trends.fit import Trends, fit
from service.analytics.trends.trend import METHOD, Estimate, Trend, trends
from service.exports.finding_tables import findings_table
from service.exports.table import Row, Table, Value
from service.exports.trend_columns import ALERTS, CHANGES, TRENDS


def trend_tables(series: Series, today: Series, renewed: Collection[str]) -> tuple[Table, Table, Table]:
    """As it was, in the units of each pulse, and of the `renewed` units as they are now, which `today` tells.

    Changes and alerts are told of today's units. `today` is `series` where nothing was reorganised.
    """
    if not series.blocks:  # nothing was asked that has a score
        return TRENDS, CHANGES, replace(ALERTS, rows=list(_alerts(series, [])))
    now = Fitted.of(today)
    then = now if today is series else Fitted.of(series)
    told = unit_changes(today, changes(now.model))
    verdicts = {(it.unit, it.block): it.verdict for it in told}
    return (
        replace(TRENDS, rows=[*_rows(then, "then", verdicts), *_rows(now, "now", verdicts, renewed)]),
        findings_table(CHANGES, told, _names(series), method=lambda _: CHANGE_METHOD),
        replace(ALERTS, rows=list(_alerts(series, told))),
    )


@dataclass(frozen=True)
class Fitted:
    series: Series
    model: Trends

    @classmethod
    def of(cls, series: Series) -> Fitted:
        return cls(series, fit(series.panel))


def _rows(
    fitted: Fitted, view: str, verdicts: Mapping[tuple[str, str], str], only: Collection[str] | None = None
) -> Iterator[Row]:
    releases = fitted.series.releases
    names = {release.pulse: {unit.id: unit.name for unit in release.units} for release in releases}
    # As it is now nothing was reorganised: that is what this view is for.
    other = reorganised(releases) if view == "then" else set()
    for it in trends(fitted.series, fitted.model, verdicts, other):
        if only is None or it.point.unit in only:
            yield _row(it, view, names[it.point.pulse][it.point.unit])


def _row(it: Trend, view: str, name: str) -> Row:
    said: dict[str, Value] = {field.name: getattr(it.point, field.name) for field in fields(TrendPoint)}
    said |= {"date": it.point.closed_on, "unit_name": name, "view": view, "method": METHOD}
    said |= {"comparison_group": it.comparison_group, "adjusted": it.adjusted, "surprise": it.surprise}
    said |= {"break": ",".join(it.breaks) or None, "verdict": it.verdict}
    said |= _three("smoothed", it.smoothed) | _three("climate", it.climate)
    return tuple(said[column.name] for column in TRENDS.columns)


def _three(name: str, it: Estimate | None) -> dict[str, Value]:
    value = (None, None, None) if it is None else (it.value, it.low, it.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), value, strict=True))


def _alerts(series: Series, told: Sequence[UnitChange]) -> Iterator[Row]:
    """A summary, so that a pulse without alerts says how much was looked at; then each alert."""
    said: dict[str, Value] = dict.fromkeys(column.name for column in ALERTS.columns)
    about = summary(series.releases[-1].pulse, told)
    said |= {"pulse": about.pulse, "method": CHANGE_METHOD}
    overall = {"tested": about.tested, "alerts": about.alerts, "expected_false": about.expected_false}
    yield tuple((said | {"kind": "summary"} | overall).values())
    names = _names(series)
    for it in told:
        if it.verdict in ("improved", "declined"):
            own = {name: getattr(it, name) for name in said if hasattr(it, name)}
            yield tuple((said | own | {"kind": "alert", "unit_name": names[it.unit]}).values())


def _names(series: Series) -> dict[str, str]:
    return {unit.id: unit.name for unit in series.releases[-1].units}
