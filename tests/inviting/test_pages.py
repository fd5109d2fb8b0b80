"""A manager has everybody written to from a pulse's page, only where letters can be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inviting.test_letters import PEOPLE, a_day_later, configured, counts
from tests.pages.test_manage_pulses import Browser, browser

__all__ = ["browser", "configured"]

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WRITE, REMIND = "/manage/letters", "/manage/reminders"


@ON_SQLITE
def test_everybody_is_written_to_and_reminded_by_two_buttons(
    doors: Any, drafted: str, peopled: Callable[..., list[str]], browser: Callable[..., Browser]
) -> None:
    page = browser("manage")
    address = f"/manage/pulse?pulse={drafted}"
    assert "No letter was written" in page.open(address).send(WRITE).text  # nobody is in the directory
    peopled()
    assert "an invitation for each person, by e-mail, unit by unit" in page.open(address).text
    assert "Everybody’s letter is written" in page.open(address).send(WRITE).text
    assert f"Letters to {PEOPLE} people are written" in page.text
    assert "open, and their letters leave" in page.text
    assert WRITE not in page.reply.text
    doors.ok("POST", f"/v1/pulses/{drafted}/open")
    assert f"0 of {PEOPLE} letters have left" in page.open(address).text
    assert "Nobody was reminded" in page.send(REMIND).text
    a_day_later(doors)
    assert "Everybody is reminded" in page.send(REMIND).text
    assert f"0 of {PEOPLE} letters have left of reminder 1" in page.text
    assert counts(doors, drafted) == (PEOPLE, 0, 0, 2)


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch, configured: None) -> None:
    monkeypatch.delenv("REDWOOD_SMTP_URL")


@ON_SQLITE
def test_nothing_is_offered_that_cannot_be_done(
    unable: None, doors: Any, drafted: str, peopled: Callable[..., list[str]], browser: Callable[..., Browser]
) -> None:
    peopled()
    page = browser("manage").open(f"/manage/pulse?pulse={drafted}")
    assert "e-mail" not in page.text
    reply = doors.run(doors.client.post(WRITE, data={"pulse": drafted}))
    assert (reply.status_code, reply.headers["location"].endswith("said=unwritten")) == (303, True)
    assert counts(doors, drafted) == (0, 0, 0, 0)
