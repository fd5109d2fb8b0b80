"""What Entra ID and Okta send besides the standard, said as the standard says it, before anything else looks at it.

Each function takes parsed JSON and returns what it means; whatever is of no shape that is known here stays as it is,
and is judged as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from service.scim.declared import ENTERPRISE

_BOOLEANS = {"active", "primary"}
_WORDS = {"true": True, "false": False}
#: Given out here, and sent back by those who send a resource as they got it.
_OURS = {"id", "meta"}
#: A key of a PATCH without a path that is a path itself: `name.givenName`, `emails[type eq "work"].value`, a schema's.
_IS_PATH = re.compile(r"[.\[:]")
#: Of one value, so that a list around it says nothing.
_SINGLE = {
    "username", "displayname", "title", "usertype", "preferredlanguage", "active", "externalid", "formatted",
    "familyname", "givenname", "employeenumber", "costcenter", "organization", "division", "department", "manager",
}  # fmt: skip
#: `id eq 2819c223 and ...`: a value without its quotation marks, which Entra ID is documented with.
_BARE = re.compile(r'(\beq\s+)(?!true\b|false\b|null\b)([^"\s()\[\]]+)', re.IGNORECASE)
#: A value in its quotation marks; one that does not end goes to the end of the filter, so that nothing is read twice.
_IN_QUOTES = re.compile(r'("(?:[^"\\]|\\.)*+"?)', re.DOTALL)
#: The manager, asked for as if it stood in the core schema and were a value.
_MANAGER = re.compile(rf"(?<![\w:.])(?:{re.escape(ENTERPRISE)}:)?manager(?=\s+eq\b)", re.IGNORECASE)


def filter_as_meant(filter: str) -> str:
    return _MANAGER.sub(f"{ENTERPRISE}:manager.value", _outside_quotes(filter))


def resource_as_meant(document: Any) -> Any:
    """A user or a group that is to be made, or to be put in another's place."""
    if not isinstance(document, dict):
        return document
    kept = {name: value for name, value in document.items() if str(name).lower() not in _OURS}
    return {name: _value(name, value) for name, value in kept.items()}


def patch_as_meant(document: Any) -> Any:
    """Operations with lower-case names, each with a path where it has one in the keys of its value."""
    if not isinstance(document, dict):
        return document
    name = next((it for it in document if str(it).lower() == "operations"), None)
    if name is None or not isinstance(document[name], list):
        return document
    operations = [inner for operation in document[name] for inner in _operations(operation)]
    return {**document, name: operations}


def bulk_as_meant(document: Any) -> Any:
    """Each operation's data as it would be sent alone."""
    if not isinstance(document, dict):
        return document
    name = next((it for it in document if str(it).lower() == "operations"), None)
    if name is None or not isinstance(document[name], list):
        return document
    return {**document, name: [_bulk_operation(it) for it in document[name]]}


def _bulk_operation(operation: Any) -> Any:
    if not isinstance(operation, dict) or "data" not in operation:
        return operation
    as_meant = patch_as_meant if str(operation.get("method")).upper() == "PATCH" else resource_as_meant
    return {**operation, "data": as_meant(operation["data"])}


def _operations(operation: Any) -> Iterator[Any]:
    if not isinstance(operation, dict):
        yield operation
        return
    said = {str(name).lower(): value for name, value in operation.items()}
    op, path, value = str(said.get("op", "")).lower(), said.get("path"), said.get("value")
    if path in {None, ""} and isinstance(value, dict):
        yield from _spread(op, value)
    elif isinstance(path, str):
        yield _at_path(op, path, said)
    else:
        yield operation


def _spread(op: str, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is said without a path: what is a path by itself becomes one, and the rest stays together."""
    together = {}
    for name, item in value.items():
        if name.lower() in _OURS | {"schemas"}:
            continue
        if _is_path(name) or (_IS_PATH.search(name) and not isinstance(item, dict)):
            yield _at_path(op, name, {"value": item})
        else:
            together[name] = _value(name, item)
    if together or not value or all(name.lower() in _OURS | {"schemas"} for name in value):
        yield {"op": op, "value": together}


def _is_path(name: str) -> bool:
    """Whether it leads into the enterprise schema, and is not its name alone."""
    return name.lower().startswith(f"{ENTERPRISE.lower()}:")


def _at_path(op: str, path: str, said: dict[str, Any]) -> dict[str, Any]:
    path = f"{ENTERPRISE}:manager" if path.lower() in {"manager", f"{ENTERPRISE.lower()}:manager.value"} else path
    meant: dict[str, Any] = {"op": op, "path": path}
    last = re.split(r"[.:]", path)[-1].lower()
    if "value" not in said:
        return meant
    value = _value(last, _unwrapped(last, said["value"]))
    if op == "remove":
        return meant if value in (None, "", []) else {**meant, "value": _entries(value)}
    if last == "manager" and value is None:
        return {"op": "remove", "path": path}
    return {**meant, "value": value}


def _entries(value: Any) -> Any:
    """Whom to remove: by their value alone, for by their display name nobody is known here."""
    entries = value if isinstance(value, list) else [value]
    return [{"value": it["value"]} if isinstance(it, dict) and "value" in it else it for it in entries]


def _unwrapped(name: str, value: Any) -> Any:
    """One value in a list, or in an object in a list, as Entra ID once sent every value."""
    if name in _SINGLE and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if name in _SINGLE - {"manager"} and isinstance(value, dict) and "value" in value:
        return value["value"]
    return value


def _value(name: str, value: Any) -> Any:
    lowered = name.lower()
    if lowered in _BOOLEANS and isinstance(value, str):
        return _WORDS.get(value.strip().lower(), value)
    if lowered == "manager":
        return _manager(value)
    if isinstance(value, dict):
        return {inner: _value(inner, item) for inner, item in value.items()}
    if isinstance(value, list):
        return [_value("", item) for item in value]
    return value


def _manager(value: Any) -> Any:
    """Nobody where it names nobody."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        value = {"value": value}
    if isinstance(value, dict) and not value.get("value"):
        return None
    return value


def _outside_quotes(filter: str) -> str:
    """Values that lack their quotation marks get them; what stands in some is left alone."""
    parts = _IN_QUOTES.split(filter)
    return "".join(part if place % 2 else _BARE.sub(_quoted, part) for place, part in enumerate(parts))


def _quoted(found: re.Match[str]) -> str:
    value = found[2]
    return found[0] if re.fullmatch(r"-?\d+(\.\d+)?", value) else f'{found[1]}"{value}"'
