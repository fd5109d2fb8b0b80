"""`/manage`: every pulse by where it stands, and `/manage/pulse`: one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from service.api.inviting import sends_letters
from service.api.parts import Parts, TheParts
from service.api.routes.pages.reader import ReaderRoute, SignedIn, TheAround
from service.api.routes.pages.replies import page, see
from service.errors import NotFound
from service.operations import invited, letters, participation, prepare, reorganise
from service.operations.access import Principal
from service.pages.dashboard.frame import Around
from service.pages.manage.outline import Outline, outline
from service.pages.manage.pulse import Known, Letters, pulse_page, turnout
from service.pages.manage.pulses import pulses_page
from service.survey.pulse import State
from service.survey.roster import Roster

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


def _managing(principal: SignedIn) -> Principal:
    principal.require("manage", whole=True)
    return principal


#: Who may manage the whole organisation. Raises NotAuthenticated and NotAllowed.
Managing = Annotated[Principal, Depends(_managing)]


def _around_managing(around: TheAround) -> Around:
    """These pages are about pulses that no reader's page knows yet: nothing is carried to those."""
    return replace(around, here="/manage", chosen={})


TheDesk = Annotated[Around, Depends(_around_managing)]


@router.get("/manage")
def every(around: TheDesk, parts: TheParts, principal: Managing) -> Response:
    database = parts.runtime.database
    found = [pulse for pulse, _ in prepare.list_pulses(database, principal)]
    has_roster = bool(reorganise.roster(database, principal, parts.today()).units)
    return page(pulses_page(around, found, has_roster=has_roster))


@router.get("/manage/pulse")
def one(
    around: TheDesk,
    parts: TheParts,
    principal: Managing,
    pulse: str,
    unit: str = "",
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    said: str = "",
) -> Response:
    return page(pulse_page(around, known(parts, principal, pulse, unit, first), said))


def to_pulse(id: str, said: str) -> Response:
    """Send the browser on to the pulse's page, which says that."""
    return see(f"/manage/pulse?pulse={id}&said={said}")


def known(parts: Parts, principal: Principal, id: str, top: str = "", first: int = 0) -> Known:
    """What there is to tell of a pulse, its roster from the `first` unit below `top` on. Raises NotFound."""
    database = parts.runtime.database
    pulse, policy_hash, digest = prepare.find_pulse(database, principal, id)
    if pulse.state not in (State.DRAFT, State.OPEN):
        return Known(pulse, policy_hash, digest, None, {}, None, None)
    counted = letters.progress(database, principal, id)
    roster, issued = invited.invited(database, principal, id, parts.today())
    reads = pulse.state is State.OPEN and "results" in principal.scopes
    answered = turnout(participation.running_participation(database, principal, id)) if reads else None
    mailed = Letters(
        sends_letters(parts.runtime.settings), counted.people, counted.sent, counted.failed, counted.rounds
    )
    return Known(pulse, policy_hash, digest, roster, issued, answered, _part(roster, top, first), mailed)


def _part(roster: Roster, top: str, first: int) -> Outline:
    if top and top not in roster:
        raise NotFound("unit")
    return outline(roster, top or None, first)
