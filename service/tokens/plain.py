"""Invitations, and plain tokens: a random secret behind its pulse's id, so that a front end needs nothing else.

Sent with the answers it is a plain token, as anonymous as whoever hands it out; exchanged first for an unlinkable one
it tells nothing any more. What is stored is a digest.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_SHAPE = re.compile(r"[a-z2-7]{16}\.[A-Za-z0-9_-]{43}")


def issue(pulse: str) -> str:
    """A new token of 256 random bits: `<pulse id>.<secret>`."""
    return f"{pulse}.{secrets.token_urlsafe(32)}"


def pulse_of(token: str) -> str | None:
    """The pulse a token says it is for; None when it is no plain token at all."""
    return token.split(".", 1)[0] if _SHAPE.fullmatch(token) else None


def digest_of(token: str) -> bytes:
    """What an invitation is found by: SHA-256, 32 bytes; a random secret needs no salt and no stretching."""
    return hashlib.sha256(token.encode()).digest()
