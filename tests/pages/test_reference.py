"""The API reference: complete, and every example on it runs, from top to bottom, as somebody would paste it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from html import unescape
from string import Template
from types import SimpleNamespace
from typing import Any

import pytest

from service.api.examples import STAND_INS, examples
from service.pages.reference import STEPS, reference_page
from service.pages.reference_chapters import CHAPTERS
from service.pages.reference_shell import laid_out

OPENAPI = {
    "info": {"title": "Redwood", "version": "1", "description": "Words."},
    "paths": {
        "/v1/things/{id}": {
            "get": {
                "tags": ["read"],
                "summary": "One thing",
                "security": [{"key": ["results"]}],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "description": "Which.", "example": "t1"},
                    {"name": "part", "in": "query", "description": "A part.", "example": "a b"},
                ],
                "responses": {"200": {"description": "The thing.", "content": {"application/json": {}}}},
            },
            "put": {
                "summary": "Another",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
                            "example": {"name": "t1"},
                        }
                    }
                },
                "responses": {"204": {"description": "Successful Response"}, "404": {"description": "Missing."}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "description": "What it is called."},
                    "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
            }
        }
    },
}
#: The roster of the service that the examples are tried on.
TEAMS = {"north": 9, "south": 8}
TABLES = [name for name, it in examples().items() if "table" in (it.get("answer") or {})]


@pytest.fixture(scope="module")
def page() -> str:
    names = {"t1": "THING"}
    return reference_page(OPENAPI, names=names, problem='{"type": "<slug>"}', meanings={"404": "Missing."})


def shells(page: str) -> list[str]:
    found = re.findall(r'<pre class="shell"><code>(.*?)</code></pre>', page, re.DOTALL)
    return [unescape(it) for it in found][len(STEPS) :]


def test_a_call_says_what_it_takes_and_gives(page: str, elements: Callable[[str], Any]) -> None:
    text = " ".join(elements(page).text.split())
    for said in (
        "GET /v1/things/{id}",
        "key: results",
        "no key",
        "id requiredWhich.",
        "200 The thing.",
        "name requiredWhat it is called.",
        "sizeinteger or null",
        "Problems: 404.",
        '{"type": "<slug>"}',
    ):
        assert said in text


def test_examples_are_made_of_the_documents(page: str) -> None:
    read, put = shells(page)
    assert read == 'curl -H "Authorization: Bearer $KEY" \\\n  "$REDWOOD/v1/things/$THING?part=a+b"'
    assert put.startswith("curl -X PUT -w '%{http_code}' -H \"Content-Type: application/json\" \\\n")
    assert put.endswith(' <<END\n{"name": "$THING"}\nEND')


@pytest.mark.parametrize("value", [{}, [], None, {"a": 1, "b": [True, None]}, {"long": ["x" * 50, {"y": "z" * 60}]}])
def test_json_laid_out_is_the_same_json(value: Any) -> None:
    assert json.loads(laid_out(value)) == value
    assert max(map(len, laid_out(value).splitlines())) <= 90


ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ONE
def test_every_call_stands_in_one_chapter_and_has_an_example(doors: Any) -> None:
    document = doors.ok("GET", "/openapi.json")
    known = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    told = [name for chapter in CHAPTERS for name in chapter.calls]
    assert sorted(told) == sorted(known)
    assert examples().keys() == known


@ONE
def test_the_page_is_light_and_its_ids_are_unique(doors: Any, elements: Callable[[str], Any]) -> None:
    reply = doors.call("GET", "/docs", headers={})
    assert len(reply.content) < 150_000
    found = elements(reply.text)
    ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(it.get("href") or "")[1:] for it in found.all("a") if (it.get("href") or "").startswith("#")}
    assert links <= set(ids)


@pytest.fixture
def shell(doors: Any) -> SimpleNamespace:
    """What a shell knows once something is released: the service, a key, and nothing else yet."""
    units = [
        {"id": "works", "headcount": 0},
        *({"id": it, "parent": "works", "headcount": n} for it, n in TEAMS.items()),
    ]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"]})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for number, token in enumerate(token for entry in issued for token in entry["tokens"]):
        body = {"token": token, "answers": {"WB1": 2 + number % 3, "PS1": 4 - number % 3}, "bands": {}}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", body, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    known = {"REDWOOD": "http://redwood", "KEY": doors.manager["Authorization"].removeprefix("Bearer ")}
    return SimpleNamespace(known=known, pulse=pulse)


def run(doors: Any, known: dict[str, str], line: str) -> Any:
    """A curl line as a shell runs it: variables, the document after <<END, and the few options the reference uses."""
    command, _, rest = Template(line).substitute(known).partition("<<END")
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    method, address, headers = "", "", {}
    body = rest.partition("\n")[2].removesuffix("\nEND").encode() if rest else None
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ("-w", "--data-binary"):
            assert next(words) in ("%{http_code}", "@-")
        elif word != "-s":
            address = word
    sent = doors.client.request(method or ("GET" if body is None else "POST"), address, content=body, headers=headers)
    return doors.run(sent)


def step(id: str) -> str:
    return next(it.shell for it in STEPS if it.id == id)


def begin(doors: Any, known: dict[str, str]) -> None:
    """The first steps; what cut and tail do to the answer is done here."""
    fetched = re.search(r'curl -s [^|]+"(?= \|)', step("released"))
    assert fetched
    last = run(doors, known, fetched[0]).text.strip().splitlines()[-1].split(",")
    known |= {"PULSE": last[0], "UNIT": last[1]}
    exports = re.findall(
        r"export (\w+)=\$\((curl .*?<<END) \| cut -d '\"' -f (\d+)\n(.*?\nEND)\n\)", step("own"), re.DOTALL
    )
    assert [name for name, *_ in exports] == ["NEW", "TOKEN", "OTHER"]
    for name, command, field, document in exports:
        reply = run(doors, known, f"{command}\n{document}")
        assert reply.status_code == 201, reply.text
        known[name] = reply.text.split('"')[int(field) - 1]
    lead = doors.key("results", unit=known["UNIT"])
    known["LEAD"] = lead["Authorization"].removeprefix("Bearer ")


@ONE
def test_every_example_runs_from_top_to_bottom(doors: Any, shell: SimpleNamespace) -> None:
    begin(doors, shell.known)
    assert shell.known["PULSE"] == shell.pulse
    assert shell.known["UNIT"] in TEAMS
    lines = shells(doors.call("GET", "/docs", headers={}).text)
    told = [name for chapter in CHAPTERS for name in chapter.calls]
    for name, line in zip(told, lines, strict=True):
        reply = run(doors, shell.known, line)
        example = examples()[name]
        assert reply.status_code == example["status"], (name, reply.text)
        if name in TABLES:
            columns = run(doors, shell.known, _as_csv(line)).text.splitlines()[0].split(",")
            assert list(example["answer"]["data"][0]) == columns, name
            assert reply.json().keys() == example["answer"].keys(), name
        elif isinstance(example.get("answer"), str):
            assert set(re.findall(r"^# .*$", example["answer"], re.MULTILINE)) <= set(reply.text.splitlines()), name
        elif "answer" in example:
            assert missing(example["answer"], reply.json()) == [], name
            for variable in (it for it, stands in STAND_INS.items() if example["answer"].get("id") == stands):
                shell.known.setdefault(variable, reply.json()["id"])
        else:
            assert not reply.content


@ONE
def test_examples_hold_all_that_their_schemas_require(doors: Any) -> None:
    contract = doors.ok("GET", "/openapi.json")
    schemas, checked = contract["components"]["schemas"], 0
    for name, example in examples().items():
        method, path = name.split(" ")
        reply = contract["paths"][path][method.lower()]["responses"][str(example["status"])]
        schema = reply.get("content", {}).get("application/json", {}).get("schema")
        if schema and "answer" in example:
            checked += 1
            assert lacking(example["answer"], schema, schemas) == [], name
    assert checked > 20


def lacking(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = "") -> list[str]:
    """Places that the schema requires and the value has not."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [it for entry in value for it in lacking(entry, schema.get("items", {}), schemas, f"{at}[]")]
    if not isinstance(value, dict):
        return []
    found = [f"{at}.{name}" for name in schema.get("required", ()) if name not in value]
    parts = schema.get("properties", {})
    return found + [it for name in value for it in lacking(value[name], parts.get(name, {}), schemas, f"{at}.{name}")]


