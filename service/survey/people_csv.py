"""The CSV that an HR system or a spreadsheet writes of people, read into what a directory keeps of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.errors import Fault, Invalid
from service.survey.people_units import ENTERPRISE
from service.survey.roster_csv import RAGGED, UNREADABLE, Line, lines_of
from service.survey.roster_rules import LONGEST_NAME, MOST_FAULTS, MOST_PEOPLE
from service.survey.wording import LANGUAGE_RULE, is_language, is_text, text_rule

#: What is taken from a file, as SCIM calls it, and what columns of it are often called: compared without case, blanks
#: and signs.
ALIASES = {
    "userName": "user login upn userprincipalname benutzer benutzername anmeldename",
    "externalId": "id objectid",
    "email": "mail emailaddress emailadresse mailadresse workemail",
    "displayName": "name fullname anzeigename",
    "givenName": "firstname vorname",
    "familyName": "lastname surname nachname familienname",
    "preferredLanguage": "language sprache",
    "title": "jobtitle position stelle funktion",
    "userType": "employeetype mitarbeitertyp",
    "organization": "organisation company companyname firma unternehmen gesellschaft",
    "division": "businessunit bereich geschäftsbereich sparte",
    "department": "dept abteilung",
    "costCenter": "costcentre kostenstelle",
    "employeeNumber": "employeeid personnelnumber personalnummer mitarbeiternummer",
    "manager": "managerid manageremail supervisor reportsto vorgesetzter vorgesetzte führungskraft",
    "active": "enabled accountenabled aktiv",
}
#: By which somebody is known again: the first that has a column.
_KEYS = ("userName", "email", "externalId", "employeeNumber")
_ENTERPRISE = ("organization", "division", "department", "costCenter", "employeeNumber")
_PLAIN = ("displayName", "preferredLanguage", "title", "userType")
_ACTIVE = dict.fromkeys(("", "true", "yes", "1", "active", "enabled", "ja", "aktiv", "wahr"), True)
_ACTIVE |= dict.fromkeys(("false", "no", "0", "inactive", "disabled", "nein", "inaktiv", "falsch"), False)
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Stated:
    """Somebody as a line of the file states them; `document` is JSON as SCIM writes it."""

    line: int
    user_name: str
    external_id: str | None
    active: bool
    document: str


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """`taken` says from which column each field came; `dropped` are the columns nothing was taken from."""

    people: tuple[Stated, ...]
    taken: Mapping[str, str]
    dropped: tuple[str, ...]


def parse_people_csv(text: str, columns: Mapping[str, str] | None = None) -> PeopleFile:
    """The people of a CSV whose first line names its columns; `columns` says of fields which is theirs, or none ('').

    Cells are separated by comma, semicolon or tab. Raises Invalid with the first hundred faults, by line.
    """
    lines = lines_of(text)
    header = next(lines, Line(1, []))
    names = header.cells or []
    places = _places(names, columns or {}, f"line {header.number}")
    faults: list[Fault] = []
    people: list[Stated] = []
    for line in lines:
        faults.extend(_faults(line, names, places))
        if len(faults) >= MOST_FAULTS or len(people) > MOST_PEOPLE:
            break
        if not faults and line.cells is not None:
            people.append(_stated(line.number, {field: line.cells[place] for field, place in places.items()}))
    if not faults and not 0 < len(people) <= MOST_PEOPLE:
        faults = [Fault("file", f"must name 1 to {MOST_PEOPLE} people")]
    if faults:
        raise Invalid(faults[:MOST_FAULTS])
    taken = {field: names[place] for field, place in places.items()}
    return PeopleFile(tuple(people), taken, tuple(it for at, it in enumerate(names) if at not in places.values()))


def column_choices(stated: list[str]) -> dict[str, str]:
    """By field the column it is to be taken from, of `field=column` each. Raises Invalid."""
    fields = {_plain(field): field for field in ALIASES}
    chosen: dict[str, str] = {}
    for one in stated:
        field, sign, column = one.partition("=")
        if not sign or _plain(field) not in fields:
            raise Invalid([Fault("column", f"must be field=column, where the field is one of {', '.join(ALIASES)}")])
        chosen[fields[_plain(field)]] = column.strip()
    return chosen


def _places(names: list[str], chosen: Mapping[str, str], where: str) -> dict[str, int]:
    """By field the place of its column. Raises Invalid where that is not plain, or nobody could be told apart."""
    plain = [_plain(name) for name in names]
    places: dict[str, int] = {}
    faults: list[Fault] = []
    for field, aliases in ALIASES.items():
        wanted = [_plain(chosen[field])] if field in chosen else [_plain(field), *aliases.split()]
        found = [
            place for place, name in enumerate(plain) if name and name in wanted and _free(place, field, chosen, plain)
        ]
        if len(found) > 1:
            faults.append(Fault(where, f"has several columns for {field}: say which with column={field}=..."))
        elif found:
            places[field] = found[0]
        elif chosen.get(field):
            faults.append(Fault(where, f"has no column of the name that was said for {field}"))
    if not faults and not any(field in places for field in _KEYS):
        faults = [
            Fault(where, f"must name a column for one of {', '.join(_KEYS)}, separated by comma, semicolon or tab")
        ]
    if faults:
        raise Invalid(faults)
    return places


def _free(place: int, field: str, chosen: Mapping[str, str], plain: list[str]) -> bool:
    """Whether no other field was said to be in this column."""
    return all(other == field or _plain(column) != plain[place] for other, column in chosen.items())


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _faults(line: Line, names: list[str], places: Mapping[str, int]) -> Iterator[Fault]:
    where = f"line {line.number}"
    if line.cells is None:
        yield Fault(where, UNREADABLE)
        return
    if len(line.cells) != len(names):
        yield Fault(where, RAGGED)
        return
    key = next(field for field in _KEYS if field in places)
    for field, place in places.items():
        cell = line.cells[place]
        if cell or field == key:
            rule = _broken(field, cell)
            if rule is not None:
                yield Fault(f"{where}, {field}", rule)


def _broken(field: str, cell: str) -> str | None:
    """The rule a cell breaks, if it does."""
    if field == "active":
        return None if cell.casefold() in _ACTIVE else f"must be one of {', '.join(filter(None, _ACTIVE))}, or empty"
    if field == "preferredLanguage":
        return None if is_language(cell.replace("_", "-")) else LANGUAGE_RULE
    if field == "email" and not (cell.count("@") == 1 and " " not in cell and len(cell) <= _LONGEST_ADDRESS):
        return "must be one address"
    return None if is_text(cell, max(LONGEST_NAME, _LONGEST_ADDRESS)) else text_rule(_LONGEST_ADDRESS)


def _stated(line: int, cells: Mapping[str, str]) -> Stated:
    name = next(cells[field] for field in _KEYS if field in cells)
    active = _ACTIVE[cells.get("active", "").casefold()]
    document = json.dumps(_document(cells), ensure_ascii=False)
    return Stated(line, name, cells.get("externalId") or None, active, document)


def _document(cells: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {field: cells[field] for field in _PLAIN if cells.get(field)}
    if "preferredLanguage" in document:
        document["preferredLanguage"] = document["preferredLanguage"].replace("_", "-")
    name = {field: cells[field] for field in ("givenName", "familyName") if cells.get(field)}
    if name:
        document["name"] = name
    if cells.get("email"):
        document["emails"] = [{"value": cells["email"], "type": "work", "primary": True}]
    work: dict[str, Any] = {field: cells[field] for field in _ENTERPRISE if cells.get(field)}
    if cells.get("manager"):
        work["manager"] = {"value": cells["manager"]}
    return {**document, ENTERPRISE: work} if work else document
