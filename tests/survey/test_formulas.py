"""What is handed out with formulas made harmless is understood when it is handed in again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.pages.manage.roster import roster_csv
from service.survey.formulas import as_meant, harmless
from service.survey.roster import Roster, Unit
from service.survey.roster_document import parse_roster_csv


@settings(max_examples=300)
@given(st.text(st.sampled_from('=+-@\t\r\n" ,;|aZ\uff1d'), max_size=8))
def test_what_was_made_harmless_is_what_it_was(text: str) -> None:
    assert as_meant(harmless(text)) == text


@pytest.mark.parametrize("name", ["=1+1", "+49", "-", "@x", "Sales;=1", "plain", "it's", "'quoted'"])
def test_a_roster_that_is_handed_out_makes_itself_again_and_runs_nowhere(name: str) -> None:
    roster = Roster((Unit("works", name, None, 3, ()),))
    text = roster_csv(roster)
    cell = list(csv.reader(io.StringIO(text)))[1][1]
    assert cell[0] not in "=+-@"
    assert parse_roster_csv(text).units[0].name == name
