"""How units are made of people: of their attributes, of their groups, or of who reports to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from service.errors import Fault, Invalid
from service.survey.roster_rules import LONGEST_NAME
from service.survey.wording import ID_RULE, is_id, is_text, text_rule

Kind = Literal["attributes", "groups", "manager"]

#: What a level may be made of, as SCIM calls it: said of several people, never of one.
LEVELS = ("organization", "division", "department", "costCenter", "title", "userType")
_FIELDS: dict[str, set[str]] = {
    "attributes": {"from", "levels"},
    "groups": {"from", "prefix"},
    "manager": {"from", "named"},
}


@dataclass(frozen=True, slots=True)
class UnitMapping:
    """`levels` from the top down, for attributes; `prefix` of the names of groups that are units; with `named`, teams
    are called by their manager's name, and whoever reads a release reads it."""

    kind: Kind
    root_id: str
    root_name: str
    levels: tuple[str, ...] = ()
    prefix: str = ""
    named: bool = False


def parse_mapping(document: object) -> UnitMapping | None:
    """The mapping of `{"units": {"from": ..., ...}, "root": {"id", "name"}}`, None of `{"units": null}`.

    `from` is attributes with `levels`, groups with `prefix`, or manager with `named` (false when left out).
    Raises Invalid with every fault.
    """
    if document == {"units": None}:
        return None
    if not isinstance(document, dict) or document.keys() != {"units", "root"}:
        raise Invalid([Fault("mapping", "must be an object of units and root, or of units alone where that is null")])
    units, root = document["units"], document["root"]
    faults = [*_unit_faults(units), *_root_faults(root)]
    if faults:
        raise Invalid(faults)
    name = root["id"] if root.get("name") is None else root["name"]
    levels, prefix, named = tuple(units.get("levels", ())), units.get("prefix", ""), units.get("named", False)
    return UnitMapping(units["from"], root["id"], name, levels, prefix, named)


def mapping_document(mapping: UnitMapping | None) -> dict[str, Any]:
    """Plain JSON; parsing it gives an equal mapping."""
    if mapping is None:
        return {"units": None}
    every = {"from": mapping.kind, "levels": list(mapping.levels), "prefix": mapping.prefix, "named": mapping.named}
    units = {name: value for name, value in every.items() if name in _FIELDS[mapping.kind]}
    return {"units": units, "root": {"id": mapping.root_id, "name": mapping.root_name}}


def _unit_faults(units: object) -> list[Fault]:
    if not isinstance(units, dict) or units.get("from") not in list(_FIELDS):
        return [Fault("units.from", f"must be one of {', '.join(_FIELDS)}")]
    rules = {
        "units": (f"must have no fields but {', '.join(sorted(_FIELDS[units['from']]))}", _has_no_other(units)),
        "units.levels": (f"must be one or more of {', '.join(LEVELS)}, each once", _has_levels(units)),
        "units.prefix": ("must be at most 200 characters", _has_prefix(units)),
        "units.named": ("must be true or false", isinstance(units.get("named", False), bool)),
    }
    return [Fault(where, rule) for where, (rule, kept) in rules.items() if not kept]


def _has_no_other(units: dict[str, object]) -> bool:
    return units.keys() <= _FIELDS[str(units["from"])]


def _has_levels(units: dict[str, object]) -> bool:
    levels = units.get("levels")
    if units["from"] != "attributes":
        return True
    if not isinstance(levels, list) or not levels:
        return False
    return all(level in LEVELS for level in levels) and len(set(levels)) == len(levels)


def _has_prefix(units: dict[str, object]) -> bool:
    prefix = units.get("prefix")
    return units["from"] != "groups" or (isinstance(prefix, str) and len(prefix) <= LONGEST_NAME)


def _root_faults(root: object) -> list[Fault]:
    if not isinstance(root, dict) or not root.keys() <= {"id", "name"}:
        return [Fault("root", "must be an object of id and name")]
    faults = [] if is_id(root.get("id")) else [Fault("root.id", ID_RULE)]
    if root.get("name") is not None and not is_text(root["name"], LONGEST_NAME):
        faults.append(Fault("root.name", text_rule(LONGEST_NAME)))
    return faults
