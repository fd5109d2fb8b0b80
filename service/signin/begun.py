"""A sign-in that was begun: one secret in the browser, and what is made of it, so that nobody else need remember it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

#: Seconds in which a person has to be back.
LONGEST = 600
_SHAPE = re.compile(r"([0-9]{1,12})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Begun:
    """`secret` stays in the browser's cookie; the provider gets to see what is made of it, each by a name of its own.

    State, nonce and verifier cannot be worked out of each other: whoever reads the state in an address has neither.
    """

    secret: str

    @property
    def state(self) -> str:
        """Says in the provider's reply that it is this browser's."""
        return self._made("state")

    @property
    def nonce(self) -> str:
        """Says in the ID token that it is this sign-in's."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """Proves to the provider that whoever has the code began the sign-in (RFC 7636)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    def _made(self, name: str) -> str:
        return _text(hmac.digest(self.secret.encode(), name.encode(), "sha256"))


def begin(now: float) -> Begun:
    return Begun(f"{int(now)}.{secrets.token_urlsafe(32)}")


def resumed(cookie: str | None, now: float) -> Begun | None:
    """What a browser came back with, unless it is none, or too old: its time is part of the secret."""
    shaped = _SHAPE.fullmatch(cookie or "")
    if shaped is None or not 0 <= now - int(shaped[1]) <= LONGEST:
        return None
    return Begun(shaped[0])


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
