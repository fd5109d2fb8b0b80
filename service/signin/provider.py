"""The provider's own description and its keys: fetched when first needed, then kept, and asked for anew by the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.errors import ProviderSilent
from service.signin.fetching import document, is_permitted
from service.signin.signed import KINDS, Refused

#: Seconds after which description and keys are asked for again, by the way, when somebody needs them.
_FRESH = 600
#: Seconds for which they are believed while the provider says nothing.
_LASTING = 3_600
#: Seconds that pass at least before a key nobody knows makes us ask again, and after a question that went nowhere.
_PAUSE = 30
_AFTER_SILENCE = 5
#: Keys of one provider.
_MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Description:
    """Where the provider is to be found. `basic` says that a secret goes into a header; `names_itself`, that it says in
    every reply to a browser whose it is (RFC 9207)."""

    authorization: str
    token: str
    basic: bool
    names_itself: bool
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    description: Description
    keys: tuple[Mapping[str, Any], ...]
    at: float

    def key(self, kid: str | None) -> Mapping[str, Any] | None:
        """The key of that name; without a name the only one there is."""
        found = [key for key in self.keys if kid is None or key.get("kid") == kid]
        return found[0] if len(found) == 1 else None


class Provider:
    """Belongs to one loop of events; whoever asks while a question is under way waits for its answer."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer, self._clock = issuer, clock
        self._known: Known | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = -float("inf")
        self._silent = False

    async def known(self) -> Known:
        """Raises ProviderSilent while nothing is known, or for too long nothing new."""
        age = self._clock() - self._known.at if self._known else float("inf")
        if age > _LASTING:
            await self._ask(_AFTER_SILENCE if self._silent else 0)
        elif age > _FRESH:
            self._start(_AFTER_SILENCE if self._silent else 0)
        known = self._known
        if known is None or self._clock() - known.at > _LASTING:
            raise ProviderSilent
        return known

    async def key(self, kid: str | None) -> Mapping[str, Any]:
        """The key of that name. Raises Refused where there is none, and ProviderSilent where nobody can say."""
        found = (await self.known()).key(kid)
        if found is None:
            await self._ask(_AFTER_SILENCE if self._silent else _PAUSE)
            found = (await self.known()).key(kid)
        if found is None and self._silent:
            raise ProviderSilent
        if found is None:
            raise Refused("its key (kid) is none of the provider's")
        return found

    async def _ask(self, pause: float) -> None:
        self._start(pause)
        if self._asking is not None:
            await asyncio.shield(self._asking)

    def _start(self, pause: float) -> None:
        """Ask, unless that is under way or was done less than a pause ago."""
        if self._asking is not None and not self._asking.done():
            return
        self._asking = None
        if self._clock() - self._asked_at >= pause:
            self._asked_at = self._clock()
            self._asking = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        try:
            self._known = await described(self._issuer, self._clock)
            self._silent = False
        except ProviderSilent:
            self._silent = True


async def described(issuer: str, clock: Callable[[], float] = time.monotonic) -> Known:
    """What the provider says of itself, its keys with it. Raises ProviderSilent."""
    said = await document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    addresses = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if said.get("issuer") != issuer or not all(isinstance(it, str) and is_permitted(it) for it in addresses):
        raise ProviderSilent
    authorization, token, keys = map(str, addresses)
    description = Description(
        authorization,
        token,
        basic="client_secret_post" not in _words(said, "token_endpoint_auth_methods_supported"),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        scopes=_words(said, "scopes_supported"),
    )
    return Known(description, _keys(await document(keys)), clock())


def _words(said: Mapping[str, Any], name: str) -> frozenset[str]:
    listed = said.get(name)
    return frozenset(it for it in listed if isinstance(it, str)) if isinstance(listed, list) else frozenset()


def _keys(said: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Those that a signature may be held against; none is secret."""
    listed = said.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ProviderSilent
    return tuple(it for it in listed if isinstance(it, dict) and it.get("kty") in [*KINDS] and _is_for_signing(it))


def _is_for_signing(key: Mapping[str, Any]) -> bool:
    return bool(key.get("use", "sig") == "sig")
