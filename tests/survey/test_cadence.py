"""The days of a rule, as RFC 5545 has them; a rule that is none, or never comes, is refused and takes no time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.errors import InvalidQuery
from service.survey.cadence import (
    days_after,
    in_half_a_year,
    latest_day,
    next_day,
    require_rule,
    shortest_gap,
)

MONDAY = date(2027, 3, 1)


def days(rule: str, count: int, start: date = MONDAY) -> list[str]:
    require_rule(rule, start)
    return [day.isoformat() for day in days_after(rule, start, start - timedelta(days=1), count)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY", ["2027-03-01", "2027-03-08", "2027-03-15"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", ["2027-03-02", "2027-03-16", "2027-03-30"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", ["2027-03-01", "2027-03-04", "2027-03-08"]),
        ("FREQ=MONTHLY;BYDAY=1MO", ["2027-03-01", "2027-04-05", "2027-05-03"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2027-03-31", "2027-05-31", "2027-07-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2027-03-31", "2027-04-30", "2027-05-31"]),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", ["2027-03-31", "2027-06-30", "2027-09-30"]),
        ("FREQ=YEARLY;BYMONTH=4,10;BYDAY=+1WE", ["2027-04-07", "2027-10-06", "2028-04-05"]),
        ("FREQ=DAILY;INTERVAL=10;COUNT=2", ["2027-03-01", "2027-03-11"]),
        ("FREQ=WEEKLY;UNTIL=20270308", ["2027-03-01", "2027-03-08"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29"]),
    ],
)
def test_the_days_of_a_rule(rule: str, expected: list[str]) -> None:
    assert days(rule, 3) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "WEEKLY",
        "freq=weekly",
        "FREQ=WEEKLY;",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;INTERVAL=1",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYMONTH=2",
        "FREQ=WEEKLY;BYMONTH=2",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYWEEKNO=53",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=DAILY;INTERVAL=\u0661",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=2;UNTIL=20280101",
        "FREQ=DAILY;UNTIL=20280101T000000Z",
        "FREQ=DAILY;UNTIL=20281301",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=WEEKLY\nDTSTART:19700101T000000",
        "RRULE:FREQ=WEEKLY",
        "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 100),
        "FREQ=" + "A" * 1_000_000,
        "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2",
    ],
)
def test_what_is_no_rule_of_days_or_never_comes_is_refused(rule: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        require_rule(rule, MONDAY)
    assert [fault.where for fault in refused.value.faults] == ["rule"]
    assert rule not in str(refused.value) or len(rule) < 10


def test_the_days_around_a_day() -> None:
    rule = "FREQ=WEEKLY;COUNT=3"
    assert next_day(rule, MONDAY, MONDAY) == date(2027, 3, 8)
    assert next_day(rule, MONDAY, date(2027, 3, 15)) is None
    assert latest_day(rule, MONDAY, date(2027, 2, 28)) is None
    assert latest_day(rule, MONDAY, date(2027, 3, 8)) == date(2027, 3, 8)
    assert latest_day(rule, MONDAY, date(2030, 1, 1)) == date(2027, 3, 15)


def test_how_close_and_how_many() -> None:
    assert shortest_gap("FREQ=WEEKLY;BYDAY=MO,TH", MONDAY) == 3
    assert shortest_gap("FREQ=MONTHLY", MONDAY) == 28
    assert shortest_gap("FREQ=DAILY;COUNT=1", MONDAY) is None
    by_rule = {"FREQ=WEEKLY": 26, "FREQ=WEEKLY;INTERVAL=2": 13, "FREQ=MONTHLY": 6, "FREQ=MONTHLY;INTERVAL=3": 2}
    assert {rule: in_half_a_year(rule, MONDAY) for rule in by_rule} == by_rule
    assert in_half_a_year("FREQ=YEARLY", MONDAY) == 1
