"""A person or a group as SCIM's JSON, and back: what stands in columns of its own, and what is kept as it was said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from service.operations.people import Group, Person, SaidOfGroup, SaidOfPerson

#: What is not said by a directory, or stands in a column.
_ASIDE = {"schemas", "id", "meta", "externalId", "userName", "active", "groups"}
_ASIDE_OF_GROUPS = {"schemas", "id", "meta", "externalId", "displayName", "members"}


def person_document(row: Person) -> dict[str, Any]:
    """Who is said neither to be active nor not counts as active, and is told as they were said."""
    said = {"active": row.active, **row.document}
    return _with_columns(said, row, "User") | {"userName": row.user_name}


def group_document(row: Group, members: Iterable[tuple[str, bool]] | None) -> dict[str, Any]:
    """`members` are ids, and whether each is a group; None leaves them out."""
    said = _with_columns(row.document, row, "Group") | {"displayName": row.name}
    return said if members is None else said | {"members": [_member(id, is_group) for id, is_group in members]}


def said_of_person(document: dict[str, Any]) -> SaidOfPerson:
    kept = {name: value for name, value in document.items() if name not in _ASIDE}
    active = document.get("active")
    if active is None:
        kept["active"] = None
    return SaidOfPerson(document["userName"], document.get("externalId"), active is not False, kept)


def said_of_group(document: dict[str, Any]) -> SaidOfGroup:
    kept = {name: value for name, value in document.items() if name not in _ASIDE_OF_GROUPS}
    members = frozenset(member["value"] for member in document.get("members", ()) if "value" in member)
    return SaidOfGroup(document["displayName"], document.get("externalId"), kept, members)


def version_of(row: Person | Group) -> str:
    return f'W/"{row.version}"'


def _with_columns(said: dict[str, Any], row: Person | Group, type: str) -> dict[str, Any]:
    meta = {
        "resourceType": type,
        "created": datetime.fromtimestamp(row.created_at, UTC),
        "lastModified": datetime.fromtimestamp(row.changed_at, UTC),
        "version": version_of(row),
    }
    return {**said, "id": row.id, "externalId": row.external_id, "meta": meta}


def _member(id: str, is_group: bool) -> dict[str, str]:
    type = "Group" if is_group else "User"
    return {"value": id, "$ref": f"{type}s/{id}", "type": type}
