"""Schedules as their manager sees them: each with its next rounds and what is wrong with it, and a form for another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.errors import Fault
from service.pages.dashboard.frame import Around, Option
from service.pages.manage.form import Form
from service.pages.templating import render
from service.survey.draft import Draft
from service.survey.instrument import Instrument, text_in

ONCE = {"action", "schedule", "sure", "label", "instrument", "often", "weekday", "starts", "days", "hand_over"}
ONCE |= {"baseline"}
MANY = {"lens"}
#: By the word of the form: in words, and as a rule about a weekday.
_OFTEN = {
    "week": ("every week", "FREQ=WEEKLY;BYDAY={}"),
    "two": ("every two weeks", "FREQ=WEEKLY;INTERVAL=2;BYDAY={}"),
    "month": ("every month, its first", "FREQ=MONTHLY;BYDAY=1{}"),
    "quarter": ("every quarter, its first", "FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1{}"),
}
_WEEKDAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_HANDED = {
    "letters": ("By e-mail", "to everybody in the directory who has an address"),
    "hooks": ("By webhook", "to the systems that distribute invitations for you"),
    "nobody": ("By hand", "the pulse waits as a draft until you have issued the invitations and opened it"),
}
_SAID = {
    "made": "The schedule stands. Nobody has to do anything until its first day.",
    "paused": "Paused: nothing begins from now on. A pulse that is open is still closed on its day.",
    "resumed": "It goes on. What fell into the pause is not made up for.",
    "again": "It is tried again within a minute or two.",
    "removed": "The schedule is gone. A pulse it had opened is yours to close.",
}
_LONGEST_LABEL = 180


@dataclass(frozen=True, slots=True)
class Round:
    """One that comes: `count` statements, None where the instrument no longer allows it."""

    on: date
    is_baseline: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A schedule; `state` is where its last pulse stands, None without one."""

    id: str
    label: str
    rule: str
    days: int
    hand_over: str
    paused: bool
    pulse: str | None
    state: str | None
    closes_on: date | None
    trouble: str | None
    rounds: Sequence[Round]

    @property
    def often(self) -> str:
        return in_words(self.rule)

    @property
    def handed(self) -> str:
        return _HANDED[self.hand_over][0].lower()


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is filled in."""

    label: str = ""
    instrument: str = "five-blocks"
    often: str = "two"
    weekday: str = "MO"
    starts: str = ""
    days: str = "5"
    hand_over: str = "letters"
    baseline: bool = True
    lenses: Sequence[str] = ()

    @property
    def rule(self) -> str:
        return _OFTEN[self.often][1].format(self.weekday)

    def counted_from(self, day: date) -> date:
        """The first such weekday from `day` on: from the middle of a week, the week after would be the second."""
        return day + timedelta(days=(list(_WEEKDAYS).index(self.weekday) - day.weekday()) % 7)


def filled_in(form: Form) -> Filled:
    return Filled(
        label=form.text("label")[: _LONGEST_LABEL + 1],
        instrument=form.text("instrument")[:100],
        often=form.choice("often", *_OFTEN),
        weekday=form.choice("weekday", *_WEEKDAYS),
        starts=form.text("starts")[:20],
        days=form.text("days")[:20],
        hand_over=form.choice("hand_over", *_HANDED),
        baseline=form.ticked("baseline"),
        lenses=tuple(form.chosen("lens")),
    )


def draft_of(filled: Filled) -> Draft:
    """What each of its pulses is; a schedule gives them their names."""
    return Draft("", filled.instrument, lenses=filled.lenses)


def in_words(rule: str) -> str:
    """What the form could have said, in words; any other rule as it is."""
    for words, template in _OFTEN.values():
        found = re.fullmatch(re.escape(template).replace(r"\{\}", "([A-Z]{2})"), rule)
        if found and found[1] in _WEEKDAYS:
            return f"{words}{'' if 'first' in words else ' on'} {_WEEKDAYS[found[1]]}"
    return rule


def schedules_page(
    around: Around,
    lines: Sequence[Line],
    filled: Filled,
    known: Sequence[Instrument],
    *,
    faults: Sequence[Fault] = (),
    problem: str = "",
    said: str = "",
) -> str:
    """`faults` are of the form, `problem` what else was in the way; `said` which form brought the browser here."""
    newest = {it.id: it for it in known}.values()
    return render(
        "manage/schedules.html",
        around=around,
        lines=lines,
        filled=filled,
        often=[
            Option(word, words.removesuffix(", its first"), word == filled.often) for word, (words, _) in _OFTEN.items()
        ],
        weekdays=[Option(word, name, word == filled.weekday) for word, name in _WEEKDAYS.items()],
        handed=[(word, *words, word == filled.hand_over) for word, words in _HANDED.items()],
        instruments=[_option(it, it.id == filled.instrument) for it in newest if not _is_lens(it)],
        lenses=[_option(it, it.id in filled.lenses) for it in newest if _is_lens(it)],
        faults=_by_field(faults),
        problem=problem,
        said=_SAID.get(said, ""),
        longest=_LONGEST_LABEL,
    )


def _option(it: Instrument, chosen: bool) -> Option:
    return Option(it.id, f"{text_in(it.names, 'en')}: {len(it.items)} statements", chosen)


def _is_lens(it: Instrument) -> bool:
    return all(block.kind == "lens" for block in it.blocks)


def _by_field(faults: Sequence[Fault]) -> Mapping[str, str]:
    """What is wrong, by the field it is shown at."""
    fields = {"rule": "often", "starts_on": "starts", "pulse.instrument": "instrument"}
    found: dict[str, list[str]] = {}
    for fault in faults:
        field = fields.get(fault.where, "lens" if "lenses" in fault.where else fault.where)
        found.setdefault(field, []).append(fault.why)
    return {field: "; ".join(rules) for field, rules in found.items()}
