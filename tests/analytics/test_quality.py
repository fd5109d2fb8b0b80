"""Quality of blocks and items and agreement in teams, against the sheets the releases were made from, and against R."""

from __future__ import annotations

import dataclasses
import json
import math
import statistics
from dataclasses import replace

import numpy as np
import pytest

from service.analytics.item_quality import ItemQuality, item_quality
from service.analytics.measurement.agreement import a_wg, average_deviation, r_star, rwg_j
from service.analytics.measurement.critical_values import rwg_j_critical
from service.analytics.measurement.one_factor import one_factor
from service.analytics.measurement.one_way import Groups, OneWay, one_way
from service.analytics.measurement.reliability import reliability
from service.analytics.quality import BlockQuality, block_quality, verdict
from service.analytics.team_agreement import TeamAgreement, team_agreement
from service.release.release import Release
from service.survey.instrument import Scale
from tests.analytics.building import bounded, instrument, item, released, sheets_by_chance
from tests.analytics.measurement.reference import expected, sheets

FOUR = instrument(*(item(f"A{i}", "A") for i in range(4)))
SHEETS = sheets_by_chance(5, 30, 9, 4)
RELEASE = released(SHEETS, asks=FOUR)


def points(rows: object) -> np.ndarray:
    return 25 * (np.array(rows, float) - 1)


def everybody() -> np.ndarray:
    return np.vstack([points(rows) for rows in SHEETS.values()])


def test_consistency_equals_the_sheets() -> None:
    """A release has no person's answers, and yet the covariance of all persons."""
    (found,) = block_quality(RELEASE)
    whole = reliability(np.cov(everybody().T), 270)
    assert found.alpha == pytest.approx(whole.alpha, rel=1e-12)
    assert (found.alpha_low, found.alpha_high) == pytest.approx(whole.interval, rel=1e-12)
    assert found.omega == pytest.approx(one_factor(np.cov(everybody().T)).omega, rel=1e-8)
    assert found.heywood is False
    apart = np.vstack([points(rows) - points(rows).mean(axis=0) for rows in SHEETS.values()])
    within = apart.T @ apart / (270 - 30)
    means = np.array([points(rows).mean(axis=0) for rows in SHEETS.values()])
    assert found.alpha_within == pytest.approx(reliability(within).alpha, rel=1e-12)
    assert found.omega_within == pytest.approx(one_factor(within).omega, rel=1e-8)
    between = np.cov(means.T) - within / 9
    assert found.alpha_between == pytest.approx(min(1, reliability(between).alpha), rel=1e-10)


def test_differences_between_teams_equal_the_sheets() -> None:
    (found,) = block_quality(RELEASE)
    persons = np.array([points(rows).mean(axis=1) for rows in SHEETS.values()])
    msb, msw = 9 * persons.mean(axis=1).var(ddof=1), persons.var(axis=1, ddof=1).mean()
    assert (found.n, found.groups, found.n0) == (270, 30, pytest.approx(9))
    assert found.icc1 == pytest.approx((msb - msw) / (msb + 8 * msw), rel=1e-12)
    assert found.icc2 == pytest.approx((msb - msw) / msb, rel=1e-12)
    assert found.icc1_low < found.icc1 < found.icc1_high
    assert found.icc2_low < found.icc2 < found.icc2_high
    assert found.icc1_n0 == pytest.approx(found.icc1)
    assert found.icc1_reml == pytest.approx(found.icc1, rel=1e-6)


def test_agreement_equals_the_sheets() -> None:
    (found,) = block_quality(RELEASE)
    by_hand = [rwg_j(np.array(rows, float), 2) for rows in SHEETS.values()]
    assert found.agreement_teams == 30
    assert found.rwg_j == pytest.approx(statistics.median(by_hand), rel=1e-12)
    assert found.beyond_chance == np.mean(np.array(by_hand) > rwg_j_critical(9, 5, 4) + 1e-9)


def test_teams_equal_the_sheets() -> None:
    found = list(team_agreement(RELEASE))
    assert [row.unit for row in found] == list(SHEETS)
    for row in found:
        team = np.array(SHEETS[row.unit], float)
        assert (row.status, row.n, row.divided) == ("ok", 9, False)
        assert row.rwg_j == pytest.approx(rwg_j(team, 2), rel=1e-12)
        assert row.r_star == pytest.approx(r_star(team, 2), rel=1e-12)
        assert row.ad == pytest.approx(25 * average_deviation(team), rel=1e-12)
        assert row.a_wg == pytest.approx(a_wg(team, 1, 5), rel=1e-12)
        assert row.critical == rwg_j_critical(9, 5, 4)
        assert row.beyond_chance == (row.rwg_j > row.critical)
    raw = [25 * math.sqrt(np.array(rows, float).var(axis=0, ddof=1).mean()) for rows in SHEETS.values()]
    assert min(raw) < min(row.sd for row in found) <= max(row.sd for row in found) < max(raw)


