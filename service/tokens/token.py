"""Tokens of either kind, as whoever answers sends them."""

from __future__ import annotations

import re

from service.tokens import plain, unlinkable

#: A pulse's id and what is sent behind it, of either kind, wherever it stands and however it ends.
_SECRET = re.compile(r"([a-z2-7]{16})\.[A-Za-z0-9._-]{20,}")


def pulse_of(token: str) -> str | None:
    """The pulse a token says it is for; None when it is none of either kind."""
    found = unlinkable.read(token)
    return plain.pulse_of(token) if found is None else found.pulse


def blotted(text: str) -> str:
    """The same with three dots for whatever in it may be an invitation or a token; the pulse's id stays."""
    return _SECRET.sub(r"\1...", text)
