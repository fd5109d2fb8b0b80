"""People by file over HTTP, and what is told of the directory: numbers and units, no names."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

MAPPING = {"units": {"from": "attributes", "levels": ["department"]}, "root": {"id": "works", "name": "Works"}}
FILE = "E-Mail;Nachname;Abteilung;Gehalt\nada@x.example;Lovelace;Sales;9\nbo@x.example;Ek;=1+1;7\n"


def imported(doors: Any, text: str, query: str = "", headers: dict[str, str] | None = None) -> httpx.Response:
    chosen = {**(headers or doors.key("scim")), "Content-Type": "text/csv"}
    reply: httpx.Response = doors.run(
        doors.client.post(f"/v1/people/import{query}", content=text.encode(), headers=chosen)
    )
    return reply


def test_people_in_a_file_become_a_roster(doors: Any) -> None:
    assert doors.ok("PUT", "/v1/directory", MAPPING)["trouble"][0]["where"] == "people"
    looked = imported(doors, FILE, "?dry_run=true").json()
    assert (looked["applied"], looked["come"], looked["dropped"]) == (False, 2, ["Gehalt"])
    assert doors.ok("GET", "/v1/roster")["units"] == []
    done = imported(doors, FILE).json()
    assert {**looked, "applied": True, "roster": {**looked["roster"], "applied": True}} == done
    assert {unit["name"]: unit["headcount"] for unit in doors.ok("GET", "/v1/roster")["units"]} == {
        "Works": 0,
        "Sales": 1,
        "=1+1": 1,
    }
    stands = doors.ok("GET", "/v1/directory")
    assert stands["mapping"] == MAPPING
    assert (stands["people"], stands["active"], stands["units"], stands["due"]) == (2, 2, 3, False)
    assert not any(word in json.dumps([done, stands]) for word in ("Lovelace", "ada@", "bo@"))
    assert doors.ok("PUT", "/v1/directory", stands["mapping"])["roster"]["added"] == []


def test_columns_may_be_said(doors: Any) -> None:
    done = imported(doors, FILE, "?column=department%3DNachname&column=costCenter%3DAbteilung").json()
    assert done["taken"] == {"email": "E-Mail", "department": "Nachname", "costCenter": "Abteilung"}
    refused = imported(doors, FILE, "?column=wages%3DGehalt")
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "column")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"mail\nnobody\n", b"mail,mail\n", b'mail\n"open'])
def test_nonsense_changes_nothing_and_is_not_repeated(doors: Any, body: bytes) -> None:
    imported(doors, FILE)
    headers = {**doors.key("scim"), "Content-Type": "text/csv"}
    reply = doors.run(doors.client.post("/v1/people/import", content=body, headers=headers))
    assert reply.status_code == 422
    assert "nobody" not in reply.text
    assert doors.ok("GET", "/v1/directory")["people"] == 2


def test_everybody_is_destroyed_only_by_their_number(doors: Any) -> None:
    imported(doors, FILE)
    assert doors.call("DELETE", "/v1/people?people=3").status_code == 409
    assert doors.call("DELETE", "/v1/people").status_code == 422
    assert doors.ok("DELETE", "/v1/people?people=2")["people"] == 2
    assert doors.ok("GET", "/v1/directory")["people"] == 0


def test_a_formula_in_a_units_name_is_no_formula_in_the_file_of_units(doors: Any) -> None:
    doors.ok("PUT", "/v1/directory", MAPPING)
    imported(doors, FILE)
    secret = doors.manager["Authorization"].removeprefix("Bearer ")
    signed = doors.run(doors.client.post("/dashboard/sign-in", data={"key": secret}))
    cookie = {"cookie": f"redwood_session={signed.cookies['redwood_session']}"}
    file = doors.run(doors.client.get("/manage/roster.csv", headers=cookie)).text
    assert ",'=1+1," in file
    assert ",=1+1," not in file
