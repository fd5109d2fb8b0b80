from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from typing import Any

import pytest

from service.pages.charts.step import Step
from service.pages.charts.trend import LARGE, SMALL, chart
from service.pages.templating import render

DAYS = (date(2024, 3, 15), date(2024, 6, 15), date(2024, 10, 15))


def step(place: int, score: float | None, **more: Any) -> Step:
    given: dict[str, Any] = {"status": "suppressed"}
    if score is not None:
        given = {"status": "ok", "n": 40, "score": score, "low": score - 5, "high": score + 5}
        given |= {"smoothed": score + 1, "smoothed_low": score - 2, "smoothed_high": score + 4}
    return Step(f"Pulse {place}", DAYS[place], **(given | more))


def steps(*scores: float | None) -> list[Step]:
    return [step(place, score) for place, score in enumerate(scores)]


def svg(along: list[Step]) -> str:
    return render("charts/trend.svg", chart=chart(along), name="trend", heading="Safety over time")


def corners(points: str) -> list[tuple[float, float]]:
    return [tuple(map(float, point.split(","))) for point in points.split()]  # type: ignore[misc]


def test_the_chart_is_to_scale() -> None:
    marks = chart(steps(50, 60, 70)).marks
    assert [mark.score for mark in marks] == [50, 60, 70]
    first, second, third = (mark.x for mark in marks)
    assert (second - first) / (third - first) == pytest.approx(92 / 214, abs=0.001)
    heights = [mark.y for mark in marks if mark.y is not None]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert [line.score for line in chart([]).grid] == [0, 25, 50, 75, 100]


def test_the_interval_stands_around_its_point() -> None:
    for mark in chart(steps(50, 60, 70)).marks:
        assert mark.y is not None
        assert mark.top == pytest.approx(mark.y - (LARGE.bottom - LARGE.top) / 20, abs=0.2)
        assert mark.bottom == pytest.approx(mark.y + (LARGE.bottom - LARGE.top) / 20, abs=0.2)


def test_figures_are_written_where_no_line_runs() -> None:
    over, under = chart([step(0, 50, smoothed=60.0), step(1, 60, smoothed=50.0)]).marks
    assert over.bottom is not None
    assert under.top is not None
    assert over.label_y > over.bottom
    assert under.label_y < under.top


def test_a_gap_is_a_gap() -> None:
    drawn = chart(steps(50, None, 70))
    assert (drawn.lines, drawn.bands, drawn.gaps) == ((), (), True)
    assert drawn.marks[1].y is None
    picture = svg(steps(50, None, 70))
    assert picture.count('class="withheld"') == 1
    assert picture.count("<circle") == 2


def test_the_line_is_the_models_and_the_band_its_interval() -> None:
    drawn = chart(steps(50, 60, 70))
    (line,), (band,) = drawn.lines, drawn.bands
    assert [y for _, y in corners(line)] == [LARGE.y(51), LARGE.y(61), LARGE.y(71)]
    assert [y for _, y in corners(band)] == [LARGE.y(score) for score in (54, 64, 74, 68, 58, 48)]
    assert not drawn.gaps


def test_no_line_joins_pulses_that_ask_nothing_in_common() -> None:
    apart = [*steps(50, 60), step(2, 70, breaks=("incomparable",))]
    (line,) = chart(apart).lines
    assert len(corners(line)) == 2


def test_what_came_between_stands_between_with_its_word() -> None:
    drawn = chart([step(0, 50), step(1, 60, breaks=("reworded", "shift")), step(2, 70, breaks=("reorganised",))])
    assert [it.word for it in drawn.breaks] == ["items reworded, level moved", "reorganised"]
    first, second, third = (mark.x for mark in drawn.marks)
    assert first < drawn.breaks[0].x < second < drawn.breaks[1].x < third
    assert drawn.breaks[0].y != drawn.breaks[1].y
    assert ">reorganised</text>" in svg([step(0, 50), step(1, 60, breaks=("reorganised",))])


def test_a_bound_is_drawn_as_its_range() -> None:
    between = Step("Pulse 1", DAYS[1], "bound", 9, None, 20.0, 60.0, 25.0, 50.0)
    drawn = chart([step(0, 50), between, step(2, 70)])
    mark = drawn.marks[1]
    assert (mark.y, mark.score, mark.bound, drawn.bounded, drawn.gaps) == (None, None, "25–50", True, False)
    assert mark.bottom is not None
    assert mark.top is not None
    assert mark.bottom - mark.top == pytest.approx((LARGE.bottom - LARGE.top) / 4, abs=0.2)
    assert svg([step(0, 50), between]).count('class="bounds"') == 1


def test_the_ends_of_the_scale_are_the_ends_of_the_chart() -> None:
    (band,) = chart([step(0, 99, smoothed_high=103.0), step(1, 99)]).bands
    assert min(y for _, y in corners(band)) == LARGE.top


def test_one_pulse_and_none_are_charts_too() -> None:
    assert len(chart(steps(50)).marks) == 1
    assert chart([]).marks == ()
    ET.fromstring(svg([]))


def test_the_first_day_and_the_last_are_written_where_there_is_little_room() -> None:
    assert [mark.labelled for mark in chart(steps(50, 60, 70), SMALL).marks] == [True, False, True]
    assert all(mark.labelled for mark in chart(steps(50, 60, 70)).marks)
