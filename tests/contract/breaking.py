"""What a client written against one OpenAPI document would miss in another: structure only, wording is free to change.

What a request may hold must still be taken, and what an answer holds must be what was promised: each is a question of
whether every value of one schema is a value of another. What cannot be decided counts as breaking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

Document = Mapping[str, Any]
Schema = Any

#: Bounds of a schema, by whether a greater one takes more.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


def breaks(before: Document, after: Document, today: date | None = None) -> list[str]:
    """Each way in which `after` lets down who relied on `before`, in words; none where it only adds.

    An operation that `before` marks with a day `x-sunset` (RFC 8594) may be gone from that day on.
    """
    day = today or datetime.now(UTC).date()
    found: list[str] = []
    for path, methods in before["paths"].items():
        for method in _METHODS & methods.keys():
            old, new = methods[method], after["paths"].get(path, {}).get(method)
            name = f"{method.upper()} {path}"
            if new is not None:
                found += (f"{name}: {why}" for why in _Compared(before, after).operation(old, new))
            elif not _is_over(old, day):
                found.append(f"{name}: is gone")
    return sorted(found)


def _is_over(operation: Document, day: date) -> bool:
    return "x-sunset" in operation and date.fromisoformat(operation["x-sunset"]) <= day


@dataclass(frozen=True)
class _Compared:
    before: Document
    after: Document

    def operation(self, old: Document, new: Document) -> Iterator[str]:
        if new.get("security") and not old.get("security"):
            yield "asks for a key"
        yield from self._parameters(old, new)
        yield from self._body(old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(old["responses"], new["responses"])

    def _parameters(self, old: Document, new: Document) -> Iterator[str]:
        known = {(it["in"], it["name"]): it for it in old.get("parameters", ())}
        there = {(it["in"], it["name"]): it for it in new.get("parameters", ())}
        for key, parameter in there.items():
            if parameter.get("required") and not known.get(key, {}).get("required"):
                yield f"needs the parameter {key[1]}"
        for key, parameter in known.items():
            if key not in there:
                yield f"has no parameter {key[1]}"
            else:
                yield from _Within(self.before, self.after, "old").asked(
                    parameter["schema"], there[key]["schema"], key[1]
                )

    def _body(self, old: Document | None, new: Document | None) -> Iterator[str]:
        if new is None:
            return
        if new.get("required") and not (old or {}).get("required"):
            yield "needs a body"
        for media, content in (old or {}).get("content", {}).items():
            if media not in new["content"]:
                yield f"takes no {media}"
            else:
                within = _Within(self.before, self.after, "old")
                yield from within.asked(content.get("schema", {}), new["content"][media].get("schema", {}), "body")

    def _answers(self, old: Document, new: Document) -> Iterator[str]:
        for status, answer in old.items():
            if status not in new:
                yield f"never answers {status}"
                continue
            for media, content in answer.get("content", {}).items():
                there = new[status].get("content", {})
                if media not in there:
                    yield f"answers {status} without {media}"
                else:
                    within = _Within(self.after, self.before, "new")
                    yield from within.asked(there[media].get("schema", {}), content.get("schema", {}), str(status))


@dataclass(frozen=True)
class _Within:
    """Whether every value of a schema of `inner` is one of a schema of `outer`; `first`: is `inner` the old or the new
    document."""

    inner: Document
    outer: Document
    first: str

    def asked(self, a: Schema, b: Schema, where: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Iterator[str]:
        key = (json.dumps(a, sort_keys=True), json.dumps(b, sort_keys=True))
        if key in seen:
            return
        seen |= {key}
        ours, theirs = list(_alternatives(self.inner, a)), list(_alternatives(self.outer, b))
        for one in ours:
            tried = [list(self._single(one, other, where, seen)) for other in theirs]
            if all(tried):
                # With one to compare with it can be told what is wrong; with several only that none fits.
                yield from tried[0] if len(tried) == 1 else [f"{where}: {_told(one)} is none of what it was"]

    def _single(self, a: Schema, b: Schema, where: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        if not _types(a) <= _types(b):
            yield f"{where}: {_told(a)} is no {_told(b)}"
            return
        if "enum" in b or "const" in b:
            extra = _listed(a) - _listed(b) if _listed(a) else {"anything"}
            if extra:
                yield f"{where}: may be {', '.join(sorted(map(str, extra)))}"
        yield from self._bounds(a, b, where)
        yield from self._object(a, b, where, seen)
        if "items" in b:
            yield from self.asked(a.get("items", {}), b["items"], f"{where}[]", seen)

    def _bounds(self, a: Schema, b: Schema, where: str) -> Iterator[str]:
        for name in _LEAST:
            if name in b and a.get(name, float("-inf")) < b[name]:
                yield f"{where}: {name} differs"
        for name in _MOST:
            if name in b and a.get(name, float("inf")) > b[name]:
                yield f"{where}: {name} differs"
        if "pattern" in b and a.get("pattern") != b["pattern"]:
            yield f"{where}: its pattern differs"

    def _object(self, a: Schema, b: Schema, where: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        ours, theirs = a.get("properties", {}), b.get("properties", {})
        old, new = (ours, theirs) if self.first == "old" else (theirs, ours)
        for name in old.keys() - new.keys():
            yield f"{where}.{name}: is gone"
        for name in set(b.get("required", ())) - set(a.get("required", ())):
            yield f"{where}.{name}: is not always there" if self.first == "new" else f"{where}.{name}: is needed"
        for name in ours.keys() & theirs.keys():
            yield from self.asked(ours[name], theirs[name], f"{where}.{name}", seen)
        if isinstance(b.get("additionalProperties"), dict) and "properties" not in b:
            yield from self.asked(a.get("additionalProperties", {}), b["additionalProperties"], f"{where}.*", seen)


def _alternatives(document: Document, schema: Schema) -> Iterator[Schema]:
    """The schema without references and without anyOf, each type by itself."""
    if schema is True:
        schema = {}
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from _alternatives(document, target)
    elif "anyOf" in schema or "oneOf" in schema:
        for one in schema.get("anyOf") or schema["oneOf"]:
            yield from _alternatives(document, one)
    elif isinstance(schema.get("type"), list):
        for kind in schema["type"]:
            yield {**schema, "type": kind}
    else:
        yield schema


_EVERY = {"string", "number", "integer", "boolean", "object", "array", "null"}


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type")
    return {"number", "integer"} if kind == "number" else {kind} if kind else _EVERY


def _listed(schema: Schema) -> set[object]:
    return set(schema.get("enum", ())) | ({schema["const"]} if "const" in schema else set())


def _told(schema: Schema) -> str:
    return str(schema.get("type", "anything"))
