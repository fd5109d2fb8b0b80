"""What the API answers one key: the rows that its pages are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.crawling import IDENTITY, Key, Row

#: Rows of trends by pulse, as they stood when that was the last one released.
Courses = Mapping[str, Sequence[Row]]

_BY = ("", "&by=tenure", "&by=site", "&by=tenure,site")
#: Addresses of each table for one pulse, and the path that says who may read it.
_ASKED = {
    "results": ("/v1/results", [f"/v1/results?pulse={{}}{by}" for by in _BY]),
    "participation": ("/v1/pulses/{pulse}/participation", ["/v1/pulses/{}/participation"]),
    **{
        table: (f"/v1/{table}", [f"/v1/{table}?pulse={{}}"])
        for table in ("heatmap", "changes", "alerts", "clusters", "archetypes", "items", "agreement", "drivers")
    },
    **{table: (f"/v1/{table}", [f"/v1/{table}?pulse={{}}"]) for table in ("interdependence", "coordination")},
    "quality": ("/v1/quality", ["/v1/quality?pulse={}"]),
}


@dataclass
class Told:
    key: Key
    rows: dict[str, list[Row]] = field(default_factory=dict)
    _known: dict[tuple[str | None, ...], Row] = field(default_factory=dict)
    #: By table and unit, which may be none.
    _near: dict[tuple[str, str | None], list[Row]] = field(default_factory=dict)
    #: Every way to write what is told of a pulse and unit, once it was worked out.
    written: dict[tuple[str, str | None], set[str]] = field(default_factory=dict)

    def take(self, table: str, rows: Sequence[Row]) -> None:
        self.rows.setdefault(table, []).extend(rows)
        for row in rows:
            self._known[table, *(row[name] for name in IDENTITY[table.partition(" ")[0]])] = row
            self._near.setdefault((table, row.get("unit")), []).append(row)

    def some(self, table: str, **wanted: str | None) -> list[Row]:
        """In the API's order; nothing of a table that the key may not read."""
        known = self._near.get((table, wanted["unit"]), ()) if "unit" in wanted else self.rows.get(table, ())
        return [row for row in known if all(row[name] == value for name, value in wanted.items())]

    def one(self, table: str, *identity: str | None) -> Row | None:
        return self._known.get((table, *identity))

    def about(self, pulse: str, unit: str | None) -> Iterator[Row]:
        """Every row of the pulse, and of how well each pulse measured; of a unit also all its course, and of other
        units none."""
        for table, rows in self.rows.items():
            near = rows if unit is None else [*self._near.get((table, unit), ()), *self._near.get((table, None), ())]
            along = table == "quality" or (unit is not None and table == as_of(pulse))
            yield from (row for row in near if along or row["pulse"] == pulse)


def as_of(pulse: str) -> str:
    """Where the course up to a pulse stands."""
    return f"trends of {pulse}"


def told(doors: Any, key: Key, pulses: Sequence[str], courses: Courses) -> Told:
    """All pulses of the crawl close on one day, so that no day tells their courses apart: these were asked before."""
    found = Told(key)
    for table, (path, addresses) in _ASKED.items():
        if key.may(path):
            for pulse in pulses:
                for address in addresses:
                    asked = address.format(pulse)
                    more = "&" if "?" in asked else "?"
                    found.take(table, doors.rows(f"{asked}{more}limit=10000", headers=key.headers))
    for pulse, rows in courses.items():
        found.take(as_of(pulse), rows)
    return found


def course(doors: Any, key: Key) -> Sequence[Row]:
    """Trends as they stand; nothing for a key that may not read them."""
    if not key.headers or not key.may("/v1/trends"):
        return ()
    rows: Sequence[Row] = doors.rows("/v1/trends?limit=10000", headers=key.headers)
    return rows
