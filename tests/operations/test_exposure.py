"""What a respondent is told before answering, by the pulse's own numbers, and that it tells of no small group."""

from __future__ import annotations

from typing import Any

import pytest

UNITS = {
    "works": (None, 0),
    "yard": ("works", 0),
    "crane": ("yard", 9),
    "quay": ("yard", 12),
    "desk": ("works", 20),
    "few": ("works", 3),
}
BANDS = {"tenure": ["new", "old"], "site": ["home", "port"], "shift": ["day", "night"]}
CLASSES = {
    "crane": {"tenure": {"new": 4, "old": 5}, "shift": {"day": 9}},
    "quay": {"tenure": {"new": 6, "old": 6}, "shift": {"day": 12}},
    "desk": {"tenure": {"new": 2, "old": 18}, "shift": {"day": 17, "night": 3}},
    "few": {"tenure": {"old": 3}, "shift": {"day": 3}},
}

Told = dict[str, Any]


@pytest.fixture
def pulse(doors: Any) -> str:
    units = [{"id": id, "name": id.title(), "parent": up, "headcount": n} for id, (up, n) in UNITS.items()]
    doors.ok("PUT", "/v1/roster", {"units": units})
    body = {"instrument": "five-blocks", "bands": BANDS, "classes": CLASSES, "crosses": [["tenure", "site"]]}
    pulse: str = doors.ok("POST", "/v1/pulses", body)["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return pulse


def told(doors: Any, pulse: str, unit: str) -> Told:
    found: Told = doors.ok("GET", f"/v1/pulses/{pulse}/exposure?unit={unit}", headers={})
    return found


def groups(document: Told, *by: str) -> dict[str, tuple[str, int, bool]]:
    """Where each value's people are counted, or by unit when no band is named."""
    return {
        " ".join(it["bands"]) or it["unit"]: (it["name"], it["invited"], it["exact"])
        for it in document["counted_in"]
        if it["by"] == list(by)
    }


def test_the_units_are_those_participation_has_figures_of(doors: Any, pulse: str) -> None:
    running = {it["unit"]: it for it in doors.rows(f"/v1/pulses/{pulse}/participation")}
    shown = {unit for unit, it in running.items() if it["status"] == "ok"}
    assert "few" not in shown
    for unit in UNITS:
        counted = groups(told(doors, pulse, unit))
        assert set(counted) <= shown
        assert all(people == running[it]["headcount"] for it, (_, people, _) in counted.items())
        assert (unit in counted) == (unit in shown)


def test_a_small_unit_is_counted_above(doors: Any, pulse: str) -> None:
    assert list(groups(told(doors, pulse, "few"))) == ["works"]
    assert list(groups(told(doors, pulse, "crane"))) == ["crane", "yard", "works"]


def test_a_class_is_counted_at_the_deepest_unit_where_it_is_large_enough(doors: Any, pulse: str) -> None:
    # Ten of the yard are new, six of them of the quay: the number would tell of the crane's four. So would its five.
    assert groups(told(doors, pulse, "crane"), "tenure") == {"new": ("Yard", 21, False), "old": ("Crane", 9, False)}
    assert groups(told(doors, pulse, "quay"), "tenure") == {"new": ("Quay", 6, True), "old": ("Quay", 6, True)}
    assert groups(told(doors, pulse, "desk"), "tenure")["new"] == ("Works", 12, True)


def test_what_was_not_stated_is_the_most_it_can_be(doors: Any, pulse: str) -> None:
    document = told(doors, pulse, "quay")
    assert groups(document, "site") == {"home": ("Quay", 12, False), "port": ("Quay", 12, False)}
    assert groups(document, "tenure", "site")["old port"] == ("Quay", 6, False)


def test_a_value_too_few_were_invited_of_is_counted_and_asked_for_nowhere(doors: Any, pulse: str) -> None:
    assert {"by": ["shift"], "bands": ["night"]} in told(doors, pulse, "desk")["not_counted"]
    assert "night" not in groups(told(doors, pulse, "desk"), "shift")
    asked = doors.ok("GET", f"/v1/pulses/{pulse}/questionnaire", headers={})["bands"]
    assert {band["id"]: band["values"] for band in asked} == {**BANDS, "shift": ["day"]}


def test_it_says_the_questionnaires_own_promise(doors: Any, pulse: str) -> None:
    document = told(doors, pulse, "quay")
    privacy = doors.ok("GET", f"/v1/pulses/{pulse}/questionnaire", headers={})["privacy"]
    assert (document["policy_hash"], document["threshold"]) == (privacy["hash"], privacy["threshold"])
    assert (document["kept_until"], document["final"]) == (privacy["kept_until"], privacy["final"])
    assert document["state"] == "open"
    assert document["opened_on"] == doors.ok("GET", f"/v1/pulses/{pulse}")["opened_on"]
    assert "fewer than 5 people" in document["rule"]
    assert all(set(it) == {"who", "what", "when"} for it in document["readers"])


def test_a_pool_is_a_group_of_its_own(doors: Any) -> None:
    units = [{"id": "all", "headcount": 30}, *({"id": it, "parent": "all", "headcount": 3} for it in ("a", "b"))]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pools = [{"id": "both", "name": "A and B", "units": ["a", "b"]}]
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "pools": pools})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    assert groups(told(doors, pulse, "a")) == {"both": ("A and B", 6, True), "all": ("all", 36, True)}
