"""What was decided on is what is done: another roster or other invitations in between are told and not overwritten."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.errors import Conflict
from service.operations import prepare, reorganise
from service.operations.access import operator
from service.survey.draft import Draft
from service.survey.roster import Roster, Unit, arranged

DAY = date(2030, 1, 1)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def tree(people: int) -> Roster:
    return arranged([Unit("all", "All", None, 0), Unit("team", "Team", "all", people)])


def test_invitations_are_issued_once_for_one_look_at_them(doors: Any) -> None:
    database, manager = doors.parts.database, operator(doors.organisation)
    reorganise.put_roster(database, manager, tree(9), DAY, today=DAY)
    pulse = prepare.create_pulse(database, manager, Draft("Spring", "five-blocks")).id
    for counts in ({"team": 2}, None):
        before = 0 if counts else 2
        first = prepare.issue_invitations(database, manager, pulse, counts, DAY, after=before)
        with pytest.raises(Conflict):
            prepare.issue_invitations(database, manager, pulse, counts, DAY, after=before)
        assert len(first) == (2 if counts else 7)


def test_a_roster_takes_the_place_only_of_the_one_that_was_seen(doors: Any) -> None:
    database, manager = doors.parts.database, operator(doors.organisation)
    reorganise.put_roster(database, manager, tree(9), DAY, today=DAY)
    seen = reorganise.roster(database, manager, DAY)
    reorganise.put_roster(database, manager, tree(12), DAY, today=DAY)
    with pytest.raises(Conflict):
        reorganise.put_roster(database, manager, tree(7), DAY, today=DAY, seen=seen)
    assert reorganise.roster(database, manager, DAY) == arranged(tree(12).units)
    reorganise.put_roster(database, manager, tree(7), DAY, today=DAY, seen=reorganise.roster(database, manager, DAY))
    assert reorganise.roster(database, manager, DAY).units[1].headcount == 7
