"""A webhook goes to the open internet by HTTPS, and to nothing that only this machine or its network reaches."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from service.inviting import webhook
from service.inviting.address import NotAllowed, Target, is_public, parsed, resolved, wrong_with

PRIVATE = """
127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.8 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
192.0.0.192 198.18.0.1 224.0.0.1 239.1.1.1 255.255.255.255 240.0.0.1 168.63.129.16
:: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a00:1:: 2001::1 2001:db8::1 no-number
fec0::1 feff::1 3fff::1 3fff:fff::1 2001:2::1 2001:20::1 5f00::1 100::1 64:ff9b:1::1 ::1.1.1.1 4000::1 1fff::1
""".split()  # noqa: SIM905
PUBLIC = [
    "93.184.215.14",
    "1.1.1.1",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "64:ff9b::101:101",
    "172.32.0.1",
    "3ffe::1",
]


@pytest.mark.parametrize("number", PRIVATE)
def test_what_is_not_of_the_open_internet_is_private(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", PUBLIC)
def test_the_open_internet_is_public(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "//example.org/",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/a b",
        "https://example.org/\r\nx: y",
        "https://exämple.org/",
        "https://example.org/" + "a" * 2_000,
        "file:///etc/passwd",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        parsed(url, private=False)


def test_an_address_is_taken_apart() -> None:
    assert parsed("https://example.org", private=False) == Target(True, "example.org", 443, "/")
    assert parsed("https://example.org:8443/a?b=c", private=False) == Target(True, "example.org", 8443, "/a?b=c")
    assert parsed("http://127.0.0.1:80/", private=True) == Target(False, "127.0.0.1", 80, "/")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://2130706433/", "https://0x7f.1/"]
)
def test_every_spelling_of_this_machine_is_refused(url: str) -> None:
    assert wrong_with(url, private=False) is not None
    assert webhook.send(url, "a" * 16, b"k" * 32, b"{}", private=False) in {
        "leads to a private address",
        "has a host that no address is known of",
    }


def knowing(*numbers: str) -> Callable[..., Any]:
    """A resolver that has these addresses of every name."""

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    return resolve


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    target = parsed("https://rebinding.example/", private=False)
    monkeypatch.setattr(socket, "getaddrinfo", knowing("1.1.1.1"))
    assert resolved(target, private=False) == ("1.1.1.1", 443)
    monkeypatch.setattr(socket, "getaddrinfo", knowing("1.1.1.1", "10.0.0.1"))
    with pytest.raises(NotAllowed):
        resolved(target, private=False)


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its mind between the look and the connection gains nothing: it is asked once."""
    asked, connected = [], []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return knowing("1.1.1.1" if len(asked) == 1 else "127.0.0.1")(host, port)

    def connect(where: tuple[str, int], _timeout: float) -> socket.socket:
        connected.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    said = webhook.send("https://rebinding.example/", "a" * 16, b"k" * 32, b"{}", private=False)
    assert said == "no connection, or no answer"
    assert (asked, connected) == (["rebinding.example"], [("1.1.1.1", 443)])
    # By the next delivery the name has turned private.
    assert webhook.send("https://rebinding.example/", "a" * 16, b"k" * 32, b"{}", private=False) == (
        "leads to a private address"
    )
    assert len(connected) == 1
