"""A CSV of classes is read or refused with the line, and nothing of it is repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidPulse
from service.survey.classes_csv import parse_classes_csv
from tests.survey.documents import SECRET, STEADY, read_or_refused

HEAD = "unit,band,value,invited\n"


def test_lines_become_classes_in_their_order() -> None:
    text = "\ufeffInvited;Unit;Band;Value\r\n4;b;tenure;0-1y\r\n\r\n0;b;tenure;1y+\r\n7;a;site; north \r\n"
    made = parse_classes_csv(text)
    assert made == {"b": {"tenure": {"0-1y": 4, "1y+": 0}}, "a": {"site": {"north": 7}}}
    assert list(made) == ["b", "a"]
    assert parse_classes_csv(HEAD) == {}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("unit,band,value\n", "line 1"),
        (HEAD.replace("band", "unit"), "line 1"),
        (f"{HEAD}a,site,{SECRET}\n", "line 2"),
        (f"{HEAD}a,site,north,{SECRET}\n", "line 2, invited"),
        (f"{HEAD}a,site,north,-1\n", "line 2, invited"),
        (f"{HEAD}a,site,north,1.0\n", "line 2, invited"),
        (f"{HEAD}a,site,north,{'9' * 5_000}\n", "line 2, invited"),
        (f"{HEAD}a,site,north,1\na,site,south,1\na,site,north,1\n", "line 4"),
        (f'{HEAD}a,site,north,1\n"a,site\n', "line 3"),
    ],
)
def test_a_fault_names_its_line(text: str, where: str) -> None:
    with pytest.raises(InvalidPulse) as caught:
        parse_classes_csv(text)
    assert [fault.where for fault in caught.value.faults] == [where]
    assert SECRET not in str(caught.value)


def test_of_many_faults_a_hundred_are_told() -> None:
    with pytest.raises(InvalidPulse) as caught:
        parse_classes_csv(HEAD + "a,b\n" * 500)
    assert len(caught.value.faults) == 100


@STEADY
@given(st.text() | st.text('abS,;\t\n"0123').map(HEAD.__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(parse_classes_csv, text, InvalidPulse)
