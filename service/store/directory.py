"""The directory as a whole: its mapping, how many changes there were, and people read and written many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, Select, delete, func, insert, select, text, tuple_, update

from service.errors import Unavailable
from service.store.database import Connection
from service.store.inviting_tables import directory, membership, person, person_group
from service.survey.people import Group, Person

#: Rows read or written at a time: a directory may be longer than memory is wide.
_AT_ONCE = 5_000

_Any = TypeVar("_Any")

_TOUCH = text(
    "INSERT INTO directory (organisation_id, changes, derived) VALUES (:organisation, :changes, 0) "
    "ON CONFLICT (organisation_id) DO UPDATE SET changes = directory.changes + :changes"
)


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """`changes` of people there were, `derived` of them are counted in the roster; `mapping` and `report` are JSON."""

    mapping: str | None = None
    changes: int = 0
    derived: int = 0
    report: str | None = None

    @property
    def is_due(self) -> bool:
        """Whether the roster may differ from what people make of it."""
        return self.mapping is not None and self.changes != self.derived


@dataclass(frozen=True, slots=True)
class Entry:
    """A person to be written: `document` is JSON, times are seconds since 1970."""

    id: str
    user_name: str
    folded_name: str
    external_id: str | None
    active: bool
    document: str
    version: int
    created_at: int
    changed_at: int


def touch(tx: Connection, organisation: str, changes: int = 1) -> None:
    """Say that people or groups changed, in the very transaction that changes them: the roster is then due.

    After the organisation if that is held, and before the audit log. Whoever touches has the organisation's directory
    to itself until the transaction ends.
    """
    tx.execute(_TOUCH, {"organisation": organisation, "changes": changes})


def state(tx: Connection, organisation: str) -> DirectoryRow:
    return _row(tx, _state(organisation))


def held(tx: Connection, organisation: str) -> DirectoryRow:
    """The same, and nobody changes people until this transaction ends: all that is read of them is of one moment."""
    touch(tx, organisation, 0)
    return _row(tx, _state(organisation).with_for_update())


def due(tx: Connection) -> list[str]:
    """Ids of the organisations whose roster may differ from what people make of it."""
    mine = select(directory.c.organisation_id).where(
        directory.c.mapping.is_not(None), directory.c.changes != directory.c.derived
    )
    return list(tx.scalars(mine.order_by(directory.c.organisation_id)))


def put_mapping(tx: Connection, organisation: str, mapping: str | None) -> None:
    """JSON, or None for no mapping; what was odd under another is forgotten."""
    touch(tx, organisation)
    mine = update(directory).where(directory.c.organisation_id == organisation)
    tx.execute(mine.values(mapping=mapping, report=None))


def conclude(tx: Connection, organisation: str, read: DirectoryRow, derived: int, report: str) -> bool:
    """Say that `derived` changes are counted in the roster; False where somebody did since `read`, or the mapping is
    another."""
    mine = update(directory).where(
        directory.c.organisation_id == organisation,
        directory.c.derived == read.derived,
        directory.c.mapping == read.mapping,
    )
    return tx.execute(mine.values(derived=derived, report=report)).rowcount == 1


def numbers(tx: Connection, organisation: str) -> tuple[int, int, int]:
    """How many people there are, how many of them are active, and how many groups."""
    mine = select(func.count(), func.count().filter(person.c.active)).where(person.c.organisation_id == organisation)
    every, active = tx.execute(mine).one()
    groups = select(func.count()).select_from(person_group).where(person_group.c.organisation_id == organisation)
    return every, active, tx.execute(groups).scalar_one()


def at_one_moment(tx: Connection) -> None:
    """All that is read from here on is of one moment, as it always is on SQLite: the first thing in a transaction."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        # Tables that were written anew since that moment would look empty: so they are not until this ends.
        tx.execute(text("LOCK TABLE person, person_group, membership IN ACCESS SHARE MODE"))


def people(tx: Connection, organisation: str) -> Iterator[Person]:
    """Everybody by id, some at a time."""
    columns = (person.c.id, person.c.user_name, person.c.external_id, person.c.active, person.c.document)
    mine = select(*columns).where(person.c.organisation_id == organisation)
    return (Person(*row) for row in _by_key(tx, mine, person.c.id))


