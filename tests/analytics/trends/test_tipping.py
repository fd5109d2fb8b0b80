"""The difference of those who did not answer at which a change vanishes."""

from __future__ import annotations

import pytest

from service.analytics.trends.tipping import Tipping, Turnout, tipping

NINE_OF_TWELVE, SIX_OF_TEN = Turnout(9, 12), Turnout(6, 10)


def everybody(respondents: float, turnout: Turnout, difference: float) -> float:
    """The mean of all who could answer, worked out person by person."""
    assert turnout.n is not None
    assert turnout.headcount is not None
    silent = turnout.headcount - turnout.n
    return (turnout.n * respondents + silent * (respondents + difference)) / turnout.headcount


def test_at_the_tipping_difference_everybodys_mean_has_not_moved() -> None:
    found = tipping(-8, NINE_OF_TWELVE, SIX_OF_TEN)
    assert found.vanish == pytest.approx(20)
    assert everybody(62, SIX_OF_TEN, 20) == pytest.approx(70)


def test_a_rise_needs_silent_people_who_score_lower() -> None:
    found = tipping(6, NINE_OF_TWELVE, SIX_OF_TEN)
    assert found.vanish == pytest.approx(-15)


def test_no_change_needs_no_difference() -> None:
    assert tipping(0, NINE_OF_TWELVE, SIX_OF_TEN) == Tipping("ok", 0.0)


def test_where_everybody_answered_nobody_is_left_to_differ() -> None:
    assert tipping(-8, NINE_OF_TWELVE, Turnout(10, 10)) == Tipping("complete")


@pytest.mark.parametrize(
    ("change", "earlier", "later"),
    [
        (None, NINE_OF_TWELVE, SIX_OF_TEN),
        (3.0, Turnout(None, 12), SIX_OF_TEN),
        (3.0, NINE_OF_TWELVE, Turnout(6, None)),
        (3.0, NINE_OF_TWELVE, Turnout(0, 10)),
        (3.0, NINE_OF_TWELVE, Turnout(0, 0)),
        (3.0, NINE_OF_TWELVE, Turnout(11, 10)),
    ],
)
def test_missing_or_impossible_figures_give_no_tipping_point(
    change: float | None, earlier: Turnout, later: Turnout
) -> None:
    assert tipping(change, earlier, later) == Tipping("insufficient")
