"""Keys and tokens of recent requests, believed for a few seconds so that reads cost no query."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable

from service.errors import NotAuthenticated
from service.operations.access import Principal, authenticate
from service.signin.signed import is_one
from service.store.database import Database

#: How long a key that was just checked is believed, in seconds; a withdrawn key works that much longer.
_BELIEVED = 5.0


class Keyring:
    """Holds digests and not the keys, and those of the last seconds only: the rest goes when the next one comes."""

    def __init__(self, database: Database, called: Callable[[str], Awaitable[Principal]] | None = None) -> None:
        """`called` says whose a provider's access token is, where one is configured."""
        self._database, self._called = database, called
        self._known: dict[bytes, tuple[float, Principal]] = {}

    async def principal(self, secret: str) -> Principal:
        """Raises NotAuthenticated; refusals are not remembered, so guesses cannot fill the memory.

        Of a provider's tokens also NoRole and ProviderSilent.
        """
        known = self.known(secret)
        if known is not None:
            return known
        principal = await self._checked(secret)
        now = time.monotonic()
        self._known = {digest: entry for digest, entry in self._known.items() if entry[0] > now}
        self._known[_digest_of(secret)] = (now + _believed(principal), principal)
        return principal

    async def _checked(self, secret: str) -> Principal:
        """No key of ours has a dot in it, so what has two is looked up nowhere."""
        if not is_one(secret):
            return await asyncio.to_thread(authenticate, self._database, secret, int(time.time()))
        if self._called is None:
            raise NotAuthenticated
        return await self._called(secret)

    def known(self, secret: str) -> Principal | None:
        """The principal of a key checked a moment ago, without asking anybody."""
        until, principal = self._known.get(_digest_of(secret), (0.0, None))
        return principal if until > time.monotonic() else None


def _believed(principal: Principal) -> float:
    """For how many seconds from now: none in which the key has ended."""
    return _BELIEVED if principal.ends_at is None else min(_BELIEVED, principal.ends_at - time.time())


def _digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
