"""An example of every call and its answer, for the OpenAPI document: recorded from the demo, and run by a test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

#: What each reader has of their own stands in the examples as these; shells know it by the names.
STAND_INS = {
    "TOKEN": "q7wz2n4kd3xtbmsa.shown-once-and-good-for-one-answer",
    "OTHER": "q7wz2n4kd3xtbmsa.another-one-to-be-exchanged",
    "NEW": "q7wz2n4kd3xtbmsa",
    "PULSE": "lwqfibp2q5vexnnt",
    "UNIT": "warehouse",
    "HOOK": "h4mzq2x7kd3wtnsa",
    "SCHEDULE": "b4mzq2x7kd3wtnsa",
}


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """By "METHOD path": `path` and `query` by name, `body`, the `status` of the reply and the JSON of its `answer`.

    Long lists of an answer are cut short.
    """
    found: Mapping[str, Mapping[str, Any]] = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
    return found


def exemplify(document: Mapping[str, Any]) -> None:
    """Put the examples into an OpenAPI document, in place."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            example = examples().get(f"{method.upper()} {path}")
            if example is not None:
                _exemplify(operation, example)


def _exemplify(operation: Mapping[str, Any], example: Mapping[str, Any]) -> None:
    given = {"path": example.get("path", {}), "query": example.get("query", {})}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in given[parameter["in"]]:
            parameter["example"] = given[parameter["in"]][parameter["name"]]
    if "body" in example:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["body"]
    if "answer" in example:
        for content in _json(operation["responses"][str(example["status"])]):
            content["example"] = example["answer"]


def _json(reply: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (content for media, content in reply["content"].items() if media == "application/json")
