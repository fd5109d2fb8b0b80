"""Findings for whoever may see them: read from releases only, each decoded once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Literal

from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.scores import Score, scores
from service.analytics.slices import family_of, slices
from service.errors import Fault, InvalidQuery, NotFound
from service.exports import tables
from service.exports.table import Row, Table
from service.operations.access import Principal
from service.operations.stored import Settle, StoredFindings
from service.operations.unbroken import past_of, unbroken
from service.release import codec
from service.release.release import Release
from service.store import results
from service.store.database import Database

_KEPT = 256

Lineage = Literal["then", "now"]
#: The tables that are computed with each release.
Finding = Literal[
    "changes",
    "alerts",
    "clusters",
    "archetypes",
    "quality",
    "items",
    "agreement",
    "drivers",
    "interdependence",
    "coordination",
]
#: Those of them that look back on earlier pulses.
_OVER_TIME = ("changes", "alerts", "clusters")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; None means everything the key may see. `since` and `until` bound the closing day.

    `by` names one band, or two with a comma between, and asks for their values instead of whole units. `lineage` "now"
    follows units that were renamed or merged back through what they were made of.
    """

    pulse: str | None = None
    unit: str | None = None
    block: str | None = None
    item: str | None = None
    by: str | None = None
    since: date | None = None
    until: date | None = None
    lineage: Lineage = "then"


class Library:
    """The releases of one database. They never change, so what was decoded once is right for good."""

    def __init__(self, database: Database, settle: Settle) -> None:
        """`settle` has findings computed that are asked for and not there yet."""
        self._database = database
        self._findings = StoredFindings(database, settle)
        #: By organisation and pulse.
        self._decoded: OrderedDict[tuple[str, str], Release] = OrderedDict()
        self._lock = Lock()

    def release(self, principal: Principal, pulse: str) -> tuple[bytes, str]:
        """The canonical bytes and their digest, for keys not bound to a subtree. Raises NotFound."""
        principal.require("results", whole=True)
        with self._database.read() as tx:
            return results.release_content(tx, principal.organisation, pulse)

    def is_released(self, principal: Principal, pulse: str) -> bool:
        with self._database.read() as tx:
            return pulse in results.released_pulses(tx, principal.organisation)

    def digest(self, pulse: str) -> str:
        """Of a release; anybody may know it, for the attack report says it too. Raises NotFound."""
        with self._database.read() as tx:
            found = results.release_digest(tx, pulse)
        if found is None:
            raise NotFound("release")
        return found

    def attack_report(self, pulse: str) -> bytes:
        """What the adversary tried and got before the release was stored. Raises NotFound."""
        with self._database.read() as tx:
            return results.attack_report(tx, pulse)

    def releases(self, principal: Principal, query: Query) -> list[Release]:
        """The releases asked for, by closing day. Raises NotFound for a pulse that is not released."""
        wanted = self._get(principal, self._known(principal, query.pulse))
        inside = [
            release
            for release in wanted
            if (query.since is None or release.closed_on >= query.since)
            and (query.until is None or release.closed_on <= query.until)
        ]
        return sorted(inside, key=lambda release: release.age)

    def results(self, principal: Principal, query: Query) -> Table:
        principal.require("results")
        releases = self.releases(principal, query)
        _require_known(principal, releases, query)
        rows = [row for release in releases for row in _scores(release, _units(principal, release, query), query)]
        return tables.results_table(releases, rows, _visible(principal, releases))

    def heatmap(self, principal: Principal, query: Query) -> Table:
        principal.require("results")
        newest = self.releases(principal, query)[-1:]
        _require_known(principal, newest, query)
        rows = [
            row
            for release in newest
            for row in heatmap(release, units=_units(principal, release, query), include=_only(query.block) or ())
            if query.block in (None, row.block)
        ]
        return tables.heatmap_table(newest, rows)

    def trends(self, principal: Principal, query: Query) -> Table:
        """As of the last release asked for in each series; `since` leaves out rows, and changes none.

        For keys bound to a subtree units are as they were: what they were made of may have stood elsewhere.
        """
        principal.require("analytics")
        return self._trends(principal, query, self.releases(principal, replace(query, since=None)))

    def trends_as_of(self, principal: Principal, query: Query) -> Table:
        """The series of `query.pulse` as it stood when that was its last; all series, as they stand, without one."""
        if query.pulse is None:
            return self.trends(principal, query)
        principal.require("analytics")
        (last,) = self.releases(principal, Query(pulse=query.pulse))
        along = [it for it in self.releases(principal, Query()) if it.series == last.series and it.age <= last.age]
        return self._trends(principal, query, along)

    def _trends(self, principal: Principal, query: Query, known: list[Release]) -> Table:
        asked = [it for it in known if query.since is None or it.closed_on >= query.since]
        _require_known(principal, asked, query)
        series, visible = _by_series(known), _visible(principal, known)
        pulses = [along[-1].pulse for along in series.values()]
        whole = self._findings.table("trends", pulses, visible, unit=query.unit, block=query.block)
        rows = _viewed(whole, "then" if visible is not None else query.lineage, [it[-1] for it in series.values()])
        if visible is not None:
            at = whole.position("series")
            rows = [
                row
                for name, along in series.items()
                for row in unbroken((it for it in rows if it[at] == name), along, visible)
            ]
        inside = {release.pulse for release in asked}
        at = whole.position("pulse")
        return replace(whole, rows=[row for row in rows if row[at] in inside])

    def are_computed(self, pulse: str) -> bool:
        """Whether the findings of a release are there, without waiting for them."""
        return self._findings.are_there(pulse)

    def participation(self, principal: Principal, query: Query) -> Table:
        principal.require("results")
        releases = self.releases(principal, query)
        rows = [row for release in releases for row in participation(release, units=_units(principal, release, query))]
        return tables.participation_table(releases, rows)

    def findings(
        self, principal: Principal, table: Finding, query: Query, *, newest: bool = False, whole: bool = False
    ) -> Table:
        """What was computed with each release asked for, or only with the last to close of them (`newest`).

        `whole` refuses keys bound to a subtree. Other tables give such keys the rows of units in it, without those that
        are told from a past outside it.
        """
        principal.require("analytics", whole=whole)
        releases = self.releases(principal, query)[-1 if newest else 0 :]
        _require_known(principal, releases, query)
        wanted = {"unit": query.unit, "block": query.block}
        only = {name: value for name, value in wanted.items() if value is not None}
        visible = _visible(principal, releases)
        if visible is not None and table in _OVER_TIME:
            known = self.releases(principal, Query())
            for release in releases:
                along = [it for it in _by_series(known)[release.series] if it.age <= release.age]
                visible[release.pulse] -= past_of(along, _all_visible(principal, along)).mixed
        return self._findings.table(table, [it.pulse for it in releases], visible, **only)

    def _known(self, principal: Principal, pulse: str | None) -> list[str]:
        """The organisation's released pulses, or only this one: what was released once, is for good."""
        with self._lock:
            if pulse is not None and (principal.organisation, pulse) in self._decoded:
                return [pulse]
        with self._database.read() as tx:
            known = results.released_pulses(tx, principal.organisation)
        if pulse is None:
            return known
        if pulse not in known:
            raise NotFound("released pulse")
        return [pulse]

    def _get(self, principal: Principal, pulses: Collection[str]) -> list[Release]:
        organisation = principal.organisation
        with self._lock:
            kept = {pulse: self._decoded.get((organisation, pulse)) for pulse in pulses}
        found = {pulse: release for pulse, release in kept.items() if release is not None}
        missing = [pulse for pulse in pulses if pulse not in found]
        if missing:
            with self._database.read() as tx:
                contents = results.release_contents(tx, organisation, missing)
            found |= {pulse: codec.decode(content) for pulse, content in contents.items()}
        with self._lock:
            self._decoded.update({(organisation, pulse): release for pulse, release in found.items()})
            while len(self._decoded) > _KEPT:
                self._decoded.popitem(last=False)
        return [found[pulse] for pulse in pulses]


