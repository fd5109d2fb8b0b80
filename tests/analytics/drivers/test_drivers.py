"""Which blocks go with which: from sheets by hand, on organisations whose truth is known, and when to be silent."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from service.analytics.drivers.drivers import Driver, drivers
from service.release.release import Release
from tests.analytics.building import Sheets, instrument, item, released

ASKS = instrument(item("A1", "A"), item("A2", "A"), item("B1", "B"), item("C1", "C"), item("C2", "C"))
PLACES = [0, 0, 1, 2, 2]
#: How the blocks' true team means correlate.
TRUTH = np.array([[1, 0.7, 0.4], [0.7, 1, 0.2], [0.4, 0.2, 1]])


def organisation(teams: int, size: int, *, between: float = 0.5, seed: int = 1, flat: int | None = None) -> Sheets:
    """Answers 1 to 5; the teams' true block means scatter by `between` points, not at all in the block `flat`."""
    chance = np.random.default_rng(seed)
    true = chance.multivariate_normal(np.zeros(3), TRUTH, teams) * between
    if flat is not None:
        true[:, flat] = 0
    own = chance.normal(0, 0.6, (teams, size, 1)) + chance.normal(0, 0.6, (teams, size, 5))
    answers = np.clip(np.rint(3 + true[:, None, PLACES] + own), 1, 5).astype(int)
    return {f"t{team:04}": rows.tolist() for team, rows in enumerate(answers)}


def found(release: Release, seed: int = 7) -> list[Driver]:
    return list(drivers(release, np.random.default_rng(seed)))


def block_means(sheets: Sheets) -> np.ndarray:
    """Of each person on each block: teams x people x 3."""
    persons = np.array([np.array(rows) for rows in sheets.values()], float)
    places = [[at for at, of in enumerate(PLACES) if of == block] for block in range(3)]
    return np.stack([persons[:, :, at].mean(axis=2) for at in places], axis=-1)


def latent(sheets: Sheets) -> np.ndarray:
    """Second way, teams being equal in size: covariance of the team means less that of their error."""
    blocks = block_means(sheets)
    error = sum(np.cov(team, rowvar=False) for team in blocks) / len(blocks) / blocks.shape[1]
    return np.cov(blocks.mean(axis=1), rowvar=False) - error


def test_shares_from_the_sheets_by_hand() -> None:
    """Of two predictors the share is the mean of what the block explains alone and what it adds to the other."""
    sheets = organisation(150, 8)
    rows = found(released(sheets, asks=ASKS))
    assert [(row.outcome, row.block) for row in rows] == [(a, b) for a in "ABC" for b in "ABC" if a != b]
    covariance = latent(sheets)
    sd = np.sqrt(np.diag(covariance))
    r = covariance / np.outer(sd, sd)
    for row in rows:
        y, x, z = (
            "ABC".index(row.outcome),
            "ABC".index(row.block),
            3 - "ABC".index(row.outcome) - "ABC".index(row.block),
        )
        r2 = (r[y, x] ** 2 + r[y, z] ** 2 - 2 * r[y, x] * r[y, z] * r[x, z]) / (1 - r[x, z] ** 2)
        assert (row.pulse, row.status, row.teams, row.method) == ("p1", "ok", 150, "lmg-latent-1")
        assert row.r == pytest.approx(r[y, x], rel=1e-9)
        assert row.r2 == pytest.approx(r2, rel=1e-9)
        assert row.share == pytest.approx((r[y, x] ** 2 + r2 - r[y, z] ** 2) / 2 / r2, rel=1e-9)
        assert 0 <= row.low < row.share < row.high <= 1


def test_recovers_the_truth_of_many_teams_where_raw_means_do_not() -> None:
    """People who answer high answer everything high, which small teams' raw means carry and true means do not."""
    sheets = organisation(1500, 6, seed=3)
    rows = {(row.outcome, row.block): row for row in found(released(sheets, asks=ASKS))}
    for a, b in ("AB", "AC", "BC"):
        assert rows[a, b].r == rows[b, a].r == pytest.approx(TRUTH["ABC".index(a), "ABC".index(b)], abs=0.06)
    assert np.corrcoef(block_means(sheets).mean(axis=1), rowvar=False)[1, 2] > 0.28
    true_r2 = (0.7**2 + 0.4**2 - 2 * 0.7 * 0.4 * 0.2) / (1 - 0.2**2)
    true_share = (0.7**2 + true_r2 - 0.4**2) / 2 / true_r2
    row = rows["A", "B"]
    assert row.r2 == pytest.approx(true_r2, abs=0.08)
    assert row.share == pytest.approx(true_share, abs=0.05)
    assert row.low <= true_share <= row.high


def test_chance_comes_from_the_generator_alone() -> None:
    release = released(organisation(120, 8), asks=ASKS)
    assert found(release, 1) == found(release, 1)
    again = found(release, 2)
    assert [row.low for row in again] != [row.low for row in found(release, 1)]
    assert [row.share for row in again] == [row.share for row in found(release, 1)]


def test_only_atoms_that_show_every_block_are_taken() -> None:
    sheets = organisation(120, 8)
    release = released(sheets, asks=ASKS, withheld=[("t0003", "C1"), ("t0017", "A2")])
    assert {row.teams for row in found(release)} == {118}
    assert {row.teams for row in found(released(sheets, asks=ASKS, hidden=["t0001"]))} == {119}


@pytest.mark.parametrize("flat", [0, 1, 2])
def test_silent_where_the_teams_do_not_differ_in_a_block(flat: int) -> None:
    rows = found(released(organisation(150, 8, flat=flat), asks=ASKS))
    assert rows == [Driver("p1", a, b, "insufficient") for a in "ABC" for b in "ABC" if a != b]


def test_silent_with_too_little() -> None:
    enough = released(organisation(100, 8), asks=ASKS)
    assert {row.status for row in found(enough)} == {"ok"}
    for release in (
        released(organisation(99, 8), asks=ASKS),
        released(organisation(100, 8), asks=ASKS, pooled=False),
        released({team: [[3] * 5] * 8 for team in organisation(100, 8)}, asks=ASKS),
        released(organisation(1, 8), asks=ASKS),
        released({}, asks=ASKS),
    ):
        assert {row.status for row in found(release)} == {"insufficient"}
        assert all(row.share is row.low is row.high is row.r is row.r2 is row.teams is None for row in found(release))


def test_silent_where_two_blocks_cannot_be_told_apart_between_teams() -> None:
    """B's latent scores are A's own: the correlation may come out beyond 1, and no share has a meaning."""
    sheets = {}
    for team, rows in organisation(150, 8).items():
        answers = np.array(rows)
        answers[:, 2] = np.roll(answers[:, 0], 1)
        answers[:, 1] = np.roll(answers[:, 0], 2)
        sheets[team] = answers.tolist()
    assert {row.status for row in found(released(sheets, asks=ASKS))} == {"insufficient"}


def test_a_single_block_goes_with_nothing() -> None:
    asks = instrument(item("A1", "A"), item("A2", "A"))
    sheets = {team: [row[:2] for row in rows] for team, rows in organisation(120, 8).items()}
    assert found(released(sheets, asks=asks)) == []
    assert found(replace(released(sheets, asks=asks), items=())) == []


def test_figures_are_finite() -> None:
    for row in found(released(organisation(120, 5, between=0.35, seed=9), asks=ASKS)):
        figures = (row.share, row.low, row.high, row.r, row.r2)
        assert all(figure is None or math.isfinite(figure) for figure in figures)