def test_names_a_team_in_two_camps() -> None:
    camps = {**SHEETS, "t0007": [[1, 1, 1, 1]] * 9 + [[5, 5, 5, 5]] * 9}
    assert [row.unit for row in team_agreement(released(camps, asks=FOUR)) if row.divided] == ["t0007"]


def test_only_the_lowest_units_are_held_against_each_other() -> None:
    """A department's people are its teams': they would be counted twice, and teams that differ are no division."""
    parents = dict.fromkeys(SHEETS, "root")
    release = released({"root": [], **SHEETS}, asks=FOUR, parents=parents)
    root, *teams = team_agreement(release)
    assert (root.status, root.n, root.sd, root.divided) == ("ok", 270, None, None)
    assert teams == list(team_agreement(RELEASE))
    (found,), (flat,) = block_quality(release), block_quality(RELEASE)
    assert (found.agreement_teams, found.rwg_j) == (30, flat.rwg_j)


def test_a_unit_above_a_hidden_one_stands_for_it() -> None:
    """The team shows no distribution: the unit above is then the lowest that does; unless another below shows it."""
    two = {"root": [], "a": SHEETS["t0000"], "b": SHEETS["t0001"]}
    parents = {"a": "root", "b": "root"}
    both = released(two, asks=FOUR, parents=parents, hidden=["a", "b"])
    one = released(two, asks=FOUR, parents=parents, hidden=["a"])
    assert [next(block_quality(release)).agreement_teams for release in (both, one)] == [1, 1]
    assert [row.status for row in team_agreement(one)] == ["ok", "suppressed", "ok"]
    deep = released(two, asks=FOUR, parents={"a": "root", "b": "a"}, hidden=["a"])
    assert next(block_quality(deep)).agreement_teams == 1


def test_withheld_distributions_are_suppressed() -> None:
    few = released(SHEETS, asks=FOUR, least_distribution=10)
    assert {row.status for row in team_agreement(few)} == {"suppressed"}
    (found,) = block_quality(few)
    assert (found.status, found.agreement_teams, found.rwg_j, found.beyond_chance) == ("ok", 0, None, None)
    for release in (released(SHEETS, asks=FOUR, withheld=[("t0003", "A2")]), bounded(RELEASE, "t0003", "A2", 30, 32)):
        rows = {row.unit: row for row in team_agreement(release)}
        assert rows["t0003"] == TeamAgreement("p1", "t0003", "A", "suppressed")
        assert {row.status for unit, row in rows.items() if unit != "t0003"} == {"ok"}


def test_items_equal_the_sheets() -> None:
    whole = reliability(np.cov(everybody().T))
    answers = everybody()
    for at, row in enumerate(item_quality(RELEASE)):
        groups = [points(rows)[:, at] for rows in SHEETS.values()]
        assert (row.status, row.block, row.item, row.n) == ("ok", "A", f"A{at}", 270)
        assert row.mean == pytest.approx(answers[:, at].mean())
        assert row.sd == pytest.approx(answers[:, at].std(ddof=1))
        assert row.item_rest_r == pytest.approx(whole.item_rest_r[at])
        assert row.alpha_if_dropped == pytest.approx(whole.alpha_if_dropped[at])
        msw = np.mean([group.var(ddof=1) for group in groups])
        msb = 9 * np.var([group.mean() for group in groups], ddof=1)
        assert row.icc1 == pytest.approx((msb - msw) / (msb + 8 * msw))
        assert (row.floor, row.ceiling) == ((answers[:, at] == 0).mean(), (answers[:, at] == 100).mean())
        assert row.verdict == "fine"


