"""A reader's browser: signs in, follows every link from the dashboard and reads the figures off its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.journeys.crawling import Key

_VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    @property
    def text(self) -> str:
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for child in self.children:
            yield from [child] if isinstance(child, str) else child._pieces()

    def all(self, tag: str, name: str = "") -> Iterator[Node]:
        """Everything of this tag below, and of this class if any is named."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag == tag and (not name or name in child.classes):
                    yield child
                yield from child.all(tag, name)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Node("")
        self._open = [self.root]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


@dataclass(frozen=True)
class Page:
    """A page as one key got it; `chosen` what its form says it is about, `offered` what it could be."""

    key: Key
    address: str
    root: Node

    @property
    def chosen(self) -> dict[str, str]:
        return {
            select.attributes["name"] or "": option.attributes["value"] or ""
            for select in self.root.all("select")
            for option in select.all("option")
            if "selected" in option.attributes
        }

    @property
    def offered(self) -> dict[str, dict[str, str]]:
        """What is written of each value of each list to choose from."""
        return {
            select.attributes["name"] or "": {
                option.attributes["value"] or "": option.text for option in select.all("option")
            }
            for select in self.root.all("select")
        }

    def tables(self) -> Iterator[tuple[str, list[str], list[list[Node]]]]:
        """Each table's first heading, its headings and its rows of cells."""
        for table in self.root.all("table"):
            head, *rows = ([it for it in row.children if isinstance(it, Node)] for row in table.all("tr"))
            headings = [cell.text for cell in head]
            yield headings[0], headings, rows


def pages(doors: Any, key: Key, most: int = 10_000) -> list[Page]:
    """Every page that can be reached from the dashboard by links and by choosing from its form, or so many of them."""
    secret = key.headers["Authorization"].removeprefix("Bearer ")
    body = urlencode({"key": secret})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = doors.run(doors.client.post("/dashboard/sign-in", content=body, headers=form))
    assert reply.status_code == 303, reply.text
    cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}
    doors.client.cookies.clear()
    found: dict[str, Page] = {}
    seen: set[str] = set()
    waiting = ["/dashboard"]
    while waiting and len(found) < most:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        reply = doors.run(doors.client.get(address, headers=cookie))
        assert reply.status_code in (200, 303, 403), f"{address} with {key.name}: {reply.status_code}"
        if reply.status_code == 303:
            waiting.append(_normal(address, reply.headers["location"]))
        elif reply.headers["content-type"].startswith("text/html"):
            found[address] = Page(key, address, _Reader(reply.text).root)
            waiting += _links(found[address])
    return list(found.values())


def _links(page: Page) -> Iterator[str]:
    for link in page.root.all("a"):
        yield _normal(page.address, link.attributes.get("href") or "")
    for form in page.root.all("form"):
        if (form.attributes.get("method") or "get").lower() == "get":
            yield from _choices(form.attributes.get("action") or page.address, page)


def _choices(action: str, page: Page) -> Iterator[str]:
    """Every value of each list, together with every pulse."""
    offered = page.offered
    pulses = offered.pop("pulse", {})
    for name, values in offered.items():
        for pulse, value in product(pulses, values):
            yield _normal(page.address, f"{action}?{urlencode({'pulse': pulse, name: value})}")


def _normal(base: str, link: str) -> str:
    """The link without its fragment, what it asks for in one order."""
    parts = urlsplit(urljoin(f"http://redwood{base}", link))
    assert parts.netloc == "redwood", link
    query = urlencode(sorted(parse_qsl(parts.query)))
    return f"{parts.path}?{query}" if query else parts.path
