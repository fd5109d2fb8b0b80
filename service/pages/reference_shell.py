"""A call's example as a line for a shell: what is the reader's own stands as a variable, the rest is as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

#: What fits beside the words of a call without being broken.
_NARROW = 58


def curl(method: str, path: str, operation: Mapping[str, Any], key: str | None, names: Mapping[str, str]) -> str:
    """`key` is the variable that holds the key, None where none is needed; `names` maps what stands in the examples
    for an id or a secret to its variable, the longest first."""
    media, body = _body(operation)
    start = "curl" + _verb(method, body) + ("" if _answers(operation) else " -w '%{http_code}'")
    said = [] if key is None else [f'-H "Authorization: Bearer ${key}"']
    if body is not None:
        said.append(f'-H "Content-Type: {media}"')
    said.append(f'{"" if body is None else "--data-binary @- "}"$REDWOOD{_address(path, operation)}"')
    command = f"{start} " + " \\\n  ".join(said) + ("" if body is None else f" <<END\n{body}\nEND")
    for stands, variable in names.items():
        command = command.replace(stands, f"${variable}")
    return command


def laid_out(value: Any, indent: str = "") -> str:
    """JSON with as much on a line as is read with ease."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _NARROW or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, list):
        return _broken("[", [inner + laid_out(it, inner) for it in value], indent + "]")
    fields = [f"{inner}{json.dumps(name)}: {laid_out(it, inner)}" for name, it in value.items()]
    return _broken("{", _packed(fields, inner), indent + "}")


def _broken(opening: str, lines: list[str], closing: str) -> str:
    return "\n".join([opening, ",\n".join(lines), closing])


def _packed(fields: list[str], indent: str) -> list[str]:
    """Short fields side by side."""
    lines: list[str] = []
    for field in fields:
        if lines and "\n" not in lines[-1] + field and len(lines[-1]) + len(field.strip()) + 2 <= _NARROW:
            lines[-1] += f", {field.strip()}"
        else:
            lines.append(field)
    return [line if line.startswith(indent) else indent + line for line in lines]


def _verb(method: str, body: str | None) -> str:
    """As curl chooses it unless told: GET, and POST with a body."""
    return "" if method == "GET" or (method == "POST" and body is not None) else f" -X {method}"


def _answers(operation: Mapping[str, Any]) -> bool:
    """Whether the good reply has a body; of one that has none the status is all there is to see."""
    return any(it.get("content") for status, it in operation.get("responses", {}).items() if status.startswith("2"))


def _body(operation: Mapping[str, Any]) -> tuple[str, str | None]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if "example" in content:
            example = content["example"]
            return media, example.strip() if isinstance(example, str) else laid_out(example)
    return "", None


def _address(path: str, operation: Mapping[str, Any]) -> str:
    said = {(it["in"], it["name"]): it["example"] for it in operation.get("parameters", ()) if "example" in it}
    query = urlencode({name: value for (place, name), value in said.items() if place == "query"})
    for (place, name), value in said.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", value)
    return f"{path}?{query}" if query else path