def _as_csv(line: str) -> str:
    return re.sub(r'"(\$REDWOOD[^"?]*)(\??)([^"]*)"', r'"\1?\3&format=csv"', line).replace("?&", "?")


def missing(example: Any, live: Any, at: str = "") -> list[str]:
    """Places of the example that the live answer has not, or has as something else; of lists the nearest entry."""
    if example is None or live is None:
        return []
    if isinstance(example, dict):
        if not isinstance(live, dict):
            return [at]
        return [gone for key in example for gone in _missing_key(example, live, key, f"{at}.{key}")]
    if isinstance(example, list):
        if not isinstance(live, list):
            return [at]
        return min((missing(example[0], it, f"{at}[]") for it in live), key=len, default=[]) if example else []
    return [] if isinstance(live, str) == isinstance(example, str) else [at]


def _missing_key(example: dict[str, Any], live: dict[str, Any], key: str, at: str) -> list[str]:
    # Names that are ids of items stand for whichever this pulse asks.
    found = live.get(key, next(iter(live.values()), None) if re.fullmatch(r"[A-Z]{2}\d", key) else ...)
    return [at] if found is ... else missing(example[key], found, at)


def test_what_is_missing_is_found() -> None:
    assert missing({"a": [{"b": 1}]}, {"a": [{"c": 1}]}) == [".a[].b"]
    assert missing({"a": {"b": "x"}}, {"a": {"b": 1}}) == [".a.b"]
    assert missing({"a": [1], "n": None}, {"a": {}, "n": 1}) == [".a"]


@ONE
def test_stand_ins_are_in_the_contract_and_in_no_line(doors: Any) -> None:
    text = doors.call("GET", "/openapi.json").text
    lines = "\n".join(shells(doors.call("GET", "/docs", headers={}).text))
    for name, stands in STAND_INS.items():
        assert stands in text
        assert stands not in lines
        assert f"${name}" in lines


@ONE
def test_the_problem_shown_is_one_the_service_gives(doors: Any, shell: SimpleNamespace) -> None:
    begin(doors, shell.known)
    doors.ok("POST", f"/v1/pulses/{shell.known['NEW']}/open")
    body = {"token": shell.known["TOKEN"], "answers": {"WB1": 9}}
    reply = doors.call("POST", f"/v1/pulses/{shell.known['NEW']}/responses", body, {})
    shown = re.search(
        r'<pre><code>(\{.*?"type": .*?)</code></pre>', unescape(doors.call("GET", "/docs").text), re.DOTALL
    )
    assert shown
    assert json.loads(shown[1]) == reply.json()
