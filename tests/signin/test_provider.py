"""A provider is asked when first needed, and then now and then; its keys change, and it falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from service.errors import ProviderSilent
from service.signin import fetching
from service.signin.fetching import document, is_permitted
from service.signin.provider import Provider as Known
from service.signin.signed import Refused
from tests.signin.provider import Provider, provided, rsa_key


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as made:
        yield made


def asked(provider: Provider) -> int:
    return provider.asked["/keys"]


def test_it_is_asked_once_by_however_many(provider: Provider, clock: Clock) -> None:
    async def many() -> None:
        known = Known(provider.issuer, clock)
        await asyncio.gather(*(known.key("one") for _ in range(20)))
        clock.now += 600
        await known.key("one")

    asyncio.run(many())
    assert asked(provider) == 1


def test_keys_change_and_the_old_ones_go(provider: Provider, clock: Clock) -> None:
    async def rotating() -> None:
        known = Known(provider.issuer, clock)
        await known.key("one")
        provider.keys = [rsa_key("two"), rsa_key("one")]
        with pytest.raises(Refused):
            await known.key("two")
        assert asked(provider) == 1, "who brings unknown keys does not make us ask at every call"
        clock.now += 30
        assert (await known.key("two"))["kid"] == "two"
        provider.keys = [rsa_key("two")]
        clock.now += 601
        await known.key("one")
        await settled(known)
        with pytest.raises(Refused):
            await known.key("one")

    asyncio.run(rotating())
    assert asked(provider) == 3


async def settled(known: Known) -> None:
    assert known._asking is not None
    await known._asking


def test_a_silent_provider_is_believed_for_an_hour_and_asked_now_and_then(provider: Provider, clock: Clock) -> None:
    async def falling_silent() -> None:
        known = Known(provider.issuer, clock)
        await known.key("one")
        provider.silent = True
        clock.now += 1_800
        await known.key("one")
        await settled(known)
        with pytest.raises(ProviderSilent):
            await known.key("two")
        before = provider.asked.total()
        await known.key("one")
        assert provider.asked.total() == before
        clock.now += 1_801
        with pytest.raises(ProviderSilent):
            await known.key("one")
        provider.silent = False
        clock.now += 5
        await known.key("one")

    asyncio.run(falling_silent())


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "nearly the issuer": {"issuer": "{issuer}/"},
    "keys without https": {"jwks_uri": "http://keys.example/keys"},
    "no keys": {"jwks_uri": None},
    "an address that is none": {"token_endpoint": "http://["},
    "a name in an address": {"authorization_endpoint": "https://somebody@login.example/"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_description_that_is_not_the_issuers_is_none(provider: Provider, lie: dict[str, Any]) -> None:
    provider.describes = {name: it and it.format(issuer=provider.issuer) for name, it in lie.items()}
    with pytest.raises(ProviderSilent):
        asyncio.run(Known(provider.issuer).known())


@pytest.mark.parametrize(
    ("address", "permitted"),
    [
        ("https://login.example/tenant/v2.0", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost/realms/a", True),
        ("http://[::1]:80/", True),
        ("http://login.example", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("https://name:word@login.example", False),
        ("https://login.example/#part", False),
        ("https://", False),
        ("https://login.example:port", False),
        ("ftp://login.example", False),
        ("", False),
    ],
)
def test_where_may_be_asked(address: str, permitted: bool) -> None:
    assert is_permitted(address) is permitted


def test_a_reply_has_bounds_and_leads_nowhere_else(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{provider.issuer}/.well-known/openid-configuration"
    assert asyncio.run(document(address))["issuer"] == provider.issuer
    with pytest.raises(ProviderSilent):
        asyncio.run(document(f"{provider.issuer}/authorize?redirect_uri={address}&state=a"))
    monkeypatch.setattr(fetching, "_LARGEST", 100)
    with pytest.raises(ProviderSilent):
        asyncio.run(document(address))
    monkeypatch.delattr(fetching, "_reply")
    with pytest.raises(ProviderSilent):
        asyncio.run(document("http://login.example/"))


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging() -> None:
        release = asyncio.Event()

        async def serve(_reader: Any, writer: asyncio.StreamWriter) -> None:
            await release.wait()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ProviderSilent):
            await document(f"http://127.0.0.1:{port}/")
        release.set()
        server.close()
        await server.wait_closed()

    monkeypatch.setattr(fetching, "_SECONDS", 0.1)
    asyncio.run(hanging())
