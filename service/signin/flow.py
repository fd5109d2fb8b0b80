"""A person's way to the provider and back: the authorisation code flow with PKCE, and the ID token believed or not."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from service.errors import NotAuthenticated
from service.signin.begun import Begun
from service.signin.claims import require_call, require_sign_in
from service.signin.configured import Configured
from service.signin.fetching import Declined, document
from service.signin.provider import Description, Provider
from service.signin.signed import Refused, claims_of, header_of

#: Characters of a code.
_LONGEST_CODE = 4_096
#: Codes exchanged at once; whoever comes beyond them waits.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Believed:
    """What the provider says of somebody, and the second at which it ends."""

    claims: Mapping[str, Any]
    ends_at: int


class Flow:
    """One provider, as its people and machines meet it. Everything raises ProviderSilent while it cannot be asked."""

    def __init__(self, configured: Configured, provider: Provider, claims: Iterable[str]) -> None:
        """`claims` are the names that roles hang on: what the provider offers of them is asked for."""
        self._configured, self._provider = configured, provider
        self._claims = frozenset(name.partition(".")[0] for name in claims)
        self._exchanging = asyncio.Semaphore(_AT_ONCE)

    async def address(self, begun: Begun) -> str:
        """Where to send a browser."""
        description = (await self._provider.known()).description
        asked = {
            "response_type": "code",
            "client_id": self._configured.client,
            "redirect_uri": self._configured.redirect,
            "scope": " ".join(["openid", *sorted(self._claims & description.scopes - {"openid"})]),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        return f"{description.authorization}{'&' if '?' in description.authorization else '?'}{urlencode(asked)}"

    async def finished(self, begun: Begun, said: Mapping[str, str], now: float) -> Believed:
        """Who came back, by what the provider said in the address. Raises NotAuthenticated where it is out of order."""
        try:
            code = _code(begun, said, self._configured.issuer)
            description = (await self._provider.known()).description
            if description.names_itself and "iss" not in said:
                raise Refused("the reply does not say whose it is (iss)")
            async with self._exchanging:
                given = await self._exchanged(description, code, begun)
            return await self._signed_in(given, begun, now)
        except (Refused, Declined):
            raise NotAuthenticated from None

    async def called(self, text: str, now: float) -> Believed:
        """Whose an access token is. Raises NotAuthenticated."""
        try:
            return await self.judged(text, now)
        except Refused:
            raise NotAuthenticated from None

    async def judged(self, text: str, now: float) -> Believed:
        """As `called`; raises Refused, which says why, for whoever sets this up."""
        header, claims = await self._opened(text)
        configured = self._configured
        end = require_call(header, claims, issuer=configured.issuer, audience=configured.audience, now=now)
        return Believed(claims, end)

    async def _exchanged(self, description: Description, code: str, begun: Begun) -> dict[str, Any]:
        """What the provider gives for a code, once: the code comes from an address, and is worth nothing without the
        verifier, which was never in one."""
        configured = self._configured
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": configured.redirect,
            "client_id": configured.client,
            "code_verifier": begun.verifier,
        }
        headers = {}
        if configured.secret and description.basic:
            pair = f"{quote(configured.client, safe='')}:{quote(configured.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif configured.secret:
            form["client_secret"] = configured.secret
        return await document(description.token, form, headers)

    async def _signed_in(self, given: Mapping[str, Any], begun: Begun, now: float) -> Believed:
        token, access = given.get("id_token"), given.get("access_token")
        if not isinstance(token, str):
            raise Refused("there is no ID token")
        header, claims = await self._opened(token)
        end = require_sign_in(
            header,
            claims,
            issuer=self._configured.issuer,
            client=self._configured.client,
            nonce=begun.nonce,
            access=access if isinstance(access, str) else None,
            now=now,
        )
        return Believed(claims, end)

    async def _opened(self, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
        header = header_of(text)
        key = await self._provider.key(header.get("kid"))
        return header, await asyncio.to_thread(claims_of, text, header, key)


def _code(begun: Begun, said: Mapping[str, str], issuer: str) -> str:
    """The code of a reply that is this browser's and this provider's. Raises Refused."""
    if not hmac.compare_digest(said.get("state", "").encode(), begun.state.encode()):
        raise Refused("it is not of this browser (state)")
    if said.get("iss", issuer) != issuer:
        raise Refused("it is another provider's (iss)")
    code = said.get("code", "")
    if "error" in said or not 0 < len(code) <= _LONGEST_CODE:
        raise Refused("there is no code")
    return code