def test_names_what_is_wrong_with_an_item() -> None:
    chance = np.random.default_rng(1)
    answers = {
        name: [[*row[:3], int(chance.integers(1, 6)), 5 if row[0] >= 3 else row[0]] for row in rows]
        for name, rows in SHEETS.items()
    }
    asks = instrument(*(item(f"A{i}", "A") for i in range(5)))
    found = list(item_quality(released(answers, asks=asks)))
    assert [row.verdict for row in found] == ["fine", "fine", "fine", "weak", "ceiling"]
    turned = {name: [[6 - answer for answer in row] for row in rows] for name, rows in answers.items()}
    assert [row.verdict for row in item_quality(released(turned, asks=asks))][4] == "floor"


def test_ends_count_nobody_twice() -> None:
    """Only the topmost units that show the distribution, however far below another that does also."""
    ends = {"root": [[5] * 4] * 9, "hidden": [[4] * 4] * 9, "low": [[1, 2, 3, 4]] * 9, "apart": [[2, 3, 4, 5]] * 9}
    parents = {"hidden": "root", "low": "hidden"}
    release = replace(released(ends, asks=FOUR, parents=parents, hidden=["hidden"]), pooled=RELEASE.pooled)
    assert [(row.floor, row.ceiling) for row in item_quality(release)] == [
        (0.25, 0.25),
        (0, 0.25),
        (0, 0.25),
        (0, 0.5),
    ]


def test_the_verdict_follows_its_rule() -> None:
    one = one_way_of(0.05, 0.7)
    assert verdict(one) == "aggregate"
    assert verdict(replace(one, icc2=0.69)) == "caution"
    assert verdict(replace(one, icc2=0.5)) == "caution"
    assert verdict(replace(one, icc2=0.49)) == "individual"
    assert verdict(replace(one, icc1_low=0.0)) == "individual"
    assert verdict(replace(one, icc2=None)) == "insufficient"


def one_way_of(icc1_low: float, icc2: float) -> OneWay:
    rows = np.array([points(rows).mean(axis=1) for rows in SHEETS.values()])
    size = np.full(30, 9.0)
    return replace(one_way(Groups(size, rows.mean(axis=1), rows.var(axis=1) * 9)), icc1_low=icc1_low, icc2=icc2)


def test_teams_that_differ_by_chance_alone_are_individuals() -> None:
    chance = np.random.default_rng(4)
    person = chance.normal(3, 0.8, (20, 10, 1))
    answers = np.clip(np.rint(person + chance.normal(0, 0.6, (20, 10, 4))), 1, 5).astype(int)
    (found,) = block_quality(released({f"t{i}": rows.tolist() for i, rows in enumerate(answers)}, asks=FOUR))
    assert found.verdict == "individual"


def test_too_little_to_compute() -> None:
    nothing = BlockQuality("p1", "A", "insufficient", "insufficient")
    for release in (
        released({"t0": SHEETS["t0000"]}, asks=FOUR),
        released(SHEETS, asks=FOUR, pooled=False),
        released({"x": [[3, 3, 3, 3]] * 5, "y": [[3, 3, 3, 3]] * 5}, asks=FOUR),
        released({"x": SHEETS["t0000"], "y": SHEETS["t0000"]}, asks=FOUR),
        released({"x": [[1, 2, 3, 4]], "y": [[2, 3, 1, 5]]}, asks=FOUR),
        released({}, asks=FOUR),
    ):
        (found,) = block_quality(release)
        assert replace(found, agreement_teams=None, rwg_j=None, beyond_chance=None) == nothing
        plain(release)
    hidden = released(SHEETS, asks=FOUR, hidden=list(SHEETS))
    assert list(block_quality(hidden)) == [replace(nothing, agreement_teams=0)]
    assert next(item_quality(hidden)) == ItemQuality("p1", "A", "A0", "insufficient", "insufficient")
    assert {row.status for row in team_agreement(hidden)} == {"suppressed"}


def test_nobody_and_one_alone_are_too_few_to_agree() -> None:
    release = released({**SHEETS, "none": [], "one": [[3, 3, 3, 3]]}, asks=FOUR, least_distribution=0)
    rows = {row.unit: row for row in team_agreement(release)}
    assert (rows["none"].status, rows["one"].status) == ("insufficient", "insufficient")
    assert next(block_quality(release)).agreement_teams == 30
    plain(release)


def test_items_of_unlike_scales_have_consistency_but_no_agreement() -> None:
    seven = item("A1", "A", scale=Scale(1, 7, {"en": tuple("abcdefg")}))
    release = released(sheets_by_chance(5, 12, 7, 3), asks=instrument(item("A0", "A"), seven, item("A2", "A")))
    (found,) = block_quality(release)
    assert (found.status, found.agreement_teams) == ("ok", 0)
    assert {row.status for row in team_agreement(release)} == {"insufficient"}


