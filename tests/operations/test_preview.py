"""What is foreseen of a pulse is what the gate would choose, and nothing is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from service.errors import InvalidPulse, NotAllowed
from service.operations.access import Principal
from service.operations.preview import SHARES, least_threshold, preview_pulse
from service.release.gate import plan
from service.release.policy import Policy
from service.release.preview import cuts, readable
from service.survey.draft import Draft, pulse_from
from service.survey.instrument_document import shipped
from service.survey.pulse import Pool, Pulse
from service.survey.roster import Roster, Unit, arranged

DAY = date(2030, 1, 1)


def tree(*teams: int) -> Roster:
    return arranged([Unit("all", "All", None, 0), *(Unit(f"t{at}", f"T{at}", "all", n) for at, n in enumerate(teams))])


def pulse(**more: Any) -> Pulse:
    return pulse_from(Draft("Preview", "five-blocks", **more), "p", "o", shipped()["five-blocks"], 4, 5)


def test_when_everybody_answers_it_is_the_gates_own_choice() -> None:
    roster = tree(12, 9, 4, 30, 3, 5)
    (it,) = readable(roster, 5, [1.0])
    shown = plan(roster, [unit.headcount for unit in roster.units], Policy(5))
    assert it.units == shown.sum() == 5
    assert it.teams == 4
    assert it.people == 12 + 9 + 30 + 5
    assert it.distribution == 3  # the whole, and those of twelve and thirty
    assert it.spared == 0


def test_a_unit_is_spared_where_it_would_give_another_away() -> None:
    (it,) = readable(tree(12, 9, 4), 5, [1.0])
    assert (it.teams, it.spared) == (1, 1)


def test_when_nobody_answers_nothing_is_readable() -> None:
    (it,) = readable(tree(12, 9), 5, [0.0])
    assert (it.units, it.people, it.spared) == (0, 0, 0)


def test_more_people_make_more_units_readable_and_the_draws_are_the_same_each_time() -> None:
    roster = tree(*range(5, 25))
    found = readable(roster, 5, SHARES)
    assert found == readable(roster, 5, SHARES)
    teams = [it.teams for it in found]
    assert teams == sorted(teams)
    assert teams[0] < teams[-1]
    assert teams[-1] > readable(roster, 8, SHARES)[-1].teams


def test_a_threshold_in_the_hundreds_is_foreseen_like_any_other() -> None:
    roster = tree(1000, 199, 600)
    (it,) = readable(roster, 200, [1.0])
    assert (it.teams, it.spared) == (1, 1)
    (cut,) = cuts(pulse(bands={"place": ["x", "y"]}, threshold=200), roster, 1.0)
    assert (cut.cells, cut.open) == (8, 6)
    assert 0 < cut.shown <= cut.open


def test_what_is_drawn_is_what_chance_says() -> None:
    """Teams of nine each reach five of seven in ten with probability 0.901."""
    (it,) = readable(tree(*[9] * 200), 5, [0.7])
    assert it.teams / 200 == pytest.approx(0.901, abs=0.03)
    assert it.people == pytest.approx(9 * it.teams, abs=1e-6)


def test_slices_are_counted_by_family() -> None:
    roster = tree(60, 40, 6)
    it = pulse(bands={"tenure": ["a", "b", "c"], "place": ["x", "y"]}, crosses=[["tenure", "place"]])
    found = cuts(it, roster, 1.0)
    assert [(cut.by, cut.cells) for cut in found] == [(("tenure",), 12), (("place",), 8), (("tenure", "place"), 24)]
    assert [cut.open for cut in found] == [12, 8, 24]
    assert all(0 < cut.shown < cut.open for cut in found)


def test_stated_classes_are_drawn_from() -> None:
    stated = {"t0": {"place": {"x": 60, "y": 0}}, "t1": {"place": {"x": 0, "y": 40}}}
    it = pulse(bands={"place": ["x", "y"]}, classes=stated)
    (cut,) = cuts(it, tree(60, 40), 1.0)
    # In each team one value is of nobody: of the whole both are shown, of each team its only one.
    assert (cut.cells, cut.open, cut.shown) == (6, 4, 4)


def test_an_empty_team_draws_nobody() -> None:
    (cut,) = cuts(pulse(bands={"place": ["x", "y"]}), Roster((Unit("all", "All", None, 0),)), 0.7)
    assert (cut.open, cut.shown) == (0, 0)


def principal(doors: Any, *scopes: str, unit: str | None = None) -> Principal:
    return Principal("key", doors.organisation, frozenset(scopes), unit)


def test_a_preview_is_the_pulse_on_todays_roster(doors: Any) -> None:
    database, manager = doors.parts.database, principal(doors, "manage")
    draft = Draft("Spring", "five-blocks", lenses=["interdependence"], pools=[Pool("pool", "Both", ("t1", "t2"))])
    empty = preview_pulse(database, manager, Draft("Spring", "five-blocks"), DAY)
    assert (empty.readable, empty.cuts, empty.roster.units) == ((), (), ())
    units = [{"id": "all", "headcount": 1}, *({"id": f"t{n}", "parent": "all", "headcount": 9} for n in range(3))]
    doors.ok("PUT", "/v1/roster", {"units": units})
    with pytest.raises(InvalidPulse, match="roster"):
        preview_pulse(database, manager, Draft("Spring", "five-blocks", classes={"t9": {}}), DAY)
    found = preview_pulse(database, manager, draft, DAY)
    assert "pool" in found.roster
    assert len(found.pulse.asked) == 42
    assert [it.participation for it in found.readable] == list(SHARES)
    (*_, most) = preview_pulse(database, manager, Draft("Spring", "five-blocks", threshold=900), DAY).readable
    assert (most.units, most.people) == (0, 0)
    assert doors.ok("GET", "/v1/pulses")["data"] == []
    assert np.isfinite([it.teams for it in found.readable]).all()


def test_what_create_refuses_the_preview_refuses(doors: Any) -> None:
    database, manager = doors.parts.database, principal(doors, "manage")
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    made = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "policy": {"threshold": 8}})["id"]
    assert least_threshold(database, manager, "five-blocks") == 4
    doors.ok("POST", f"/v1/pulses/{made}/invitations")
    doors.ok("POST", f"/v1/pulses/{made}/open")
    assert least_threshold(database, manager, "five-blocks") == 8
    for draft in (
        Draft("Spring", "five-blocks", threshold=7),
        Draft("Spring", "nothing-of-this-name"),
        Draft("Spring", "five-blocks", lenses=["nothing-of-this-name"]),
    ):
        with pytest.raises(InvalidPulse) as caught:
            preview_pulse(database, manager, draft, DAY)
        assert "of-this-name" not in str(caught.value)
    assert preview_pulse(database, manager, Draft("Spring", "five-blocks"), DAY).pulse.threshold == 8
    for other in (principal(doors, "results"), principal(doors, "manage", unit="all")):
        with pytest.raises(NotAllowed):
            preview_pulse(database, other, Draft("Spring", "five-blocks"), DAY)
        with pytest.raises(NotAllowed):
            least_threshold(database, other, "five-blocks")
