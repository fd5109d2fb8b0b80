"""What a provider says, fetched within bounds: of time, of size, and of where it may be asked for."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.errors import ProviderSilent

if TYPE_CHECKING:
    from httpx import AsyncClient

#: For all of a reply, from the first word to the last.
_SECONDS = 8.0
#: Bytes of a reply.
_LARGEST = 512_000


class Declined(Exception):
    """The provider answered, and will not."""


def is_permitted(address: str) -> bool:
    """Whether it may be asked for: by HTTPS, or on this very machine, and with no name or fragment in it."""
    try:
        said = urlsplit(address)
        host, _ = said.hostname, said.port
    except ValueError:
        return False
    plain = said.username is None and said.password is None and not said.fragment
    return bool(host) and plain and (said.scheme == "https" or (said.scheme == "http" and is_here(address)))


def is_here(address: str) -> bool:
    """Whether it is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def document(
    address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object that stands there, or that a form is answered with. Nobody is followed elsewhere.

    Raises Declined where the provider refuses, and ProviderSilent for everything else that is no such object.
    """
    if not is_permitted(address):
        raise ProviderSilent
    try:
        async with asyncio.timeout(_SECONDS):
            status, content = await _reply(address, form, headers or {})
    except TimeoutError:
        raise ProviderSilent from None
    if form is not None and status in {400, 401, 403}:
        raise Declined
    try:
        said = json.loads(content) if status == 200 else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ProviderSilent
    return said


async def _reply(address: str, form: Mapping[str, str] | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    client = await asyncio.to_thread(_client, is_here(address))
    import httpx

    content = b""
    wanted = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
    try:
        async with client, client.stream("POST" if form else "GET", address, data=form, headers=wanted) as reply:
            # As it was sent: what is packed may be any size once it is not.
            async for part in reply.aiter_raw():
                content += part
                if len(content) > _LARGEST:
                    raise ProviderSilent
            return reply.status_code, content
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
        raise ProviderSilent from None


def _client(here: bool) -> AsyncClient:
    """One for one question: nothing is kept of a connection. Made in a thread, for its first import takes a moment."""
    import httpx

    # A proxy named in the environment is for what is elsewhere.
    return httpx.AsyncClient(verify=_trusted(), timeout=_SECONDS, follow_redirects=False, trust_env=not here)


@cache
def _trusted() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()
