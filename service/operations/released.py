"""The tables of the schema `released` filled from findings that stand: what a key of the whole organisation reads."""

from __future__ import annotations

from service.exports.columns import TABLE
from service.exports.method import METHOD
from service.exports.table import Table
from service.exports.text import copied
from service.operations.access import operator
from service.operations.asked import Query
from service.operations.report import Library
from service.store import findings, released
from service.store.database import Connection, Database
from service.store.released import Missing

#: What is there; the trends of a series as of its newest pulse, everything else as of each.
TABLES = ("results", "trends", "changes", "clusters", "quality")


def refresh(database: Database) -> list[str]:
    """Fill what is missing and say in comments what the columns are; the pulses filled, none on SQLite."""
    filled = fill_missing(database)
    if not database.is_sqlite:
        with database.begin() as tx:
            describe(tx)
    return filled


def fill_missing(database: Database) -> list[str]:
    """Each pulse in a transaction of its own: two that do it at once fill each once. Returns those filled."""
    if database.is_sqlite:
        return []
    with database.read() as tx:
        due = released.missing(tx, METHOD)
    library = Library(database, lambda _pulse, _stored: None)
    return [it.pulse for it in due if _fill(database, library, it)]


def describe(tx: Connection) -> None:
    """The dictionary's words on each column, with the unit in front of them."""
    for name in TABLES:
        said = {it.name: f"[{it.unit}] {it.description}" if it.unit else it.description for it in TABLE[name].columns}
        released.describe(tx, name, said)


def _fill(database: Database, library: Library, it: Missing) -> bool:
    with database.begin() as tx:
        if not released.claim(tx, it, METHOD):
            return False
        for name in TABLES:
            if name == "trends":
                _fill_trends(tx, library, it)
            else:
                _copy(tx, it, _table(library, it, name))
    return True


def _fill_trends(tx: Connection, library: Library, it: Missing) -> None:
    """Those of the newest pulse take the place of those before."""
    if findings.is_newest(tx, it.pulse):
        released.clear(tx, "trends", findings.series_releases(tx, it.pulse))
        _copy(tx, it, _table(library, it, "trends"))


def _table(library: Library, it: Missing, name: str) -> Table:
    who, query = operator(it.organisation), Query(pulse=it.pulse)
    match name:
        case "results":
            return library.results(who, query)
        case "trends":
            return library.trends_as_of(who, query)
        case "changes" | "clusters" | "quality":
            return library.findings(who, name, query)
    raise ValueError(name)


def _copy(tx: Connection, it: Missing, table: Table) -> None:
    released.fill(tx, table.name, [column.name for column in table.columns], copied(table, it.organisation, it.pulse))
