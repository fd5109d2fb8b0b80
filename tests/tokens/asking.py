"""What a front end does to get an unlinkable token, with the service's own `Holder`: for tests that need some."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import httpx

from service.tokens import fingerprint
from service.tokens.unlinkable import Holder, decoded, encoded

#: Sends a method, a path and a body as JSON, with no key.
Send = Callable[[str, str, Any], httpx.Response]


def pulse_of(invitation: str) -> str:
    return invitation.partition(".")[0]


def exchange(send: Send, invitation: str, blinded: bytes, pulse: str | None = None) -> httpx.Response:
    body = {"invitation": invitation, "blinded": encoded(blinded)}
    return send("POST", f"/v1/pulses/{pulse or pulse_of(invitation)}/tokens", body)


def token_of(send: Send, invitation: str) -> str:
    """The token an invitation is good for. Raises AssertionError or ValueError where a front end would refuse."""
    holder = Holder.blind(secrets.token_bytes(32))
    reply = exchange(send, invitation, holder.blinded)
    assert reply.status_code == 200, reply.text
    return checked(send, holder, reply.json())


def checked(send: Send, holder: Holder, issued: dict[str, Any]) -> str:
    asked = send("GET", f"/v1/pulses/{issued['pulse']}/questionnaire", None).json()
    key = decoded(issued["public_key"])
    steps = [(step["side"], bytes.fromhex(step["hash"])) for step in issued["path"]]
    assert {side for side, _ in steps} <= {"left", "right"}
    climbed = fingerprint.climbed(issued["unit"], key, steps)
    assert climbed is not None, "a path that is not the unit's"
    assert climbed.hex() == issued["fingerprint"] == asked["privacy"]["tokens"]["fingerprint"]
    return holder.token(issued["pulse"], issued["unit"], key, decoded(issued["evaluated"]), decoded(issued["proof"]))
