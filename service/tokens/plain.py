"""Single-use tokens: a random secret behind its pulse's id, so that a front end needs nothing else.

They are as anonymous as whoever hands them out: SECURITY.md says what a keeper of both the token list and the
open database could try. What is stored is a digest; what proves a retry is a digest keyed by the token itself.
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
    """The pulse a token says it is for; None when it is no token at all."""
    return token.split(".", 1)[0] if _SHAPE.fullmatch(token) else None


def digest_of(token: str) -> bytes:
    """What an invitation is found by: SHA-256, 32 bytes; a random secret needs no salt and no stretching."""
    return hashlib.sha256(token.encode()).digest()


def receipt_of(token: str, answers: bytes, bands: bytes) -> bytes:
    """BLAKE2b of the packed response keyed by a token of ours, 32 bytes: equal only for the very same submission."""
    packed = len(answers).to_bytes(2) + answers + bands
    return hashlib.blake2b(packed, key=token.encode("ascii"), digest_size=32).digest()
