"""Where units are made of people, a roster put by hand is looked at again, and people have the last word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from service.operations.directory import bring_up_to_date

PEOPLE = "userName,department\n" + "".join(f"p{n},Sales\n" for n in range(6))
MAPPING = {"units": {"from": "attributes", "levels": ["department"]}, "root": {"id": "acme", "name": "Acme"}}
BY_HAND = {"units": [{"id": "acme", "headcount": 0}, {"id": "other", "parent": "acme", "headcount": 3}]}


def headcounts(doors: Any) -> dict[str, int]:
    return {unit["name"]: unit["headcount"] for unit in doors.ok("GET", "/v1/roster")["units"]}


def up_to_date(doors: Any) -> bool:
    return bring_up_to_date(doors.parts.database, doors.organisation, datetime.now(UTC).date())


def test_a_roster_put_by_hand_lasts_until_people_are_counted_again(doors: Any) -> None:
    doors.ok("PUT", "/v1/directory", MAPPING)
    sent = doors.client.post("/v1/people/import", content=PEOPLE, headers={**doors.manager, "content-type": "text/csv"})
    assert doors.run(sent).status_code == 200
    made = headcounts(doors)
    assert made == {"Acme": 0, "Sales": 6}
    doors.ok("PUT", "/v1/roster", BY_HAND)
    assert headcounts(doors) != made
    assert doors.ok("GET", "/v1/directory")["due"] is True
    assert up_to_date(doors) is True
    assert headcounts(doors) == made
    assert up_to_date(doors) is False


def test_without_a_mapping_it_is_what_was_put(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", BY_HAND)
    assert up_to_date(doors) is False
    assert headcounts(doors) == {"acme": 0, "other": 3}
