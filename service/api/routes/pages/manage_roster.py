"""`/manage/roster`: the tree of units to look at and take away, and another to put in its place, looked at first."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.manage_form import Sent, TheSent, dry_run, file_text
from service.api.routes.pages.reader import ReaderRoute, SignedIn, TheAround
from service.api.routes.pages.replies import page, see
from service.errors import Conflict, Fault, Invalid, InvalidRoster, NotFound
from service.operations import directory, reorganise
from service.operations.access import Principal
from service.pages.dashboard.frame import Around
from service.pages.manage.form import Form, form_of, unwritten, written
from service.pages.manage.outline import outline
from service.pages.manage.roster import EXAMPLE, Entered, roster_csv, roster_page
from service.pages.manage.roster_change import Step, roster_change_page
from service.survey.roster import Roster
from service.survey.roster_document import kept, parse_roster_csv
from service.survey.roster_rules import MOST_FAULTS

_PATH = "/manage/roster"
_UNWRITTEN = "holds a character that is no text: save the file from the spreadsheet as 'CSV UTF-8'"
_FIELDS = {"text", "day", "seen", "action"}

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get(_PATH)
def look(
    principal: SignedIn,
    around: TheAround,
    parts: TheParts,
    day: date | None = None,
    below: str | None = None,
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    saved: Literal["", "yes", "already"] = "",
) -> Response:
    today = parts.today()
    on = day or today
    tree = reorganise.roster(parts.runtime.database, principal, on)
    if below is not None and below not in tree:
        raise NotFound("unit")
    shown, entered = outline(tree, below, first), Entered(day=today.isoformat())
    follows = directory.mapping_now(parts.runtime.database, principal) is not None
    return page(roster_page(around, tree, shown, on, today, entered, follows=follows, saved=saved))


@router.get(f"{_PATH}.csv")
def take(principal: SignedIn, parts: TheParts, day: date | None = None) -> Response:
    tree = reorganise.roster(parts.runtime.database, principal, day or parts.today())
    return _csv(tree, "roster")


@router.get(f"{_PATH}/example.csv")
def take_example(principal: SignedIn) -> Response:
    principal.require("manage", whole=True)
    return _csv(EXAMPLE, "roster-example")


@router.post(_PATH)
def put(principal: SignedIn, around: TheAround, parts: TheParts, sent: TheSent) -> Response:
    """Say what the posted roster would change; with the action `apply`, and if that is what was seen, change it."""
    principal.require("manage", whole=True)
    form = form_of(sent.fields, once=_FIELDS, rough={"text"})
    day = form.day("day", parts.today())
    action = form.choice("action", "check", "apply", "edit")
    text = _text(form, sent)
    if form.faults or action == "edit":
        return _again(parts, principal, around, Entered(written(text), form.text("day"), form.faults))
    try:
        tree = parse_roster_csv(text)
        step = _step(parts, principal, tree, day)
        shown = dry_run(
            form,
            action,
            step,
            lambda overtaken: roster_change_page(around, step, text, today=parts.today(), overtaken=overtaken),
        )
        if shown is not None:
            return shown
        reorganise.put_roster(parts.runtime.database, principal, tree, day, today=parts.today(), seen=step.before)
    except (InvalidRoster, Conflict) as error:
        return _again(parts, principal, around, Entered(text, day.isoformat(), _faults(error)), STATUS[type(error)][0])
    return see(f"{_PATH}?day={day.isoformat()}&saved={'already' if step.is_none else 'yes'}")


def _step(parts: Parts, principal: Principal, tree: Roster, day: date) -> Step:
    before = reorganise.roster(parts.runtime.database, principal, day)
    change = reorganise.put_roster(parts.runtime.database, principal, tree, day, today=parts.today(), apply=False)
    return Step(before, kept(before, tree), change, day)


def _again(parts: Parts, principal: Principal, around: Around, entered: Entered, status: int = 0) -> Response:
    """The page as it was sent, with what is wrong with it."""
    today = parts.today()
    tree = reorganise.roster(parts.runtime.database, principal, today)
    follows = directory.mapping_now(parts.runtime.database, principal) is not None
    content = roster_page(around, tree, outline(tree), today, today, entered, follows=follows)
    return page(content, status or (STATUS[InvalidRoster][0] if entered.faults else 200))


def _text(form: Form, sent: Sent) -> str:
    """What the file says, else what stands in the box."""
    filed = file_text(sent, form)
    text = form.whole_text("text") if filed is None else filed
    if any(map(unwritten, text.splitlines())):
        form.faults.extend(_unwritten(text))
    elif not text.strip() and not form.faults:
        form.fault("text", "holds nothing yet: paste the roster, or choose a file")
    return text


def _unwritten(text: str) -> list[Fault]:
    lines = [number for number, line in enumerate(text.split("\n"), 1) if unwritten(line)]
    return [Fault(f"line {number}", _UNWRITTEN) for number in lines[:MOST_FAULTS]]


def _faults(error: Invalid | Conflict) -> list[Fault]:
    if isinstance(error, Invalid):
        return [Fault("day", fault.why) if fault.where == "as_of" else fault for fault in error.faults]
    return [Fault("day", str(error))]


def _csv(tree: Roster, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(roster_csv(tree), 200, headers, "text/csv; charset=utf-8")
