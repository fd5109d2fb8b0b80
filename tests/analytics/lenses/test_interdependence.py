"""Over-reliance and isolation stay two numbers, and a quadrant is named only where it is likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from service.analytics.lenses.interdependence import Interdependence, interdependence
from service.release.release import Release
from service.survey.instrument import Instrument
from service.survey.instrument_document import shipped
from tests.analytics.building import bounded, instrument, item, released


def lens(asks: Instrument) -> Instrument:
    return replace(asks, blocks=tuple(replace(block, kind="lens") for block in asks.blocks))


LENS = lens(instrument(item("IL1", "interdependence"), item("IL5", "over-reliance"), item("IL6", "isolation")))


def team(reliance: float, isolation: float, size: int = 12, seed: int = 0) -> list[list[int]]:
    chance = np.random.default_rng(seed)
    rows = np.rint(chance.normal([3, reliance, isolation], 0.8, (size, 3)))
    return np.clip(rows, 1, 5).astype(int).tolist()  # type: ignore[no-any-return]


def organisation(**more: object) -> Release:
    places = {"dep": (4.6, 1.4), "int": (4.6, 4.6), "free": (1.4, 1.4), "det": (1.4, 4.6)}
    sheets = {unit: team(*place, seed=seed) for seed, (unit, place) in enumerate(places.items())}
    sheets["mid"] = [[3, point, 6 - point] for point in (1, 2, 3, 3, 4, 5)] * 2
    return released(sheets, asks=LENS, **more)  # type: ignore[arg-type]


def by_unit(release: Release) -> dict[str, Interdependence]:
    return {found.unit: found for found in interdependence(release)}


def chances(found: Interdependence) -> Sequence[float | None]:
    return found.dependent, found.interdependent, found.inter_independent, found.detached


def test_each_combination_has_its_name() -> None:
    found = by_unit(organisation())
    assert {unit: it.quadrant for unit, it in found.items()} == {
        "dep": "dependent",
        "int": "interdependent",
        "free": "inter-independent",
        "det": "detached",
        "mid": None,
    }
    for it in found.values():
        assert sum(chance for chance in chances(it) if chance is not None) == pytest.approx(1)
    assert max(chance or 0 for chance in chances(found["mid"])) < 0.7


def test_more_is_more_of_the_pole_and_each_has_its_interval() -> None:
    found = by_unit(organisation())["dep"]
    much, little = found.over_reliance, found.isolation
    assert (much.block, little.block) == ("over-reliance", "isolation")
    assert (much.score or 0) > 75 > 25 > (little.score or 100)
    assert (much.low or 100) < (much.score or 0) <= (much.high or 0)


def test_few_people_are_pulled_to_the_organisation_and_not_named() -> None:
    """The same shares of the same answers, in a team of five and in one of fifty."""
    rows = [[3, 4, 2], [3, 3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]]
    others = {f"o{seed}": team(2.2, 3.8, seed=seed) for seed in range(8)}
    found = by_unit(released({**others, "few": rows, "many": rows * 10}, asks=LENS))
    assert found["few"].over_reliance.score == found["many"].over_reliance.score
    assert (found["few"].quadrant, found["many"].quadrant) == (None, "dependent")


def test_what_is_withheld_has_no_quadrant() -> None:
    found = by_unit(organisation(hidden=["dep"], withheld=[("int", "IL6")]))
    for unit in ("dep", "int"):
        assert (found[unit].status, found[unit].quadrant, found[unit].dependent) == ("suppressed", None, None)
    assert found["int"].over_reliance.status == "ok"
    assert found["free"].quadrant == "inter-independent"


def test_a_bound_has_no_quadrant() -> None:
    found = by_unit(bounded(organisation(), "dep", "IL5", 57, 60))["dep"]
    assert (found.status, found.over_reliance.status, found.quadrant) == ("bound", "bound", None)


def test_without_pooled_moments_there_are_scores_and_no_quadrant() -> None:
    found = by_unit(organisation(pooled=False))["dep"]
    assert (found.status, found.over_reliance.status, found.quadrant) == ("insufficient", "ok", None)


@pytest.mark.parametrize(("row", "pooled"), [([3, 5, 1], True), ([3, 3, 3], True), ([3, 1, 0], False)])
def test_where_everybody_is_alike_or_silent_nothing_breaks(row: list[int], pooled: bool) -> None:
    found = by_unit(released({"a": [row] * 9, "b": [row] * 9}, asks=LENS, pooled=pooled))
    assert {it.status for it in found.values()} == {"insufficient"}


def test_poles_answered_alike_are_still_two() -> None:
    """Correlated perfectly within teams, which leaves no quadrant between them unless teams differ."""
    rows = [[3, point, point] for point in (3, 4, 4, 5, 5, 5, 4, 5)]
    found = by_unit(released({"a": rows, "b": rows[::2]}, asks=LENS))
    assert found["a"].quadrant == "interdependent"


def test_teams_are_the_lowest_units_shown_however_deep() -> None:
    """A published unit above a hidden one above a published one is counted with what it covers, not besides."""
    parents = {"mid": "top", "low": "mid"}
    sheets = {"top": [], "mid": [], "low": team(3.4, 2.7, seed=1), "side": team(2.4, 3.6, seed=2)}
    deep = released(sheets, asks=LENS, parents=parents, hidden=["mid"])
    flat = released({"low": sheets["low"], "side": sheets["side"]}, asks=LENS)
    assert by_unit(deep)["low"].dependent == pytest.approx(by_unit(flat)["low"].dependent, abs=1e-12)


def test_a_pulse_without_both_poles_has_none() -> None:
    assert not list(interdependence(released({"t": [[3, 3, 3]] * 9})))
    assert not list(interdependence(replace(organisation(), items=("IL1", "IL5"))))


def test_the_lens_that_ships_is_found_by_its_ids() -> None:
    asks = shipped()["interdependence"]
    at = [place for place, it in enumerate(asks.items) if it.id in ("IL5", "IL6")]
    rows = np.full((12, len(asks.items)), 3)
    rows[:, at] = np.array(team(4.6, 1.4))[:, 1:]
    (found,) = interdependence(released({"t": rows.tolist()}, asks=asks))
    assert found.quadrant == "dependent"
    assert list(interdependence(released({"t": rows.tolist()}, asks=asks), units=set())) == []
