"""The days a recurrence rule names (RFC 5545, section 3.3.10), and which rules a schedule may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from service.errors import Fault, InvalidQuery

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_LONGEST = 200
#: What a rule may say beside its frequency. Anything finer than a day is left out, and so is whatever could make the
#: library look at every day or week until the year 9999 for one that never comes: with these it looks at months at
#: most, which takes it about a second.
_PARTS = {
    "DAILY": {"INTERVAL", "COUNT", "UNTIL", "WKST"},
    "WEEKLY": {"INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"},
    "MONTHLY": {"INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"},
    "YEARLY": {"INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"},
}
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_VALUES = {
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "WKST": _DAY,
    "BYDAY": rf"[+-]?[1-5]?{_DAY}(?:,[+-]?[1-5]?{_DAY}){{0,34}}",
    "BYMONTHDAY": r"-?[1-9]\d?(?:,-?[1-9]\d?){0,30}",
    "BYMONTH": r"[1-9]\d?(?:,[1-9]\d?){0,11}",
    "BYSETPOS": r"-?[1-9]\d?(?:,-?[1-9]\d?){0,30}",
}
#: No cadence has more days in a life anybody plans for; what is behind them is not looked for.
_MOST = 40_000
#: A year of whole weeks, so that a cadence of weeks has as many rounds in each.
_YEAR = timedelta(days=364)


def require_rule(rule: str, start: date) -> None:
    """Raise InvalidQuery unless it is a rule of days that names at least one, the days counted from `start`."""
    name = _fault(rule)
    if name is None and next(_days(rule, start), None) is None:
        name = "names no day that ever comes"
    if name is not None:
        raise InvalidQuery([Fault("rule", name)])


def next_day(rule: str, start: date, after: date) -> date | None:
    """The first day of the rule that follows `after`; None when there is none. The rule was accepted before."""
    return next((day for day in _days(rule, start) if day > after), None)


def latest_day(rule: str, start: date, until: date) -> date | None:
    """The last day of the rule up to `until`, that day included; None before the first."""
    found = None
    for day in _days(rule, start):
        if day > until:
            break
        found = day
    return found


def days_after(rule: str, start: date, after: date, count: int) -> list[date]:
    """At most `count` days of the rule that follow `after`."""
    return list(islice((day for day in _days(rule, start) if day > after), count))


def shortest_gap(rule: str, start: date) -> int | None:
    """Days between two of the rule that follow one another, the fewest among the first of them; None for one alone."""
    return min(((later - day).days for day, later in pairwise(islice(_days(rule, start), 400))), default=None)


def in_half_a_year(rule: str, start: date) -> int:
    """How many rounds of the rule are half a year, at least one."""
    first = next(_days(rule, start))
    return max(1, round(sum(1 for _ in _until(rule, start, first + _YEAR - timedelta(days=1))) / 2))


def _until(rule: str, start: date, last: date) -> Iterator[date]:
    for day in _days(rule, start):
        if day > last:
            return
        yield day


def _days(rule: str, start: date) -> Iterator[date]:
    return (moment.date() for moment in islice(_parsed(rule, start), _MOST))


@lru_cache(maxsize=64)
def _parsed(rule: str, start: date) -> rrule:
    # Only who has schedules waits for it to be read.
    from dateutil.rrule import rrulestr

    parsed: rrule = rrulestr(rule, dtstart=datetime.combine(start, time()))
    return parsed


def _fault(rule: str) -> str | None:
    """What is wrong with the rule before anything reads it."""
    parts = [part.partition("=") for part in rule.split(";")]
    said = {name: value for name, _, value in parts}
    allowed = _PARTS.get(said.pop("FREQ", ""))
    if len(rule) > _LONGEST or allowed is None or len(said) + 1 < len(parts):
        return (
            "must be a recurrence rule of RFC 5545 by days, in capitals: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first, "
            "then each further part once, as FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
        )
    if not said.keys() <= allowed:
        return f"may say with this FREQ only {', '.join(sorted(allowed))}"
    wrong = sorted(name for name, value in said.items() if not re.fullmatch(_VALUES[name], value, re.ASCII))
    wrong += [name for name, most in (("BYMONTHDAY", 31), ("BYMONTH", 12)) if _beyond(said.get(name, ""), most)]
    if "BYDAY" in said and "FREQ=WEEKLY" in rule and re.search(r"\d", said["BYDAY"]):
        wrong.append("BYDAY")
    if "UNTIL" in said and not _is_day(said["UNTIL"]):
        wrong.append("UNTIL")
    if {"COUNT", "UNTIL"} <= said.keys():
        return "ends by COUNT or by UNTIL, not by both"
    return f"has a {wrong[0]} that cannot be read" if wrong else None


def _beyond(numbers: str, most: int) -> bool:
    return any(abs(int(number)) > most for number in re.findall(r"\d+", numbers))


def _is_day(text: str) -> bool:
    try:
        return bool(datetime.strptime(text, "%Y%m%d"))  # noqa: DTZ007
    except ValueError:
        return False
