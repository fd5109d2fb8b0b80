from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.errors import NotFound
from service.exports.group_columns import DRIVERS
from service.exports.table import Table
from service.pages.charts.shares import Share, shares
from service.pages.charts.taken import standalone
from service.pages.dashboard.drivers import drivers_page, shares_picture, standing_apart
from service.pages.dashboard.frame import Frame
from tests.pages.through import plain

FIGURES = {"safety": (0.7, 0.6, 0.8, 0.81), "leaders": (0.3, 0.2, 0.4, -0.22)}


def table(status: str = "ok") -> Table:
    rows: list[tuple[Any, ...]] = []
    for block, (share, low, high, correlation) in FIGURES.items():
        figures = (share, low, high, correlation, 0.62, 140) if status == "ok" else (None,) * 6
        rows.append(("third", "wellbeing", block, status, *figures, "lmg-latent-1"))
    return replace(DRIVERS, rows=rows)


def test_it_says_what_goes_with_what_and_that_it_is_no_cause(framed: Callable[..., Frame]) -> None:
    said = plain(drivers_page(framed("/dashboard/drivers"), table()))
    assert "This is no cause." in said
    assert "The other blocks tell 62 % of how teams differ in it." in said
    assert "Psychological Safety goes with most of that." in said
    assert "Over 140 teams" in said
    assert "Psychological Safety 70 % 60 to 80 % +0.81" in said
    assert "Integrated Coaching Leaders 30 % 20 to 40 % −0.22" in said
    assert "drive" not in said.lower()


def test_none_stands_apart_where_intervals_meet() -> None:
    near = [Share("One", 0.6, 0.4, 0.8), Share("Two", 0.4, 0.2, 0.6)]
    assert standing_apart(near) == ""
    assert standing_apart([replace(near[0], low=0.7), near[1]]) == "One"


def test_too_few_teams_is_a_page_that_says_what_it_takes(framed: Callable[..., Frame]) -> None:
    page = drivers_page(framed("/dashboard/drivers"), table("insufficient"))
    assert "Too few teams to say" in page
    assert "3 of the 100 teams needed are shown whole" in plain(page)
    assert page.count('class="full"') == 3
    assert '<svg class="shares"' not in page


def test_bars_and_whiskers_are_to_one_scale() -> None:
    chart = shares([Share("One", 0.5, 0.25, 1.2), Share("Two", 1.0, 0.0, 1.0)])
    one, two = chart.bars
    assert two.width == 2 * one.width == chart.right - chart.left
    assert one.high == chart.right
    assert one.low == chart.left + one.width / 2
    assert (one.percent, two.percent) == (50, 100)


def test_the_picture_stands_alone(framed: Callable[..., Frame]) -> None:
    frame = framed("/dashboard/drivers")
    assert b"70 %" in standalone(shares_picture(frame, table(), "wellbeing"))
    with pytest.raises(NotFound):
        shares_picture(frame, table(), "safety")
