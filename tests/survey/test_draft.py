"""What is asked for becomes a pulse, or every rule it breaks is told; the threshold only rises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.errors import InvalidPulse
from service.survey.draft import Draft, pulse_from
from service.survey.pulse import Band, Pool, Pulse, State
from tests.survey.asked import INSTRUMENT
from tests.survey.documents import SECRET

DRAFT = Draft(label="Spring", instrument="small")
TWO = {"tenure": ["0-1y", "1y+"], "site": ["north", "south"]}
FOUR = {f"b{n}": ["a", "b"] for n in range(4)}
POOL = Pool("p", "Both", ("u1", "u2"))


def pulse(least: int = 4, default: int = 5, **changes: Any) -> Pulse:
    return pulse_from(replace(DRAFT, **changes), "p1", "o1", INSTRUMENT, least, default)


def places(least: int = 4, **changes: Any) -> list[str]:
    with pytest.raises(InvalidPulse) as caught:
        pulse(least, **changes)
    assert SECRET not in str(caught.value)
    return [fault.where for fault in caught.value.faults]


def test_what_is_not_said_has_a_default() -> None:
    made = pulse()
    assert made.items == ("A1", "A2", "B1", "B2")
    assert (made.series, made.threshold, made.bands, made.state) == ("small", 5, (), State.DRAFT)
    assert (made.crosses, made.classes, made.pools, made.families) == ((), {}, (), ())
    assert (made.id, made.organisation, made.label) == ("p1", "o1", "Spring")
    assert (made.opened_on, made.closed_on) == (None, None)


def test_what_is_said_holds() -> None:
    made = pulse(items=["B1", "A1"], series="autumn", threshold=9, bands={"tenure": ["0-1y", "1y+"]})
    assert made.items == ("A1", "B1")
    assert (made.series, made.threshold) == ("autumn", 9)
    assert made.bands == (Band("tenure", ("0-1y", "1y+")),)


def test_how_results_will_be_read_holds() -> None:
    classes = {"u1": {"site": {"north": 0, "south": 1_000_000}}, "u2": {}}
    made = pulse(bands=TWO, crosses=[["site", "tenure"]], classes=classes, pools=[POOL])
    assert made.families == (("tenure",), ("site",), ("site", "tenure"))
    assert (made.classes, made.pools) == (classes, (POOL,))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"label": " "}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"label": "two\nlines"}, "label"),
        ({"series": ""}, "series"),
        ({"series": "\x00"}, "series"),
        ({"items": []}, "items"),
        ({"items": ["A1", SECRET]}, "items[1]"),
        ({"items": ["A1", "A1"]}, "items"),
        ({"bands": {"bad id": ["a", "b"]}}, "bands[0]"),
        ({"bands": {"one": ["a"]}}, "bands[0]"),
        ({"bands": {"same": ["a", "a"]}}, "bands[0]"),
        ({"bands": {"many": [str(n) for n in range(13)]}}, "bands[0]"),
        ({"bands": {"fine": ["a", "b"], "blank": ["a", " "]}}, "bands[1]"),
        ({"bands": {f"b{n}": ["a", "b"] for n in range(5)}}, "bands"),
        ({"threshold": 1001}, "policy.threshold"),
        ({"bands": TWO, "crosses": [["tenure"]]}, "crosses[0]"),
        ({"bands": TWO, "crosses": [["tenure", "site", "site"]]}, "crosses[0]"),
        ({"bands": TWO, "crosses": [["tenure", "tenure"]]}, "crosses[0]"),
        ({"bands": TWO, "crosses": [["tenure", SECRET]]}, "crosses[0]"),
        ({"bands": TWO, "crosses": [["tenure", "site"], ["site", "tenure"]]}, "crosses[1]"),
        ({"bands": FOUR, "crosses": [["b0", "b1"], ["b0", "b2"], ["b0", "b3"], ["b1", "b2"]]}, "crosses"),
        ({"bands": TWO, "classes": {"u1": {}, f" {SECRET}": {}}}, "classes[1]"),
        ({"bands": TWO, "classes": {"u1": {SECRET: {"north": 1}}}}, "classes[0][0]"),
        ({"bands": TWO, "classes": {"u1": {"tenure": {}, "site": {"north": 1, SECRET: 1}}}}, "classes[0][1][1]"),
        ({"bands": TWO, "classes": {"u1": {"site": {"north": -1}}}}, "classes[0][0][0]"),
        ({"bands": TWO, "classes": {"u1": {"site": {"north": 1_000_001}}}}, "classes[0][0][0]"),
        ({"bands": TWO, "classes": {"u1": {"site": {"north": True}}}}, "classes[0][0][0]"),
        ({"pools": [replace(POOL, id=f" {SECRET}")]}, "pools[0].id"),
        ({"pools": [replace(POOL, name="\x00")]}, "pools[0].name"),
        ({"pools": [replace(POOL, name="x" * 201)]}, "pools[0].name"),
        ({"pools": [replace(POOL, units=("u1",))]}, "pools[0].units"),
        ({"pools": [replace(POOL, units=("u1", "u1"))]}, "pools[0].units[1]"),
        ({"pools": [POOL, Pool("p", "Two", ("u3", "u4"))]}, "pools[1].id"),
        ({"pools": [POOL, Pool("q", "Two", ("u3", "u2"))]}, "pools[1].units[1]"),
    ],
)
def test_one_fault_is_refused_at_its_place_and_nowhere_else(changes: dict[str, Any], where: str) -> None:
    assert places(**changes) == [where]


def test_every_fault_is_told_at_once() -> None:
    assert places(label="", items=[], bands={"-": ["a", "b"]}, threshold=0) == [
        "label",
        "items",
        "bands[0]",
        "policy.threshold",
    ]


@pytest.mark.parametrize("least", [4, 7])
def test_the_threshold_never_falls_below_the_least_allowed(least: int) -> None:
    for threshold in (-1, 0, least - 1):
        assert places(least, threshold=threshold) == ["policy.threshold"]
    assert [pulse(least, threshold=it).threshold for it in (least, least + 1, 1000)] == [least, least + 1, 1000]


def test_of_many_faults_a_hundred_are_told() -> None:
    assert len(places(bands=TWO, classes={f"u{n}": {"age": {}} for n in range(500)})) == 100


def test_texts_in_any_language_are_labels() -> None:
    assert pulse(label="Printemps\u00a0: ça va\u202f?").label.startswith("Printemps")
