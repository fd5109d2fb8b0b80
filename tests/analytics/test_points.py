"""Series, what is compared with what, and how sure a change is."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import date

import pytest
from scipy import stats

from service.analytics.change import compare
from service.analytics.points import TrendPoint, trend_points
from service.analytics.scatter import scatter
from service.analytics.scores import scores
from tests.analytics.building import AB, bounded, instrument, item, moved, released, sheets_by_chance

DAYS = [date(2025, month, 1) for month in range(1, 7)]
LOW, MID, HIGH = [[1, 1, 3]] * 5, [[3, 3, 3]] * 5, [[4, 4, 3]] * 5
REST = sheets_by_chance(2, 6, 8, 3)


def pulse(number: int, rows: list[list[int]], **changes: object):
    return released({"t": rows, **REST}, pulse=f"p{number}", closed_on=DAYS[number], **changes)


def points(releases: list, unit: str = "t", block: str = "A") -> list[TrendPoint]:
    return list(trend_points(releases, units=[unit], blocks=[block]))


def test_points_are_the_scores_in_order_of_closing() -> None:
    releases = [pulse(0, LOW), pulse(1, MID), pulse(2, HIGH)]
    found = points(releases[::-1])
    assert [(point.pulse, point.closed_on, point.label) for point in found] == [
        (f"p{i}", DAYS[i], f"Pulse p{i}") for i in range(3)
    ]
    for point, release in zip(found, releases, strict=True):
        (score,) = scores(release, units=["t"], blocks=["A"], level="block")
        assert (point.status, point.n, point.score, point.low, point.high) == (
            "ok",
            score.n,
            score.score,
            score.low,
            score.high,
        )
    assert [point.change for point in found] == [None, 50.0, 25.0]
    assert [point.comparable for point in found] == [None, True, True]


def test_change_interval_and_least_detectable_by_hand() -> None:
    first, second = pulse(0, MID), pulse(1, HIGH[:4])
    change = points([first, second])[1]

    def error(release, n: int) -> tuple[float, int]:
        df = release.pooled.n - release.pooled.atoms
        return float(release.pooled.within[:2, :2].sum()) / 4 * 625 / df / n, df

    (before, df0), (after, df1) = error(first, 5), error(second, 4)
    df = (before + after) ** 2 / (before**2 / df0 + after**2 / df1)
    reach = stats.t.ppf(0.975, df) * math.sqrt(before + after)
    assert change.change == 25.0
    assert change.change_low == pytest.approx(25 - reach, rel=1e-9)
    assert change.change_high == pytest.approx(25 + reach, rel=1e-9)
    assert change.minimum_detectable_change == pytest.approx(
        reach + stats.t.ppf(0.8, df) * math.sqrt(before + after), rel=1e-9
    )


def test_without_moments_the_change_rests_on_the_bound() -> None:
    change = points([pulse(0, LOW, pooled=False), pulse(1, MID, pooled=False)])[1]
    assert change.change - change.change_low == pytest.approx(1.959963984540054 * 50 * math.sqrt(2 / 5))
    assert change.change_high == 100.0


def test_one_pulse_has_no_change() -> None:
    (only,) = points([pulse(0, MID)])
    assert only.status == "ok"
    assert only.comparable is None
    assert (only.change, only.change_low, only.change_high, only.minimum_detectable_change) == (None,) * 4


def test_change_is_from_the_last_point_that_was_published() -> None:
    found = points([pulse(0, LOW), pulse(1, HIGH, hidden=["t"]), pulse(2, MID)])
    assert [point.status for point in found] == ["ok", "suppressed", "ok"]
    assert set(list(asdict(found[1]).values())[7:]) == {None}
    assert found[2].change == 50.0


def test_a_bound_is_shown_and_nothing_is_compared_with_it() -> None:
    found = points([pulse(0, LOW), bounded(pulse(1, HIGH), "t", "A1", 18, 20), pulse(2, MID)])
    assert [point.status for point in found] == ["ok", "bound", "ok"]
    bound = found[1]
    assert (bound.n, bound.at_least, bound.at_most) == (5, 70.0, 75.0)
    assert bound.low < 70 < 75 < bound.high
    assert set(list(asdict(bound).values())[13:]) == {None}
    assert bound.score is None
    assert found[2].change == 50.0


def test_an_item_that_is_exact_in_a_bounded_block_is_not_compared_either() -> None:
    only = instrument(item("A2", "A"), item("B1", "B"))
    first = bounded(pulse(0, LOW), "t", "A1", 5, 7)
    second = released({"t": [row[1:] for row in HIGH], **{u: [r[1:] for r in rows] for u, rows in REST.items()}},
                      pulse="p1", closed_on=DAYS[1], asks=only)  # fmt: skip
    assert [(point.status, point.change) for point in points([first, second])] == [("bound", None), ("ok", None)]


def test_a_comparison_over_a_bounded_item_has_no_change() -> None:
    before, after = pulse(0, LOW), pulse(1, HIGH)
    comparison = compare(before, after, "A", scatter(before), scatter(after))
    assert comparison is not None
    assert comparison.of(before.unit["t"], after.unit["t"]) is not None
    assert comparison.of(before.unit["t"], bounded(after, "t", "A1", 18, 20).unit["t"]) is None
    assert comparison.of(bounded(before, "t", "A2", 5, 7).unit["t"], after.unit["t"]) is None


def test_a_point_is_withheld_when_few_moved_since_the_last_one_shown() -> None:
    found = points([pulse(0, LOW), moved(pulse(1, MID), "t", "p0"), moved(pulse(2, HIGH), "t", "p1")])
    assert [point.status for point in found] == ["ok", "suppressed", "ok"]
    assert set(list(asdict(found[1]).values())[7:]) == {None}
    assert found[2].change == 75.0


def test_few_who_moved_before_the_last_point_shown_withhold_nothing() -> None:
    found = points([pulse(0, LOW), pulse(1, MID), moved(pulse(2, HIGH), "t", "p0")])
    assert [(point.status, point.change) for point in found] == [("ok", None), ("ok", 50.0), ("ok", 25.0)]


def test_few_who_moved_since_a_bound_withhold_too() -> None:
    bound = bounded(pulse(1, HIGH), "t", "A1", 18, 20)
    assert [point.status for point in points([pulse(0, LOW), bound, moved(pulse(2, MID), "t", "p1")])] == [
        "ok",
        "bound",
        "suppressed",
    ]
    # Behind the bound stands the point the change would be taken from.
    assert points([pulse(0, LOW), bound, moved(pulse(2, MID), "t", "p0")])[2].status == "suppressed"
    assert points([pulse(0, LOW), moved(bound, "t", "p0"), pulse(2, MID)])[1].status == "suppressed"


def test_few_who_moved_elsewhere_or_since_nothing_shown_withhold_nothing() -> None:
    hidden = pulse(0, LOW, hidden=["t"])
    found = points([hidden, moved(moved(pulse(1, MID), "t", "p0", "other"), "t0000", "p0")])
    assert [point.status for point in found] == ["suppressed", "ok"]
    elsewhere = points([hidden, moved(pulse(1, MID), "t0000", "p0")], unit="t0000")
    assert [point.status for point in elsewhere] == ["ok", "suppressed"]


def test_a_first_point_that_is_hidden_starts_nothing() -> None:
    found = points([pulse(0, LOW, hidden=["t"]), pulse(1, MID), pulse(2, HIGH)])
    assert [point.change for point in found] == [None, None, 25.0]
    assert [point.comparable for point in found] == [None, None, True]


def test_only_shared_items_are_compared() -> None:
    reworded = instrument(item("A1", "A"), item("A2", "A", "Quite another statement"), item("B1", "B"), version="2")
    rows = [[3, 5, 3]] * 5
    first, second = points([pulse(0, LOW), pulse(1, rows, asks=reworded)])
    assert second.score - first.score == 75.0
    assert second.change == 50.0
    assert second.comparable is True


def test_the_error_of_a_change_is_that_of_the_shared_items() -> None:
    reworded = instrument(item("A1", "A"), item("A2", "A", "Quite another statement"), item("B1", "B"), version="2")
    before, after = pulse(0, MID), pulse(1, MID, asks=reworded)
    change = points([before, after])[1]
    df = before.pooled.n - before.pooled.atoms
    error = math.sqrt(2 * float(before.pooled.within[0, 0]) * 625 / df / 5)
    assert change.change_high == pytest.approx(stats.t.ppf(0.975, 2 * df) * error)


@pytest.mark.parametrize(
    "asks",
    [
        instrument(item("A1", "A", "One"), item("A2", "A", "Two"), item("B1", "B"), version="2"),
        instrument(item("A8", "A"), item("A9", "A"), item("B1", "B")),
        instrument(*AB.items, id="another"),
        instrument(item("A1", "A", reverse=True), item("A2", "A", reverse=True), item("B1", "B")),
    ],
)
def test_nothing_shared_is_not_comparable(asks) -> None:
    _, second = points([pulse(0, LOW), pulse(1, MID, asks=asks)])
    assert second.status == "ok"
    assert second.comparable is False
    assert (second.change, second.change_low, second.change_high, second.minimum_detectable_change) == (None,) * 4


def test_a_translation_added_changes_no_wording() -> None:
    more = instrument(*(item(i.id, i.block, texts={**i.texts, "de": "Satz"}) for i in AB.items), version="2")
    assert points([pulse(0, LOW), pulse(1, MID, asks=more)])[1].change == 50.0


def test_series_stand_apart() -> None:
    releases = [pulse(0, LOW, series="b"), pulse(1, MID, series="a"), pulse(2, HIGH, series="b")]
    found = points(releases)
    assert [(point.series, point.pulse, point.change) for point in found] == [
        ("a", "p1", None),
        ("b", "p0", None),
        ("b", "p2", 75.0),
    ]


def test_units_and_blocks_follow_the_newest_pulse() -> None:
    older = released({"gone": MID, "x": MID}, pulse="p0", closed_on=DAYS[0])
    asks = instrument(item("B1", "B"), item("A1", "A"))
    newer = released({"y": [[3, 3]] * 5, "x": [[3, 3]] * 5}, pulse="p1", closed_on=DAYS[1], asks=asks)
    found = [(point.unit, point.block, point.pulse) for point in trend_points([older, newer])]
    assert found == [
        ("y", "B", "p1"),
        ("y", "A", "p1"),
        ("x", "B", "p0"),
        ("x", "B", "p1"),
        ("x", "A", "p0"),
        ("x", "A", "p1"),
        ("gone", "B", "p0"),
        ("gone", "A", "p0"),
    ]


def test_the_closing_day_orders_and_not_the_id() -> None:
    later, earlier = (released({"t": MID}, pulse=id, closed_on=day) for id, day in (("a", DAYS[1]), ("b", DAYS[0])))
    assert [point.pulse for point in points([later, earlier])] == ["b", "a"]


def test_two_pulses_of_one_day_stand_in_the_order_they_closed() -> None:
    same = [replace(released({"t": MID}, pulse=id, closed_on=DAYS[0]), number=n) for n, id in ((7, "a"), (6, "b"))]
    assert [point.pulse for point in points(same)] == ["b", "a"]


def test_no_releases_no_points() -> None:
    assert list(trend_points([])) == []


def test_no_figure_is_ever_not_a_number() -> None:
    for point in trend_points([pulse(0, []), pulse(1, MID), pulse(2, MID, pooled=False), pulse(3, LOW)]):
        assert all(math.isfinite(value) for value in asdict(point).values() if isinstance(value, float))
        assert point.change is None or point.change_low <= point.change <= point.change_high
