"""A reader's browser: signs in, follows links and forms as far as a sample goes, and reads what stands on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

from tests.journeys.crawling import Key

_VOID = {"meta", "link", "input", "br", "img", "hr"}
#: Pages of whoever manages; the others below this address change something.
_MANAGED = {"/manage", "/manage/roster", "/manage/people", "/manage/schedules", "/manage/pulse"}


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
        if self.tag == "br":
            yield " "
        for child in self.children:
            yield from [child] if isinstance(child, str) else child._pieces()

    @cached_property
    def every(self) -> Sequence[Node]:
        """All below, from above and in their order. To be asked for once the page is read."""
        below: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                below += (child, *child.every)
        return below

    def all(self, tag: str, name: str = "") -> Iterator[Node]:
        """Everything of this tag below, and of this class if any is named."""
        return (it for it in self.every if it.tag == tag and (not name or name in it.classes))


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
    source: str

    @cached_property
    def root(self) -> Node:
        return _Reader(self.source).root

    @property
    def path(self) -> str:
        return path_of(self.address)

    @property
    def asked(self) -> dict[str, str]:
        return asked_of(self.address)

    @property
    def main(self) -> Node:
        return next(self.root.all("main"))

    @cached_property
    def chosen(self) -> dict[str, str]:
        return {
            select.attributes["name"] or "": option.attributes["value"] or ""
            for select in self.root.all("select")
            for option in select.all("option")
            if "selected" in option.attributes
        }

    @cached_property
    def offered(self) -> dict[str, dict[str, str]]:
        """What is written of each value of each list to choose from."""
        return {
            select.attributes["name"] or "": {
                option.attributes["value"] or "": option.text for option in select.all("option")
            }
            for select in self.root.all("select")
        }

    def tables(self) -> Iterator[tuple[list[str], list[list[str]]]]:
        """Each table's headings, and what its rows say cell by cell."""
        for table in self.root.all("table"):
            head, *rows = ([it.text for it in row.children if isinstance(it, Node)] for row in table.all("tr"))
            yield head, rows

    @cached_property
    def links(self) -> list[str]:
        """Addresses of what may be read from here, those of the forms' choices too."""
        found = [_normal(self.address, link.attributes.get("href") or "") for link in self.root.all("a")]
        for form in self.root.all("form"):
            if (form.attributes.get("method") or "get").lower() == "get":
                found += self._choices(form.attributes.get("action") or self.address)
        return list(dict.fromkeys(found))

    def _choices(self, action: str) -> Iterator[str]:
        """Every value of each list, together with every pulse."""
        offered, unit = dict(self.offered), {"unit": self.chosen["unit"]} if "unit" in self.chosen else {}
        pulses = offered.pop("pulse", {})
        for name, values in {"": [""], **offered}.items():
            for pulse, value in product(pulses, values):
                asked = {"pulse": pulse, **(unit if name == "block" else {}), name: value}
                yield _normal(self.address, f"{action}?{urlencode(asked)}")


@dataclass(frozen=True)
class Sample:
    """Which of the pages that differ in what they are about are read: a part of each kind, spread over all units,
    pulses and blocks. `units` in some order, `stride` more than 1 for keys that see many, `further` addresses that no
    link of so small an organisation leads to."""

    units: Sequence[str]
    pulses: Sequence[str]
    blocks: Sequence[str]
    stride: int = 1
    further: Sequence[str] = ()

    def holds(self, path: str, asked: Mapping[str, str]) -> bool:
        unit, block = asked.get("unit"), asked.get("block")
        if path in _MANAGED:
            return "unit" not in asked
        if not path.startswith(("/dashboard", "/attack-report")) or path.endswith((".svg", ".csv")):
            return False
        if unit is None:
            return "branch" not in asked and (block is None or path == "/dashboard/unit")
        turn = self.units.index(unit) + self.pulses.index(asked["pulse"]) if "pulse" in asked else 0
        if turn % self.stride:
            return False
        turn //= self.stride
        if path == "/dashboard/unit":
            return block == self.blocks[turn % len(self.blocks)] or (block is not None and turn % 17 == 1)
        every = {"/dashboard": (4, 0), "/dashboard/report": (4, 1)}.get(path, (16, 5))
        return block is None and ((len(self.units) <= 4 and every[0] == 4) or turn % every[0] == every[1])


class Browser:
    """Whoever signed in with a key that opens any page."""

    def __init__(self, doors: Any, key: Key) -> None:
        self.key, self.doors = key, doors
        reply = signing_in(doors, key)
        assert reply.status_code == 303, f"{key.name}: {reply.status_code}"
        self._cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}

    def get(self, address: str) -> httpx.Response:
        reply: httpx.Response = self.doors.run(self.doors.client.get(address, headers=self._cookie))
        return reply

    def pages(self, sample: Sample, most: int = 10_000) -> Iterator[Page]:
        """Every page of the sample that can be reached from the dashboard, or so many; other kinds come first."""
        waiting = ["/dashboard", *sample.further]
        met, kinds, read = set(waiting), set[str](), 0
        while waiting and read < most:
            address = next((it for it in waiting if path_of(it) not in kinds), waiting[0])
            waiting.remove(address)
            kinds.add(path_of(address))
            reply = self.get(address)
            assert reply.status_code in (200, 303, 403), f"{address} with {self.key.name}: {reply.status_code}"
            if reply.status_code == 303:
                found = [_normal(address, reply.headers["location"])]
            else:
                page, read = Page(self.key, address, reply.text), read + 1
                yield page
                found = [
                    it for it in page.links if sample.holds(urlsplit(it).path, dict(parse_qsl(urlsplit(it).query)))
                ]
            waiting += [it for it in found if it not in met]
            met.update(found)


def signing_in(doors: Any, key: Key) -> httpx.Response:
    body = urlencode({"key": key.headers["Authorization"].removeprefix("Bearer ")})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply: httpx.Response = doors.run(doors.client.post("/dashboard/sign-in", content=body, headers=form))
    doors.client.cookies.clear()
    return reply


def opens_pages(key: Key) -> bool:
    return "results" in key.scopes or ("manage" in key.scopes and key.unit is None)


def path_of(address: str) -> str:
    return urlsplit(address).path


def asked_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@lru_cache(20_000)
def _normal(base: str, link: str) -> str:
    """The link without its fragment and what it leaves empty, what it asks for in one order."""
    parts = urlsplit(urljoin(f"http://redwood{base}", link))
    assert parts.netloc == "redwood", link
    query = urlencode(sorted(parse_qsl(parts.query)))
    return f"{parts.path}?{query}" if query else parts.path
