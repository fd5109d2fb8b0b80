"""What would come of another way from people to units, or of a file of everybody, before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.pages.dashboard.frame import Around
from service.pages.manage.form import written
from service.pages.manage.outline import levels
from service.pages.manage.people import Filled
from service.pages.manage.roster import counted
from service.pages.manage.roster_change import Advice, Step, stamp, told
from service.pages.templating import render

#: Names of a file's columns that are shown, and characters of each: its first line may hold anything.
_MOST_COLUMNS, _LONGEST_COLUMN = 40, 60
_OF_PEOPLE = Advice(
    "Do these people stand where you mean them to?",
    "If they are the same teams their trends end here, unless afterwards the roster is taken as CSV, the old ids are "
    "named in its column before, and it is brought again.",
)


@dataclass(frozen=True)
class Made:
    """What people make of the roster from `day` on, `step` None where it stays as it is: for what stands in `trouble`,
    or because no units are made of people, which `follows` says they are. `present` is the JSON of the mapping that
    stands, `odd` and `trouble` are sentences."""

    day: date
    present: object
    step: Step | None
    follows: bool
    odd: Sequence[str]
    trouble: Sequence[str]

    @property
    def is_none(self) -> bool:
        return self.step is None or self.step.is_none

    def seen(self, *documents: object) -> str:
        """Stands for this and for the plain JSON of what is to be done."""
        step = None if self.step is None else self.step.seen
        return stamp(self.day.isoformat(), self.present, step, list(self.odd), list(self.trouble), *documents)


@dataclass(frozen=True, slots=True)
class Mapped:
    """Units made as `filled` says, whose mapping is `document`."""

    filled: Filled
    document: object
    made: Made

    @property
    def seen(self) -> str:
        return self.made.seen(self.document)

    @property
    def is_none(self) -> bool:
        return self.document == self.made.present and self.made.is_none


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file of everybody: how many of its people come, change, leave and stay; `taken` are pairs of a field and its
    column, `dropped` columns nothing is taken from; `text` is what it says and `columns` what was said of it."""

    come: int
    change: int
    leave: int
    stay: int
    taken: Sequence[tuple[str, str]]
    dropped: Sequence[str]
    columns: str
    text: str = field(repr=False)
    made: Made

    @property
    def seen(self) -> str:
        return self.made.seen(self.text, self.columns, self.come, self.change, self.leave, self.stay)

    @property
    def is_none(self) -> bool:
        return not (self.come or self.change or self.leave) and self.made.is_none


def mapped_page(around: Around, mapped: Mapped, *, overtaken: bool) -> str:
    """The dry run of `mapped`; `overtaken` says that another one was looked at before."""
    return _page("manage/people_dry_run.html", around, mapped, overtaken=overtaken, filled=mapped.filled)


def arriving_page(around: Around, arriving: Arriving, *, overtaken: bool) -> str:
    """The dry run of a file, which the page does not give back: nobody's name is on it."""
    entries = [
        ("Come", arriving.come),
        ("Change", arriving.change),
        ("Leave", arriving.leave),
        ("Stay as they are", arriving.stay),
    ]
    return _page(
        "manage/people_file_dry_run.html",
        around,
        arriving,
        overtaken=overtaken,
        everybody=counted(arriving.come + arriving.change + arriving.stay, "person", "people"),
        entries=entries,
        leaving=_leaving(arriving),
        taken=[(name, _column(column)) for name, column in arriving.taken],
        dropped=[_column(column) for column in arriving.dropped[:_MOST_COLUMNS]],
        more=max(0, len(arriving.dropped) - _MOST_COLUMNS),
    )


def _page(template: str, around: Around, it: Mapped | Arriving, *, overtaken: bool, **values: Any) -> str:
    made = it.made
    step = None if made.step is None else told(made.step, made.day, _OF_PEOPLE)
    depth = 0 if made.step is None else levels(made.step.after)
    return render(
        template,
        around=around,
        it=it,
        made=made,
        told=step,
        depth=counted(depth, "level", "levels"),
        overtaken=overtaken,
        **values,
    )


def _leaving(arriving: Arriving) -> str:
    """What is to be looked at twice before people are deleted; "" where nobody is."""
    before = arriving.leave + arriving.change + arriving.stay
    if not arriving.leave:
        return ""
    verb = "is" if arriving.leave == 1 else "are"
    question = " Is this file really everybody?" if arriving.leave * 2 > before else ""
    return (
        f"{arriving.leave:,} of {counted(before, 'person', 'people')} in the directory {verb} not in the file, and "
        f"{verb} deleted.{question}"
    )


def _column(name: str) -> str:
    return written(name)[:_LONGEST_COLUMN] or "(no name)"
