"""The API reference as one page, made from the service's own OpenAPI document: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.templating import render

_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter, a field of a body, or a status that may be answered."""

    name: str
    kind: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    summary: str
    text: str
    key: str | None
    parameters: tuple[Named, ...]
    fields: tuple[Named, ...]
    bodies: tuple[str, ...]
    answers: tuple[Named, ...]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


def reference_page(openapi: Mapping[str, Any]) -> str:
    groups: dict[str, list[Call]] = {}
    for tag, call in _calls(openapi):
        groups.setdefault(tag, []).append(call)
    return render("reference.html", info=openapi["info"], groups=groups)


def _calls(openapi: Mapping[str, Any]) -> Iterator[tuple[str, Call]]:
    for path, operations in openapi["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                yield next(iter(operation.get("tags", ())), "other"), _call(openapi, method, path, operation)


def _call(openapi: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Call:
    content = operation.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = next((it["schema"] for it in content.values() if "schema" in it), {})
    return Call(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        key=_key(operation),
        parameters=tuple(
            Named(it["name"], it["in"], it.get("description", ""), it.get("required", False))
            for it in operation.get("parameters", ())
        ),
        fields=tuple(_fields(openapi, schema)),
        bodies=tuple(content),
        answers=tuple(
            Named(status, " ".join(it.get("content", ())), it.get("description", ""))
            for status, it in sorted(operation.get("responses", {}).items())
        ),
    )


def _key(operation: Mapping[str, Any]) -> str | None:
    """The scopes of the key a call needs, as words; "" for any key, None for none."""
    wanted = [" ".join(scopes) for choice in operation.get("security", ()) for scopes in choice.values()]
    return wanted[0] if wanted else None


def _fields(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Named]:
    resolved = _resolved(openapi, schema)
    required = resolved.get("required", ())
    for name, field in resolved.get("properties", {}).items():
        yield Named(name, _kind(openapi, field), field.get("description", ""), name in required)


def _resolved(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, or the named one it points at."""
    reference = schema.get("$ref", "")
    if not reference.startswith("#/components/schemas/"):
        return schema
    found: Mapping[str, Any] = openapi["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _kind(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(openapi, it) for it in schema["anyOf"])
    kind = _resolved(openapi, schema).get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
