"""Rows of the tables of changes and alerts as pages tell them: names, words and whole points."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from service.exports.table import Table
from service.pages import heat
from service.pages.dashboard import verdicts
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.verdicts import WORDS, Word, findable
from service.pages.records import Record, number, records, text, whole

if TYPE_CHECKING:
    from service.analytics.trends.alerts import Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """One change, in points; figures None unless `status` is "ok". `reach` is the minimum detectable change, `since`
    the label of the pulse it is counted from, `found_by` and `tipping` sentences."""

    unit: str
    name: str
    block: str
    block_name: str
    status: str
    word: Word
    change: float | None
    low: float | None
    high: float | None
    total: float | None
    since: str
    found_by: str
    reach: float | None
    tipping: str = ""
    neutral: bool = False

    @property
    def findable(self) -> int | None:
        return findable(self.reach)

    @property
    def kind(self) -> str:
        return self.word.coloured(neutral=self.neutral)

    @property
    def told(self) -> bool:
        return self.word.told


@dataclass(frozen=True, slots=True)
class Looked:
    """How many units and blocks had enough to be tested, how many are alerts, and the `share` of those (percent) that
    is expected to be chance at most; None for keys that see only a part, over which nothing is controlled."""

    tested: int
    alerts: int
    share: int | None


def changes(frame: Frame, table: Table, units: Collection[str] | None = None) -> list[Told]:
    """Of these units (None: all) in the table `changes`, in its order: the roster's, then the instrument's."""
    labels, at = _labels(frame), table.position("unit")
    wanted = replace(table, rows=[row for row in table.rows if units is None or row[at] in units])
    return [_told(frame, row, labels) for row in records(wanted)]


def looked(changed: Table, alerts: Table) -> Looked:
    """Of the summary in the table `alerts`; counted from the table `changes` where the key may not read that."""
    for row in records(alerts):
        if text(row, "kind") == "summary":
            share = number(row, "expected_false")
            percent = None if share is None else round(100 * share)
            return Looked(whole(row, "tested") or 0, whole(row, "alerts") or 0, percent)
    said = [text(row, "verdict") for row in records(changed)]
    told = sum(verdict in ("improved", "declined") for verdict in said)
    return Looked(sum(verdict != "not_enough" for verdict in said), told, None)


def alerts(frame: Frame, table: Table) -> list[Told]:
    """Of the table `alerts` without its summary, in the roster's order."""
    labels = _labels(frame)
    return [_told(frame, row, labels) for row in records(table) if text(row, "kind") == "alert"]


def _labels(frame: Frame) -> dict[str, str]:
    return {release.pulse: release.label for release in frame.releases}


def _told(frame: Frame, row: Record, labels: Mapping[str, str]) -> Told:
    since = text(row, "since")
    known = frame.release.instrument.block(text(row, "block"))
    return Told(
        unit=text(row, "unit"),
        name=text(row, "unit_name"),
        block=text(row, "block"),
        block_name=heat.block_name(frame.release, text(row, "block")),
        status=text(row, "status") if "status" in row else "ok",
        word=WORDS[cast("Verdict", text(row, "verdict"))],
        change=number(row, "change"),
        low=number(row, "low"),
        high=number(row, "high"),
        total=number(row, "total"),
        since=labels.get(since, "an earlier pulse") if since else "",
        found_by=verdicts.found_by(text(row, "test")),
        reach=number(row, "minimum_detectable_change"),
        tipping=verdicts.tipping(number(row, "tipping")) if "tipping" in row else "",
        neutral=known is not None and known.kind == "lens",
    )
