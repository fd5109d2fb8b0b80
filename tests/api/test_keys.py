"""Keys: what a scope opens, what a subtree hides, and that missing and forbidden are the same bytes."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.openapi_document import FILE

READS = {
    "results": ("/v1/results", "/v1/heatmap", "/v1/pulses/{pulse}/participation", "/v1/pulses/{pulse}/release"),
    "analytics": ("/v1/trends", "/v1/quality"),
    "manage": ("/v1/roster", "/v1/instruments", "/v1/instruments/five-blocks"),
}
BODIES: dict[str, Any] = {
    "/v1/pulses": {"instrument": "five-blocks"},
    "/v1/instruments": {},
    "/v1/roster": {"units": [{"id": "x", "headcount": 1}]},
}
EVERY_READ = [path for paths in READS.values() for path in paths]


@pytest.mark.parametrize("scope", ["collect", "manage", "results", "analytics", "scim"])
def test_a_scope_opens_its_own_doors_and_no_other(doors: Any, released: SimpleNamespace, scope: str) -> None:
    key = doors.key(scope)
    for owner, paths in READS.items():
        for path in paths:
            status = doors.call("GET", path.format(pulse=released.id), headers=key).status_code
            assert status == (200 if owner == scope else 403), (scope, path)


def guarded() -> list[tuple[str, str, str]]:
    """Every call of the contract that says which scope it needs."""
    contract = json.loads(FILE.read_text())
    return [
        (method.upper(), path, scope)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        for choice in operation.get("security", [])
        for scope in choice["key"]
    ]


def test_every_call_asks_for_the_scope_its_contract_says(doors: Any, released: SimpleNamespace) -> None:
    assert len(guarded()) >= 15
    for method, path, scope in guarded():
        others = doors.key(*{"collect", "manage", "results", "analytics", "scim"} - {scope})
        body = BODIES.get(path)
        path = path.format(pulse=released.id, id="five-blocks", unit="north")
        assert doors.call(method, path, body, others).status_code == 403, (method, path)
        assert doors.call(method, path, body, doors.key(scope)).status_code not in {401, 403}, (method, path)


@pytest.mark.parametrize("path", EVERY_READ)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer rw_wrong"}, {"Authorization": "Basic cnc6"}, {"Authorization": "Bearer \u00e9"}],
    ids=["none", "wrong", "basic", "not ascii"],
)
def test_without_a_known_key_there_is_one_refusal(doors: Any, path: str, headers: dict[str, str]) -> None:
    headers = {name: value.encode() for name, value in headers.items()}  # type: ignore[misc]
    reply = doors.run(doors.client.get(path.format(pulse="a" * 16), headers=headers))
    assert (reply.status_code, reply.json()["type"]) == (401, "not-authenticated")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_keys_subtree_is_all_it_sees(doors: Any, released: SimpleNamespace) -> None:
    key = doors.key("results", "analytics", unit="north")
    for path in ("results", "heatmap", "trends"):
        assert {row["unit"] for row in doors.rows(f"/v1/{path}", key)} == {"north", "n1", "n2"}
    rows = doors.rows(f"/v1/pulses/{released.id}/participation", key)
    assert {row["unit"] for row in rows} == {"north", "n1", "n2"}
    for whole in (f"/v1/pulses/{released.id}/release", "/v1/quality"):
        assert doors.call("GET", whole, headers=key).status_code == 403


def test_a_key_bound_to_a_subtree_changes_nothing(doors: Any, opened: SimpleNamespace) -> None:
    key = doors.key("manage", unit="north")
    attempts = [
        ("PUT", "/v1/roster", {"units": [{"id": "x", "headcount": 9}]}),
        ("POST", "/v1/pulses", {"instrument": "five-blocks"}),
        ("POST", f"/v1/pulses/{opened.id}/close", None),
    ]
    for method, path, body in attempts:
        assert doors.call(method, path, body, key).status_code == 403
    assert doors.ok("GET", f"/v1/pulses/{opened.id}")["state"] == "open"


@pytest.mark.parametrize("path", ["/v1/results?unit={}", "/v1/heatmap?unit={}", "/v1/trends?unit={}"])
def test_a_unit_outside_the_subtree_is_as_unknown_as_one_that_is_not_there(
    doors: Any, released: SimpleNamespace, path: str
) -> None:
    key = doors.key("results", "analytics", unit="north")
    forbidden = doors.call("GET", path.format("south"), headers=key)
    missing = doors.call("GET", path.format("nowhere"), headers=key)
    assert forbidden.status_code == missing.status_code == 404
    assert forbidden.content == missing.content


def test_another_organisations_pulse_is_as_unknown_as_one_that_is_not_there(
    doors: Any, released: SimpleNamespace
) -> None:
    from service.operations import access

    other = access.create_organisation(doors.parts.database, "Other Works")
    secret = access.create_key(doors.parts.database, other, ["manage", "results", "analytics"], None, "")
    key = {"Authorization": f"Bearer {secret}"}
    for method, path in (
        ("GET", "/v1/pulses/{}"),
        ("POST", "/v1/pulses/{}/open"),
        ("POST", "/v1/pulses/{}/close"),
        ("POST", "/v1/pulses/{}/invitations"),
        ("GET", "/v1/pulses/{}/participation"),
        ("GET", "/v1/pulses/{}/release"),
        ("GET", "/v1/results?pulse={}"),
        ("GET", "/v1/quality?pulse={}"),
    ):
        theirs = doors.call(method, path.format(released.id), headers=key)
        missing = doors.call(method, path.format("a" * 16), headers=key)
        assert theirs.status_code == missing.status_code == 404, path
        assert theirs.content == missing.content
    assert doors.rows("/v1/results", key) == []