def groups(tx: Connection, organisation: str) -> list[Group]:
    mine = select(person_group.c.id, person_group.c.name).where(person_group.c.organisation_id == organisation)
    return [Group(*row) for row in tx.execute(mine)]


def memberships(tx: Connection, organisation: str) -> Iterator[tuple[str, str]]:
    """Pairs of a group's id and a member's, which may be a group's."""
    mine = select(membership.c.group_id, membership.c.member_id).where(membership.c.organisation_id == organisation)
    return ((row[0], row[1]) for row in _by_key(tx, mine, membership.c.group_id, membership.c.member_id))


def entries(tx: Connection, organisation: str) -> Iterator[Entry]:
    """Everybody as written, by id, some at a time."""
    columns = (person.c[name] for name in Entry.__slots__)
    mine = select(*columns).where(person.c.organisation_id == organisation)
    return (Entry(*row) for row in _by_key(tx, mine, person.c.id))


def write(tx: Connection, organisation: str, entries: Sequence[Entry]) -> None:
    """Add people, whose ids nobody has, while the directory is held."""
    if tx.dialect.name == "postgresql":
        _copy(tx, organisation, entries)
        return
    for some in _some(entries):
        tx.execute(insert(person), [{"organisation_id": organisation, **_values(it)} for it in some])


def _copy(tx: Connection, organisation: str, entries: Sequence[Entry]) -> None:
    """A third of the time that as many inserts take. Nobody else can have added the same people meanwhile."""
    columns = ", ".join(("organisation_id", *Entry.__slots__))
    # The driver as the dialect has it: on SQLite a process never loads it.
    connection: Any = tx.connection.driver_connection
    driver: Any = tx.dialect.dbapi
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY person ({columns}) FROM STDIN") as copy:
            for entry in entries:
                copy.write_row((organisation, *_values(entry).values()))
    except driver.Error as error:
        raise Unavailable("The database did not take the people; nothing was changed.") from error


def _values(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def replace(tx: Connection, organisation: str, entries: Sequence[Entry]) -> None:
    """Write people whose ids are there already; they may have exchanged their user names."""
    _delete(tx, organisation, [it.id for it in entries])
    write(tx, organisation, entries)


def remove(tx: Connection, organisation: str, ids: Sequence[str]) -> None:
    """Delete people, and their places in groups, whose versions grow by that."""
    for some in _some(ids):
        inside = membership.c.organisation_id == organisation, membership.c.member_id.in_(some)
        groups = (
            person_group.c.organisation_id == organisation,
            person_group.c.id.in_(select(membership.c.group_id).where(*inside)),
        )
        tx.execute(update(person_group).where(*groups).values(version=person_group.c.version + 1))
        tx.execute(delete(membership).where(*inside))
    _delete(tx, organisation, ids)


def forget(tx: Connection, organisation: str) -> int:
    """Delete everybody, and every group; how many people they were."""
    tx.execute(delete(membership).where(membership.c.organisation_id == organisation))
    tx.execute(delete(person_group).where(person_group.c.organisation_id == organisation))
    return tx.execute(delete(person).where(person.c.organisation_id == organisation)).rowcount


def _delete(tx: Connection, organisation: str, ids: Sequence[str]) -> None:
    for some in _some(ids):
        tx.execute(delete(person).where(person.c.organisation_id == organisation, person.c.id.in_(some)))


def _some(every: Sequence[_Any]) -> Iterator[Sequence[_Any]]:
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))


def _state(organisation: str) -> Select[Any]:
    columns = (directory.c.mapping, directory.c.changes, directory.c.derived, directory.c.report)
    return select(*columns).where(directory.c.organisation_id == organisation)


def _row(tx: Connection, query: Select[Any]) -> DirectoryRow:
    row = tx.execute(query).first()
    return DirectoryRow() if row is None else DirectoryRow(*row)


def _by_key(tx: Connection, query: Select[Any], *key: Column[str]) -> Iterator[Any]:
    """Rows by the key that they begin with, a query for some at a time: whoever stops early leaves nothing open."""
    rows = tx.execute(query.order_by(*key).limit(_AT_ONCE)).all()
    while rows:
        yield from rows
        after = tuple_(*key) > tuple_(*rows[-1][: len(key)])
        rows = tx.execute(query.where(after).order_by(*key).limit(_AT_ONCE)).all() if len(rows) == _AT_ONCE else []
