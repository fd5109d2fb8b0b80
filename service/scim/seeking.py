"""What of a filter the database answers by an index: the rest is asked of every resource that is left."""

from __future__ import annotations

from typing import Any

from scim2_models import ScimFilter
from scim2_models.path import AttrPath, CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator

from service.operations.people import Sought

#: By type and attribute in lower case: the field of what is sought.
_ASKED = {
    "User": {"id": "id", "externalid": "external_id", "username": "name", "active": "active"},
    "Group": {"id": "id", "externalid": "external_id", "displayname": "name"},
}


def sought(filter: ScimFilter[Any] | None, type: str) -> Sought | None:
    """What whoever the filter keeps must be; of a resource type by its name. None where there can be nobody."""
    known: dict[str, str | bool] = {}
    for term in [] if filter is None else _all_of(filter.ast):
        field = _field(term, type)
        if field is not None:
            known[field[0]] = field[1]
    if not all(storable(value) for value in known.values() if isinstance(value, str)):
        return None
    return Sought(**known)  # type: ignore[arg-type]


def storable(text: str) -> bool:
    """Whether a database can hold it: neither NUL nor half of a character."""
    return not any(it == "\0" or "\ud800" <= it <= "\udfff" for it in text)


def _all_of(node: FilterNode) -> list[FilterNode]:
    """The terms that must hold together: of an `or` none does."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        return [inner for term in node.terms for inner in _all_of(term)]
    return [node]


def _field(term: FilterNode, type: str) -> tuple[str, str | bool] | None:
    if not isinstance(term, Comparison) or term.op != CompareOperator.eq:
        return None
    field = _ASKED[type].get(_name(term.attr_path, type))
    wanted = bool if field == "active" else str
    return (field, term.value) if field is not None and isinstance(term.value, wanted) else None


def _name(path: AttrPath, type: str) -> str:
    core = f"urn:ietf:params:scim:schemas:core:2.0:{type}"
    ours = path.sub_attr is None and (path.uri is None or path.uri.lower() == core.lower())
    return path.attr.lower() if ours else ""
