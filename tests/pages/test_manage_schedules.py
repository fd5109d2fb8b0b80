"""Schedules by nothing but their page: made, paused, tried again and removed, and what is wrong at its field."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from service.pages.manage.schedules import Filled, in_words
from service.survey.cadence import days_after, require_rule
from tests.pages.through import plain

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/manage/schedules"
SENT = {
    "label": "Team <pulse>",
    "instrument": "five-blocks",
    "often": "week",
    "weekday": "WE",
    "days": "5",
    "baseline": "yes",
    "lens": "interdependence",
    "hand_over": "nobody",
    "action": "make",
}


class Desk:
    """Somebody who is signed in with a key that manages."""

    def __init__(self, doors: Any) -> None:
        self.doors = doors
        key = doors.manager["Authorization"].removeprefix("Bearer ")
        reply = doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
        self.cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}

    def open(self, address: str = PATH) -> str:
        reply = self.doors.run(self.doors.client.get(address, headers=self.cookie))
        assert reply.status_code == 200, reply.text
        return str(reply.text)

    def send(self, sent: dict[str, str]) -> Any:
        return self.doors.run(self.doors.client.post(PATH, data=sent, headers=self.cookie))

    def done(self, sent: dict[str, str]) -> str:
        reply = self.send(sent)
        assert reply.status_code == 303, reply.text
        return self.open(reply.headers["location"])


@pytest.fixture
def desk(doors: Any) -> Desk:
    return Desk(doors)


@ON_SQLITE
def test_letters_that_nobody_would_send_are_not_offered_first_and_are_refused(desk: Desk) -> None:
    assert 'value="nobody" checked' in desk.open()
    refused = desk.send(SENT | {"hand_over": "letters"})
    assert (refused.status_code, "REDWOOD_SMTP_URL" in refused.text) == (409, True)
    assert desk.doors.ok("GET", "/v1/schedules")["data"] == []


@ON_SQLITE
def test_a_schedule_is_made_paused_tried_again_and_removed(desk: Desk) -> None:
    assert "The first schedule" in desk.open()
    page = desk.done(SENT)
    text = plain(page)
    assert "Every week on Wednesday, open for 5 days; invitations by hand." in text
    assert "everything , 42 statements" in text.replace("everything,", "everything ,")
    assert text.count("10 statements") == 4
    assert "Team &lt;pulse&gt;" in page
    [made] = desk.doors.ok("GET", "/v1/schedules")["data"]
    assert (made["rule"], made["baseline_every"], made["hand_over"]) == ("FREQ=WEEKLY;BYDAY=WE", 26, "nobody")
    assert {date.fromisoformat(it["on"]).weekday() for it in made["coming"]} == {2}
    this = {"schedule": made["id"]}
    assert "Paused: nothing begins" in desk.done(this | {"action": "pause"})
    assert desk.doors.ok("GET", f"/v1/schedules/{made['id']}")["paused"] is True
    assert "It goes on." in desk.done(this | {"action": "resume"})
    assert "tried again within" in desk.done(this | {"action": "again"})
    unsure = desk.send(this | {"action": "remove"})
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    assert "The schedule is gone." in desk.done(this | {"action": "remove", "sure": "yes"})
    assert desk.send(this | {"action": "pause"}).status_code == 404


@ON_SQLITE
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(desk: Desk) -> None:
    reply = desk.send(SENT | {"label": "", "days": "400"})
    assert reply.status_code == 422
    for field in ("label", "days"):
        assert f'id="{field}-fault"' in reply.text
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', reply.text)
    assert re.search(r'value="WE" selected', reply.text)
    for wrong, field in (
        ({"days": "9"}, "days"),
        ({"starts": "soon"}, "starts"),
        ({"instrument": "none"}, "instrument"),
    ):
        reply = desk.send(SENT | wrong)
        assert (reply.status_code, f'id="{field}-fault"' in reply.text) == (422, True), wrong
    assert desk.doors.ok("GET", "/v1/schedules")["data"] == []


def test_what_the_form_can_say_is_a_rule_of_such_weekdays_and_is_told_in_words() -> None:
    today = datetime.now(UTC).date()
    for often in ("week", "two", "month", "quarter"):
        for weekday, name in (("MO", "Monday"), ("SU", "Sunday")):
            filled = Filled(often=often, weekday=weekday)
            start = filled.counted_from(today)
            assert 0 <= (start - today).days < 7
            require_rule(filled.rule, start)
            days = days_after(filled.rule, start, date.min, 3)
            assert {f"{day:%A}" for day in days} == {name}
            assert days[0] == start or often in {"month", "quarter"}
            assert in_words(filled.rule).endswith(name)
    assert in_words("FREQ=DAILY") == "FREQ=DAILY"
    assert in_words("FREQ=WEEKLY;BYDAY=XX") == "FREQ=WEEKLY;BYDAY=XX"
