"""Each call of an OpenAPI document as the reference tells it: what it needs, takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.reference_shell import curl, laid_out

_METHODS = ("get", "put", "post", "patch", "delete")
#: Parameters every table has, explained once for all of them.
_OF_TABLES = frozenset({"format", "cursor", "limit"})
#: The key of a lead reaches one unit; every other call is tried with one key.
_LEAD = "forecasts/{unit}"


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter or a field of a body."""

    name: str
    kind: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """`key` is the scope wanted, "" for any key, None for none; `shell` the example, `answer` what it gives, as JSON.

    `good` says status and meaning of a reply that is no problem, `media` its types; `problems` are the statuses of
    the others. A `table` is laid out as all of them are.
    """

    method: str
    path: str
    summary: str
    text: str
    key: str | None
    parameters: tuple[Named, ...]
    fields: tuple[Named, ...]
    body: str
    shell: str
    answer: str
    good: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    table: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


def calls(openapi: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Call]:
    """By "METHOD path"; `names` as in `curl`."""
    found = {}
    for path, operations in openapi["paths"].items():
        for method in _METHODS:
            if method in operations:
                call = _call(openapi, method.upper(), path, operations[method], names)
                found[call.name] = call
    return found


def _call(
    openapi: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any], names: Mapping[str, str]
) -> Call:
    key = _key(operation)
    variable = None if key is None else "LEAD" if path.endswith(_LEAD) else "KEY"
    replies = sorted(operation.get("responses", {}).items())
    parameters = [it for it in operation.get("parameters", ()) if it["in"] in {"path", "query"}]
    table = {it["name"] for it in parameters} >= _OF_TABLES
    content = operation.get("requestBody", {}).get("content", {})
    return Call(
        method=method,
        path=path,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        key=key,
        parameters=tuple(_parameter(it) for it in parameters if not (table and it["name"] in _OF_TABLES)),
        fields=tuple(_fields(openapi, next((it["schema"] for it in content.values()), {}))),
        body=" or ".join(content),
        shell=curl(method, path, operation, variable, names),
        answer=next((laid_out(it["content"]["application/json"]["example"]) for _, it in replies if _told(it)), ""),
        good=tuple((status, it.get("description", "")) for status, it in replies if status.startswith("2")),
        problems=tuple(status for status, _ in replies if status.startswith(("4", "5"))),
        table=table,
    )


def _told(reply: Mapping[str, Any]) -> bool:
    return "example" in reply.get("content", {}).get("application/json", {})


def _parameter(said: Mapping[str, Any]) -> Named:
    text = said.get("description", "") or ("Its id." if said["in"] == "path" else "")
    return Named(said["name"], said["in"], text, said.get("required", False))


def _key(operation: Mapping[str, Any]) -> str | None:
    wanted = [" ".join(scopes) for choice in operation.get("security", ()) for scopes in choice.values()]
    return wanted[0] if wanted else None


def _fields(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Named]:
    resolved = _resolved(openapi, schema)
    required = resolved.get("required", ())
    for name, field in resolved.get("properties", {}).items():
        yield Named(name, _kind(openapi, field), field.get("description", ""), name in required)
    if not resolved.get("properties") and schema.get("description"):
        yield Named("the whole", _kind(openapi, schema), schema["description"], True)


def _resolved(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, or the named one it points at, of several the first that is not null."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(openapi, choice)
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
