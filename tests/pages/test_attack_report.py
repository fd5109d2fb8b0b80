"""The attack report: every attempt has words, anybody may read it, and what is not released cannot be told apart."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import service.release
from service.pages.attack_report import attack_report_page
from service.pages.attack_words import ATTEMPTS, said_of
from service.pages.dashboard.frame import Frame
from service.release import codec
from service.release.attack import attack
from service.release.release import Release
from service.release.report import Attempt, Report, report_document

RELEASE_ROOM = Path(service.release.__file__).parent


def made() -> set[str]:
    """The names of attempts, wherever the release's room makes one."""
    trees = [ast.parse(path.read_text()) for path in RELEASE_ROOM.glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [it for it in calls if isinstance(it.func, ast.Name) and it.func.id == "Attempt" and it.args]
    return {first.value for it in named if isinstance(first := it.args[0], ast.Constant)}


def document(*attempts: Attempt) -> dict[str, Any]:
    return report_document("third", "sha256:c0ffee", Report(attempts))


def test_every_attempt_has_words_of_its_own() -> None:
    assert ATTEMPTS.keys() == made()
    assert len({said.title for said in ATTEMPTS.values()}) == len(ATTEMPTS)


def test_an_attempt_of_another_version_speaks_for_itself() -> None:
    said = said_of("guess_work", "every figure was guessed")
    assert (said.title, said.idea) == ("Guess work", "Every figure was guessed.")


def test_a_report_says_who_knew_what(releases: tuple[Release, ...], elements: Callable[[str], Any]) -> None:
    report = attack(codec.encode(releases[-1]))
    inside = Attempt("range", "answers were bounded", 0, "three answers", passed=True, when="close")
    page = attack_report_page(document(*report.attempts, inside), None)
    text = " ".join(elements(page).text.split())
    alone, close, yourself = (
        text.index(it)
        for it in ("With nothing but what is published", "At the close, knowing who answered", "Check it yourself")
    )
    for attempt in report.attempts:
        assert alone < text.index(ATTEMPTS[attempt.name].idea) < close
        assert attempt.got in text
    assert close < text.index(ATTEMPTS["range"].idea) < yourself
    assert "On nothing: this release shows no such figures." in text[close:yourself]
    assert "redwood attack third" in text[yourself:]
    assert "/v1/pulses/third/attack-report" in page


@pytest.mark.parametrize(("passed", "said"), [(True, "Nothing was learnt"), (False, "This release does not hold")])
def test_what_came_of_it_is_said_first(elements: Callable[[str], Any], passed: bool, said: str) -> None:
    text = elements(attack_report_page(document(Attempt("time", "t", 3, "g", passed=passed)), None)).text
    assert said in text
    assert ("Got through" in text) is not passed
    assert "1 ways" not in text


def test_a_readers_own_stands_in_the_dashboard(framed: Callable[..., Frame], elements: Callable[[str], Any]) -> None:
    page = attack_report_page(document(Attempt("time", "t", 3, "g", passed=True)), framed("/attack-report"))
    found = elements(page)
    assert [it["href"] for it in found.all("a") if it.get("aria-current")] == ["/attack-report?pulse=third"]
    assert "Pulse third" in found.text
    assert len(found.all("select")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_anybody_may_read_it_and_nothing_else_can_be_told(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "works", "headcount": 9}]})
    pulses = [doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1"]})["id"] for _ in "ab"]
    for pulse in pulses:
        issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
        doors.ok("POST", f"/v1/pulses/{pulse}/open")
        for number, token in enumerate(token for entry in issued for token in entry["tokens"]):
            body = {"token": token, "answers": {"WB1": 1 + number % 5}}
            doors.ok("POST", f"/v1/pulses/{pulse}/responses", body, {})
    known, unreleased = pulses
    doors.ok("POST", f"/v1/pulses/{known}/close")
    doors.ok("POST", f"/v1/pulses/{known}/release")

    def get(path: str) -> Any:
        return doors.run(doors.client.get(path))

    shown = get(f"/attack-report?pulse={known}")
    assert shown.status_code == 200
    for attempt in doors.ok("GET", f"/v1/pulses/{known}/attack-report", headers={})["attempts"]:
        assert attempt["got"] in shown.text
    refused = [get(f"/attack-report?pulse={it}") for it in (unreleased, "a" * 16, "x'y")]
    assert {it.status_code for it in refused} == {404}
    assert len({it.text for it in refused}) == 1
    assert get("/attack-report").status_code == 200

    def sign_in(*scopes: str) -> None:
        key = doors.key(*scopes)["Authorization"].removeprefix("Bearer ")
        doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))

    sign_in("results")
    assert get("/attack-report").headers["location"] == f"/attack-report?pulse={known}"
    assert "Test Works" in get(f"/attack-report?pulse={known}").text
    assert get(f"/attack-report?pulse={unreleased}").text == refused[0].text
    sign_in("manage")
    assert get(f"/attack-report?pulse={known}").text == shown.text
