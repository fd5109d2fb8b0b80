"""`/manage/people`: the directory in numbers, how units are made of people, and a file of everybody, each dry first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.api.parts import Parts, TheParts, called_from_outside
from service.api.problems import STATUS
from service.api.routes.pages.manage_form import TheSent, dry_run, file_text
from service.api.routes.pages.manage_pulses import Managing
from service.api.routes.pages.reader import ReaderRoute, TheAround
from service.api.routes.pages.replies import Posted, page, see
from service.errors import Fault, Invalid
from service.operations import directory, people_import, reorganise
from service.operations.access import Principal
from service.operations.directory import Outlook, Trouble
from service.pages.dashboard.frame import Around
from service.pages.manage.form import form_of
from service.pages.manage.people import (
    FILE_FIELDS,
    MANY,
    ONCE,
    Filed,
    Filled,
    Stands,
    columns_in,
    filled_in,
    filled_of,
    people_page,
)
from service.pages.manage.people_change import Arriving, Made, Mapped, arriving_page, mapped_page
from service.pages.manage.roster_change import Step
from service.survey.people import odd_lines
from service.survey.people_csv import PeopleFile, column_choices, parse_people_csv
from service.survey.people_mapping import UnitMapping, mapping_document, parse_mapping
from service.survey.roster import Roster
from service.survey.roster_document import kept

_PATH = "/manage/people"

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


def _around_people(around: TheAround) -> Around:
    """Nothing that a reader chose is carried to these pages, and all of them are the one place of the menu."""
    return replace(around, here=_PATH, chosen={})


def _bringing(principal: Managing) -> Principal:
    principal.require("scim", whole=True)
    return principal


ThePeople = Annotated[Around, Depends(_around_people)]
#: Who may replace everybody, too. Raises NotAuthenticated and NotAllowed.
Bringing = Annotated[Principal, Depends(_bringing)]


@router.get(_PATH)
def look(request: Request, around: ThePeople, parts: TheParts, principal: Managing, said: str = "") -> Response:
    return _shown(request, parts, principal, around, said=said)


@router.post(_PATH)
def make(request: Request, around: ThePeople, parts: TheParts, principal: Managing, posted: Posted) -> Response:
    """Say what the posted way from people to units would make of the roster; with the action `apply`, and if that is
    what was seen, keep it."""
    form = form_of(posted, once=ONCE, many=MANY)
    action, filled = form.choice("action", "check", "apply", "edit"), filled_in(form)
    if form.faults or action == "edit":
        return _shown(request, parts, principal, around, filled=filled, faults=form.faults)
    try:
        mapping = parse_mapping(filled.document)
    except Invalid as error:
        return _shown(request, parts, principal, around, filled=filled, faults=error.faults)
    mapped = _mapped(parts, principal, filled, mapping)
    shown = dry_run(form, action, mapped, lambda overtaken: mapped_page(around, mapped, overtaken=overtaken))
    if shown is not None:
        return shown
    if mapped.is_none:
        return see(f"{_PATH}?said=already")
    directory.put_mapping(parts.runtime.database, principal, mapping, mapped.made.day)
    return see(f"{_PATH}?said={'unmade' if mapping is None else 'made'}")


@router.post(f"{_PATH}/file")
def bring(request: Request, around: ThePeople, parts: TheParts, principal: Bringing, sent: TheSent) -> Response:
    """Say what the posted file would make of the directory and the roster; with the action `apply`, and if that is
    what was seen, make it so."""
    form = form_of(sent.fields, once=FILE_FIELDS)
    action, columns = form.choice("action", "check", "apply", "edit"), columns_in(form)
    text = file_text(sent, form)
    if action == "edit" and not form.faults:
        return _shown(request, parts, principal, around, filed=Filed(columns))
    if text is None and not form.faults:
        form.fault("file", "is not chosen yet")
    if text is None or form.faults:
        return _shown(request, parts, principal, around, filed=Filed(columns, form.faults))
    try:
        file = parse_people_csv(text, column_choices(columns.splitlines()))
        arriving = _arriving(parts, principal, file, text, columns)
    except Invalid as error:
        return _shown(request, parts, principal, around, filed=Filed(columns, error.faults))
    shown = dry_run(form, action, arriving, lambda overtaken: arriving_page(around, arriving, overtaken=overtaken))
    if shown is not None:
        return shown
    if arriving.is_none:
        return see(f"{_PATH}?said=already")
    people_import.import_people(parts.runtime.database, principal, file, arriving.made.day)
    return see(f"{_PATH}?said=brought")


def _mapped(parts: Parts, principal: Principal, filled: Filled, mapping: UnitMapping | None) -> Mapped:
    database, day = parts.runtime.database, parts.today()
    now, before = directory.mapping_now(database, principal), reorganise.roster(database, principal, day)
    found = directory.put_mapping(database, principal, mapping, day, apply=False)
    return Mapped(filled, mapping_document(mapping), _made(parts, now, mapping, before, found))


def _arriving(parts: Parts, principal: Principal, file: PeopleFile, text: str, columns: str) -> Arriving:
    database, day = parts.runtime.database, parts.today()
    now, before = directory.mapping_now(database, principal), reorganise.roster(database, principal, day)
    found = people_import.import_people(database, principal, file, day, apply=False)
    made = _made(parts, now, now, before, found.outlook)
    numbers = (found.come, found.change, found.leave, found.stay)
    return Arriving(*numbers, list(file.taken.items()), file.dropped, columns, text, made)


def _made(parts: Parts, now: UnitMapping | None, mapping: UnitMapping | None, before: Roster, found: Outlook) -> Made:
    day, step = parts.today(), None
    if found.roster is not None and found.change is not None:
        step = Step(before, kept(before, found.roster), found.change, day)
    odd, trouble = odd_lines(asdict(found.odd)), _sentences(found.trouble)
    return Made(day, mapping_document(now), step, mapping is not None, odd, trouble)


def _shown(
    request: Request,
    parts: Parts,
    principal: Principal,
    around: Around,
    *,
    filled: Filled | None = None,
    faults: Sequence[Fault] = (),
    filed: Filed | None = None,
    said: str = "",
) -> Response:
    """The page as it stands, with what was sent and what is wrong with it."""
    database = parts.runtime.database
    found = directory.standing(database, principal)
    numbers = (found.people, found.active, found.groups, found.units)
    stands = Stands(*numbers, found.due, odd_lines(found.odd), _sentences(found.trouble))
    if filled is None:
        tree = reorganise.roster(database, principal, parts.today())
        filled = filled_of(found.mapping, tree, around.organisation)
    scim = f"{called_from_outside(request, parts)}/scim/v2"
    content = people_page(around, stands, filled, scim, faults=faults, filed=filed, said=said)
    return page(content, STATUS[Invalid][0] if faults or (filed and filed.faults) else 200)


def _sentences(trouble: Sequence[Trouble]) -> list[str]:
    return [it.sentence for it in trouble]
