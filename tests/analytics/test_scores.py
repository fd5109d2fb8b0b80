"""Scores and intervals, known by hand or computed a second way from the sheets."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from scipy import stats

from service.analytics.scores import Score, scores
from service.survey.instrument import Scale
from tests.analytics.building import bounded, instrument, item, released, sheets_by_chance

TEAM = [[5, 4, 1], [5, 4, 2], [4, 4, 3], [4, 3, 2], [2, 5, 2]]
OTHER = [[3, 3, 3], [4, 2, 3], [2, 4, 4], [1, 1, 5], [5, 5, 4], [3, 2, 1]]


def one(found: list[Score], block: str, item: str | None = None, unit: str = "t") -> Score:
    (row,) = [row for row in found if (row.unit, row.block, row.item) == (unit, block, item)]
    return row


def test_figures_known_by_hand() -> None:
    found = list(scores(released({"t": TEAM, "o": OTHER})))
    first = one(found, "A", "A1")
    assert (first.status, first.n, first.mean, first.score) == ("ok", 5, 4.0, 75.0)
    assert first.favourability == 80.0
    assert first.counts == (0, 1, 0, 2, 2)
    block = one(found, "A")
    assert (block.n, block.mean, block.score, block.favourability) == (5, 4.0, 75.0, 80.0)
    assert block.counts is None
    assert one(found, "B").score == pytest.approx(25.0)


def test_interval_is_made_of_the_scatter_of_person_means_within_teams() -> None:
    row = one(list(scores(released({"t": TEAM, "o": OTHER}))), "A")
    persons = [np.array(rows, float)[:, :2].mean(axis=1) * 25 - 25 for rows in (TEAM, OTHER)]
    variance = sum(((person - person.mean()) ** 2).sum() for person in persons) / (11 - 2)
    half = stats.t.ppf(0.975, 9) * math.sqrt(variance / 5)
    assert row.interval_basis == "pooled"
    assert (row.low, row.high) == (pytest.approx(75 - half, rel=1e-9), pytest.approx(min(100, 75 + half), rel=1e-9))


def test_item_interval_is_made_of_its_own_scatter() -> None:
    row = one(list(scores(released({"t": TEAM, "o": OTHER}))), "B", "B1", "o")
    columns = [np.array(rows, float)[:, 2] * 25 - 25 for rows in (TEAM, OTHER)]
    variance = sum(((column - column.mean()) ** 2).sum() for column in columns) / 9
    half = stats.t.ppf(0.975, 9) * math.sqrt(variance / 6)
    assert row.high - row.low == pytest.approx(2 * half)


def test_a_unanimous_team_has_the_width_of_every_team_its_size() -> None:
    alike = [[3, 3, 3]] * 6
    found = list(scores(released({"t": alike, "o": OTHER})))
    width = {unit: one(found, "B", None, unit).high - one(found, "B", None, unit).low for unit in "to"}
    assert width["t"] == pytest.approx(width["o"])
    assert width["t"] > 10


def test_without_pooled_moments_the_greatest_scatter_is_assumed() -> None:
    row = one(list(scores(released({"t": OTHER}, pooled=False))), "B", "B1")
    assert row.interval_basis == "bound"
    assert row.score - row.low == pytest.approx(1.959963984540054 * 50 / math.sqrt(6))


def test_no_scatter_anywhere_is_no_estimate_of_it() -> None:
    found = list(scores(released({"t": [[5, 5, 5]] * 30, "o": [[1, 1, 1]] * 30})))
    assert {row.interval_basis for row in found} == {"bound"}
    top, bottom = one(found, "A"), one(found, "A", None, "o")
    assert (top.score, top.high, bottom.score, bottom.low) == (100.0, 100.0, 0.0, 0.0)
    assert top.low < 90
    assert bottom.high > 10


def test_covers_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    team = chance.normal(3, 0.3, 800)
    answers = np.clip(np.rint(team[:, None, None] + chance.normal(0, 0.8, (800, 6, 3))), 1, 5).astype(int)
    many = np.clip(np.rint(team[:, None, None] + chance.normal(0, 0.8, (800, 2000, 3))), 1, 5)
    truth = many[:, :, :2].mean(axis=(1, 2)) * 25 - 25
    found = scores(released({f"t{i:03}": rows.tolist() for i, rows in enumerate(answers)}), blocks=["A"], level="block")
    covered = np.mean([row.low <= true <= row.high for row, true in zip(found, truth, strict=True)])
    assert 0.93 < covered < 0.97


def test_missing_answers_leave_the_block_a_mean_of_items() -> None:
    rows = [[5, 1, 3], [5, 0, 3], [5, 1, 3], [5, 1, 3], [5, 1, 3], [5, 1, 3]]
    found = list(scores(released({"t": rows, "o": OTHER})))
    assert one(found, "A", "A2").n == 5
    block = one(found, "A")
    assert (block.n, block.score) == (6, 50.0)
    assert block.favourability == pytest.approx(100 * 6 / 11)


def test_missing_answers_widen_the_interval_twice() -> None:
    """By the least n of an item, and by setting right the moments, in which they count as no deviation."""
    sheets = sheets_by_chance(3, 20, 10, 3)
    skipped = {
        unit: [[*row[:2], row[2] if i % 2 else 0] for i, row in enumerate(rows)] for unit, rows in sheets.items()
    }
    release = released(skipped)
    row = one(list(scores(release)), "B", "B1", "t0000")
    assert row.n == 5
    variance = release.pooled.within[2, 2] * 625 / (200 - 20) / 0.5
    assert row.score - row.low == pytest.approx(stats.t.ppf(0.975, 180) * math.sqrt(variance / 5))


def test_hidden_units_and_items_show_nothing() -> None:
    sheets = {"t": TEAM, "o": OTHER, "h": OTHER}
    found = list(scores(released(sheets, hidden=["h"], withheld=[("o", "A2")])))
    suppressed = [row for row in found if row.status == "suppressed"]
    assert {(row.unit, row.block, row.item) for row in suppressed} == {
        ("o", "A", None),
        ("o", "A", "A2"),
        *(("h", row.block, row.item) for row in found if row.unit == "t"),
    }
    for row in suppressed:
        assert set(list(asdict(row).values())[5:-2]) == {None}
    assert one(found, "A", "A1", "o").status == "ok"
    assert one(found, "B", None, "o").status == "ok"


def test_favourability_is_withheld_with_any_of_its_counts() -> None:
    release = released({"t": TEAM, "o": OTHER})
    figures = release.units[0].figures
    figures.items["A2"] = replace(figures.items["A2"], favourable=None)
    found = list(scores(release))
    assert one(found, "A").favourability is None
    assert one(found, "A", "A2").favourability is None
    assert one(found, "A", "A1").favourability == 80.0


def test_a_unit_without_answers_is_insufficient() -> None:
    found = list(scores(released({"t": TEAM, "e": []}), units=["e"]))
    assert len(found) == 5
    for row in found:
        assert row.status == "insufficient"
        assert set(list(asdict(row).values())[5:-2]) == {None}


def test_order_is_roster_then_blocks_then_items() -> None:
    found = [(row.unit, row.item or row.block) for row in scores(released({"t": TEAM, "a": OTHER}))]
    assert found == [(unit, measure) for unit in "ta" for measure in ("A", "B", "A1", "A2", "B1")]


def test_filters() -> None:
    release = released({"t": TEAM, "o": OTHER})

    def keys(**filters: object) -> list[tuple[str, str, str | None]]:
        return [(row.unit, row.block, row.item) for row in scores(release, **filters)]

    assert keys(units=["o"], blocks=["B"]) == [("o", "B", None), ("o", "B", "B1")]
    assert keys(units={"t"}, items=["A2"]) == [("t", "A", "A2")]
    assert keys(units=["t"], level="block") == [("t", "A", None), ("t", "B", None)]
    assert keys(units=["t"], blocks=["A"], level="item") == [("t", "A", "A1"), ("t", "A", "A2")]
    assert keys(units=[]) == []


def test_a_choice_between_kinds_has_counts_and_no_score() -> None:
    asks = instrument(item("A1", "A"), item("K", "kinds", scored=False))
    found = list(scores(released({"t": [[4, 2]] * 3 + [[2, 3]] * 2, "o": [[1, 1]] * 5}, asks=asks)))
    assert [row.block for row in found if row.item is None] == ["A", "A"]
    row = one(found, "kinds", "K")
    assert (row.status, row.n, row.counts) == ("ok", 5, (0, 3, 2, 0, 0))
    assert (row.score, row.low, row.high, row.mean, row.favourability, row.interval_basis) == (None,) * 6


def test_items_on_other_scales_meet_in_points() -> None:
    asks = instrument(item("A1", "A"), item("A2", "A", scale=Scale(0, 10, {})))
    rows = [[5, 5], [3, 10], [1, 6], [3, 7], [3, 2]]
    block = one(list(scores(released({"t": rows, "o": rows}, asks=asks))), "A")
    assert block.score == pytest.approx((50 + 60) / 2)
    assert block.mean is None
    persons = np.array([[row[0] * 25 - 25, row[1] * 10] for row in rows]).mean(axis=1)
    half = stats.t.ppf(0.975, 8) * math.sqrt(2 * ((persons - persons.mean()) ** 2).sum() / 8 / 5)
    assert block.high - block.low == pytest.approx(2 * half)


def test_no_figure_is_ever_not_a_number() -> None:
    for release in (released(sheets_by_chance(1, 8, 5, 3)), released({"t": TEAM}), released({"t": []}), released({})):
        for row in scores(release):
            figures = [value for value in asdict(row).values() if isinstance(value, float)]
            assert all(math.isfinite(value) for value in figures)
            assert row.status != "ok" or 0 <= row.low <= row.score <= row.high <= 100


def test_an_item_unknown_to_the_moments_takes_the_bound() -> None:
    release = released({"t": TEAM, "o": OTHER})
    pooled = replace(release.pooled, items=("A1", "A2"), within=release.pooled.within[:2, :2])
    found = list(scores(replace(release, pooled=pooled)))
    assert one(found, "A").interval_basis == "pooled"
    assert one(found, "B").interval_basis == "bound"


def test_reading_scores_does_not_load_scipy() -> None:
    code = "import sys, service.exports.tables; assert not {'scipy', 'sklearn'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_shares_are_taken_over_everybody_once() -> None:
    """A parent and what is below it show the same people: the share who answered counts them at the top only."""
    sheets = sheets_by_chance(3, 4, 10, 3)
    sheets["t0001"] = [[*row[:2], 0 if i < 5 else row[2]] for i, row in enumerate(sheets["t0001"])]
    flat = released(sheets)
    parents = {"t0000": "root", "half": "root", "t0001": "half", "t0002": "half"}
    order = {"root": [], "t0000": [], "half": [], **sheets}
    tree = released(order, parents=parents)
    assert one(list(scores(flat)), "B", None, "t0001") == one(list(scores(tree)), "B", None, "t0001")


def test_a_block_is_no_surer_than_its_least_answered_item() -> None:
    rows = [[5, 1, 3], [5, 0, 3], [3, 1, 3], [3, 0, 3], [4, 1, 3], [4, 1, 3]]
    row = one(list(scores(released({"t": rows}, pooled=False))), "A")
    assert row.n == 6
    assert row.score - row.low == pytest.approx(min(row.score, 1.959963984540054 * 50 / 2))
    row = one(list(scores(released({"t": [[5, *rest] for _, *rest in rows] * 9, "o": OTHER}))), "A")
    assert row.n == 54
    release = released({"t": [[5, *rest] for _, *rest in rows] * 9, "o": OTHER})
    shares = np.array([60, 42]) / 60
    variance = (release.pooled.within[:2, :2] / np.sqrt(np.outer(shares, shares))).sum() / 4 * 625 / 58
    assert row.score - row.low == pytest.approx(stats.t.ppf(0.975, 58) * math.sqrt(variance / 36))


def test_a_bounded_item_is_a_range_and_so_is_its_block() -> None:
    """A1 sums to 15 to 20 for 5 people, which is 50 to 75 points; A2 is known to be 75."""
    release = bounded(released({"t": TEAM, "o": OTHER}), "t", "A1", 15, 20)
    found = list(scores(release))
    first, block = one(found, "A", "A1"), one(found, "A")
    assert (first.status, first.n, first.at_least, first.at_most) == ("bound", 5, 50.0, 75.0)
    assert (block.status, block.n, block.at_least, block.at_most) == ("bound", 5, 62.5, 75.0)
    for row in (first, block):
        assert (row.score, row.mean, row.favourability, row.counts) == (None,) * 4
        assert row.interval_basis == "pooled"
    assert one(found, "A", "A2").status == "ok"
    assert one(found, "A", None, "o").status == "ok"


def test_the_interval_of_a_bound_reaches_from_its_low_end_to_its_high_end() -> None:
    sheets = {"t": TEAM, "o": OTHER}
    found = list(scores(bounded(released(sheets, pooled=False), "t", "A1", 15, 20)))
    reach = 1.959963984540054 * 50 / math.sqrt(5)
    for row in (one(found, "A", "A1"), one(found, "A")):
        assert row.low == pytest.approx(max(0, row.at_least - reach))
        assert row.high == pytest.approx(min(100, row.at_most + reach))
    top = one(list(scores(bounded(released(sheets), "t", "B1", 24, 25))), "B")
    plain = one(list(scores(released(sheets))), "B")
    assert (top.at_most, top.high) == (100.0, 100.0)
    assert top.at_least - top.low == pytest.approx(plain.high - plain.score)


def test_what_is_exact_has_no_bounds_and_a_withheld_item_hides_a_bound() -> None:
    release = bounded(released({"t": TEAM, "o": OTHER}, withheld=[("t", "A2")]), "t", "A1", 15, 20)
    for row in scores(release):
        assert (row.at_least is None, row.at_most is None) == (row.status != "bound",) * 2
    found = list(scores(release))
    assert one(found, "A").status == "suppressed"
    assert one(found, "A", "A1").status == "bound"
