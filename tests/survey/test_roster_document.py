"""Roster documents: any JSON and any text is read or refused with its place; what is read survives being written."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import InvalidRoster
from service.survey.roster import Roster, Unit
from service.survey.roster_document import (
    RosterChange,
    differences,
    kept,
    parse_roster,
    parse_roster_csv,
    roster_document,
)
from tests.survey.documents import SECRET, STEADY, any_json, any_text, read_or_refused, roster_documents, spoilt

ROOT = {"id": "all", "headcount": 0}


def places(document: object) -> list[str]:
    return _places(parse_roster, document)


def csv_places(text: str) -> list[str]:
    return _places(parse_roster_csv, text)


def _places(read: Any, document: object) -> list[str]:
    with pytest.raises(InvalidRoster) as caught:
        read(document)
    assert SECRET not in str(caught.value)
    return [fault.where for fault in caught.value.faults]


def test_units_are_read_in_any_order_with_what_they_leave_out() -> None:
    units = [
        {"id": "a", "name": "Équipe A\u202f!", "parent": "all", "headcount": 9},
        {"id": "all", "name": None, "parent": "", "headcount": 0},
        {"id": "b", "headcount": 1_000_000},
    ]
    read = parse_roster({"units": units})
    assert read.units == (
        Unit("all", "all", None, 0),
        Unit("a", "Équipe A\u202f!", "all", 9),
        Unit("b", "b", None, 1_000_000),
    )
    assert parse_roster(units) == read


@pytest.mark.parametrize(
    ("unit", "where"),
    [
        ({"id": "all", "headcount": 5}, "units[1].id"),
        ({"id": "", "headcount": 5}, "units[1].id"),
        ({"id": "hush 4711", "headcount": 5}, "units[1].id"),
        ({"id": "a" * 65, "headcount": 5}, "units[1].id"),
        ({"id": 5, "headcount": 5}, "units[1].id"),
        ({"id": ["a"], "headcount": 5}, "units[1].id"),
        ({"headcount": 5}, "units[1].id"),
        ({"id": "a"}, "units[1].headcount"),
        ({"id": "a", "headcount": -1}, "units[1].headcount"),
        ({"id": "a", "headcount": 1_000_001}, "units[1].headcount"),
        ({"id": "a", "headcount": 5.0}, "units[1].headcount"),
        ({"id": "a", "headcount": float("nan")}, "units[1].headcount"),
        ({"id": "a", "headcount": True}, "units[1].headcount"),
        ({"id": "a", "headcount": "5"}, "units[1].headcount"),
        ({"id": "a", "headcount": 10**400}, "units[1].headcount"),
        ({"id": "a", "headcount": 5, "name": ""}, "units[1].name"),
        ({"id": "a", "headcount": 5, "name": "x" * 201}, "units[1].name"),
        ({"id": "a", "headcount": 5, "name": "two\nlines"}, "units[1].name"),
        ({"id": "a", "headcount": 5, "name": "\udfff"}, "units[1].name"),
        ({"id": "a", "headcount": 5, "parent": SECRET}, "units[1].parent"),
        ({"id": "a", "headcount": 5, "parent": "a"}, "units[1].parent"),
        ({"id": "a", "headcount": 5, "parent": 0}, "units[1].parent"),
        ({"id": "a", "headcount": 5, "parent": []}, "units[1].parent"),
        ({"id": "a", "headcount": 5, "parent": "a b"}, "units[1].parent"),
        ({"id": "a", "headcount": 5, "before": "all"}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": ["a"]}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": ["b", "b"]}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": ["b", SECRET + "!"]}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": [["b"]]}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": 0}, "units[1].before"),
        ({"id": "a", "headcount": 5, "before": [f"u{n}" for n in range(1_001)]}, "units[1].before"),
        ({"id": "a", "headcount": 5, SECRET: SECRET}, "units[1]"),
        (SECRET, "units[1]"),
        (None, "units[1]"),
    ],
)
def test_one_fault_is_refused_at_its_place_and_nowhere_else(unit: object, where: str) -> None:
    assert places([ROOT, unit]) == [where]
    assert places({"units": [ROOT, unit]}) == [where]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (None, "units"),
        ([], "units"),
        ({"units": []}, "units"),
        ({"units": {}}, "units"),
        ({}, "roster"),
        ({"units": [ROOT], SECRET: 1}, "roster"),
    ],
)
def test_what_is_no_list_of_units_is_refused(document: object, where: str) -> None:
    assert places(document) == [where]


def test_places_count_what_was_sent() -> None:
    assert places([None, ROOT, {"id": "a", "headcount": -1}]) == ["units[0]", "units[2].headcount"]


def test_every_later_unit_of_an_id_is_a_fault() -> None:
    assert places([ROOT, ROOT, {"id": "a", "headcount": 1}, ROOT]) == ["units[1].id", "units[3].id"]


def test_every_unit_in_a_cycle_is_a_fault_and_none_that_only_hangs_on_it() -> None:
    parents = {"tail": "c", "a": "b", "b": "c", "c": "a", "all": None, "fine": "all", "x": "y", "y": "x", "end": "tail"}
    units = [{"id": id, "parent": parent, "headcount": 1} for id, parent in parents.items()]
    assert places(units) == [f"units[{index}].parent" for index in (1, 2, 3, 6, 7)]


@STEADY
@given(st.integers(1, 12).flatmap(lambda size: st.lists(st.integers(-1, size - 1), min_size=size, max_size=size)))
def test_cycles_found_in_one_pass_are_those_found_by_walking_from_each(parents: list[int]) -> None:
    units = [
        {"id": f"u{index}", "parent": None if parent < 0 else f"u{parent}", "headcount": 0}
        for index, parent in enumerate(parents)
    ]

    def comes_back(start: int) -> bool:
        here = start
        for _ in parents:
            here = parents[here] if here >= 0 else -1
            if here == start:
                return True
        return False

    expected = [f"units[{index}].parent" for index in range(len(parents)) if comes_back(index)]
    if expected:
        assert places(units) == expected
    else:
        assert len(parse_roster(units).units) == len(parents)


def test_a_hundred_faults_are_told_and_no_more() -> None:
    units = [{"id": f"u{index}", "parent": "nobody", "headcount": -1} for index in range(1_000)]
    assert places(units) == [f"units[{index}].headcount" for index in range(100)]


def test_a_deep_tree_is_read() -> None:
    units = [{"id": f"u{n}", "parent": f"u{n - 1}" if n else None, "headcount": 1} for n in range(20_000)]
    assert parse_roster(units[::-1]).totals[0] == 20_000


def test_more_units_than_may_be_are_refused() -> None:
    assert places([{"id": f"u{n}", "headcount": 0} for n in range(200_001)]) == ["units"]


@STEADY
@given(any_json)
def test_any_json_is_read_or_refused(document: object) -> None:
    for each in (document, {"units": document}, [document]):
        read_or_refused(parse_roster, each, InvalidRoster)


@STEADY
@given(spoilt(roster_documents()))
def test_a_spoilt_document_is_read_or_refused_without_repeating_it(document: Any) -> None:
    read = read_or_refused(parse_roster, document, InvalidRoster)
    assert read is None or parse_roster(roster_document(read)) == read


@STEADY
@given(roster_documents().map(parse_roster))
def test_what_is_written_reads_back_equal(roster: Roster) -> None:
    written = roster_document(roster)
    assert parse_roster(written) == roster
    assert parse_roster(json.loads(json.dumps(written))) == roster


@STEADY
@given(roster_documents().map(parse_roster), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_json_and_csv_say_the_same(roster: Roster, separator: str, end: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(["id", "name", "parent", "headcount", "before"])
    writer.writerows(
        [unit.id, unit.name, unit.parent or "", unit.headcount, "|".join(unit.before or ())] for unit in roster.units
    )
    # A cell that is empty says nothing, where JSON can say that it was nobody.
    assert parse_roster_csv(text.getvalue()) == kept(Roster(()), roster)


@pytest.mark.parametrize(
    "text",
    [
        "id,name,parent,headcount\nall,All,,0\na,Alder,all,9\n",
        "\ufeffUnit; NAME ;Parent;HeadCount\r\nall;All;;0\r\na;Alder;all;9\r\n",
        "\n\nheadcount\tparent\tname\tid\n\n 0 \t\tAll\tall\n\t\t\t\n9\tall\tAlder\ta",
        'id,name,parent,headcount\n"all","All","",0\n"a","Alder","all","09"\n',
    ],
    ids=["plain", "spreadsheet", "tabs and blank lines", "quoted"],
)
def test_every_kind_of_csv_is_read(text: str) -> None:
    assert parse_roster_csv(text).units == (Unit("all", "All", None, 0), Unit("a", "Alder", "all", 9))


def test_name_and_parent_may_be_left_out_of_a_csv() -> None:
    assert parse_roster_csv("unit,headcount\nb,2\na,1\n").units == (Unit("a", "a", None, 1), Unit("b", "b", None, 2))
    assert parse_roster_csv("id,name,headcount\na,,1\n").units == (Unit("a", "a", None, 1),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("\x00", "line 1"),
        ("\n\nid,name\na,b\n", "line 3"),
        ("name,headcount\nb,3\n", "line 1"),
        ("id,headcount,hush-4711\na,3,x\n", "line 1"),
        ("id,unit,headcount\na,b,3\n", "line 1"),
        ("id,headcount\n", "units"),
        ("id,headcount\na,3\nb,hush-4711\n", "line 3, headcount"),
        ("id,headcount\na,3\n\n\nb,\n", "line 5, headcount"),
        ("id,headcount\na,3.0\n", "line 2, headcount"),
        ('id,headcount\na,"1,000"\n', "line 2, headcount"),
        ("id,headcount\na,-3\n", "line 2, headcount"),
        ("id,headcount\na,+3\n", "line 2, headcount"),
        ("id,headcount\na,1_0\n", "line 2, headcount"),
        ("id,headcount\na,٣\n", "line 2, headcount"),
        ("id,headcount\na,²\n", "line 2, headcount"),
        ("id,headcount\na,1000001\n", "line 2, headcount"),
        (f"id,headcount\na,{'9' * 5000}\n", "line 2, headcount"),
        ("id,headcount,before\na,3,b|a\n", "line 2, before"),
        ("id,headcount,before\nb,3,\na,3,x y\n", "line 3, before"),
        ("id,headcount,before\na,3,b||c\n", "line 2, before"),
        ("id,headcount\na,3\na,4\n", "line 3, id"),
        ("id,headcount\na b,3\n", "line 2, id"),
        ("id,name,headcount\na,x\x00y,3\n", "line 2, name"),
        ('id,name,headcount\na,"x\ny",3\nb,z,-1\n', "line 2, name|line 4, headcount"),
        ("id,parent,headcount\na,hush-4711,3\n", "line 2, parent"),
        ("id,parent,headcount\na,b,3\nb,a,3\n", "line 2, parent|line 3, parent"),
        ("id,headcount\na,3\nb\nc,4,\n", "line 3|line 4"),
        ('id,headcount\na,3\n"b,4\nc,5\n', "line 3"),
        ('id,headcount\na,3\n"b"b,4\n', "line 3"),
        (f'id,headcount\na,3\n"{"x" * 200_000}",4\n', "line 3"),
    ],
)
def test_a_csv_with_a_fault_is_refused_at_its_line(text: str, where: str) -> None:
    assert list(dict.fromkeys(csv_places(text))) == where.split("|")


def test_a_hundred_lines_at_fault_are_told_and_no_more() -> None:
    assert len(csv_places("id,headcount\n" + "a\n" * 1_000)) == 100


@STEADY
@given(any_text | st.text(st.sampled_from('id,headcount;\t"\r\n\x00aA1\ufeff'), max_size=60))
@example("id,headcount\n" + SECRET + ",x")
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(parse_roster_csv, text, InvalidRoster)
    read_or_refused(parse_roster_csv, f"id,headcount\n{text}", InvalidRoster)


@pytest.mark.parametrize("cell", ["b|c", "b;c", " b | c "])
def test_ids_in_a_cell_are_kept_apart_by_a_bar_or_a_semicolon(cell: str) -> None:
    read = parse_roster_csv(f"id,headcount,before\na,3,{cell}\nd,4,\n")
    assert [unit.before for unit in read.units] == [("b", "c"), None]
    assert read.before == {"a": ("b", "c"), "d": ()}
    assert read.said == {"a": "line 2, before"}


def test_whose_people_a_unit_took_over_stays_said_until_something_else_is() -> None:
    before = parse_roster([ROOT, *({"id": id, "headcount": 5, "before": ["x"]} for id in "abc")])
    after = [ROOT, {"id": "a", "headcount": 6}, {"id": "b", "headcount": 5, "before": ["y"]}]
    after += [{"id": "c", "headcount": 5, "before": []}, {"id": "d", "headcount": 5, "before": []}]
    found = kept(before, parse_roster(after))
    assert {unit.id: unit.before for unit in found.units} == {
        "a": ("x",),
        "all": None,
        "b": ("y",),
        "c": None,
        "d": None,
    }
    assert found.said == {"b": "units[2].before"}


def test_differences_tell_what_was_replaced_merged_and_split() -> None:
    before = parse_roster([ROOT, *({"id": id, "headcount": 5} for id in "abcd")])
    after = parse_roster(
        [
            ROOT,
            {"id": "new", "headcount": 5, "before": ["a"]},
            {"id": "b", "headcount": 10, "before": ["c"]},
            {"id": "d", "headcount": 3},
            {"id": "part", "headcount": 2, "before": ["d"]},
        ]
    )
    assert differences(before, after) == RosterChange(
        added=("new", "part"),
        resized=("b", "d"),
        left=("a", "c"),
        replacing=("new",),
        merged=("b",),
        split=("part",),
    )
    assert differences(after, after) == RosterChange()


def test_differences_name_what_becomes_of_each_unit() -> None:
    before = parse_roster([ROOT, *({"id": id, "parent": "all", "headcount": 5} for id in "abcd")])
    after = parse_roster(
        [
            {"id": "all", "headcount": 3},
            {"id": "a", "parent": "all", "headcount": 5},
            {"id": "b", "parent": "a", "name": "Birch", "headcount": 6},
            {"id": "c", "headcount": 5},
            {"id": "e", "headcount": 5},
        ]
    )
    assert differences(before, after) == RosterChange(
        added=("e",), moved=("b", "c"), renamed=("b",), resized=("all", "b"), left=("d",)
    )
    assert differences(None, before).added == ("all", "a", "b", "c", "d")
    assert differences(before, before) == RosterChange()
