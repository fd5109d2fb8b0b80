"""Tokens of either kind, as whoever answers sends them."""

from __future__ import annotations

from service.tokens import plain, unlinkable


def pulse_of(token: str) -> str | None:
    """The pulse a token says it is for; None when it is none of either kind."""
    found = unlinkable.read(token)
    return plain.pulse_of(token) if found is None else found.pulse
