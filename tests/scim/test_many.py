"""Two ways into a bulk request must agree: people looked at by hand, and by the library."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scim2_models import Context

from service.scim.declared import ENTERPRISE, EnterpriseUser, User, provider
from service.scim.forms import said_of_person
from service.scim.many import plain_people
from service.scim.quirks import resource_as_meant
from tests.doors import Doors
from tests.scim.speaking import USER, person, say

_TEXTS = st.sampled_from(["Anna", "a", "", "bulkId:1", "İ", None, 3, True, ["x"], {"value": "x"}])
_BOOLEANS = st.sampled_from([True, False, "True", "false", None, "perhaps", 1])
_NAMES = ["USERNAME", "user_name", "externalId", "displayName", "title", "phoneNumbers", "id", "nickName"]
_EMAIL = st.fixed_dictionaries({}, optional={"value": _TEXTS, "type": _TEXTS, "primary": _BOOLEANS, "display": _TEXTS})
_WORK = st.fixed_dictionaries(
    {}, optional={"department": _TEXTS, "Division": _TEXTS, "manager": _TEXTS, "more": _TEXTS}
)
_PEOPLE = st.fixed_dictionaries(
    {
        "schemas": st.sampled_from([[USER], [USER, ENTERPRISE], [USER, "urn:x:y:z"]]),
        "userName": st.one_of(st.just("anna"), _TEXTS),
    },
    optional={
        **dict.fromkeys(_NAMES, _TEXTS),
        "active": _BOOLEANS,
        "name": st.fixed_dictionaries({}, optional={"givenName": _TEXTS, "familyName": _TEXTS, "middleName": _TEXTS}),
        "emails": st.lists(_EMAIL, max_size=2),
        ENTERPRISE: _WORK,
    },
)


def by_the_library(document: dict[str, Any]) -> Any:
    model: Any = User[EnterpriseUser]
    with provider(1_000_000):
        made = model.model_validate(resource_as_meant(document), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        return said_of_person(made.model_dump())


@settings(max_examples=150, deadline=None, database=None)
@given(_PEOPLE)
def test_who_is_said_plainly_is_whom_the_library_reads(document: dict[str, Any]) -> None:
    found = plain_people({"Operations": [{"method": "POST", "path": "/Users", "bulkId": "1", "data": document}]})
    if found is not None:
        try:
            assert found[0][1] == by_the_library(document)
        except ValidationError as error:
            pytest.fail(f"the library refuses it: {error}")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/Groups"},
        {"path": "/Users/a"},
        {"version": "1"},
        {"bulkId": 1},
        {"data": {"userName": "a"}},
        {"data": person("a", Active=True)},
        {"data": person("")},
        {"data": person("a", emails=[{"value": "a", "primary": True}, {"value": "b", "primary": True}])},
    ],
)
def test_what_is_not_plain_is_the_librarys(change: dict[str, Any]) -> None:
    operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": person("a")}
    assert plain_people({"Operations": [operation]}) is not None
    assert plain_people({"Operations": [{**operation, **change}]}) is None
    assert plain_people({"Operations": [operation, operation]}) is None
    assert plain_people({"Operations": [operation], "failOnErrors": 1}) is None


def test_many_are_made_and_a_taken_name_is_the_only_one_refused(doors: Doors) -> None:
    headers = doors.key("scim")
    assert say(doors, headers, "POST", "/Users", person("p3")).status_code == 201
    names = [*(f"p{it}" for it in range(300)), "P5"]
    work = {ENTERPRISE: {"department": "Lathes", "manager": "p1"}}
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": f"b{at}", "data": person(name, **work)}
        for at, name in enumerate(names)
    ]
    told = say(doors, headers, "POST", "/Bulk", {"Operations": operations}).json()["Operations"]
    assert {it["bulkId"]: it["status"] for it in told if it["status"] != "201"} == {"b3": "409", "b300": "409"}
    assert told[3]["response"]["scimType"] == "uniqueness"
    read = say(doors, headers, "GET", told[7]["location"].removeprefix("http://redwood/scim/v2"))
    assert (read.json()["userName"], read.headers["etag"]) == ("p7", told[7]["version"])
    assert read.json()[ENTERPRISE] == {"department": "Lathes", "manager": {"value": "p1"}}
    assert say(doors, headers, "GET", "/Users?count=0").json()["totalResults"] == 300
