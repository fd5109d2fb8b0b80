"""`/v1/pulses/{pulse}/letters`: invitations by e-mail or to a distributor, and reminders, which go to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from service.api.access import Manager
from service.api.documented import guarded
from service.api.hook_schemas import InvitedReply, LettersBody, LettersReply, ReminderReply, letters_reply
from service.api.inviting import require_letters
from service.api.key_first import KeyFirst
from service.api.parts import TheParts
from service.operations import letters, prepare

router = APIRouter(prefix="/v1/pulses/{pulse}", tags=["manage"], responses=guarded(404, 409), route_class=KeyFirst)


@router.post("/letters", status_code=201, summary="Invite everybody by e-mail, or hand invitations to a distributor")
def write_letters(
    principal: Manager, parts: TheParts, pulse: str, body: Annotated[LettersBody | None, Body()] = None
) -> InvitedReply:
    """Before the pulse opens. Letters leave once it is open; a distributor gets its deliveries at once. The
    invitations are shown to nobody else, and lie sealed until the pulse closes."""
    order, runtime = body or LettersBody(), parts.runtime
    principal.require("manage", whole=True)
    prepare.find_pulse(runtime.database, principal, pulse)
    if order.by == "webhook":
        count = letters.hand_over(runtime.database, runtime.custody, principal, pulse, parts.today())
    else:
        require_letters(runtime.settings)
        count = letters.invite(runtime.database, runtime.custody, principal, pulse, parts.today(), until=order.until)
    return InvitedReply(pulse=pulse, invited=count)


@router.get("/letters", summary="How many letters there are and were sent")
def count_letters(principal: Manager, parts: TheParts, pulse: str) -> LettersReply:
    """Nothing about who answered, which nobody looks up; all 0 once the pulse is closed."""
    return letters_reply(pulse, letters.progress(parts.runtime.database, principal, pulse))


@router.post("/reminders", status_code=201, summary="Write to everybody once more, with the same invitation")
def remind(principal: Manager, parts: TheParts, pulse: str) -> ReminderReply:
    """Also to those who have answered: nobody looks up who has. At most once a day, and three times in all."""
    return ReminderReply(pulse=pulse, reminder=letters.remind(parts.runtime.database, principal, pulse, parts.today()))
