"""Keys: what a scope opens, what a subtree hides, and that missing and forbidden are the same bytes."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from service.errors import InvalidQuery, NotAuthenticated, NotFound
from service.operations import access
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
        path = path.format(pulse=released.id, id="five-blocks", unit="north", hook="a" * 16, schedule="a" * 16)
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


DAY = 86_400


def midnight_after(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + DAY


def test_a_key_is_good_until_its_day_is_over_and_then_as_one_there_never_was(
    doors: Any, released: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, today = doors.parts.database, datetime.now(UTC).date()
    secret = access.create_key(database, doors.organisation, ["results"], None, "", expires=today)
    key, end = {"Authorization": f"Bearer {secret}"}, midnight_after(today)
    session = access.sign_in(database, secret, end - 2, 8)
    assert access.session(database, session, end - 1)
    assert access.authenticate(database, secret, end - 1)
    for over in (access.authenticate, access.session):
        with pytest.raises(NotAuthenticated):
            over(database, {access.session: session}.get(over, secret), end)
    with pytest.raises(NotAuthenticated):
        access.sign_in(database, secret, end, 8)
    page = {"Cookie": f"redwood_session={session}"}
    assert doors.call("GET", "/v1/results", headers=key).status_code == 200
    assert doors.call("GET", "/dashboard", headers=page).status_code == 200
    now = time.time()
    clock = SimpleNamespace(monotonic=time.monotonic, time=lambda: now + DAY)
    for module in ("service.api.keyring", "service.api.routes.pages.reader"):
        monkeypatch.setattr(f"{module}.time", clock)
    doors.client._transport.app.state.parts.keyring._known.clear()
    ended, unknown = (
        doors.call("GET", "/v1/results", headers=headers) for headers in (key, {"Authorization": "Bearer rw_x"})
    )
    assert (ended.status_code, ended.content, ended.headers) == (401, unknown.content, unknown.headers)
    signed_out = doors.call("GET", "/dashboard", headers=page)
    assert (signed_out.status_code, signed_out.headers["location"]) == (303, "/dashboard/sign-in")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_is_made_for_no_day_that_is_past(doors: Any) -> None:
    for day in (datetime.now(UTC).date() - timedelta(days=1), date.max):
        with pytest.raises(InvalidQuery):
            access.create_key(doors.parts.database, doors.organisation, ["results"], None, "", expires=day)


def test_a_rotated_key_is_another_that_may_the_same(doors: Any, released: SimpleNamespace) -> None:
    database, organisation = doors.parts.database, doors.organisation
    last = datetime.now(UTC).date() + timedelta(days=9)
    first = access.create_key(database, organisation, ["analytics", "results"], "north", "Lead", expires=last)
    (old,) = [it for it in access.list_keys(database, organisation) if it.label == "Lead"]
    now = int(time.time())
    session = access.sign_in(database, first, now, 8)
    second, new = access.rotate_key(database, organisation, old.id, overlap=2)
    before, after = (access.authenticate(database, secret, now) for secret in (first, second))
    assert (after.scopes, after.unit, after.label, after.ends_at) == (before.scopes, "north", "Lead", old.ends_at)
    assert new.id == after.key != before.key == old.id
    assert access.authenticate(database, first, now + 7_100)
    with pytest.raises(NotAuthenticated):
        access.authenticate(database, first, now + 7_210)
    assert access.session(database, session, now + 7_100)
    with pytest.raises(NotAuthenticated):
        access.session(database, session, now + 7_210)
    later = last + timedelta(days=300)
    third, newest = access.rotate_key(database, organisation, new.id, expires=later)
    assert newest.ends_at == midnight_after(later)
    with pytest.raises(NotAuthenticated):
        access.authenticate(database, second, now)
    assert access.authenticate(database, third, now)
    assert [it.id for it in access.keys_ending_soon(database, now)] == [old.id]
    for gone in (new.id, "nosuchkey"):
        with pytest.raises(NotFound):
            access.rotate_key(database, organisation, gone)
    for hours in (-1, 10_000):
        with pytest.raises(InvalidQuery):
            access.rotate_key(database, organisation, newest.id, overlap=hours)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_overlap_lends_no_key_more_time_than_it_had(doors: Any) -> None:
    database, today = doors.parts.database, datetime.now(UTC).date()
    access.create_key(database, doors.organisation, ["results"], None, "short", expires=today)
    (old,) = [it for it in access.list_keys(database, doors.organisation) if it.label == "short"]
    access.rotate_key(database, doors.organisation, old.id, overlap=700)
    ends = {it.id: it.ends_at for it in access.list_keys(database, doors.organisation)}
    assert ends[old.id] == midnight_after(today)
