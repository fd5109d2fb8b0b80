"""Webhooks and letters as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.api.schemas import Body
from service.operations.hooks import EVENTS, USUAL, Delivery, Hook
from service.operations.letters import Progress


class HookBody(Body):
    url: Annotated[str, Field(max_length=2_000, description="Where to: https:// and a public host.")]
    events: Annotated[
        tuple[str, ...],
        Field(strict=False, max_length=len(EVENTS), description=f"What it is told of: {', '.join(EVENTS)}."),
    ] = USUAL


class HookReply(BaseModel):
    id: str
    url: str
    events: list[str]
    state: Literal["active", "disabled"] = Field(description="Disabled once the receiver answered 410.")


class NewHookReply(HookReply):
    secret: str = Field(description="What the receiver verifies with (whsec_...); shown this once.")


class HooksReply(BaseModel):
    data: list[HookReply]


class SecretReply(BaseModel):
    id: str
    secret: str = Field(description="Good from the next delivery on; shown this once.")


class TestReply(BaseModel):
    delivery: str = Field(description="Listed among the hook's deliveries.")


class DeliveryReply(BaseModel):
    id: str = Field(description="The header webhook-id is this behind msg_.")
    event: str
    pulse: str | None
    state: Literal["waiting", "delivered", "given up"]
    tries: int
    trouble: str | None = Field(description="Why the last try failed.")


class DeliveriesReply(BaseModel):
    data: list[DeliveryReply]


class LettersBody(Body):
    by: Annotated[
        Literal["email", "webhook"],
        Field(description="email: to everybody in the directory; webhook: hand all that is left to a distributor."),
    ] = "email"
    until: Annotated[
        date | None, Field(strict=False, description="The last day, told in letters where it is known.")
    ] = None


class InvitedReply(BaseModel):
    pulse: str
    invited: int


class LettersReply(BaseModel):
    """Counts of letters, which say nothing of answers."""

    pulse: str
    people: int
    sent: int = Field(description="Of the latest round.")
    failed: int = Field(description="Refused for good by the mail server.")
    rounds: int = Field(description="1 for the invitation itself, one more for each reminder.")


class ReminderReply(BaseModel):
    pulse: str
    reminder: int = Field(description="Which it is, from 1.")


def hook_reply(it: Hook) -> HookReply:
    return HookReply(id=it.id, url=it.url, events=list(it.events), state="disabled" if it.disabled else "active")


def new_hook_reply(it: Hook, secret: str) -> NewHookReply:
    return NewHookReply(**hook_reply(it).model_dump(), secret=secret)


def delivery_reply(it: Delivery) -> DeliveryReply:
    return DeliveryReply.model_validate(
        {name: getattr(it, name) for name in ("id", "event", "pulse", "state", "tries", "trouble")}
    )


def letters_reply(pulse: str, it: Progress) -> LettersReply:
    return LettersReply(pulse=pulse, people=it.people, sent=it.sent, failed=it.failed, rounds=it.rounds)
