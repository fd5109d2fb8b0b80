"""Findings for whoever may see them: read from releases only, each decoded once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Literal

from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.errors import NotFound
from service.exports import tables
from service.exports.packed import Part, coded
from service.exports.parted import parted
from service.exports.score_columns import HEATMAP, PARTICIPATION, RESULTS
from service.exports.table import Table
from service.operations.access import Principal
from service.operations.asked import Query, all_visible, only, require_known, scores_asked, units_asked, visible_to
from service.operations.stored import Settle, StoredFindings, identity
from service.operations.trending import Trending
from service.operations.unbroken import past_of
from service.release import codec
from service.release.release import Release
from service.store import results
from service.store.database import Database
from service.store.replica import release_contents

_KEPT = 256
#: Units whose scores are worked out at once.
_BATCH = 500

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


class Library:
    """The releases of one database. They never change, so what was decoded once is right for good."""

    def __init__(self, database: Database, settle: Settle, replica: Database | None = None) -> None:
        """`settle` has findings computed that are asked for and not there yet; contents are read from `replica` as far
        as it has them."""
        self._database, self._replica = database, replica or database
        self._findings = StoredFindings(database, self._replica, settle)
        #: By organisation and pulse.
        self._decoded: OrderedDict[tuple[str, str], Release] = OrderedDict()
        self._lock = Lock()

    def release(self, principal: Principal, pulse: str) -> tuple[bytes, str]:
        """The canonical bytes and their digest, for keys not bound to a subtree. Raises NotFound."""
        principal.require("results", whole=True)
        found = self._contents(principal.organisation, [pulse] if pulse.isalnum() else [])
        if pulse not in found:
            raise NotFound("release")
        return found[pulse], codec.digest(found[pulse])

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
        require_known(principal, releases, query)
        visible = visible_to(principal, releases)

        def some(release: Release, units: Collection[str]) -> Table:
            return tables.results_table([release], scores_asked(release, units, query), visible)

        sources = [
            partial(_coded, partial(some, release, units))
            for release in releases
            for units in _batches(release, units_asked(principal, release, query))
        ]
        return replace(RESULTS, rows=parted(_asked("results", principal, releases, query), sources))

    def heatmap(self, principal: Principal, query: Query) -> Table:
        principal.require("results")
        newest = self.releases(principal, query)[-1:]
        require_known(principal, newest, query)

        def whole(release: Release) -> Table:
            units, blocks = units_asked(principal, release, query), only(query.block)
            cells = heatmap(release, units=units, include=blocks or ())
            return tables.heatmap_table([release], [it for it in cells if blocks is None or it.block in blocks])

        sources = [partial(_coded, partial(whole, release)) for release in newest]
        return replace(HEATMAP, rows=parted(_asked("heatmap", principal, newest, query), sources))

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
        require_known(principal, asked, query)
        visible = visible_to(principal, known)
        wanted = Trending(
            self._findings,
            list(_by_series(known).values()),
            frozenset(release.pulse for release in asked),
            {"unit": only(query.unit), "block": only(query.block)},
            query.lineage == "now" and visible is None,
            visible,
        )
        return wanted.table([it.pulse for it in known], principal.unit, query)

    def are_computed(self, pulse: str) -> bool:
        """Whether the findings of a release are there, without waiting for them."""
        return self._findings.are_there(pulse)

    def participation(self, principal: Principal, query: Query) -> Table:
        principal.require("results")
        releases = self.releases(principal, query)

        def of(release: Release) -> Table:
            counts = participation(release, units=units_asked(principal, release, query))
            return tables.participation_table([release], list(counts))

        sources = [partial(_coded, partial(of, release)) for release in releases]
        return replace(PARTICIPATION, rows=parted(_asked("participation", principal, releases, query), sources))

    def findings(
        self, principal: Principal, table: Finding, query: Query, *, newest: bool = False, whole: bool = False
    ) -> Table:
        """What was computed with each release asked for, or only with the last to close of them (`newest`).

        `whole` refuses keys bound to a subtree. Other tables give such keys the rows of units in it, without those that
        are told from a past outside it.
        """
        principal.require("analytics", whole=whole)
        releases = self.releases(principal, query)[-1 if newest else 0 :]
        require_known(principal, releases, query)
        wanted = {"unit": query.unit, "block": query.block}
        values = {name: [value] for name, value in wanted.items() if value is not None}
        visible = visible_to(principal, releases)
        known: list[Release] = []
        if visible is not None and table in _OVER_TIME:
            known = self.releases(principal, Query())
            for release in releases:
                along = [it for it in _by_series(known)[release.series] if it.age <= release.age]
                visible[release.pulse] -= past_of(along, all_visible(principal, along)).mixed
        asked = ([it.pulse for it in known], principal.unit, query)
        return self._findings.table(table, [it.pulse for it in releases], visible, values, *asked)

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
            contents = self._contents(organisation, missing)
            found |= {pulse: codec.decode(content) for pulse, content in contents.items()}
        with self._lock:
            self._decoded.update({(organisation, pulse): release for pulse, release in found.items()})
            while len(self._decoded) > _KEPT:
                self._decoded.popitem(last=False)
        return [found[pulse] for pulse in pulses]

    def _contents(self, organisation: str, pulses: Collection[str]) -> dict[str, bytes]:
        return release_contents(self._replica, self._database, organisation, pulses)


def _coded(made: Callable[[], Table]) -> Part:
    table = made()
    return coded(table.columns, table.rows)


def _batches(release: Release, units: Collection[str]) -> Iterator[set[str]]:
    """So many units at once as make a part, in the release's order."""
    inside = [unit.id for unit in release.units if unit.id in units]
    return (set(inside[start : start + _BATCH]) for start in range(0, len(inside), _BATCH))


def _asked(table: str, principal: Principal, releases: Sequence[Release], query: Query) -> str:
    """What tells one table of releases from any other: these never change."""
    return identity(table, {it.pulse: it.series for it in releases}, principal.unit, query)


def _by_series(releases: Sequence[Release]) -> dict[str, list[Release]]:
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.series, []).append(release)
    return found
