"""Answers are keyed when they are read, kept a byte each, and never repeated when they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidResponse
from service.survey.pulse import Band
from service.survey.response import MISSING, Reader, Response
from tests.survey.asked import ITEMS
from tests.survey.documents import SECRET, STEADY

BANDS = (Band("tenure", ("0-1y", "1-3y", "3y+")), Band("site", ("north", "south")))
ALL = {band.id: frozenset(band.values) for band in BANDS}


def refused(answers: dict[str, int | None], bands: dict[str, str] | None = None) -> InvalidResponse:
    with pytest.raises(InvalidResponse) as caught:
        Reader(ITEMS, BANDS, ALL).read(answers, bands or {})
    return caught.value


def places(answers: dict[str, int | None], bands: dict[str, str] | None = None) -> list[str]:
    return [fault.where for fault in refused(answers, bands).faults]


@pytest.mark.parametrize(
    ("item", "keyed"),
    [
        ("A1", {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}),
        ("A2", {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}),
        ("B1", {0: 1, 1: 2, 10: 11}),
        ("B2", {0: 11, 1: 10, 10: 1}),
    ],
)
def test_answers_are_keyed_and_counted_from_the_lowest_point(item: str, keyed: dict[int, int]) -> None:
    place = [it.id for it in ITEMS].index(item)
    for answer, byte in keyed.items():
        expected = bytearray(len(ITEMS))
        expected[place] = byte
        assert Reader(ITEMS, BANDS, ALL).read({item: answer}, {}) == Response(bytes(expected), bytes(2))


def test_items_left_out_or_null_are_missing_and_nought_is_an_answer() -> None:
    assert Reader(ITEMS, BANDS, ALL).read({"B1": 0, "A1": None}, {}).answers == bytes([MISSING, MISSING, 1, MISSING])


def test_answers_stand_in_the_order_asked_whatever_the_order_sent() -> None:
    sent = {"B2": 10, "B1": 3, "A2": 1, "A1": 2}
    assert Reader(ITEMS, BANDS, ALL).read(sent, {}) == Reader(ITEMS, BANDS, ALL).read(dict(sorted(sent.items())), {})


def test_bands_are_positions_from_one() -> None:
    assert Reader(ITEMS, BANDS, ALL).read({"A1": 3}, {"tenure": "1-3y"}).bands == bytes([2, MISSING])
    assert Reader(ITEMS, BANDS, ALL).read({"A1": 3}, {"site": "north", "tenure": "3y+"}).bands == bytes([3, 1])
    assert Reader(ITEMS, (), {}).read({"A1": 3}, {}).bands == b""


def test_a_declared_value_that_is_not_collected_is_taken_and_kept_as_not_stated() -> None:
    reader = Reader(ITEMS, BANDS, ALL | {"tenure": frozenset({"0-1y", "3y+"})})
    assert reader.read({"A1": 3}, {"tenure": "1-3y", "site": "south"}).bands == bytes([MISSING, 2])
    assert reader.read({"A1": 3}, {"tenure": "3y+"}).bands == bytes([3, MISSING])
    with pytest.raises(InvalidResponse):
        reader.read({"A1": 3}, {"tenure": "2y"})


@pytest.mark.parametrize(
    ("answers", "where"),
    [
        ({"A1": 0}, "answers.A1"),
        ({"A1": 6}, "answers.A1"),
        ({"A2": -1}, "answers.A2"),
        ({"B1": 11}, "answers.B1"),
        ({"B1": 10**400}, "answers.B1"),
        ({}, "answers"),
        ({"A1": None}, "answers"),
        ({"A1": 3, SECRET: 1}, "answers"),
    ],
)
def test_what_is_no_answer_is_refused(answers: dict[str, int | None], where: str) -> None:
    assert places(answers) == [where]


@pytest.mark.parametrize(
    ("bands", "where"),
    [
        ({"tenure": SECRET}, "bands.tenure"),
        ({"tenure": ""}, "bands.tenure"),
        ({"tenure": "north"}, "bands.tenure"),
        ({SECRET: "north"}, "bands"),
    ],
)
def test_what_is_no_band_is_refused(bands: dict[str, str], where: str) -> None:
    assert places({"A1": 3}, bands) == [where]


def test_every_fault_is_told_at_once() -> None:
    answers = {"A1": 9, "A2": 0, SECRET: 1}
    assert places(answers, {"site": "east", SECRET: "x"}) == [
        "answers",
        "answers.A1",
        "answers.A2",
        "bands",
        "bands.site",
    ]


def test_what_was_sent_is_never_repeated() -> None:
    said = str(refused({"A1": 4711, SECRET: 4712}, {"tenure": SECRET, "hush": SECRET}))
    assert not any(sent in said for sent in ("4711", "4712", "hush"))


@STEADY
@given(
    st.dictionaries(st.sampled_from(["A1", "A2", "B1", "B2", "C1"]), st.none() | st.integers(-2, 12)),
    st.dictionaries(st.sampled_from(["tenure", "site", "age"]), st.sampled_from(["0-1y", "3y+", "south", "x"])),
)
def test_a_response_is_kept_only_if_every_part_is_right(answers: dict[str, int | None], bands: dict[str, str]) -> None:
    scales = {item.id: item.scale for item in ITEMS}
    values = {band.id: band.values for band in BANDS}
    right = (
        any(answer is not None for answer in answers.values())
        and all(
            item in scales and (a is None or scales[item].low <= a <= scales[item].high) for item, a in answers.items()
        )
        and all(value in values.get(band, ()) for band, value in bands.items())
    )
    if not right:
        assert places(answers, bands)
        return
    kept = Reader(ITEMS, BANDS, ALL).read(answers, bands)
    assert [byte > 0 for byte in kept.answers] == [answers.get(item.id) is not None for item in ITEMS]
    assert [byte > 0 for byte in kept.bands] == [band.id in bands for band in BANDS]
    assert all(byte <= item.scale.points for byte, item in zip(kept.answers, ITEMS, strict=True))
