"""A whole pulse over HTTP on both databases, played by its three users, against arithmetic done here."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Any

import pytest

SEED = 20260
ITEMS = ["WB1", "WB3", "SB1", "PS1", "PS3", "PC1", "CL1"]
REVERSED = {"WB3", "PS3"}
BANDS = {"tenure": ["0-1y", "1-3y", "3y+"]}
UNITS = {
    "acme": (None, 1),
    "north": ("acme", 2),
    "south": ("acme", 0),
    "n1": ("north", 9),
    "n2": ("north", 7),
    "n3": ("north", 3),
    "s1": ("south", 8),
    "s2": ("south", 12),
    "s3": ("south", 5),
    "s4": ("south", 4),
}


def tree() -> dict[str, Any]:
    return {
        "units": [{"id": id, "name": id.upper(), "parent": parent, "headcount": n} for id, (parent, n) in UNITS.items()]
    }


def above(unit: str | None) -> list[str]:
    return [] if unit is None else [unit, *above(UNITS[unit][0])]


class Organisation:
    """People who answer, and what the service ought to make of it."""

    def __init__(self, tokens: dict[str, list[str]]) -> None:
        chance = random.Random(SEED)
        self.sheets: list[tuple[str, str, dict[str, int]]] = []
        for unit, all_tokens in tokens.items():
            for token in all_tokens:
                if chance.random() < 0.8:
                    answers = {item: chance.choice([1, 2, 3, 3, 4, 4, 4, 5, 5]) for item in ITEMS}
                    self.sheets.append((unit, token, answers))

    def n(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for unit, _, _ in self.sheets:
            for each in above(unit):
                counts[each] += 1
        return counts

    def mean(self, unit: str, item: str) -> float:
        keyed = [
            6 - answers[item] if item in REVERSED else answers[item]
            for own, _, answers in self.sheets
            if unit in above(own)
        ]
        return sum(keyed) / len(keyed)


@pytest.fixture
def pulse(doors: Any) -> dict[str, Any]:
    doors.ok("PUT", "/v1/roster", tree())
    return doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS, "bands": BANDS})


def invite(doors: Any, pulse: str) -> dict[str, list[str]]:
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    return {entry["unit"]: entry["tokens"] for entry in issued}


def test_a_pulse_from_roster_to_release(doors: Any, pulse: dict[str, Any]) -> None:
    id = pulse["id"]
    tokens = invite(doors, id)
    assert {unit: len(all) for unit, all in tokens.items()} == {u: n for u, (_, n) in UNITS.items() if n}
    doors.ok("POST", f"/v1/pulses/{id}/open")
    people = Organisation(tokens)
    statuses = doors.run(_everybody_answers(doors, id, people))
    assert set(statuses) == {204}

    for path in ("results", "heatmap", "quality"):
        assert doors.call("GET", f"/v1/{path}?pulse={id}").status_code == 404
    assert doors.call("GET", f"/v1/pulses/{id}/release").status_code == 404
    doors.ok("POST", f"/v1/pulses/{id}/close")
    assert doors.call("GET", f"/v1/results?pulse={id}").status_code == 404
    released = doors.ok("POST", f"/v1/pulses/{id}/release")
    assert released["state"] == "released"

    _check_results(doors, id, people)
    _check_nothing_to_subtract(doors, id, people)


async def _everybody_answers(doors: Any, pulse: str, people: Organisation) -> list[int]:
    """Everybody at once, each twice over as after a lost answer, with garbage and second tries in between."""

    async def send(token: str, answers: Any, bands: Any) -> int:
        body = {"token": token, "answers": answers, "bands": bands}
        reply = await doors.client.post(f"/v1/pulses/{pulse}/responses", json=body)
        assert reply.status_code == 204 or token not in reply.text
        return int(reply.status_code)

    good = []
    bad = []
    for _, token, answers in people.sheets:
        good += [send(token, answers, {"tenure": "1-3y"})] * 1
        good.append(send(token, answers, {"tenure": "1-3y"}))
        bad.append(send(token, {**answers, "WB1": 9}, {}))
        bad.append(send(token[:-1] + "!", answers, {}))
    outcomes = await asyncio.gather(*good)
    assert not {204} & set(await asyncio.gather(*bad))
    changed = [
        await send(token, {**answers, "WB1": 6 - answers["WB1"] if answers["WB1"] != 3 else 1}, {"tenure": "1-3y"})
        for _, token, answers in people.sheets[:5]
    ]
    assert set(changed) == {403}
    return outcomes


def _check_results(doors: Any, pulse: str, people: Organisation) -> None:
    rows = doors.rows(f"/v1/results?pulse={pulse}&limit=37")
    counts = people.n()
    items = [row for row in rows if row["item"] and row["status"] == "ok"]
    assert items
    for row in items:
        assert row["n"] == counts[row["unit"]] >= 5
        assert row["mean"] == pytest.approx(people.mean(row["unit"], row["item"]), abs=1e-12)
        assert row["low"] <= row["score"] <= row["high"]
    for row in rows:
        if row["status"] == "suppressed":
            assert {row[name] for name in ("n", "score", "low", "high", "mean", "favourability")} == {None}
    assert {row["unit"] for row in rows} == set(UNITS)


def _check_nothing_to_subtract(doors: Any, pulse: str, people: Organisation) -> None:
    """Whatever is shown of a unit, less what is shown below it, leaves nobody or at least five."""
    shown = {row["unit"]: row for row in doors.rows(f"/v1/pulses/{pulse}/participation") if row["status"] == "ok"}
    counts = people.n()
    for unit, row in shown.items():
        below = [u for u in shown if u != unit and next((a for a in above(u)[1:] if a in shown), None) == unit]
        assert row["n"] == counts[unit]
        for figure in ("n", "headcount"):
            left = row[figure] - sum(shown[u][figure] for u in below)
            assert left == 0 or left >= 5
    assert {"n3", "s4"}.isdisjoint(shown)


def test_participation_of_an_open_pulse_moves_in_steps(doors: Any, pulse: dict[str, Any]) -> None:
    id = pulse["id"]
    tokens = invite(doors, id)
    doors.ok("POST", f"/v1/pulses/{id}/open")
    seen = set()
    for token in tokens["s2"]:
        doors.ok("POST", f"/v1/pulses/{id}/responses", {"token": token, "answers": {"WB1": 4}}, {})
        rows = doors.rows(f"/v1/pulses/{id}/participation")
        seen |= {row["n"] for row in rows if row["unit"] == "s2"}
    assert seen == {0, 5, 10}
    assert {row["status"] for row in rows if row["unit"] in {"n3", "s4"}} == {"suppressed"}


def test_life_runs_one_way(doors: Any, pulse: dict[str, Any]) -> None:
    id = pulse["id"]
    step = lambda verb: doors.call("POST", f"/v1/pulses/{id}/{verb}").status_code  # noqa: E731
    assert [step("close"), step("release"), step("open")] == [409, 409, 409]
    invite(doors, id)
    assert [step("release"), step("open"), step("open"), step("release")] == [409, 200, 409, 409]
    assert doors.call("POST", f"/v1/pulses/{id}/invitations").status_code == 409
    assert [step("close"), step("close"), step("open"), step("release"), step("release")] == [200, 409, 409, 200, 409]
