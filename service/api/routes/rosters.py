"""`/v1/roster`: the tree of units, in as JSON or CSV, out as it stood on a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.concurrency import run_in_threadpool

from service.api.access import Manager
from service.api.documented import guarded
from service.api.key_first import KeyFirst
from service.api.parts import Parts, TheParts
from service.api.schemas import RosterChangeReply, RosterReply, UnitReply, change_reply
from service.errors import Fault, InvalidRoster
from service.operations import reorganise
from service.operations.access import Principal
from service.survey.roster import Roster
from service.survey.roster_document import parse_roster, parse_roster_csv

router = APIRouter(prefix="/v1/roster", tags=["manage"], responses=guarded(409), route_class=KeyFirst)

Document = Annotated[
    dict[str, Any],
    Body(
        description="`units`: id, name, parent (null at a root), headcount, the people directly in the unit, "
        "and after a reorganisation before: ids of the earlier units whose people it took over. "
        "What GET answers may be sent back as it is: its `as_of` is understood, and the query's wins.",
        examples=[{"units": [{"id": "all", "headcount": 0}, {"id": "t1", "parent": "all", "headcount": 9}]}],
    ),
]
AsOf = Annotated[date | None, Query(description="From which day the tree holds; today when left out.")]
DryRun = Annotated[bool, Query(description="Only say what would change.")]


@router.put("", summary="Replace the roster")
def put_roster(
    principal: Manager, parts: TheParts, document: Document, as_of: AsOf = None, dry_run: DryRun = False
) -> RosterChangeReply:
    principal.require("manage", whole=True)
    stated = document.pop("as_of", None)
    return _put(parts, principal, parse_roster(document), as_of or _day(stated), dry_run)


@router.post(
    "/import",
    summary="Replace the roster by a CSV",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def import_roster(
    request: Request, principal: Manager, parts: TheParts, as_of: AsOf = None, dry_run: DryRun = False
) -> RosterChangeReply:
    principal.require("manage", whole=True)
    raw = await request.body()
    # Reading and writing a large roster takes seconds, in which respondents must not wait.
    return await run_in_threadpool(lambda: _put(parts, principal, parse_roster_csv(_text(raw)), as_of, dry_run))


@router.get("", summary="The roster on a day")
def get_roster(principal: Manager, parts: TheParts, as_of: AsOf = None) -> RosterReply:
    day = as_of or parts.today()
    tree = reorganise.roster(parts.runtime.database, principal, day)
    units = [
        UnitReply(id=u.id, name=u.name, parent=u.parent, headcount=u.headcount, before=list(u.before or ()))
        for u in tree.units
    ]
    return RosterReply(as_of=day, units=units)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRoster([Fault("body", "is not UTF-8 text")]) from error


def _day(stated: object) -> date | None:
    if stated is None:
        return None
    try:
        return date.fromisoformat(str(stated))
    except ValueError as error:
        raise InvalidRoster([Fault("as_of", "must be a day as 2026-01-31")]) from error


def _put(parts: Parts, principal: Principal, tree: Roster, as_of: date | None, dry_run: bool) -> RosterChangeReply:
    day = as_of or parts.today()
    change = reorganise.put_roster(parts.runtime.database, principal, tree, day, today=parts.today(), apply=not dry_run)
    return change_reply(change, day, len(tree.units), applied=not dry_run)
