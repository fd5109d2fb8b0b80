"""Version 1 of the contract is frozen: what is written against it goes on working, and each way to break it is seen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.contract.breaking import breaks
from tests.contract.openapi_document import FILE, FROZEN, document

Change = Callable[[dict[str, Any]], object]

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things/{id}": {
            "put": {
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "string", "maxLength": 9}},
                    {"in": "query", "name": "as", "schema": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}}},
                    "404": {"description": "none"},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "count": {"type": "integer", "maximum": 9},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            },
            "Told": {
                "type": "object",
                "required": ["name", "state"],
                "properties": {
                    "name": {"type": "string"},
                    "state": {"enum": ["on", "off"], "type": "string"},
                    "why": {"type": "string"},
                    "by_name": {"type": "object", "additionalProperties": {"type": "integer"}},
                },
            },
        }
    },
}


def put(document: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"]["/v1/things/{id}"]["put"]
    return operation


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


BREAKING: dict[str, Change] = {
    "the path is gone": lambda it: it["paths"].clear(),
    "the method is gone": lambda it: it["paths"]["/v1/things/{id}"].pop("put"),
    "a key is asked for": lambda it: put(it).update(security=[{"key": []}]),
    "a parameter is gone": lambda it: put(it)["parameters"].pop(),
    "a parameter is needed": lambda it: put(it)["parameters"][1].update(required=True),
    "another parameter is needed": lambda it: put(it)["parameters"].append(
        {"in": "query", "name": "new", "required": True, "schema": {}}
    ),
    "a parameter takes less": lambda it: put(it)["parameters"][0]["schema"].update(maxLength=8),
    "a parameter has a pattern": lambda it: put(it)["parameters"][0]["schema"].update(pattern="a"),
    "a parameter takes fewer words": lambda it: put(it)["parameters"][1]["schema"]["anyOf"][0]["enum"].pop(),
    "a parameter takes no null": lambda it: put(it)["parameters"][1]["schema"]["anyOf"].pop(),
    "a body is needed": lambda it: put(it)["requestBody"].update(required=True),
    "another kind of body": lambda it: put(it)["requestBody"].update(content={"text/csv": {}}),
    "a property is needed": lambda it: schema(it, "Thing")["required"].append("count"),
    "a property to send is gone": lambda it: schema(it, "Thing")["properties"].pop("count"),
    "a property to send takes less": lambda it: schema(it, "Thing")["properties"]["count"].update(maximum=8),
    "a property to send is of another type": lambda it: schema(it, "Thing")["properties"]["name"].update(type="object"),
    "a status is gone": lambda it: put(it)["responses"].pop("404"),
    "an answer is of another kind": lambda it: put(it)["responses"]["200"].update(content={"text/csv": {}}),
    "a property told is gone": lambda it: schema(it, "Told")["properties"].pop("why"),
    "a property told may be missing": lambda it: schema(it, "Told")["required"].remove("name"),
    "a property told may be null": lambda it: schema(it, "Told")["properties"]["name"].update(type=["string", "null"]),
    "a property told has another word": lambda it: schema(it, "Told")["properties"]["state"]["enum"].append("broken"),
    "a property told is of another type": lambda it: schema(it, "Told")["properties"]["why"].update(type="integer"),
    "figures by name are of another type": lambda it: schema(it, "Told")["properties"]["by_name"].update(
        additionalProperties={"type": "string"}
    ),
}

HARMLESS: dict[str, Change] = {
    "another path": lambda it: it["paths"].update({"/v1/others": {"get": {"responses": {}}}}),
    "another parameter": lambda it: put(it)["parameters"].append({"in": "query", "name": "new", "schema": {}}),
    "a parameter takes more": lambda it: put(it)["parameters"][0]["schema"].update(maxLength=10),
    "a parameter takes more words": lambda it: put(it)["parameters"][1]["schema"]["anyOf"][0]["enum"].append("c"),
    "a property to send is not needed": lambda it: schema(it, "Thing").update(required=[]),
    "another property to send": lambda it: schema(it, "Thing")["properties"].update(new={"type": "string"}),
    "another status": lambda it: put(it)["responses"].update({"409": {"description": "new"}}),
    "another property told": lambda it: schema(it, "Told")["properties"].update(new={"type": "string"}),
    "a property told is always there": lambda it: schema(it, "Told")["required"].append("why"),
    "a property told has fewer words": lambda it: schema(it, "Told")["properties"]["state"]["enum"].pop(),
    "other words": lambda it: put(it).update(summary="Otherwise"),
}


def changed(change: Change) -> dict[str, Any]:
    after = copy.deepcopy(DOCUMENT)
    change(after)
    return after


def test_the_contract_keeps_what_was_frozen() -> None:
    """What breaks goes to /v2, or is announced with a day after which it may go (CONTRIBUTING.md)."""
    assert breaks(json.loads(FROZEN.read_text()), json.loads(document())) == []


def test_what_was_frozen_is_part_of_the_contract() -> None:
    """An empty file would promise nothing."""
    frozen, now = json.loads(FROZEN.read_text()), json.loads(FILE.read_text())
    assert len(frozen["paths"]) >= 40
    assert frozen["paths"].keys() <= now["paths"].keys()


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING.keys())
def test_what_breaks_is_seen(change: Change) -> None:
    assert breaks(DOCUMENT, changed(change))


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_only_adds_is_let_be(change: Change) -> None:
    assert breaks(DOCUMENT, changed(change)) == []


def test_what_was_announced_may_go_when_its_day_has_come() -> None:
    announced = changed(lambda it: put(it).update({"deprecated": True, "x-sunset": "2030-01-01"}))
    gone = changed(lambda it: it["paths"].clear())
    assert breaks(announced, gone, date(2029, 12, 31)) == ["PUT /v1/things/{id}: is gone"]
    assert breaks(announced, gone, date(2030, 1, 1)) == []
