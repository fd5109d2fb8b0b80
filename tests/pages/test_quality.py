"""Measurement quality: every verdict has words, figures are the tables', and little to tell is told calmly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from service.analytics import item_quality, quality
from service.exports.quality_columns import ITEMS, QUALITY
from service.exports.table import Table, Value
from service.pages.charts import coefficients
from service.pages.charts.coefficients import Coefficient, Panel, written
from service.pages.charts.taken import standalone
from service.pages.dashboard import quality_words
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.quality import coefficients_picture, coverage, quality_page, series

GIVEN: dict[str, Value] = {"pulse": "third", "status": "ok", "n": 90, "groups": 2, "method": "quality-1"}
JUDGED: dict[str, Value] = {
    "verdict": "aggregate",
    "alpha": 0.853,
    "alpha_low": 0.8,
    "alpha_high": 0.9,
    "omega": 0.861,
    "icc1": 0.27,
    "icc1_low": 0.1649,
    "icc1_high": 0.41,
    "icc2": 0.761,
    "icc2_low": -0.05,
    "icc2_high": 0.857,
    "agreement_teams": 4,
    "rwg_j": 0.74,
    "beyond_chance": 0.75,
}
NOTHING: dict[str, Value] = {"status": "insufficient", "verdict": "insufficient", "n": None, "groups": None}


def table(layout: Table, *rows: dict[str, Value]) -> Table:
    return replace(layout, rows=[tuple((GIVEN | row).get(it.name) for it in layout.columns) for row in rows])


def item(id: str, verdict: str = "fine", **more: Value) -> dict[str, Value]:
    return {"block": "safety", "item": id, "verdict": verdict, "mean": 62.4, "item_rest_r": 0.65, **more}


@pytest.fixture
def shown(framed: Callable[..., Frame], elements: Callable[[str], Any]) -> Callable[..., str]:
    def text(blocks: Sequence[dict[str, Value]], items: Sequence[dict[str, Value]] = ()) -> str:
        page = quality_page(framed("/dashboard/quality"), table(QUALITY, *blocks), table(ITEMS, *items))
        return " ".join(elements(page).text.split())

    return text


def test_every_verdict_has_words_of_its_own() -> None:
    for words, verdicts, read in (
        (quality_words.BLOCKS, quality.Verdict, quality_words.of_block),
        (quality_words.ITEMS, item_quality.Verdict, quality_words.of_item),
    ):
        assert words.keys() == set(get_args(verdicts))
        assert len({said.word for said in words.values()}) == len(words)
        assert all(read(it).sentence for it in get_args(verdicts))
    with pytest.raises(KeyError):
        quality_words.of_block("splendid")


@pytest.mark.parametrize("verdict", get_args(quality.Verdict))
def test_a_block_is_judged_in_words_first(shown: Callable[..., str], verdict: str) -> None:
    text = shown([{"block": "safety", **JUDGED, "verdict": verdict}])
    said = quality_words.of_block(verdict)
    assert text.index(f"Psychological Safety {said.word} {said.sentence}") < text.index("ICC(2) .76, alpha .85")


def test_figures_are_the_tables(shown: Callable[..., str]) -> None:
    text = shown([{"block": "safety", **JUDGED, "heywood": True}])
    for said in (".85 .80 to .90", ".27 .16 to .41", ".76 −.05 to .86", ".86 Heywood case", "475 %.74"):
        assert said in text.replace("  ", " "), said


def test_nothing_to_tell_is_told(shown: Callable[..., str]) -> None:
    text = shown([{"block": "safety", **NOTHING}], [item("PS1", "insufficient", mean=None, item_rest_r=None)])
    assert "Too little is released to tell of any item." in text
    assert "Not told in this pulse. Agreement needs" in text
    assert "too little to tell" in text
    assert "None" not in text


def test_items_that_need_a_look_are_named(shown: Callable[..., str]) -> None:
    rows = [item("PS1"), item("WB1", "weak"), item("CL1", "ceiling", ceiling=0.62, drift=True)]
    text = shown([{"block": "safety", **JUDGED}], rows)
    assert "1 of 3 items do their part. 1 went its own way over the series" in text
    assert 'CL1 “Statement CL1 <of> "leaders"” Crowded at the top half or more chose the best answer' in text
    assert "62 %" in text
    assert "Read anew" in text
    assert "All 2 items do their part." in shown([{"block": "safety", **JUDGED}], [item("PS1"), item("WB1")])


def test_pulses_stand_by_closing_day_with_gaps(framed: Callable[..., Frame]) -> None:
    frame = framed()
    rows = [
        {"pulse": "third", "block": "safety", **JUDGED},
        {"pulse": "first", "block": "wellbeing", **JUDGED},
        {"pulse": "first", "block": "safety", **JUDGED},
    ]
    names, along = series(frame, table(QUALITY, *rows))
    assert names == ["Wellbeing", "Psychological Safety"]
    assert [label.partition(",")[0] for label, _ in along] == ["Pulse first", "Pulse second", "Pulse third"]
    assert [[block is not None for block in found] for _, found in along] == [
        [True, True],
        [False, False],
        [False, True],
    ]


def test_coverage_counts_people_of_the_top_only(framed: Callable[..., Frame]) -> None:
    release = framed().release
    known = coverage(release)
    assert (known.shown, known.units, known.n, known.headcount) == (3, 4, 90, 120)
    hidden = replace(release, units=(replace(release.units[0], figures=None), *release.units[1:]))
    assert coverage(hidden).n is None


@pytest.mark.parametrize(
    ("value", "said"), [(0.853, ".85"), (1.0, "1.00"), (-0.02, "−.02"), (-0.001, ".00"), (0.0, ".00"), (None, "")]
)
def test_coefficients_are_written_as_they_are_printed(value: float | None, said: str) -> None:
    assert written(value) == said


def test_an_interval_below_zero_ends_at_the_edge_and_says_so() -> None:
    rows = [Coefficient(0.5, -0.2, 1.3), Coefficient(None, None, None), Coefficient(0.25, 0.0, 0.5)]
    drawn = coefficients.picture(["a", "b", "c"], [Panel("k", "m", (0.5,), rows)])
    (panel,) = drawn.panels
    first, none, last = panel.marks
    assert (first.low, first.high, first.below) == (panel.left, panel.right, True)
    assert first.x == panel.lines[0][0] == (panel.left + panel.right) / 2
    assert (none.x, last.below) == (None, False)
    assert last.x == panel.left + (panel.right - panel.left) / 4
    assert [y for y, _ in drawn.names] == [first.y, none.y, last.y]


def test_the_picture_stands_alone(framed: Callable[..., Frame]) -> None:
    svg = standalone(coefficients_picture(framed(), table(QUALITY, {"block": "safety", **JUDGED})))
    assert b"<svg xmlns" in svg
    assert b"var(--" not in svg


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_keys_of_the_whole_that_read_findings_see_it(doors: Any) -> None:
    units = [{"id": "works", "headcount": 0}, *({"id": it, "parent": "works", "headcount": 9} for it in ("n", "s"))]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "WB2", "PS1"]})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for number, token in enumerate(token for entry in issued for token in entry["tokens"]):
        answers = {"WB1": 2 + number % 3, "WB2": 1 + number % 4, "PS1": 4 - number % 3}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers}, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    statuses = []
    for scopes, unit in ((("results", "analytics"), None), (("results",), None), (("results", "analytics"), "n")):
        key = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
        for path in ("/dashboard/quality", "/dashboard/quality/coefficients.svg"):
            reply = doors.run(doors.client.get(path))
            statuses.append((reply.status_code, reply.headers["content-type"].partition(";")[0]))
    told = (200, "text/html"), (200, "image/svg+xml")
    assert statuses == [*told, *[(403, "text/html")] * 4]
