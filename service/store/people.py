"""People of an organisation's directory: by id, and by a name that is compared without its case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from service.store.database import Connection
from service.store.inviting_tables import membership, person, person_group

#: Rows read at a time: a directory may be longer than memory.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`document` is what SCIM's JSON says besides; times are seconds since 1970; `version` grows with each change."""

    id: str
    user_name: str
    external_id: str | None
    active: bool
    document: dict[str, Any]
    version: int
    created_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of whom one looks for, of people and groups alike: all of it holds; None is not asked about."""

    id: str | None = None
    name: str | None = None
    external_id: str | None = None
    active: bool | None = None


def folded(name: str) -> str:
    """A name as it is compared: composed (NFC) and in lower case."""
    return normalize("NFC", normalize("NFC", name).lower())


def person_of(tx: Connection, organisation: str, id: str) -> PersonRow | None:
    row = tx.execute(select(person).where(*matching(person, organisation, Known(id=id)))).first()
    return None if row is None else _person(row)


def people(
    tx: Connection, organisation: str, known: Known, start: int = 0, count: int | None = None
) -> Iterator[PersonRow]:
    """In the order of their ids, `count` of them after the first `start`, read some at a time."""
    found = select(person).where(*matching(person, organisation, known)).order_by(person.c.id)
    some = found.offset(start).limit(count).execution_options(yield_per=_AT_ONCE)
    return (_person(row) for row in tx.execute(some))


def number_of_people(tx: Connection, organisation: str, known: Known) -> int:
    return tx.execute(
        select(func.count()).select_from(person).where(*matching(person, organisation, known))
    ).scalar_one()


def add_person(tx: Connection, organisation: str, row: PersonRow) -> bool:
    """Whether the user name was free."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(person).values(organisation_id=organisation, **_values(row))
    return tx.execute(adding.on_conflict_do_nothing().returning(person.c.id)).first() is not None


def add_people(tx: Connection, organisation: str, rows: Sequence[PersonRow]) -> set[str]:
    """Ids of those whose user names were free; of two with one name the first."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    fresh = {row.id: row for row in {folded(row.user_name): row for row in reversed(rows)}.values()}
    adding = dialect.insert(person).on_conflict_do_nothing().returning(person.c.id)
    values = [{"organisation_id": organisation, **_values(row)} for row in fresh.values()]
    return set(tx.scalars(adding, values))


def change_person(tx: Connection, organisation: str, row: PersonRow, before: int) -> bool:
    """Write `row` over the version `before`; False where its user name is somebody else's."""
    mine = matching(person, organisation, Known(id=row.id))
    changing = update(person).where(*mine, person.c.version == before).values(**_values(row))
    try:
        with tx.begin_nested():
            return tx.execute(changing).rowcount == 1
    except IntegrityError:
        return False


def remove_person(tx: Connection, organisation: str, id: str) -> None:
    """The person, and their place in every group, whose version grows by that."""
    theirs = select(membership.c.group_id).where(
        membership.c.organisation_id == organisation, membership.c.member_id == id
    )
    groups = person_group.c.organisation_id == organisation, person_group.c.id.in_(theirs)
    tx.execute(update(person_group).where(*groups).values(version=person_group.c.version + 1))
    tx.execute(delete(membership).where(membership.c.organisation_id == organisation, membership.c.member_id == id))
    tx.execute(delete(person).where(*matching(person, organisation, Known(id=id))))


def matching(table: Table, organisation: str, known: Known) -> list[ColumnElement[bool]]:
    """What a query of `person` or `person_group` asks for what is known, each by an index but `active`."""
    asked = [table.c.organisation_id == organisation]
    if known.id is not None:
        asked.append(table.c.id == known.id)
    if known.name is not None:
        asked.append(table.c.folded_name == folded(known.name))
    if known.external_id is not None:
        asked.append(table.c.external_id == known.external_id)
    if known.active is not None:
        asked.append(table.c.active == known.active)
    return asked


def _person(row: Row[Any]) -> PersonRow:
    return PersonRow(
        row.id,
        row.user_name,
        row.external_id,
        row.active,
        json.loads(row.document),
        row.version,
        row.created_at,
        row.changed_at,
    )


def _values(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_name": row.user_name,
        "folded_name": folded(row.user_name),
        "external_id": row.external_id,
        "active": row.active,
        "document": json.dumps(row.document, ensure_ascii=False),
        "version": row.version,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }
