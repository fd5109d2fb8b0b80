"""Errors and settings are tables of data: each is whole, its names stay, and neither repeats what it was given."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from service import errors
from service.api.documented import MEANING
from service.api.problems import STATUS, reply_to
from service.settings import Settings, from_environment, has_well_known_password, is_elsewhere
from tests.contract.openapi_document import FILE

ERRORS = {
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, errors.RedwoodError) and kind is not errors.RedwoodError
}

#: What clients may have written into their own code. A new one is added; none is ever changed or taken away.
SLUGS = {
    "conflict": 409,
    "invalid": 422,
    "invalid-instrument": 422,
    "invalid-pulse": 422,
    "invalid-query": 422,
    "invalid-response": 422,
    "invalid-roster": 422,
    "invalid-settings": 500,
    "not-allowed": 403,
    "not-authenticated": 401,
    "not-found": 404,
    "overloaded": 503,
    "token-refused": 403,
    "too-large": 413,
    "too-many-guesses": 429,
    "unavailable": 503,
    "altered": 409,
    "custody-unreachable": 503,
    "findings-due": 503,
    "key-gone": 409,
    "no-role": 403,
    "over-invited": 409,
    "provider-unreachable": 503,
    "unsafe-release": 409,
}

CANARY = "zq7canary"


def test_every_error_is_one_status() -> None:
    assert set(STATUS) == ERRORS


def test_slugs_and_their_statuses_stay() -> None:
    assert {slug: status for status, slug in STATUS.values()} == SLUGS
    assert len(STATUS) == len(SLUGS), "two errors share a slug"


def test_every_error_has_a_title_of_its_own() -> None:
    titles = [kind.title for kind in ERRORS]
    assert len(set(titles)) == len(titles)
    assert errors.RedwoodError.title not in titles


def test_every_status_a_route_may_document_has_a_meaning() -> None:
    # What is wrong at start is met by no request.
    assert {status for status, _ in STATUS.values()} - {500} <= set(MEANING)


@pytest.mark.parametrize("kind", sorted(ERRORS, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_an_error_becomes_a_problem(kind: type[errors.RedwoodError]) -> None:
    error = _made(kind)
    reply = reply_to(error)
    document = json.loads(bytes(reply.body))
    status, slug = STATUS[kind]
    assert (reply.status_code, reply.media_type) == (status, "application/problem+json")
    assert (document["type"], document["status"], document["title"]) == (slug, status, kind.title)
    if isinstance(error, errors.Invalid):
        assert document["errors"] == [{"where": "units[3].parent", "why": "is not a unit"}]
    else:
        assert document["detail"] == str(error)
    assert ("www-authenticate" in reply.headers) is (status == 401)
    assert ("retry-after" in reply.headers) is (status in {429, 503})


def _made(kind: type[errors.RedwoodError]) -> errors.RedwoodError:
    if issubclass(kind, errors.Invalid):
        return kind([errors.Fault("units[3].parent", "is not a unit")])
    if kind is errors.Unsafe:
        return kind(["subtraction"])
    if kind is errors.CustodyFailed:
        return kind("the folder cannot be written")
    return kind("manage") if kind is errors.NotAllowed else kind()


def attempts() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the contract with the canary wherever something can be said."""
    for path, methods in json.loads(FILE.read_text())["paths"].items():
        for method, operation in methods.items():
            asked = [it["name"] for it in operation.get("parameters", []) if it["in"] == "query"]
            everywhere = re.sub(r"{\w+}", CANARY, path)
            elsewhere = re.sub(r"{\w+}", "a" * 16, path)
            for name in [*asked, CANARY]:
                yield method, elsewhere, {"params": {name: CANARY}}
            yield method, everywhere, {}
            if method in {"post", "put"}:
                for body in _bodies():
                    yield method, elsewhere, body


def _bodies() -> Iterator[dict[str, Any]]:
    deep = {CANARY: [CANARY, {CANARY: CANARY}]}
    yield {"json": CANARY}
    yield {"json": deep}
    yield {"json": {"token": CANARY, "answers": {CANARY: 9, "PS1": CANARY}, "bands": {CANARY: CANARY}}}
    yield {"json": {"units": [{"id": CANARY, "parent": f"{CANARY}2", "headcount": CANARY, CANARY: 1}]}}
    yield {"json": {"instrument": CANARY, "items": [CANARY], "threshold": CANARY, "bands": deep, "lenses": [CANARY]}}
    yield {"json": {"id": CANARY, "version": CANARY, "scale": CANARY, "items": [deep], "blocks": CANARY}}
    yield {"json": {"counts": {CANARY: CANARY}}}
    yield {"content": f'{{"{CANARY}": ', "headers": {"Content-Type": "application/json"}}
    yield {"content": f"id,name\n{CANARY},{CANARY}\n", "headers": {"Content-Type": "text/csv"}}
    yield {"content": f"token={CANARY}&{CANARY}={CANARY}", "headers": {"Content-Type": CANARY}}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_refusal_repeats_what_was_sent(doors: Any) -> None:
    refused = 0
    for method, path, more in attempts():
        headers = {**doors.manager, **more.pop("headers", {})}
        reply = doors.run(doors.client.request(method.upper(), path, headers=headers, **more))
        if reply.status_code < 400:
            continue
        refused += 1
        said = f"{reply.text} {reply.headers}"
        assert CANARY not in said, (method, path, more, said)
        assert reply.headers["content-type"] == "application/problem+json", (method, path, more)
        assert reply.json()["type"] in {*SLUGS, "bad-request", "not-acceptable", "method-not-allowed"}
        assert reply.status_code < 500, (method, path, more)
    assert refused > 100


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", [f"/v1/{CANARY}", f"/{CANARY}", f"/v1/pulses/{CANARY}/{CANARY}?{CANARY}={CANARY}"])
def test_nothing_at_an_address_does_not_repeat_the_address(doors: Any, path: str) -> None:
    for headers in ({}, doors.manager, {"Authorization": f"Bearer {CANARY}"}, {"Cookie": f"redwood={CANARY}"}):
        reply = doors.call("GET", path, headers=headers)
        assert reply.status_code == 404
        assert CANARY not in f"{reply.text} {reply.headers}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_has_a_default_and_a_line_of_help(name: str) -> None:
    field = Settings.model_fields[name]
    assert not field.is_required()
    help = field.description or ""
    assert re.fullmatch(r"[A-Z][^\n|]{10,}\.", help), help


def test_defaults_are_valid_settings() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert Settings(**defaults) == Settings.model_validate(defaults)


NOT_WORDS = [name for name, field in Settings.model_fields.items() if field.annotation is not str]


@pytest.mark.parametrize("name", [*NOT_WORDS, "database_url"])
def test_a_wrong_setting_is_named_and_not_repeated(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"REDWOOD_{name.upper()}", CANARY)
    with pytest.raises(errors.InvalidSettings) as caught:
        from_environment()
    assert [fault.where for fault in caught.value.faults] == [f"REDWOOD_{name.upper()}"]
    assert CANARY not in str(caught.value)


WELL_KNOWN = ("postgres", "Password", "redwood", "changeme", "secret", "admin", "example", "", "somebody", "p%6Fstgres")


@pytest.mark.parametrize("password", WELL_KNOWN)
def test_a_password_that_everybody_tries_first_is_refused_for_another_machine(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = ("db.example.org", "db:5432", "10.0.0.7", "[2001:db8::1]:5432", "localhost,db", "localhost.example.org")
    here = ("localhost", "127.0.0.1:5433", "[::1]", "LOCALHOST")
    for host in there:
        monkeypatch.setenv("REDWOOD_DATABASE_URL", f"postgresql://somebody:{password}@{host}/redwood")
        with pytest.raises(errors.InvalidSettings, match="REDWOOD_DATABASE_URL: has a password") as caught:
            from_environment()
        assert not password or password not in str(caught.value).replace("a password", "")
    for address in (
        f"postgresql://somebody@/redwood?host=db&password={password}",
        f"postgresql://db/redwood?user=somebody&password={password}",
    ):
        assert has_well_known_password(address)
        assert is_elsewhere(address)
    for host in here:
        address = f"postgresql://somebody:{password}@{host}/redwood"
        monkeypatch.setenv("REDWOOD_DATABASE_URL", address)
        assert from_environment().database_url == address
        assert has_well_known_password(address)
    assert not is_elsewhere("postgresql://somebody@/redwood?host=/var/run/postgresql")


@pytest.mark.parametrize("address", ["sqlite:///redwood.db", "postgresql://u:Xk2-9fQz@db/d", "postgresql://u@db/d"])
def test_other_passwords_are_not_judged(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", address)
    assert from_environment().database_url == address
    assert not has_well_known_password(address)


def test_log_levels_are_those_of_the_server() -> None:
    levels = get_args(Settings.model_fields["log_level"].annotation)
    assert "trace" not in levels, "trace logs what is sent"
