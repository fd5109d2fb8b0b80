from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from service.analytics.lenses.coordination import MEANS, WORK, Verdict
from service.analytics.lenses.interdependence import Quadrant
from service.errors import NotFound
from service.exports.lens_columns import COORDINATION, INTERDEPENDENCE
from service.exports.table import Table
from service.pages.charts.fit import fit
from service.pages.charts.quadrant import Pole, quadrants
from service.pages.charts.taken import standalone
from service.pages.dashboard import lens_words
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.lenses import fit_picture, lenses_page, quadrant_picture
from service.release.release import Release
from service.survey.instrument import Block, Item
from tests.pages.through import plain

LEANING = INTERDEPENDENCE
#: The whole is dependent, operations between, crane withheld, quay has a bound in one pole.
LEANINGS: dict[str, tuple[Any, ...]] = {
    "all": ("ok", 62.4, 55.0, 70.2, 38.0, 31.0, 45.0, 0.91, 0.03, 0.05, 0.01, "dependent"),
    "ops": ("ok", 52.0, 40.0, 64.0, 49.0, 37.0, 61.0, 0.4, 0.3, 0.2, 0.1, None),
    "crane": ("suppressed", *(None,) * 11),
    "quay": ("bound", None, 80.0, 100.0, 44.0, 30.0, 58.0, *(None,) * 5),
}
KEEPINGS: dict[str, tuple[Any, ...]] = {
    "all": ("ok", 90, "reciprocal", 71.0, 0.99, "plans", 64.4, 0.97, 1, 40.0, 50.0, 10.0, "too_loose"),
    "ops": ("ok", 40, None, 40.0, 0.5, "plans", 55.0, 0.9, None, None, None, None, "no_shared_picture"),
    "crane": ("suppressed", *(None,) * 12),
    "quay": ("suppressed", *(None,) * 12),
}


def rows(table: Table, of: dict[str, tuple[Any, ...]], release: Release, *last: str) -> Table:
    made = [("third", unit, release.unit[unit].name, *values, *last) for unit, values in of.items()]
    return replace(table, rows=made)


@pytest.fixture
def tables(releases: tuple[Release, ...]) -> tuple[Table, Table]:
    known = releases[-1]
    return (
        rows(LEANING, LEANINGS, known, "interdependence-1"),
        rows(COORDINATION, KEEPINGS, known, "hypothesis", "coordination-1"),
    )


def test_every_kind_and_verdict_has_words() -> None:
    assert set(lens_words.QUADRANTS) == set(get_args(Quadrant))
    assert set(lens_words.VERDICTS) == set(lens_words.SHORT) == set(get_args(Verdict))
    assert len({words.heading for words in lens_words.VERDICTS.values()}) == 5
    assert tuple(lens_words.WORK) == WORK
    assert tuple(lens_words.MEANS) == MEANS


def test_one_unit_is_drawn_and_all_are_listed_in_the_rosters_order(
    framed: Callable[..., Frame], tables: tuple[Table, Table]
) -> None:
    page = lenses_page(framed("/dashboard/lenses"), *tables)
    assert page.count('<svg class="quadrant"') == page.count('<svg class="fit"') == 1
    listed = [plain(row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert listed[1:5] == [
        "Harbour &amp; Sons 62 (55 to 70) 38 (31 to 45) dependent, 91 %",
        "Operations 52 (40 to 64) 49 (37 to 61) none clearly",
        "Crane team · suppressed · suppressed –",
        "Quay team between 80 and 100 44 (30 to 58) –".replace(" and ", " to "),
    ]
    assert listed[6:9] == [
        "Harbour &amp; Sons reciprocal, 71 % plans, 64 % work asks for more 40 % 50 % 10 %",
        "Operations tied plans, 55 % no shared picture · suppressed · suppressed · suppressed",
        "Crane team · suppressed",
    ]


def test_a_verdict_is_a_hypothesis(framed: Callable[..., Frame], tables: tuple[Table, Table]) -> None:
    said = plain(lenses_page(framed("/dashboard/lenses"), *tables))
    assert "A hypothesis to talk about" in said
    assert lens_words.VERDICTS["too_loose"].heading in said
    assert "40 % say too little, 50 % about right, 10 % too much" in said


@pytest.mark.parametrize(
    ("unit", "words"), [("ops", "None is .7 likely"), ("crane", "is withheld"), ("quay", "only a bound is shown")]
)
def test_what_cannot_be_said_is_said(
    framed: Callable[..., Frame], tables: tuple[Table, Table], unit: str, words: str
) -> None:
    page = lenses_page(framed("/dashboard/lenses", unit=unit), *tables)
    assert words in plain(page)
    assert ('<svg class="quadrant"' in page) == (unit != "crane")


def test_a_pulse_without_lenses_leads_to_one_that_has_them(
    framed: Callable[..., Frame], releases: tuple[Release, ...]
) -> None:
    none = replace(LEANING, rows=()), replace(COORDINATION, rows=())
    assert "No released pulse has asked them yet" in lenses_page(framed("/dashboard/lenses"), *none)
    asks = releases[0].instrument
    lens = replace(asks.items[0], id="IL6", block="isolation")
    wider = replace(
        asks, blocks=(*asks.blocks, Block("isolation", "lens", {"en": "Isolation"})), items=(*asks.items, lens)
    )
    assert isinstance(lens, Item)
    first = replace(releases[0], instrument=wider, items=(*releases[0].items, "IL6"))
    page = lenses_page(framed("/dashboard/lenses", releases=(first, *releases[1:])), *none)
    assert 'href="/dashboard/lenses?pulse=first"' in page


def test_the_point_stands_where_its_scores_say() -> None:
    drawn = quadrants(Pole(50.0, 40.0, 60.0), Pole(100.0, 90.0, 100.0), {"dependent": 70}, "dependent")
    assert drawn.point == (drawn.middle[0], drawn.top)
    x, y, width, height = drawn.box
    assert x + width / 2 == pytest.approx(drawn.middle[0])
    assert height == pytest.approx(width / 2 * (drawn.bottom - drawn.top) / (drawn.right - drawn.left), abs=0.2)
    assert y == drawn.top
    assert [corner.name for corner in drawn.corners if corner.named] == ["dependent"]
    assert quadrants(Pole(None, 0.0, 9.0), Pole(1.0, 0.0, 9.0), {}, "").point is None


def test_ladders_meet_only_where_they_match() -> None:
    assert fit("abc", "abc", 1, 1, joined=True).matched
    assert not fit("abc", "abc", 2, 1, joined=True).matched
    assert not fit("abc", "abc", None, None, joined=False).matched


def test_pictures_stand_alone_or_are_not_there(framed: Callable[..., Frame], tables: tuple[Table, Table]) -> None:
    whole, crane = framed("/dashboard/lenses"), framed("/dashboard/lenses", unit="crane")
    assert b"dependent" in standalone(quadrant_picture(whole, tables[0]))
    assert b"back and forth" in standalone(fit_picture(whole, tables[1]))
    for picture, table in ((quadrant_picture, tables[0]), (fit_picture, tables[1])):
        with pytest.raises(NotFound):
            picture(crane, table)