def _viewed(table: Table, lineage: Lineage, newest: Iterable[Release]) -> list[Row]:
    """Units as they were; or today's as they are now, which of one that was never reorganised is the same."""
    series, unit, view = map(table.position, ("series", "unit", "view"))
    if lineage == "then":
        return [row for row in table.rows if row[view] == "then"]
    today = {(release.series, it.id) for release in newest for it in release.units}
    renewed = {(row[series], row[unit]) for row in table.rows if row[view] == "now"}
    return [
        row
        for row in table.rows
        if (row[series], row[unit]) in today and (row[view] == "now") == ((row[series], row[unit]) in renewed)
    ]


def visible_units(principal: Principal, release: Release) -> set[str]:
    """The ids a key may see in a release: all, or the subtree it is bound to, which may be empty."""
    if principal.unit is None:
        return set(release.unit)
    inside: set[str] = set()
    for unit in release.units:
        if unit.id == principal.unit or unit.parent in inside:
            inside.add(unit.id)
    return inside


def _units(principal: Principal, release: Release, query: Query) -> set[str]:
    visible = visible_units(principal, release)
    return visible if query.unit is None else visible & {query.unit}


def _scores(release: Release, units: Collection[str], query: Query) -> Iterator[Score]:
    blocks, items = _only(query.block), _only(query.item)
    if query.by is None:
        return scores(release, units=units, blocks=blocks, items=items)
    family = family_of(release, query.by.split(","))
    return iter(()) if family is None else slices(release, family, units=units, blocks=blocks, items=items)


def _visible(principal: Principal, releases: Sequence[Release]) -> dict[str, set[str]] | None:
    """By pulse the units a key bound to a subtree may see; None for keys that see all."""
    return None if principal.unit is None else _all_visible(principal, releases)


def _all_visible(principal: Principal, releases: Sequence[Release]) -> dict[str, set[str]]:
    return {it.pulse: visible_units(principal, it) for it in releases}


def _by_series(releases: Sequence[Release]) -> dict[str, list[Release]]:
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.series, []).append(release)
    return found


def _only(id: str | None) -> Collection[str] | None:
    return None if id is None else [id]


def _require_known(principal: Principal, releases: list[Release], query: Query) -> None:
    """A misspelt block, item or unit is told, rather than answered with an empty table that reads like silence.

    A unit the key may not see is as unknown as one that does not exist.
    """
    if not releases:
        return
    faults = []
    if query.block is not None and not any(release.instrument.block(query.block) for release in releases):
        faults.append(Fault("block", "is asked in none of these pulses"))
    if query.item is not None and not any(query.item in release.items for release in releases):
        faults.append(Fault("item", "is asked in none of these pulses"))
    if query.by is not None and not any(family_of(release, query.by.split(",")) for release in releases):
        faults.append(Fault("by", "is asked by in none of these pulses"))
    if faults:
        raise InvalidQuery(faults)
    if query.unit is not None and not any(_units(principal, release, query) for release in releases):
        raise NotFound("unit")
