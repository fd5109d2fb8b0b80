"""The roster as it stands, the form that replaces it, and its CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from service.errors import Fault
from service.pages.dashboard.frame import Around
from service.pages.manage.outline import Outline, levels
from service.pages.templating import render
from service.survey.formulas import harmless
from service.survey.roster import Roster, Unit

_LINE = re.compile(r"line (\d{1,9})")
#: Bytes of text that a page gives back: what is longer stands in a file, and the page would be too large.
_MOST_CARRIED = 60_000
#: Characters of a faulty line that are shown.
_LONGEST = 60
_WHERE = {"text": "the box", "units": "the roster"}

#: What a roster file looks like, small enough to understand and complete enough to import.
EXAMPLE = Roster(
    (
        Unit("all", "Your organisation", None, 2),
        Unit("production", "Production", "all", 3),
        Unit("early-shift", "Early shift", "production", 14),
        Unit("late-shift", "Late shift", "production", 11),
        Unit("sales", "Sales", "all", 9),
    )
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the form, and what is wrong with it."""

    text: str = ""
    day: str = ""
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault in the text: where it is in words, the rule, and the `line` it stands in, as far as one can read it."""

    where: str
    why: str
    line: str


def roster_page(
    around: Around,
    roster: Roster,
    outline: Outline,
    day: date,
    today: date,
    entered: Entered,
    *,
    follows: bool = False,
    saved: str = "",
) -> str:
    """The tree of `day`; with an empty roster the first step instead. `follows` says that units are made of the people
    of the directory; `saved` is "yes" just after an import, "already" where it found nothing to change."""
    return render(
        "manage/roster.html",
        around=around,
        roster=roster,
        outline=outline,
        people=roster.people,
        levels=levels(roster),
        day=day,
        today=today,
        entered=entered,
        text=entered.text if is_carried(entered.text) else "",
        wrong_day=_why(entered, "day"),
        wrong_file=_why(entered, "file"),
        wrong=_wrong(entered),
        follows=follows,
        saved=saved,
        example=roster_csv(EXAMPLE),
    )


def roster_csv(roster: Roster) -> str:
    """The roster as the CSV that makes it again when it is imported."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("id", "name", "parent", "headcount", "before"))
    writer.writerows(
        (unit.id, harmless(unit.name), unit.parent or "", unit.headcount, "|".join(unit.before or ()))
        for unit in roster.units
    )
    return out.getvalue()


def is_carried(text: str) -> bool:
    """Whether a page gives the text back as it was sent."""
    return len(text) <= _MOST_CARRIED and len(escape(text).encode()) <= _MOST_CARRIED


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _why(entered: Entered, field: str) -> str:
    return next((fault.why for fault in entered.faults if fault.where == field), "")


def _wrong(entered: Entered) -> list[Wrong]:
    """What is wrong with the text, line by line, each with the line it is in."""
    lines = entered.text.split("\n")
    placed = [(_place(fault), fault) for fault in entered.faults if fault.where not in {"day", "file"}]
    return [
        Wrong(
            _WHERE.get(fault.where, fault.where),
            fault.why,
            "".join(lines[at : at + 1]).strip()[:_LONGEST] if at >= 0 else "",
        )
        for at, fault in sorted(placed, key=lambda it: it[0])
    ]


def _place(fault: Fault) -> int:
    """The place of its line in the text, -1 for a fault of the whole."""
    numbered = _LINE.match(fault.where)
    return int(numbered[1]) - 1 if numbered else -1
