"""Groups of an organisation's directory, and who is in them: people and other groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from service.store.database import Connection
from service.store.inviting_tables import membership, person, person_group
from service.store.people import Known, folded, matching

#: Rows read, or written, at a time.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class GroupRow:
    """`document` is what SCIM's JSON says besides; times are seconds since 1970; `version` grows with each change."""

    id: str
    name: str
    external_id: str | None
    document: dict[str, Any]
    version: int
    created_at: int
    changed_at: int


def group_of(tx: Connection, organisation: str, id: str) -> GroupRow | None:
    row = tx.execute(select(person_group).where(*matching(person_group, organisation, Known(id=id)))).first()
    return None if row is None else _group(row)


def groups(
    tx: Connection, organisation: str, known: Known, start: int = 0, count: int | None = None
) -> Iterator[GroupRow]:
    """In the order of their ids, `count` of them after the first `start`, read some at a time."""
    found = select(person_group).where(*matching(person_group, organisation, known)).order_by(person_group.c.id)
    some = found.offset(start).limit(count).execution_options(yield_per=_AT_ONCE)
    return (_group(row) for row in tx.execute(some))


def number_of_groups(tx: Connection, organisation: str, known: Known) -> int:
    asked = matching(person_group, organisation, known)
    return tx.execute(select(func.count()).select_from(person_group).where(*asked)).scalar_one()


def add_group(tx: Connection, organisation: str, row: GroupRow) -> None:
    tx.execute(insert(person_group).values(organisation_id=organisation, **_values(row)))


def change_group(tx: Connection, organisation: str, row: GroupRow, before: int) -> bool:
    """Write `row` over the version `before`: whether that was still there."""
    mine = matching(person_group, organisation, Known(id=row.id))
    changing = update(person_group).where(*mine, person_group.c.version == before)
    return tx.execute(changing.values(**_values(row))).rowcount == 1


def remove_group(tx: Connection, organisation: str, id: str) -> None:
    """The group, its members' places in it, and its own place in others, whose version grows by that."""
    around = select(membership.c.group_id).where(
        membership.c.organisation_id == organisation, membership.c.member_id == id
    )
    others = person_group.c.organisation_id == organisation, person_group.c.id.in_(around)
    tx.execute(update(person_group).where(*others).values(version=person_group.c.version + 1))
    for column in (membership.c.member_id, membership.c.group_id):
        tx.execute(delete(membership).where(membership.c.organisation_id == organisation, column == id))
    tx.execute(delete(person_group).where(*matching(person_group, organisation, Known(id=id))))


def members(tx: Connection, organisation: str, group: str) -> list[tuple[str, bool]]:
    """Who is in it, by id, and whether each is a group."""
    mine = membership.c.organisation_id == organisation, membership.c.group_id == group
    is_group = (
        select(person_group.c.id)
        .where(person_group.c.organisation_id == organisation, person_group.c.id == membership.c.member_id)
        .exists()
    )
    rows = tx.execute(select(membership.c.member_id, is_group.label("is_group")).where(*mine).order_by("member_id"))
    return [(row.member_id, bool(row.is_group)) for row in rows]


def present_members(tx: Connection, organisation: str, group: str, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are in it."""
    asked, found = sorted(set(ids)), set[str]()
    for start in range(0, len(asked), _AT_ONCE):
        mine = membership.c.organisation_id == organisation, membership.c.group_id == group
        some = membership.c.member_id.in_(asked[start : start + _AT_ONCE])
        found.update(tx.scalars(select(membership.c.member_id).where(*mine, some)))
    return found


def known_members(tx: Connection, organisation: str, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are a person's or a group's."""
    asked, found = sorted(set(ids)), set[str]()
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        for table in (person, person_group):
            mine = table.c.organisation_id == organisation, table.c.id.in_(some)
            found.update(tx.scalars(select(table.c.id).where(*mine)))
    return found


def add_members(tx: Connection, organisation: str, group: str, ids: Iterable[str]) -> None:
    """None of them may be in it yet."""
    rows = [{"organisation_id": organisation, "group_id": group, "member_id": id} for id in sorted(ids)]
    if rows:
        tx.execute(insert(membership), rows)


def remove_members(tx: Connection, organisation: str, group: str, ids: Iterable[str]) -> None:
    gone = sorted(ids)
    for start in range(0, len(gone), _AT_ONCE):
        mine = membership.c.organisation_id == organisation, membership.c.group_id == group
        tx.execute(delete(membership).where(*mine, membership.c.member_id.in_(gone[start : start + _AT_ONCE])))


def _group(row: Row[Any]) -> GroupRow:
    return GroupRow(
        row.id, row.name, row.external_id, json.loads(row.document), row.version, row.created_at, row.changed_at
    )


def _values(row: GroupRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "folded_name": folded(row.name),
        "external_id": row.external_id,
        "document": json.dumps(row.document, ensure_ascii=False),
        "version": row.version,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }
