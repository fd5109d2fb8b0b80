"""SCIM's door: who comes in, what is kept, what two do at once, and many in one request."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import text

from service.operations import access
from service.scim import quirks
from service.scim.answering import LONGEST_FILTER
from tests.doors import Doors
from tests.scim.speaking import GROUP, patch, person, say

_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def bulk(*operations: tuple[str, str, Any]) -> dict[str, Any]:
    return {
        "Operations": [
            {"method": method, "path": path, "bulkId": f"b{place}", "data": data}
            for place, (method, path, data) in enumerate(operations)
        ]
    }


def entries(doors: Doors) -> list[tuple[str, str]]:
    with doors.parts.database.read() as tx:
        mine = text("SELECT deed, subject FROM audit WHERE organisation_id = :id ORDER BY number")
        return [tuple(row) for row in tx.execute(mine, {"id": doors.organisation})]  # type: ignore[misc]


def test_only_keys_for_scim_of_the_whole_organisation_come_in(doors: Doors) -> None:
    doors.ok("PUT", "/v1/roster?as_of=2020-01-01", {"units": [{"id": "all", "headcount": 9}]})
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer rw_unknown"}, 401),
        (doors.key("scim", unit="all"), 403),
        (doors.key("manage", "results"), 403),
    ):
        for method, path in (("GET", "/Users"), ("POST", "/Users"), ("GET", "/Schemas"), ("POST", "/Bulk")):
            reply = say(doors, headers, method, path, person("a") if method == "POST" else None)
            assert reply.status_code == status
            assert reply.headers["content-type"] == "application/scim+json"
            assert reply.json()["schemas"] == [_ERROR]
            assert reply.json()["status"] == str(status)
            assert ("www-authenticate" in reply.headers) == (status == 401)
    assert say(doors, doors.key("scim"), "GET", "/Users").json()["totalResults"] == 0


def test_organisations_do_not_see_each_other(doors: Doors) -> None:
    mine = doors.key("scim")
    other = access.create_organisation(doors.parts.database, uuid4().hex)
    secret = access.create_key(doors.parts.database, other, ["scim"], None, "test")
    theirs = {"Authorization": f"Bearer {secret}"}
    id = say(doors, mine, "POST", "/Users", person("anna")).json()["id"]
    team = {"schemas": [GROUP], "displayName": "Team A"}
    group = say(doors, mine, "POST", "/Groups", {**team, "members": [{"value": id}]}).json()["id"]
    for path in ("/Users", "/Groups", "/", "/Users?filter=userName+eq+%22anna%22", f"/Users?filter=id+eq+%22{id}%22"):
        assert say(doors, theirs, "GET", path).json()["totalResults"] == 0
    for method, path in (("GET", f"/Users/{id}"), ("DELETE", f"/Users/{id}"), ("DELETE", f"/Groups/{group}")):
        assert say(doors, theirs, method, path).status_code == 404
    assert say(doors, theirs, "POST", "/Users", person("Anna")).status_code == 201
    foreign = say(doors, theirs, "POST", "/Groups", {**team, "members": [{"value": id}]}).json()
    assert "members" not in foreign
    come = patch({"op": "add", "path": "members", "value": [{"value": id}]})
    say(doors, theirs, "PATCH", f"/Groups/{foreign['id']}", come)
    assert "members" not in say(doors, theirs, "GET", f"/Groups/{foreign['id']}").json()
    assert say(doors, mine, "GET", f"/Groups/{group}").json()["members"][0]["value"] == id


def test_one_of_many_who_make_the_same_person_does(doors: Doors) -> None:
    headers = {**doors.key("scim"), "Content-Type": "application/scim+json"}

    async def all_at_once() -> list[int]:
        bodies = [json.dumps(person(name)) for name in ("Anna@works.example", "anna@WORKS.example") * 6]
        asked = [doors.client.post("/scim/v2/Users", content=body, headers=headers) for body in bodies]
        return sorted([reply.status_code for reply in await asyncio.gather(*asked)])

    assert doors.run(all_at_once()) == [201] + [409] * 11
    assert say(doors, headers, "GET", "/Users").json()["totalResults"] == 1


def test_changes_at_once_are_all_kept(doors: Doors) -> None:
    headers = {**doors.key("scim"), "Content-Type": "application/scim+json"}
    ids = [say(doors, headers, "POST", "/Users", person(f"p{it}")).json()["id"] for it in range(6)]
    group = say(doors, headers, "POST", "/Groups", {"schemas": [GROUP], "displayName": "T"}).json()["id"]

    async def all_at_once() -> set[int]:
        bodies = [patch({"op": "add", "path": "members", "value": [{"value": id}]}) for id in ids]
        path = f"/scim/v2/Groups/{group}"
        asked = [doors.client.patch(path, content=json.dumps(body), headers=headers) for body in bodies]
        return {reply.status_code for reply in await asyncio.gather(*asked)}

    assert doors.run(all_at_once()) == {204}
    read = say(doors, headers, "GET", f"/Groups/{group}")
    assert {it["value"] for it in read.json()["members"]} == set(ids)
    assert read.headers["etag"] == 'W/"7"'


def test_versions_tell_who_was_there_first(doors: Doors) -> None:
    headers = doors.key("scim")
    made = say(doors, headers, "POST", "/Users", person("anna"))
    path, first = f"/Users/{made.json()['id']}", made.headers["etag"]
    title = patch({"op": "replace", "path": "title", "value": "Turner"})
    assert say(doors, {**headers, "If-None-Match": first}, "GET", path).status_code == 304
    changed = say(doors, {**headers, "If-Match": first}, "PATCH", path, title)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first
    same = say(doors, headers, "PATCH", path, title)
    assert same.headers["etag"] == changed.headers["etag"]
    for method, body in (("PATCH", title), ("PUT", person("anna")), ("DELETE", None)):
        assert say(doors, {**headers, "If-Match": first}, method, path, body).status_code == 412


def test_a_bulk_request_is_one_transaction_with_its_own_failures(doors: Doors) -> None:
    headers = doors.key("scim")
    team = {"schemas": [GROUP], "displayName": "Team B", "members": [{"value": "bulkId:b0"}, {"value": "bulkId:b1"}]}
    wanted = bulk(
        ("POST", "/Users", person("b.one")),
        ("POST", "/Users", person("b.two", active="False")),
        ("POST", "/Users", person("B.ONE")),
        ("POST", "/Users", {"active": True}),
        ("POST", "/Groups", team),
        ("POST", "/Nothing", person("b.three")),
    )
    reply = say(doors, headers, "POST", "/Bulk", wanted)
    assert reply.status_code == 200
    assert [it["status"] for it in reply.json()["Operations"]] == ["201", "201", "409", "400", "201", "404"]
    group = say(doors, headers, "GET", "/Groups").json()["Resources"][0]
    assert len(group["members"]) == 2
    assert say(doors, headers, "GET", "/Users?filter=active+eq+false").json()["totalResults"] == 1
    assert entries(doors)[-4:].count(("people changed", "2 people, 1 group")) == 1
    assert "b.one" not in str(entries(doors))
    too_many = bulk(*[("DELETE", f"/Users/{it}", None) for it in range(1_001)])
    assert say(doors, headers, "POST", "/Bulk", too_many).status_code == 413


def test_who_goes_is_gone_from_groups_and_rows(doors: Doors) -> None:
    headers = doors.key("scim")
    id = say(doors, headers, "POST", "/Users", person("goes.for.good", externalId="gone-1")).json()["id"]
    team = {"schemas": [GROUP], "displayName": "Team C", "members": [{"value": id}]}
    group = say(doors, headers, "POST", "/Groups", team)
    assert say(doors, headers, "DELETE", f"/Users/{id}").status_code == 204
    read = say(doors, headers, "GET", f"/Groups/{group.json()['id']}")
    assert "members" not in read.json()
    assert read.headers["etag"] != group.headers["etag"]
    with doors.parts.database.read() as tx:
        mine = f"WHERE organisation_id = '{doors.organisation}'"
        assert not tx.execute(text(f"SELECT * FROM person {mine}")).all()
        assert not tx.execute(text(f"SELECT * FROM membership {mine}")).all()
        changes = tx.execute(text(f"SELECT changes FROM directory {mine}")).scalar_one()
    assert changes == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Users", b"{", 400),
        ("POST", "/Users", b"[]", 400),
        ("POST", "/Users", b'{"userName": "secret-\\ud800"}', 400),
        ("POST", "/Users", b'{"userName": "secret-\\u0000"}', 400),
        ("POST", "/Users", json.dumps(person("secret-" * 100)).encode(), 400),
        ("POST", "/Users", json.dumps(person("anna", emails="secret-mail")).encode(), 400),
        ("POST", "/Users", b'{"userName": "' + b"secret-" * 800_000 + b'"}', 413),
        ("PATCH", "/Users/{id}", b'{"Operations": [{"op": "secret-", "path": "title", "value": "x"}]}', 400),
        ("PATCH", "/Users/{id}", b'{"Operations": [{"op": "remove", "path": "userName"}]}', 400),
        ("PATCH", "/Users/{id}", b'{"Operations": [{"op": "replace", "path": "emails[secret-", "value": 1}]}', 400),
        (
            "PATCH",
            "/Users/{id}",
            json.dumps(patch({"op": "add", "value": {"name." + "secret-" * 100: 1}})).encode(),
            400,
        ),
        ("PATCH", "/Users/secret-", b'{"Operations": [{"op": "replace", "path": "title", "value": "x"}]}', 404),
        ("GET", "/Users?filter=secret-+eq", b"", 400),
        ("GET", "/Users?filter=userName+eq+%22secret-%5Cu0000%22", b"", 200),
        ("GET", "/Users?filter=userName+eq+%22secret-%5Cud800%22", b"", 200),
        ("GET", "/Users/secret-%00", b"", 404),
        ("GET", "/Secret-", b"", 404),
        ("PUT", "/Users", b"{}", 405),
        ("GET", "/Me", b"", 501),
        ("GET", "/Users?cursor=secret-", b"", 501),
    ],
)
def test_bad_input_is_refused_and_not_repeated(doors: Doors, method: str, path: str, body: bytes, status: int) -> None:
    headers = doors.key("scim")
    id = say(doors, headers, "POST", "/Users", person("anna")).json()["id"]
    reply = say(doors, headers, method, path.replace("{id}", id), body or None)
    assert reply.status_code == status, reply.text
    assert "secret-" not in reply.text.lower()
    assert status == 200 or reply.json()["schemas"] == [_ERROR]
    assert say(doors, headers, "GET", "/Users").json()["totalResults"] == 1


@pytest.mark.parametrize("name", ["filter", "Filter", "fil_ter"])
def test_a_filter_that_is_too_long_is_not_read(doors: Doors, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    headers, asked = doors.key("scim"), 'userName eq "{}"'
    longest, longer = (asked.format("x" * (LONGEST_FILTER - len(asked) + more)) for more in (2, 3))
    assert (len(longest), len(longer)) == (LONGEST_FILTER, LONGEST_FILTER + 1)
    assert say(doors, headers, "POST", "/Users/.search", {name: longest}).status_code == 200
    monkeypatch.setattr(quirks, "filter_as_meant", pytest.fail)
    for reply in (
        say(doors, headers, "GET", f"/Users?filter={quote(longer)}"),
        say(doors, headers, "POST", "/Users/.search", {name: longer}),
        say(doors, headers, "POST", "/.search", {name: 'userName eq "' + '\\"' * 16_000}),
    ):
        assert (reply.status_code, reply.json().get("scimType")) == (400, "invalidFilter")


def test_a_quotation_that_does_not_end_goes_to_the_end() -> None:
    """What follows is not looked at again from each mark in it."""
    begun = 'userName eq "' + '\\"' * 8 + " or title eq turner"
    assert quirks.filter_as_meant(begun) == begun
    assert quirks.filter_as_meant('id eq a or title eq "b\\" eq c" or id eq d') == (
        'id eq "a" or title eq "b\\" eq c" or id eq "d"'
    )


def test_pages_and_sorting_cover_everybody_once(doors: Doors) -> None:
    headers = doors.key("scim")
    names = [f"P{it:02}" if it % 2 else f"p{it:02}" for it in range(7)]
    say(doors, headers, "POST", "/Bulk", bulk(*[("POST", "/Users", person(name)) for name in reversed(names)]))
    for asked in ("", "&sortBy=userName", "&filter=userName+sw+%22p%22", "&sortBy=userName&sortOrder=descending"):
        pages = [say(doors, headers, "GET", f"/Users?startIndex={at}&count=3{asked}").json() for at in (1, 4, 7)]
        found = [it["userName"] for page in pages for it in page["Resources"]]
        assert [page["totalResults"] for page in pages] == [7, 7, 7]
        assert sorted(found, key=str.lower) == names
        assert "sortBy" not in asked or found == (names[::-1] if "descending" in asked else names)


def test_reading_is_recorded_without_saying_of_whom(doors: Doors) -> None:
    headers = doors.key("scim")
    id = say(doors, headers, "POST", "/Users", person("anna")).json()["id"]
    say(doors, headers, "GET", f"/Users/{id}")
    say(doors, headers, "GET", "/Users?filter=userName+eq+%22anna%22")
    say(doors, headers, "POST", "/Groups/.search", {"count": 1})
    read = [subject for deed, subject in entries(doors) if deed == "read"]
    assert read == ["GET /scim/v2/Users", "POST /scim/v2/Groups"]
    assert id not in str(entries(doors))


def test_schemas_tell_what_is_kept_and_nothing_else(doors: Doors) -> None:
    schemas = say(doors, doors.key("scim"), "GET", "/Schemas").json()["Resources"]
    told = {it["name"]: {attribute["name"] for attribute in it["attributes"]} for it in schemas}
    user = {"userName", "name", "displayName", "title", "userType", "preferredLanguage", "active", "emails"}
    enterprise = {"employeeNumber", "costCenter", "organization", "division", "department", "manager"}
    assert told == {"User": user, "EnterpriseUser": enterprise, "Group": {"displayName", "members"}}
