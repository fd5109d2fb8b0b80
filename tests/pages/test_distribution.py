from __future__ import annotations

import pytest

from service.pages.charts import standing
from service.pages.charts.distribution import picture, shares
from service.pages.templating import render

LABELS = ("no", "rather no", "neither", "rather yes", "yes")


def test_shares_fill_the_bar_in_the_order_of_the_scale() -> None:
    found = shares((2, 3, 0, 10, 5), LABELS)
    assert [(it.label, it.count, it.start, it.width) for it in found] == [
        ("no", 2, 0.0, 10.0),
        ("rather no", 3, 10.0, 15.0),
        ("neither", 0, 25.0, 0.0),
        ("rather yes", 10, 25.0, 50.0),
        ("yes", 5, 75.0, 25.0),
    ]
    assert [it.written for it in found] == [True, True, False, True, True]
    assert found[3].middle == 50


def test_colours_run_evenly_from_one_end_to_the_other() -> None:
    assert [it.step for it in shares((1, 1, 1, 1, 1), LABELS)] == [1, 3, 4, 5, 7]
    assert [it.step for it in shares((1,) * 7, (*LABELS, "more", "most"))] == [1, 2, 3, 4, 5, 6, 7]
    assert [it.step for it in shares((1,), ("only",))] == [1]


def test_nobody_has_no_shares() -> None:
    assert shares((0, 0), ("no", "yes")) == ()


def test_long_statements_are_broken_and_nothing_overlaps() -> None:
    drawn = picture([("word " * 60, shares((1, 1), ("no", "yes")), ""), ("short", (), "withheld")], ("no", "yes"))
    first, second = drawn.bars
    assert len(first.lines) > 2
    assert first.lines[-1][0] < first.y < first.y + 26 < second.lines[0][0] < second.y < drawn.height - 26


def test_what_is_withheld_is_said_in_the_picture() -> None:
    drawn = picture([("Words & <more>", (), "Distribution withheld")], LABELS)
    svg = render("charts/distribution.svg", picture=drawn, heading="Heading")
    assert "Distribution withheld" in svg
    assert "Words &amp; &lt;more&gt;" in svg
    assert "fill-" not in svg
    assert "no · rather no · neither · rather yes · yes" in svg


def test_blocks_stand_on_one_scale() -> None:
    exact = standing.Gauge("Safety", "60", 50.0, 70.0, 60.0, whole=55.0)
    bound = standing.Gauge("Trust", "≥ 92", 80.0, 100.0, least=92.0, most=100.0)
    drawn = standing.Picture([exact, bound, standing.Gauge("Conflict", "withheld")], "the organisation")
    assert drawn.x(50) == pytest.approx((drawn.x(0) + drawn.x(100)) / 2)
    assert len({y for y, _ in drawn.rows}) == 3
    svg = render("charts/standing.svg", picture=drawn, heading="Quay")
    assert svg.count("<circle") == svg.count('class="whole"') == svg.count('class="bounds"') == 1
    assert svg.count('class="interval"') == 2
