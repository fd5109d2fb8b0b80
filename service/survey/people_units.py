"""The three ways from people to units: by attributes, by groups, by managers; each the same whatever the order."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

from service.survey.people import Derived, Odd, People, Person, Placed, cut_circles, roster_from
from service.survey.people_mapping import UnitMapping

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#: Characters of a hash: of units enough that no two meet, of a name enough to tell teams apart.
_UNIT_DIGITS, _NAME_DIGITS = 12, 6
_LONGEST_SLUG = 40
_APART = re.compile("[^a-z0-9]+")


def derive(people: People, mapping: UnitMapping) -> Derived:
    """Where everybody active stands, and the roster that makes. The sum of its headcounts is the active people.

    Raises InvalidRoster where the units break the rules of rosters.
    """
    placing = {"attributes": _by_attributes, "groups": _by_groups, "manager": _by_manager}
    return roster_from(placing[mapping.kind](people, mapping), mapping)


def facts_of(person: Person) -> dict[str, Any]:
    """A person's attributes by name, those of the enterprise extension beside the others."""
    document: dict[str, Any] = json.loads(person.document)
    extension = document.pop(ENTERPRISE, None)
    return {**document, **extension} if isinstance(extension, dict) else document


# By attributes: a unit is a path of values from the top down. A level somebody has no value for is left out of theirs.

_Path = tuple[tuple[str, str], ...]


def _by_attributes(people: People, mapping: UnitMapping) -> Placed:
    paths = {it.id: _path(facts_of(it), mapping.levels) for it in people.everybody if it.active}
    folded = {path: _folded(path) for path in set(paths.values())}
    spellings = _spellings(Counter(paths.values()), folded)
    ids = {path: _path_id(path) for path in spellings}
    placed = Placed()
    for path, names in spellings.items():
        placed.units[ids[path]] = (max(names, key=lambda it: (names[it], it)), ids.get(path[:-1]))
    placed.places = {person: ids.get(folded[path]) for person, path in paths.items()}
    placed.odd = Odd(
        without_unit=sum(not path for path in paths.values()),
        spelled_differently=sum(len(names) > 1 for names in spellings.values()),
    )
    return placed


def _path(facts: Mapping[str, Any], levels: Iterable[str]) -> _Path:
    values = ((level, facts.get(level)) for level in levels)
    return tuple((level, value) for level, value in values if isinstance(value, str) and value.strip())


def _folded(path: _Path) -> _Path:
    return tuple((level, _words(value).casefold()) for level, value in path)


def _spellings(paths: Mapping[_Path, int], folded: Mapping[_Path, _Path]) -> dict[_Path, Counter[str]]:
    """Of every unit how its value is written, and by how many people; those above come first."""
    found: defaultdict[_Path, Counter[str]] = defaultdict(Counter)
    for path, count in paths.items():
        for depth, (_, value) in enumerate(path, 1):
            found[folded[path][:depth]][_words(value)] += count
    return found


def _words(value: str) -> str:
    return " ".join(normalize("NFKC", value).split())


def _path_id(path: _Path) -> str:
    slug = _APART.sub("-", normalize("NFKD", path[-1][1]).encode("ascii", "ignore").decode()).strip("-")
    return f"{slug[:_LONGEST_SLUG].strip('-') or 'unit'}-{_digest(json.dumps(path))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_UNIT_DIGITS]


# By groups: a unit is a group whose name has the prefix, below the first by name of those it lies in.


def _by_groups(people: People, mapping: UnitMapping) -> Placed:
    active = {it.id for it in people.everybody if it.active}
    every = {it.id: it.name for it in people.groups}
    units = {id: name for id, name in every.items() if name.startswith(mapping.prefix)}
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for group, member in people.members:
        if group in units:
            inside[member].append(group)
    above = {id: _first(inside[id], units) for id in units if id in inside}
    circles = cut_circles(above)
    chosen = {id: _nearest(inside[id], above) for id in active if id in inside}
    placed = Placed({id: (_without(name, mapping.prefix), above.get(id)) for id, name in units.items()})
    placed.places = {id: _first(chosen[id], units) if id in chosen else None for id in active}
    placed.odd = Odd(
        without_unit=len(active) - len(chosen),
        in_several=sum(len(groups) > 1 for groups in chosen.values()),
        circles=circles,
        nested_elsewhere=sum(id in every and id not in units for id in inside),
    )
    return placed


def _without(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).strip() or name


