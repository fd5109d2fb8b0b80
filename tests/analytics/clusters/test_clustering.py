"""Planted archetypes are found and named; organisations without any are told so."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from service.analytics.clusters.clustering import Clustering, cluster, elevation_share
from service.analytics.clusters.profiles import Profiles
from service.analytics.clusters.stability import adjusted_rand
from tests.analytics.clusters.planting import BLOCKS, SHAPES, plant
from tests.analytics.measurement.reference import expected, rows


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that can reject at 5 %, to be quick."""
    monkeypatch.setattr("service.analytics.clusters.population._DRAWS", 19)
    monkeypatch.setattr("service.analytics.clusters.stability._RESAMPLES", 8)


def likeliest(found: Clustering) -> np.ndarray:
    return np.array([int(np.argmax(member.probabilities)) for member in found.membership if member.probabilities])


@pytest.fixture(scope="module")
def planted() -> tuple[Profiles, np.ndarray, Clustering]:
    profiles, kind = plant(80, 6, np.random.default_rng(3))
    return profiles, kind, cluster(profiles, np.random.default_rng(1))


def test_planted_archetypes_are_found(planted: tuple[Profiles, np.ndarray, Clustering]) -> None:
    _, kind, found = planted
    assert (found.verdict, found.k, found.teams, found.pulses) == ("structure", 3, 80, 6)
    assert found.p_value == pytest.approx(0.01)
    assert found.stability is not None
    assert found.stability > 0.85
    assert adjusted_rand(kind, likeliest(found)) > 0.9
    assert [archetype.id for archetype in found.archetypes] == ["A", "B", "C"]
    assert sum(archetype.size for archetype in found.archetypes) == pytest.approx(80)
    assert found.archetypes[0].size == pytest.approx(40, abs=4)


def test_profiles_are_points_relative_to_the_organisation(planted: tuple[Profiles, np.ndarray, Clustering]) -> None:
    _, kind, found = planted
    planted_shapes = SHAPES - SHAPES[kind].mean(axis=0)
    order = [int(np.bincount(kind[likeliest(found) == one]).argmax()) for one in range(3)]
    for archetype, one in zip(found.archetypes, order, strict=True):
        assert list(archetype.profile) == list(BLOCKS)
        assert list(archetype.profile.values()) == pytest.approx(planted_shapes[one].tolist(), abs=3)


def test_the_same_seed_gives_the_same_clustering_and_nothing_leaks_from_the_libraries() -> None:
    profiles, _ = plant(40, 1, np.random.default_rng(9))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        once, again = (cluster(profiles, np.random.default_rng(4)) for _ in range(2))
    assert once == again
    assert once.verdict == "structure"
    assert heard == []


def test_letters_stay_when_the_sizes_change_places(planted: tuple[Profiles, np.ndarray, Clustering]) -> None:
    profiles, kind, found = planted
    keep = np.flatnonzero((kind != 0) | (np.arange(80) % 8 == 0))
    fewer = Profiles(
        profiles.scores[keep],
        profiles.n[keep],
        profiles.within,
        profiles.above[keep],
        tuple(profiles.teams[row] for row in keep),
        profiles.blocks,
    )
    later = cluster(fewer, np.random.default_rng(1), found)
    assert later.verdict == "structure"
    before = {member.team: member.archetype for member in found.membership}
    both = [
        (before[member.team], member.archetype)
        for member in later.membership
        if before[member.team] and member.archetype
    ]
    assert np.mean([one == other for one, other in both]) > 0.95
    assert later.archetypes[0].id != "A"


def test_no_structure_where_there_is_none() -> None:
    for seed in range(3):
        profiles, _ = plant(40, 2, np.random.default_rng(seed), shapes=None, department_sd=6.0)
        found = cluster(profiles, np.random.default_rng(seed))
        assert (found.verdict, found.k, found.archetypes, found.membership) == ("no_structure", 1, (), ())


