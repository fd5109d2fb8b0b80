"""Work pattern against the way of keeping in step: what is said, what is left unsaid, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.analytics.lenses.coordination import Coordination, coordination
from service.release.release import Release
from service.survey.instrument import Scale
from service.survey.instrument_document import shipped
from tests.analytics.building import instrument, item, released

KINDS = Scale(1, 3, {"en": ("a", "b", "c")})
LENS = instrument(
    item("CF1", "coordination", scale=KINDS, scored=False),
    item("CF2", "coordination", scale=KINDS, scored=False),
    item("CF3", "coordination", scored=False),
)


def answers(*counts: Sequence[int]) -> list[list[int]]:
    """A row a person, from the counts at each point of each item; 0 where an item has fewer answers."""
    columns = [[point for point, n in enumerate(each, 1) for _ in range(n)] for each in counts]
    people = max(map(len, columns))
    return [[column[place] if place < len(column) else 0 for column in columns] for place in range(people)]


def of(*counts: Sequence[int], **more: object) -> Coordination:
    (found,) = coordination(released({"t": answers(*counts)}, asks=LENS, **more))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("work", "means", "verdict", "fit"),
    [
        ((9, 1, 0), (9, 1, 0), "matched", 0),
        ((0, 1, 9), (0, 1, 9), "matched", 0),
        ((0, 1, 9), (9, 1, 0), "too_loose", 2),
        ((0, 9, 1), (9, 1, 0), "too_loose", 1),
        ((9, 1, 0), (0, 1, 9), "too_tight", -2),
        ((5, 3, 2), (0, 0, 10), "no_shared_picture", None),
        ((6, 4, 0), (0, 0, 10), "unclear", None),
        ((0, 0, 10), (4, 3, 3), "unclear", None),
        ((0, 0, 10), (5, 5, 0), "unclear", None),
    ],
)
def test_the_verdict(work: Sequence[int], means: Sequence[int], verdict: str, fit: int | None) -> None:
    found = of(work, means, (2, 2, 2, 2, 2))
    assert (found.status, found.verdict, found.fit, found.standing) == ("ok", verdict, fit, "hypothesis")


def test_what_it_rests_on_is_shown() -> None:
    found = of((1, 7, 2), (8, 2, 0), (1, 2, 4, 2, 1))
    assert (found.n, found.work, found.means) == (10, "sequential", "standards")
    assert (found.work_agreed, found.means_agreed) == (70, 80)
    assert (found.too_little, found.about_right, found.too_much) == (30, 40, 30)
    assert found.work_probability == pytest.approx(0.947, abs=0.005)
    assert found.means_probability == pytest.approx(0.973, abs=0.001)


def test_of_as_common_answers_none_is_the_commonest() -> None:
    found = of((10, 0, 0), (5, 5, 0), (0, 0, 10, 0, 0))
    assert (found.work, found.means, found.means_agreed) == ("pooled", None, 50)


def test_a_distribution_that_is_withheld_says_nothing() -> None:
    assert of((9, 1, 0), (9, 1, 0), (0, 0, 10, 0, 0), hidden=["t"]) == Coordination("p1", "t", "suppressed")
    withheld = of((9, 1, 0), (9, 1, 0), (0, 0, 10, 0, 0), least_distribution=11)
    assert withheld == Coordination("p1", "t", "suppressed")
    assert of((9, 1, 0), (9, 1, 0), (0, 0, 10, 0, 0), withheld=[("t", "CF2")]).status == "suppressed"


def test_without_the_amount_the_rest_is_said() -> None:
    withheld = of((9, 1, 0), (9, 1, 0), (0, 0, 10, 0, 0), withheld=[("t", "CF3")])
    unanswered = of((9, 1, 0), (9, 1, 0), (0, 0, 0, 0, 0), least_distribution=0, pooled=False)
    for found in (withheld, unanswered):
        assert (found.verdict, found.too_little, found.about_right, found.too_much) == ("matched", None, None, None)


def test_nobody_answered() -> None:
    found = of((0, 0, 0), (9, 1, 0), (0, 0, 10, 0, 0), least_distribution=0, pooled=False)
    assert found == Coordination("p1", "t", "insufficient")


def test_a_pulse_without_the_lens_has_none() -> None:
    assert not list(coordination(released({"t": [[3, 3, 3]] * 9})))
    release = released({"t": answers((9, 1, 0), (9, 1, 0), (0, 0, 10, 0, 0))}, asks=LENS)
    assert not list(coordination(replace(release, items=("CF1", "CF3"))))


def test_the_lens_that_ships_is_found_by_its_ids() -> None:
    release: Release = released({"t": [[3, 1, 2]] * 9}, asks=shipped()["coordination"])
    (found,) = coordination(release)
    assert (found.work, found.means, found.verdict, found.too_little) == ("reciprocal", "standards", "too_loose", 100)


def test_only_the_units_asked_for() -> None:
    release = released({"a": answers((9, 0, 0), (9, 0, 0), (0, 0, 9, 0, 0)), "b": [[1, 1, 3]] * 9}, asks=LENS)
    assert [found.unit for found in coordination(release)] == ["a", "b"]
    assert [found.unit for found in coordination(release, units={"b"})] == ["b"]
