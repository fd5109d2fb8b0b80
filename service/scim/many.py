"""Many people in one bulk request, each said plainly: looked at by hand, for the library takes ten times as long.

What is not plain is nothing for this: the library looks at the whole request then, and both come to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from service.operations.people import People, Person, SaidOfPerson
from service.scim.declared import ENTERPRISE, MOST_OPERATIONS
from service.scim.forms import version_of
from service.scim.quirks import resource_as_meant

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_OPERATION = {"method", "path", "bulkId", "data"}
_TEXTS = {"userName", "externalId", "displayName", "title", "userType", "preferredLanguage"}
_NAME = {"formatted", "familyName", "givenName"}
_WORK = {"employeeNumber", "costCenter", "organization", "division", "department"}
#: What the library also understands by another spelling, and this does not.
_NAMES = {it.lower() for it in _TEXTS | _NAME | _WORK} | {"schemas", "active", "name", "emails", "value", "type"}
_NAMES |= {"primary", "manager", ENTERPRISE.lower()}


class _NotPlain(Exception):
    """Something that the library has to judge."""


def plain_people(document: Any) -> list[tuple[str, SaidOfPerson]] | None:
    """Each bulkId and who is to be made by it; None for any request that is more than that."""
    operations = document.get("Operations") if isinstance(document, dict) else None
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        return None
    try:
        _require(set(document) <= {"schemas", "Operations"})
        found = [_made(operation) for operation in operations]
    except _NotPlain:
        return None
    return found if len({id for id, _ in found}) == len(found) else None


def made(
    opening: Callable[[], AbstractContextManager[People]],
    wanted: list[tuple[str, SaidOfPerson]],
    base_url: str,
    taken: dict[str, Any],
) -> dict[str, Any]:
    """The bulk response, after all of them are kept; `taken` is said of who has a name that somebody has."""
    with opening() as people:
        rows = people.add_people([said for _, said in wanted])
    told = [_told(id, row, base_url, taken) for (id, _), row in zip(wanted, rows, strict=True)]
    return {"schemas": [_RESPONSE], "Operations": told}


def _told(id: str, row: Person | None, base_url: str, taken: dict[str, Any]) -> dict[str, Any]:
    if row is None:
        return {"method": "POST", "bulkId": id, "response": taken, "status": taken["status"]}
    location = f"{base_url}/Users/{row.id}"
    return {"method": "POST", "bulkId": id, "version": version_of(row), "location": location, "status": "201"}


def _made(operation: Any) -> tuple[str, SaidOfPerson]:
    _require(isinstance(operation, dict) and set(operation) == _OPERATION and operation["method"] == "POST")
    _require(operation["path"] in {"/Users", "Users"} and isinstance(operation["bulkId"], str))
    return operation["bulkId"], _person(resource_as_meant(operation["data"]))


def _person(document: Any) -> SaidOfPerson:
    _require(isinstance(document, dict))
    _require(isinstance(document.get("schemas"), list) and _USER in document["schemas"])
    said = _texts(document, _TEXTS, {"schemas", "active", "name", "emails", ENTERPRISE})
    _require("userName" in said)
    user_name, external_id = said.pop("userName"), said.pop("externalId", None)
    active = document.get("active")
    _require(active is None or isinstance(active, bool))
    kept = {**said, **({} if active is not None else {"active": None})}
    for name, found in (("name", _name), ("emails", _emails), (ENTERPRISE, _work)):
        if document.get(name) is not None:
            kept[name] = found(document[name])
    return SaidOfPerson(user_name, external_id, active is not False, kept)


def _name(value: Any) -> dict[str, Any]:
    return _some(_texts(value, _NAME))


def _emails(value: Any) -> list[dict[str, Any]]:
    _require(isinstance(value, list) and len(value) > 0)
    found = [_email(it) for it in value]
    _require(sum(it.get("primary") is True for it in found) < 2)
    return found


def _email(value: Any) -> dict[str, Any]:
    said = _texts(value, {"value", "type"}, {"primary"})
    if value.get("primary") is not None:
        _require(isinstance(value["primary"], bool))
        said["primary"] = value["primary"]
    return _some(said)


def _work(value: Any) -> dict[str, Any]:
    said = _texts(value, _WORK, {"manager"})
    if value.get("manager") is not None:
        said["manager"] = _some(_texts(value["manager"], {"value"}))
    return _some(said)


def _texts(value: Any, names: set[str], besides: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """The texts of these names; of others only those in `besides` may look like a name that is known."""
    _require(isinstance(value, dict))
    found = {}
    for name, text in value.items():
        if name in names:
            if text is not None:
                _require(isinstance(text, str) and text != "" and not text.startswith("bulkId:"))
                found[name] = text
        else:
            _require(name in besides or alike(name) not in _NAMES)
    return found


def alike(name: str) -> str:
    """The name as the library compares it."""
    return name.lower().replace("_", "").replace("-", "")


def _some(found: dict[str, Any]) -> dict[str, Any]:
    _require(bool(found))
    return found


def _require(plain: bool) -> None:
    if not plain:
        raise _NotPlain
