"""Breaches between two readings of a release: of two pulses, of two formats, of two orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.release import codec
from service.release.release import Release
from tests.attack.banded import THRESHOLD, failed, release_of, with_figures


def earlier(headcount: int, pulse: str = "p0") -> Release:
    """One before it, in which so many more were invited to `a1`, or fewer."""
    now = release_of().unit["a1"].figures.headcount
    return replace(with_figures(release_of(), "a1", headcount=now + headcount), pulse=pulse)


@pytest.mark.parametrize("more", [1, -1, THRESHOLD - 1, 1 - THRESHOLD])
def test_a_trend_a_few_could_explain_is_found_unless_it_is_marked(more: int) -> None:
    assert failed(release_of(), earlier(more)) == {"time"}
    assert failed(with_figures(release_of(), "a1", moved=("p0",)), earlier(more)) == set()


def test_a_mark_stands_for_one_pulse_and_one_unit() -> None:
    marked = with_figures(release_of(), "a1", moved=("p0",))
    assert failed(marked, earlier(1), earlier(1, "older")) == {"time"}
    assert failed(with_figures(release_of(), "a", moved=("p0",)), earlier(1)) == {"time"}
    assert failed(with_figures(release_of(), "a1", moved=("older", "p0")), earlier(1), earlier(1, "older")) == set()


@pytest.mark.parametrize("more", [0, THRESHOLD, -THRESHOLD])
def test_nobody_and_many_explain_nothing(more: int) -> None:
    assert failed(release_of(), earlier(more)) == set()


def test_a_unit_hidden_in_either_pulse_has_no_trend() -> None:
    def without(release: Release) -> Release:
        return replace(release, units=tuple(replace(it, figures=it.figures if it.id == "all" else None)
                                            for it in release.units))  # fmt: skip

    assert failed(without(release_of()), earlier(1)) == set()
    assert failed(release_of(), without(earlier(1))) == set()


def test_a_release_that_is_read_back_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    read = codec.decode
    monkeypatch.setattr(codec, "decode", lambda content: with_figures(read(content), "a1", slices=()))
    assert failed(release_of()) == {"format"}


def swapped(release: Release, *order: str) -> Release:
    return replace(release, units=tuple(release.unit[id] for id in order))


@pytest.mark.parametrize(
    "order", [("all", "m", "b", "a", "a1"), ("all", "a", "m", "a1", "b"), ("all", "a", "m", "b", "a1")]
)
def test_units_in_another_order_are_found(order: tuple[str, ...]) -> None:
    assert failed(swapped(release_of(), *order)) == {"order"}
    assert failed(swapped(release_of(), "all", "a", "a1", "m", "b")) == set()


@pytest.mark.parametrize("shown", [("mid", "new", "north"), ("north", "new", "mid"), ("new", "north", "mid")])
def test_slices_in_another_order_than_declared_are_found(shown: tuple[str, ...]) -> None:
    assert failed(release_of(shown={"a": shown})) == {"order"}


def test_families_stand_in_their_declared_order() -> None:
    assert failed(replace(release_of(), families=(("site",), ("tenure",)))) == {"order"}
