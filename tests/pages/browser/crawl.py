"""Every page that can be reached by following links, and what its elements are."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx

#: An address stands for all with the same path and the same names in its query; this many of each are opened.
_OF_EACH = 4
_ID = re.compile(r"(?<=/)[a-z2-7]{16}(?=/|$)")


class Elements(HTMLParser):
    """Every element of a page as (tag, attributes)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@dataclass(frozen=True, slots=True)
class Crawled:
    """Replies by address: of `pages`, and of the `files` they offer to take away. `from_page` is where a link stood."""

    pages: dict[str, httpx.Response] = field(default_factory=dict)
    files: dict[str, httpx.Response] = field(default_factory=dict)
    from_page: dict[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """The first address found of each kind of page."""
        found: dict[str, str] = {}
        for address in self.pages:
            found.setdefault(kind(address), address)
        return found


def kind(address: str) -> str:
    """The path of an address, whatever it is about."""
    return _ID.sub("{}", urlsplit(address).path)


def crawled(client: httpx.Client, starts: Iterable[str]) -> Crawled:
    """What links lead to from `starts`, without leaving the service: the same few of each kind on every run."""
    result, seen = Crawled(), Counter[tuple[str, tuple[str, ...]]]()
    waiting = deque((start, "") for start in starts)
    while waiting:
        address, source = waiting.popleft()
        shape = (kind(address), tuple(sorted(dict(parse_qsl(urlsplit(address).query)))))
        if address in result.from_page or seen[shape] == _OF_EACH:
            continue
        seen[shape] += 1
        result.from_page[address] = source
        reply = client.get(address)
        if not reply.headers.get("content-type", "").startswith("text/html"):
            result.files[address] = reply
            continue
        result.pages[address] = reply
        waiting.extend((link, address) for link in links(reply.text))
    return result


def links(page: str) -> list[str]:
    """Where a page's links lead, without what comes after a #."""
    every = [(it.get("href") or "").partition("#")[0] for it in Elements(page).all("a")]
    return list(dict.fromkeys(href for href in every if href.startswith("/")))
