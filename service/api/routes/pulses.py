"""`/v1/pulses`: setting a pulse up, inviting, and its one-way life."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response

from service.api.access import AnyReader, Manager
from service.api.documented import guarded
from service.api.key_first import KeyFirst
from service.api.parts import TheParts
from service.api.replies import next_link
from service.api.schemas import (
    InvitationReply,
    InvitationsBody,
    InvitationsReply,
    PulseBody,
    PulseReply,
    PulsesReply,
    pulse_reply,
)
from service.operations import close, prepare, publish

router = APIRouter(prefix="/v1/pulses", tags=["manage"], responses=guarded(404, 409), route_class=KeyFirst)


@router.post("", status_code=201, summary="Set up a pulse")
def create_pulse(principal: Manager, parts: TheParts, body: PulseBody) -> PulseReply:
    return pulse_reply(prepare.create_pulse(parts.runtime.database, principal, body.draft()), None)


@router.get("", summary="Every pulse; manage, results or analytics")
def list_pulses(
    request: Request,
    response: Response,
    principal: AnyReader,
    parts: TheParts,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=16, pattern="^[a-z2-7]*$")] = "",
) -> PulsesReply:
    found = prepare.list_pulses(parts.runtime.database, principal, cursor, limit + 1)
    following = found[limit - 1][0].id if len(found) > limit else None
    if following is not None:
        response.headers["Link"] = next_link(request, following)
    return PulsesReply(data=[pulse_reply(pulse, hash) for pulse, hash in found[:limit]], next=following)


@router.get("/{pulse}", summary="One pulse; manage, results or analytics")
def get_pulse(principal: AnyReader, parts: TheParts, pulse: str) -> PulseReply:
    return pulse_reply(*prepare.find_pulse(parts.runtime.database, principal, pulse))


@router.post("/{pulse}/invitations", status_code=201, summary="Issue single-use tokens, shown this once")
def issue_invitations(
    principal: Manager,
    parts: TheParts,
    pulse: str,
    body: Annotated[InvitationsBody | None, Body()] = None,
) -> InvitationsReply:
    counts = None if body is None else body.units
    issued = prepare.issue_invitations(parts.runtime.database, principal, pulse, counts, parts.today())
    by_unit: dict[str, list[str]] = {}
    for unit, token in issued:
        by_unit.setdefault(unit, []).append(token)
    return InvitationsReply(
        pulse=pulse, invitations=[InvitationReply(unit=unit, tokens=tokens) for unit, tokens in by_unit.items()]
    )


@router.post("/{pulse}/open", summary="Let answers in; roster and policy are fixed from here on")
def open_pulse(principal: Manager, parts: TheParts, pulse: str) -> PulseReply:
    return pulse_reply(
        *prepare.open_pulse(parts.runtime.database, parts.runtime.custody, principal, pulse, parts.today())
    )


@router.post("/{pulse}/close", summary="Tally, and destroy answers and invitations; cannot be undone")
def close_pulse(principal: Manager, parts: TheParts, pulse: str) -> PulseReply:
    closed = close.close_pulse(parts.runtime.database, parts.runtime.custody, principal, pulse, parts.today())
    return pulse_reply(closed.pulse, closed.policy_hash, scrubbed=closed.scrubbed, keys_destroyed=closed.keys_destroyed)


@router.post("/{pulse}/release", summary="Publish what the gate lets through, once and for good")
def release_pulse(principal: Manager, parts: TheParts, pulse: str) -> PulseReply:
    made = publish.release_pulse(parts.runtime.database, principal, pulse)
    parts.analyst.wake()
    return pulse_reply(made.pulse, made.policy_hash, made.digest)