def test_departments_far_apart_are_not_archetypes() -> None:
    """Four departments of 20 teams make clumps: BIC alone would name them."""
    profiles, _ = plant(80, 2, np.random.default_rng(2), shapes=None)
    clumped = np.random.default_rng(7).normal(0, 14, (4, 4))[np.arange(80) // 20]
    apart = replace(profiles, scores=profiles.scores + clumped[:, None], above=np.arange(80) // 20)
    nested = cluster(apart, np.random.default_rng(1))
    assert nested.verdict == "no_structure"
    assert nested.p_value is not None
    assert nested.p_value > 0.05
    scattered = replace(apart, above=np.random.default_rng(1).permutation(80) // 4)
    assert cluster(scattered, np.random.default_rng(1)).verdict in ("structure", "level_only")


@pytest.mark.parametrize(("stable", "verdict"), [(0.59, "no_structure"), (0.61, "structure")])
def test_archetypes_that_do_not_come_again_are_none(
    stable: float, verdict: str, planted: tuple[Profiles, np.ndarray, Clustering], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.analytics.clusters.clustering.stability", lambda *_: stable)
    monkeypatch.setattr("service.analytics.clusters.clustering.chance_of_gain", lambda *_: 0.01)
    found = cluster(planted[0], np.random.default_rng(1))
    assert (found.verdict, found.stability) == (verdict, stable)
    assert bool(found.archetypes) == bool(found.membership) == (verdict == "structure")


def test_level_only_when_archetypes_differ_by_elevation() -> None:
    levels = np.array([[0.0] * 4, [22.0] * 4, [-22.0] * 4])
    profiles, _ = plant(60, 3, np.random.default_rng(5), shapes=levels)
    found = cluster(profiles, np.random.default_rng(1))
    assert found.verdict == "level_only"
    assert found.elevation_share is not None
    assert found.elevation_share > 0.85
    assert all(archetype.label.blocks == () for archetype in found.archetypes)


@pytest.mark.parametrize("teams", [0, 1, 29])
def test_too_few_teams(teams: int) -> None:
    profiles, _ = plant(teams, 3, np.random.default_rng(1))
    assert cluster(profiles, np.random.default_rng(1)) == Clustering("insufficient", 0, 0, 0)


def test_one_block_or_nothing_to_tell_apart() -> None:
    profiles, _ = plant(60, 2, np.random.default_rng(1))
    one = replace(profiles, scores=profiles.scores[..., :1], n=profiles.n[..., :1], within=np.eye(1), blocks=("a",))
    alike = replace(profiles, scores=np.full_like(profiles.scores, 55.0))
    flat = replace(profiles, within=np.zeros((4, 4)))
    unseen = replace(profiles, scores=np.full_like(profiles.scores, np.nan))
    for nothing in (one, alike, flat, unseen):
        assert cluster(nothing, np.random.default_rng(1)).verdict == "insufficient"


def test_identical_teams_of_few_kinds_do_no_harm() -> None:
    profiles, kind = plant(40, 1, np.random.default_rng(1))
    exact = replace(profiles, scores=60 + SHAPES[kind][:, None])
    found = cluster(exact, np.random.default_rng(1))
    assert found.verdict == "structure"
    assert adjusted_rand(kind, likeliest(found)) == 1.0


def test_every_team_of_a_large_organisation_is_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.analytics.clusters.clustering._FITTED", 80)
    profiles, kind = plant(160, 3, np.random.default_rng(1))
    found = cluster(profiles, np.random.default_rng(1))
    assert len(found.membership) == found.teams == 160
    assert adjusted_rand(kind, likeliest(found)) > 0.8


def test_elevation_share_by_hand() -> None:
    halves = np.array([0.5, 0.5])
    assert elevation_share(np.array([[1.0, 1.0], [-1.0, -1.0]]), halves) == 1.0
    assert elevation_share(np.array([[1.0, -1.0], [-1.0, 1.0]]), halves) == 0.0
    assert elevation_share(np.array([[2.0, 0.0], [-2.0, 0.0]]), halves) == pytest.approx(0.5)


def organisation(name: str, pulses: int) -> tuple[Profiles, dict[str, int] | None]:
    """A synthetic organisation's last pulses, from 1 to 5 taken to points."""
    truth = expected(name)["cluster_of_team"]
    seen = [row for row in rows(name) if int(row["n"])]
    last = max(int(row["pulse"]) for row in seen)
    teams, blocks = sorted({row["team"] for row in seen}), sorted({row["block"] for row in seen})
    departments = sorted({row["dept"] for row in seen})
    n = np.zeros((len(teams), last + 1, len(blocks)))
    scores, department = np.full(n.shape, np.nan), np.zeros(len(teams), np.int64)
    ssw, df = np.zeros(len(blocks)), np.zeros(len(blocks))
    for row in seen:
        at = teams.index(row["team"]), int(row["pulse"]), blocks.index(row["block"])
        people, total = int(row["n"]), float(row["sum"])
        n[at], scores[at] = people, 25 * (total / people - 1)
        department[at[0]] = departments.index(row["dept"])
        ssw[at[2]] += 625 * (float(row["sumsq"]) - total**2 / people)
        df[at[2]] += people - 1
    deviation = np.sqrt(ssw / df)
    within = np.outer(deviation, deviation) * (0.55 * np.eye(len(blocks)) + 0.45)
    kept = slice(last + 1 - pulses, None)
    return Profiles(scores[:, kept], n[:, kept], within, department, tuple(teams), tuple(blocks)), truth


def test_reference_organisation_with_three_archetypes() -> None:
    profiles, truth = organisation("synth_org_a", 6)
    assert truth is not None
    found = cluster(profiles, np.random.default_rng(1))
    assert (found.verdict, found.k) == ("structure", 3)
    assert adjusted_rand(np.array([truth[team] for team in profiles.teams]), likeliest(found)) >= 0.9


def test_reference_organisation_without_archetypes() -> None:
    profiles, truth = organisation("synth_org_c", 6)
    assert truth is None
    assert cluster(profiles, np.random.default_rng(1)).verdict == "no_structure"
