"""A reader who calls everything: every route of the OpenAPI document, with every key, parameter, format and page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, cycle, product
from typing import Any
from urllib.parse import urlencode

import httpx

Row = dict[str, Any]

#: Who may read what: one of these scopes. `_WHOLE` asks for a key that is bound to no unit.
_ANYONE: frozenset[str] = frozenset()
_READERS = {
    "/healthz": _ANYONE,
    "/readyz": _ANYONE,
    "/v1/dictionary": _ANYONE,
    "/v1/pulses/{pulse}/questionnaire": _ANYONE,
    "/v1/pulses/{pulse}/exposure": _ANYONE,
    "/v1/pulses/{pulse}/issuer": _ANYONE,
    "/v1/pulses/{pulse}/attack-report": _ANYONE,
    "/v1/results": frozenset({"results"}),
    "/v1/heatmap": frozenset({"results"}),
    "/v1/pulses/{pulse}/participation": frozenset({"results"}),
    "/v1/pulses/{pulse}/release": frozenset({"results"}),
    "/v1/trends": frozenset({"analytics"}),
    "/v1/quality": frozenset({"analytics"}),
    "/v1/changes": frozenset({"analytics"}),
    "/v1/alerts": frozenset({"analytics"}),
    "/v1/clusters": frozenset({"analytics"}),
    "/v1/archetypes": frozenset({"analytics"}),
    "/v1/items": frozenset({"analytics"}),
    "/v1/agreement": frozenset({"analytics"}),
    "/v1/drivers": frozenset({"analytics"}),
    "/v1/interdependence": frozenset({"analytics"}),
    "/v1/coordination": frozenset({"analytics"}),
    "/v1/pulses/{pulse}/findings": frozenset({"analytics"}),
    "/v1/instruments": frozenset({"manage"}),
    "/v1/instruments/{id}": frozenset({"manage"}),
    "/v1/roster": frozenset({"manage"}),
    "/v1/hooks": frozenset({"manage"}),
    "/v1/pulses/{pulse}/letters": frozenset({"manage"}),
    "/v1/schedules": frozenset({"manage"}),
    "/v1/directory": frozenset({"manage"}),
    "/v1/pulses": frozenset({"manage", "results", "analytics"}),
    "/v1/pulses/{pulse}": frozenset({"manage", "results", "analytics"}),
}
_PUBLIC = {path for path, scopes in _READERS.items() if not scopes}
_WHOLE = {"/v1/pulses/{pulse}/release", "/v1/quality", "/v1/roster", "/v1/directory"}
_WHOLE |= {"/v1/schedules"}
_WHOLE |= {"/v1/archetypes", "/v1/items", "/v1/drivers", "/v1/pulses/{pulse}/findings"}
#: What is computed from releases alone: which part of it is asked for makes no difference to what it tells.
_COMPUTED = {"/v1/changes", "/v1/alerts", "/v1/clusters", "/v1/archetypes", "/v1/items", "/v1/agreement"}
_COMPUTED |= {"/v1/drivers", "/v1/interdependence", "/v1/coordination", "/v1/pulses/{pulse}/findings"}
#: What leaders forecast, which nobody here does, and what the crawl itself has read: tests/api/test_forecasts.py and
#: tests/api/test_audit.py say who reads that.
_OWN = {"/v1/pulses/{pulse}/forecasts", "/v1/pulses/{pulse}/forecasts/{unit}", "/v1/audit"}
#: And of schedules, of which the crawled world has none: tests/api/test_schedules.py.
_OWN |= {"/v1/schedules/{schedule}"}
_WHOLE |= {"/v1/hooks", "/v1/pulses/{pulse}/letters"}
#: And of webhooks, of which the crawled world has none: tests/inviting.
_OWN |= {"/v1/hooks/{hook}/deliveries"}
#: Whoever asks, and in what order, changes what it says, and no answer does: tests/growing/test_metrics.py.
_OWN |= {"/metrics"}
#: What changes something, and answers with nothing about answers: the journey itself calls them.
_WRITERS = {
    ("post", "/v1/instruments"),
    ("post", "/v1/pulses"),
    ("post", "/v1/pulses/{pulse}/invitations"),
    ("post", "/v1/pulses/{pulse}/letters"),
    ("post", "/v1/pulses/{pulse}/reminders"),
    ("post", "/v1/hooks"),
    ("delete", "/v1/hooks/{hook}"),
    ("post", "/v1/hooks/{hook}/rotate"),
    ("post", "/v1/hooks/{hook}/test"),
    ("post", "/v1/pulses/{pulse}/open"),
    ("post", "/v1/pulses/{pulse}/close"),
    ("post", "/v1/pulses/{pulse}/release"),
    ("post", "/v1/pulses/{pulse}/tokens"),
    ("post", "/v1/pulses/{pulse}/responses"),
    ("put", "/v1/roster"),
    ("post", "/v1/schedules"),
    ("post", "/v1/roster/import"),
    ("post", "/v1/people/import"),
    ("delete", "/v1/people"),
    ("put", "/v1/directory"),
}
#: Tables and what tells a row of one from the others.
IDENTITY = {
    "results": ("pulse", "unit", "block", "item", "by", "band"),
    "heatmap": ("pulse", "unit", "block"),
    "trends": ("series", "unit", "view", "block", "pulse"),
    "participation": ("pulse", "unit"),
    "quality": ("pulse", "block"),
    "changes": ("pulse", "unit", "block"),
    "alerts": ("pulse", "kind", "unit", "block"),
    "clusters": ("pulse", "unit"),
    "archetypes": ("pulse", "archetype", "block"),
    "items": ("pulse", "item"),
    "agreement": ("pulse", "unit", "block"),
    "drivers": ("pulse", "outcome", "block"),
    "interdependence": ("pulse", "unit"),
    "coordination": ("pulse", "unit"),
    "dictionary": ("table", "column"),
}


@dataclass(frozen=True)
class Key:
    name: str
    headers: dict[str, str] = field(compare=False)
    scopes: frozenset[str]
    unit: str | None = None

    def may(self, path: str) -> bool:
        wanted = _READERS[path]
        return not wanted or (bool(wanted & self.scopes) and not (path in _WHOLE and self.unit is not None))


@dataclass(frozen=True)
class Call:
    """`path` with its braces, and everything asked for by name; `accept` in place of a format."""

    key: Key
    path: str
    asked: tuple[tuple[str, str], ...]
    accept: str = "*/*"

    def __str__(self) -> str:
        return f"{self.path} {dict(self.asked)} as {self.accept} with {self.key.name}"

    @property
    def address(self) -> str:
        asked, path = dict(self.asked), self.path
        for name in list(asked):
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", asked.pop(name))
        return f"{path}?{urlencode(asked)}" if asked else path


@dataclass
class Heard:
    """What one crawl got: every row of every table with the call that said it first, and every document."""

    rows: dict[str, dict[str, tuple[Row, Call]]] = field(default_factory=dict)
    tables: list[tuple[Call, str, list[str]]] = field(default_factory=list)
    documents: list[tuple[Call, Any]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    calls: int = 0

    def said(self, table: str) -> Iterator[tuple[Row, Call]]:
        return iter(self.rows.get(table, {}).values())

    def take(self, call: Call, table: str, rows: Sequence[Row]) -> None:
        # CSV tells no empty text from none.
        lines = [json.dumps({name: None if it == "" else it for name, it in row.items()}) for row in rows]
        self.tables.append((call, table, lines))
        known = self.rows.setdefault(table, {})
        for line, row in zip(lines, rows, strict=True):
            known.setdefault(f"{call.key.unit}{line}", (row, call))


class Crawler:
    """Calls a service through `doors`; `values` holds what every parameter may sensibly be."""

    def __init__(self, doors: Any, values: Mapping[str, Sequence[str]]) -> None:
        self._doors, self._values = doors, values
        self._document = doors.ok("GET", "/openapi.json", headers={})
        self._types = {
            (row["table"], row["column"]): row["type"] for row in doors.rows("/v1/dictionary?limit=10000", headers={})
        }

    def readers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                if path in _OWN:
                    continue
                if method == "get":
                    assert path in _READERS, f"the crawler does not know who may read {path}"
                    yield path, operation
                else:
                    assert (method, path) in _WRITERS, f"the crawler does not know {method} {path}"

    def crawl(self, keys: Mapping[Key, int]) -> Heard:
        """Every route with every key, and up to so many optional parameters at once as stand beside the key."""
        heard = Heard()
        for path, operation in self.readers():
            for key, depth in keys.items():
                reach = depth // 2 if path in _COMPUTED else depth
                for call in self._calls(key, path, operation, reach if key.may(path) else 0):
                    self._hear(heard, call)
        return heard

    def _calls(self, key: Key, path: str, operation: Mapping[str, Any], depth: int) -> Iterator[Call]:
        needed, optional = {}, {}
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "cursor":
                continue  # followed, not chosen
            chosen = needed if parameter.get("required") else optional
            chosen[parameter["name"]] = self._sensible(path, parameter)
        # What anybody may read without a key no key changes: with one a few questions show that.
        step = 1 if path not in _PUBLIC or not key.headers else 9
        for fixed in list(product(*needed.values()))[::step]:
            always = tuple(zip(needed, fixed, strict=True))
            for media in sorted(operation["responses"].get("200", {}).get("content", {})):
                yield Call(key, path, always, media)
            for asked in _asked(optional, depth):
                yield Call(key, path, (*always, *asked))

    def _sensible(self, path: str, parameter: Mapping[str, Any]) -> Sequence[str]:
        name, schema = parameter["name"], parameter["schema"]
        for form in (schema, *schema.get("anyOf", ())):
            if "enum" in form:
                return list(form["enum"])
        assert name in self._values, f"the crawler does not know what {name} of {path} may be"
        return self._values[name]

    def _hear(self, heard: Heard, call: Call) -> None:
        heard.calls += 1
        reply = self._get(call.address, call)
        if not call.key.may(call.path):
            expected = 403 if call.key.headers else 401
            assert reply.status_code == expected, f"{call}: {reply.status_code}"
        if reply.status_code >= 400:
            assert reply.status_code in (401, 403, 404), f"{call}: {reply.status_code} {reply.text}"
            heard.refused[str(call)] = reply.status_code
            return
        if reply.status_code == 204:
            return
        table = self._table(call, reply)
        if table is None:
            heard.documents.append((call, reply.json()))
            return
        name, rows = table
        while "next" in reply.links:
            reply = self._get(reply.links["next"]["url"], call)
            more = self._table(call, reply)
            assert more is not None
            assert more[0] == name
            rows += more[1]
        heard.take(call, name, rows)

    def _get(self, address: str, call: Call) -> httpx.Response:
        reply: httpx.Response = self._doors.call("GET", address, headers={**call.key.headers, "Accept": call.accept})
        if dict(call.asked).get("format") is None and call.accept != "*/*" and reply.status_code == 200:
            assert reply.headers["content-type"].partition(";")[0] == call.accept, str(call)
        return reply

    def _table(self, call: Call, reply: httpx.Response) -> tuple[str, list[Row]] | None:
        """The name of the table in the reply and its rows; None for a document that is no table."""
        assert reply.status_code == 200, f"{call}: {reply.status_code} {reply.text}"
        media = reply.headers["content-type"].partition(";")[0]
        guessed = call.path.rpartition("/")[2]
        if media == "application/json":
            document = reply.json()
            if "table" not in document:
                return None
            assert document["table"] in IDENTITY, f"the crawler does not know the table of {call}"
            return document["table"], document["data"]
        if media == "application/x-ndjson":
            return guessed, [json.loads(line) for line in reply.text.splitlines()]
        if media == "text/csv":
            return guessed, self._csv(guessed, reply.text)
        return guessed, _columnar(media, reply.content)

    def _csv(self, table: str, text: str) -> list[Row]:
        return [
            {name: self._typed(self._types[table, name], cell) for name, cell in row.items()}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]

    @staticmethod
    def _typed(kind: str, cell: str) -> Any:
        if cell == "":
            return None
        match kind:
            case "integer":
                return int(cell)
            case "number":
                return float(cell)
            case "boolean":
                return {"true": True, "false": False}[cell]
            case "integers":
                return [int(each) for each in cell.split("|")]
            case "text" | "date":
                return cell
        raise AssertionError(f"the crawler does not know the type {kind}")


def _asked(optional: Mapping[str, Sequence[str]], depth: int) -> Iterator[tuple[tuple[str, str], ...]]:
    """Every value of every parameter alone; with `depth` 2 also pairs, of long lists of values each fourth.

    Beside another parameter formats take turns: that all say the same is seen with each value alone.
    """
    if depth:
        yield from (((name, value),) for name, values in optional.items() for value in values)
    if depth > 1:
        few = {name: values if len(values) < 10 else values[::4] for name, values in optional.items()}
        for one, other in combinations(few, 2):
            if "format" in (one, other):
                beside = other if one == "format" else one
                yield from (
                    ((beside, it), ("format", f)) for it, f in zip(few[beside], cycle(few["format"]), strict=False)
                )
            elif {one, other} & {"by", "pulse", "from", "to"}:
                yield from (((one, a), (other, b)) for a, b in product(few[one], few[other]))


def _columnar(media: str, content: bytes) -> list[Row]:
    """Parquet and Arrow, where the library that reads them is there."""
    readers = {
        "application/vnd.apache.parquet": _parquet,
        "application/vnd.apache.arrow.stream": _arrow,
        "application/vnd.apache.arrow.file": _arrow_file,
    }
    assert media in readers, f"the crawler cannot read {media}"
    return json.loads(json.dumps(readers[media](content), default=str))


def _parquet(content: bytes) -> list[Row]:
    from pyarrow import parquet

    return parquet.read_table(io.BytesIO(content)).to_pylist()


def _arrow(content: bytes) -> list[Row]:
    from pyarrow import ipc

    return ipc.open_stream(content).read_all().to_pylist()


def _arrow_file(content: bytes) -> list[Row]:
    from pyarrow import ipc

    return ipc.open_file(content).read_all().to_pylist()