def test_between_teams_alpha_is_at_most_one() -> None:
    """With few teams, what is left without chance need not be the covariance of anything."""
    found = [next(block_quality(released(sheets_by_chance(seed, 6, 5, 4), asks=FOUR))) for seed in range(12)]
    given = [row.alpha_between for row in found if row.alpha_between is not None]
    assert max(given) == 1
    assert min(given) < 1


def test_small_blocks() -> None:
    two, one = block_quality(released(sheets_by_chance(5, 12, 7, 3)))
    assert two.alpha is not None
    assert (two.omega, two.heywood) == (None, None)
    assert (one.status, one.alpha, one.alpha_between, one.omega_within) == ("ok", None, None, None)
    assert one.rwg_j is not None
    *_, alone = item_quality(released(sheets_by_chance(5, 12, 7, 3)))
    assert (alone.item, alone.item_rest_r, alone.alpha_if_dropped, alone.verdict) == ("B1", None, None, "fine")


def test_missing_answers_leave_figures_near_those_of_all() -> None:
    chance = np.random.default_rng(2)
    holes = {n: [[a * (chance.random() > 0.04) for a in row] for row in rows] for n, rows in SHEETS.items()}
    release = released(holes, asks=FOUR)
    (found,), (whole,) = block_quality(release), block_quality(RELEASE)
    assert found.alpha == pytest.approx(whole.alpha, abs=0.03)
    assert found.icc1 == pytest.approx(whole.icc1, abs=0.04)
    first = next(item_quality(release))
    given = [row[0] for rows in holes.values() for row in rows if row[0]]
    assert (first.n, first.mean) == (len(given), pytest.approx(25 * (np.mean(given) - 1)))
    plain(release)


def plain(release: Release) -> None:
    """Every row can be written as JSON, which knows neither NaN nor numpy."""
    for row in (*block_quality(release), *item_quality(release), *team_agreement(release)):
        json.dumps(dataclasses.asdict(row), allow_nan=False)


def test_every_figure_is_plain() -> None:
    plain(RELEASE)


@pytest.mark.parametrize("scale", ["LEAD", "TSIG"])
def test_equals_r_on_the_leadership_companies(scale: str) -> None:
    """2,042 soldiers in 49 companies, through nothing but what a release carries."""
    r = expected("lq2002")[scale]
    companies = sheets("lq2002", "COMPID", r["items"])
    asks = instrument(*(item(name, scale) for name in r["items"]))
    release = released({name: rows.astype(int).tolist() for name, rows in companies.items()}, asks=asks)
    (found,) = block_quality(release)
    close = {"abs": 1e-10}
    assert found.alpha == pytest.approx(r["reliability"]["alpha_raw"], **close)
    assert (found.alpha_low, found.alpha_high) == pytest.approx(r["reliability"]["alpha_feldt_ci95"], **close)
    assert found.omega == pytest.approx(r["reliability"]["omega_cfa_ml"]["omega_total"], rel=1e-6)
    assert found.icc1 == pytest.approx(r["icc"]["ICC1_aov_multilevel"], **close)
    assert found.icc1_n0 == pytest.approx(r["icc"]["ICC1_aov_n0"], **close)
    assert found.icc2 == pytest.approx(r["icc"]["ICC2_aov_multilevel"], **close)
    assert found.icc1_reml == pytest.approx(r["icc"]["REML"]["ICC1"], rel=1e-6)
    assert found.rwg_j == pytest.approx(r["agreement"]["summary"]["median_rwg_j"], **close)
    rows = list(item_quality(release))
    assert [row.item_rest_r for row in rows] == pytest.approx(r["reliability"]["item_rest_r"], **close)
    assert [row.alpha_if_dropped for row in rows] == pytest.approx(r["reliability"]["alpha_if_dropped"], **close)
    teams = {row.unit: row for row in team_agreement(release)}
    for index, field, name in (
        ("rwg_j", "rwg_j", "rwg_j"),
        ("r_star", "r_star", "rwg_j_lindell"),
        ("a_wg", "a_wg", "awg"),
    ):
        for row in r["agreement"][name]:
            assert getattr(teams[row["group"]], index) == pytest.approx(row[field], **close)
    for row in r["agreement"]["ad_mean"]:
        assert teams[row["group"]].ad == pytest.approx(25 * row["ad"], **close)
