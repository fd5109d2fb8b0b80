"""Where a webhook may go: to the public internet by HTTPS, and nowhere that only this machine or its network reaches.

Whoever may name an address has this service speak to it from where it stands. So what a name stands for is looked at
when the webhook is made and again whenever it is told something, and that very address is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2_000
_PORTS = {"https": 443, "http": 80}
#: Prefixes of IPv6 addresses that stand for an IPv4 one, which may be private, and the place of its four bytes.
_EMBEDDING = (
    (ipaddress.ip_network("64:ff9b::/96"), 12),
    (ipaddress.ip_network("::ffff:0:0/96"), 12),
    (ipaddress.ip_network("2002::/16"), 2),
)
#: Public by number, and yet a cloud's own service for machines within it.
_WITHIN = tuple(ipaddress.ip_network(it) for it in ("168.63.129.16/32", "192.0.0.0/24"))
#: What is given out of IPv6 for the open internet, and what is kept back in it: for protocols, for writing about.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_KEPT_BACK = tuple(ipaddress.ip_network(it) for it in ("2001::/23", "2001:db8::/32", "3fff::/20"))

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(ValueError):
    """Says in words of ours why an address is not spoken to."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address in parts: `path` with its query."""

    tls: bool
    host: str
    port: int
    path: str


def parsed(url: str, *, private: bool) -> Target:
    """Raises NotAllowed."""
    try:
        said, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        raise NotAllowed("is no address") from None
    if said.scheme != "https" and not (private and said.scheme == "http"):
        raise NotAllowed("must begin with https://")
    if not said.hostname or said.username is not None or said.password is not None or said.fragment:
        raise NotAllowed("must name a host, no account and nothing after a #")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise NotAllowed(f"must be at most {LONGEST} characters of ASCII without blanks")
    path = f"{said.path or '/'}{'?' + said.query if said.query else ''}"
    return Target(said.scheme == "https", said.hostname, port or _PORTS[said.scheme], path)


def resolved(target: Target, *, private: bool) -> tuple[str, int]:
    """A number to connect to, of IPv4 or IPv6, and the port. Raises NotAllowed, also where one of several numbers of
    a name is private: it would be that one's turn some day."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed("has a host that no address is known of") from None
    numbers = [str(it[4][0]) for it in found]
    if not private and not all(is_public(number) for number in numbers):
        raise NotAllowed("leads to a private address")
    return numbers[0], target.port


def is_public(number: str) -> bool:
    """Whether it is an address of the open internet, and stands for no other."""
    try:
        ip: Ip = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if ip.version == 6:
        for network, at in _EMBEDDING:
            if ip in network:
                return is_public(str(ipaddress.IPv4Address(ip.packed[at : at + 4])))
        if ip not in _GIVEN_OUT or any(ip in network for network in _KEPT_BACK):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in network for network in _WITHIN))


def wrong_with(url: str, *, private: bool) -> str | None:
    """The rule that an address breaks as it stands now, if any."""
    try:
        resolved(parsed(url, private=private), private=private)
    except NotAllowed as refusal:
        return str(refusal)
    return None