def _first(groups: Iterable[str], names: Mapping[str, str]) -> str:
    return min(groups, key=lambda id: (names[id].casefold(), names[id], id))


def _nearest(groups: list[str], above: Mapping[str, str]) -> list[str]:
    """Of the groups somebody is in those that none of the others lies in: to be in a part is to be in the whole."""
    if len(groups) == 1:
        return groups
    wider = {id for group in groups for id in _upwards(group, above)}
    return [group for group in groups if group not in wider]


def _upwards(group: str, above: Mapping[str, str]) -> Iterator[str]:
    while group in above:
        group = above[group]
        yield group


# By managers: a unit is a manager with active people who report to them, under the unit the manager stands in.
# A manager may be named by id, external id, user name, personnel number or address: whatever is met first.


class _Reporting(NamedTuple):
    id: str
    active: bool
    manager: str | None
    label: str | None


def _by_manager(people: People, mapping: UnitMapping) -> Placed:
    known: list[dict[str, tuple[bool, str]]] = [{} for _ in range(5)]
    everybody = {it.id: _reporting(it, mapping, known) for it in people.everybody}
    above = {it.id: found for it in everybody.values() if (found := _found(it.manager, known)) is not None}
    circles = cut_circles(above)
    placed = Placed()
    for id, person in everybody.items():
        if person.active:
            placed.places[id] = _team_id(above[id]) if id in above else None
    leading = _leading([above[id] for id in placed.places if id in above], above)
    for id in leading:
        unit = _team_id(above[id]) if id in above else None
        placed.units[_team_id(id)] = (_team_name(everybody[id], mapping), unit)
    placed.odd = Odd(
        without_unit=sum(unit is None for unit in placed.places.values()),
        led_by_inactive=sum(not everybody[id].active for id in leading),
        unknown_managers=sum(
            it.active and it.manager is not None and _found(it.manager, known) is None for it in everybody.values()
        ),
        circles=circles,
    )
    return placed


def _leading(managers: Iterable[str], above: Mapping[str, str]) -> set[str]:
    """The managers of active people, and everybody those are under."""
    found: set[str] = set()
    for manager in managers:
        here: str | None = manager
        while here is not None and here not in found:
            found.add(here)
            here = above.get(here)
    return found


def _reporting(person: Person, mapping: UnitMapping, known: list[dict[str, tuple[bool, str]]]) -> _Reporting:
    facts = facts_of(person)
    for names, name in zip(known, _names(person, facts), strict=True):
        if name is not None:
            me = (not person.active, person.id)
            names[name] = min(names.get(name, me), me)
    label = facts.get("displayName") if mapping.named else facts.get("department")
    return _Reporting(person.id, person.active, _manager(facts), label if isinstance(label, str) else None)


def _names(person: Person, facts: Mapping[str, Any]) -> Iterator[str | None]:
    number = facts.get("employeeNumber")
    yield person.id
    yield person.external_id
    yield person.user_name.casefold()
    yield number if isinstance(number, str) else None
    address = address_of(facts)
    yield None if address is None else address.casefold()


def _manager(facts: Mapping[str, Any]) -> str | None:
    stated = facts.get("manager")
    value = stated.get("value") if isinstance(stated, dict) else stated
    return value.strip() if isinstance(value, str) and value.strip() else None


def _found(manager: str | None, known: list[dict[str, tuple[bool, str]]]) -> str | None:
    if manager is None:
        return None
    written = (manager, manager, manager.casefold(), manager, manager.casefold())
    found = (names[name][1] for names, name in zip(known, written, strict=True) if name in names)
    return next(found, None)


def _team_id(manager: str) -> str:
    return f"team-{_digest(manager)}"


def _team_name(manager: _Reporting, mapping: UnitMapping) -> str:
    short = _digest(manager.id)[:_NAME_DIGITS]
    if manager.label is None or not manager.label.strip():
        return f"Team {short}"
    label = _words(manager.label)
    return f"Team of {label}" if mapping.named else f"{label}, team {short}"


def address_of(facts: Mapping[str, Any]) -> str | None:
    """The address to write to: the primary one, else that of work, else the first."""
    emails = facts.get("emails")
    stated = [it for it in emails if isinstance(it, dict)] if isinstance(emails, list) else []
    ranked = sorted(stated, key=lambda it: (it.get("primary") is not True, it.get("type") != "work"))
    values = (it.get("value") for it in ranked)
    return next((value.strip() for value in values if isinstance(value, str) and "@" in value), None)
