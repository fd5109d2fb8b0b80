"""What an import would do to the roster, in words and lists, before it does it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.pages.dashboard.frame import Around
from service.pages.manage.roster import counted, is_carried
from service.pages.templating import render
from service.release.policy import FLOOR
from service.survey.roster import Roster
from service.survey.roster_document import RosterChange, roster_document

#: Rows of one list; what is beyond it is counted.
_MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class List:
    """What happens to some units: `rows` of cells under `columns`, and how many `more` there are."""

    name: str
    what: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What helps against a slip: where most units leave, and where the same names come again under other ids."""

    most_leave: str
    renewed: str


BY_HAND = Advice(
    "An import replaces the whole tree: is this file the whole roster?",
    "If they are the same teams, keep the id, or name the old one in the column before: else their trends end here.",
)


@dataclass(frozen=True)
class Step:
    """One roster taking the place of another from `day` on."""

    before: Roster
    after: Roster
    change: RosterChange
    day: date

    @property
    def seen(self) -> str:
        """Stands for exactly this step: another roster before, after, or another day is another."""
        return stamp(self.day.isoformat(), roster_document(self.before), roster_document(self.after))

    @property
    def is_none(self) -> bool:
        taken = {id: named for id, named in self.after.before.items() if named}
        return not any(_affected(self.change)) and taken.items() <= self.before.before.items()


def stamp(*documents: object) -> str:
    """What a dry run is known again by: other documents, of plain JSON each, have another."""
    return hashlib.sha256(json.dumps(documents).encode()).hexdigest()


def roster_change_page(around: Around, step: Step, text: str, *, today: date, overtaken: bool) -> str:
    """The dry run of `step`, which `text` asks for; `overtaken` says that another one was looked at before."""
    return render(
        "manage/roster_dry_run.html",
        around=around,
        step=step,
        text=text if is_carried(text) else None,
        overtaken=overtaken,
        **told(step, today, BY_HAND),
    )


def told(step: Step, today: date, advice: Advice) -> dict[str, Any]:
    """What every page says of a step: `units` and `people` there would be, `counts` and `lists` of what becomes of
    units, and `warnings`."""
    return {
        "counts": _counts(step),
        "lists": [it for it in _lists(step) if it.rows],
        "warnings": list(_warnings(step, today, advice)),
        "units": _instead(len(step.before.units), len(step.after.units), "unit", "units"),
        "people": _instead(step.before.people, step.after.people, "person", "people"),
    }


def _instead(was: int, will_be: int, one: str, many: str) -> str:
    """How many there will be, and how many there are now, if any."""
    said = counted(will_be, one, many)
    if not was:
        return said
    return f"{said} as now" if was == will_be else f"{said} instead of {was:,}"


def _affected(change: RosterChange) -> list[tuple[str, ...]]:
    return [change.added, change.left, change.moved, change.renamed, change.resized]


def _taking(change: RosterChange) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*change.replacing, *change.merged, *change.split)))


def _counts(step: Step) -> list[tuple[str, int]]:
    names = ("Join", "Leave", "Move", "Renamed", "New size")
    counts = [(name, len(ids)) for name, ids in zip(names, _affected(step.change), strict=True)]
    return [*counts, ("Take over others", len(_taking(step.change)))]


def _lists(step: Step) -> list[List]:
    change, was, now = step.change, _Named(step.before), _Named(step.after)
    return [
        _list(
            "Units that join",
            "Their trends begin with the next pulse, unless they take over the people of others.",
            ("Unit", "Id", "Below", "People"),
            change.added,
            lambda id: (now.name(id), id, now.above(id), now.people(id)),
        ),
        _list(
            "Units that leave",
            "They keep their history: every figure released stays. No new figure follows.",
            ("Unit", "Id", "Was below", "People"),
            change.left,
            lambda id: (was.name(id), id, was.above(id), was.people(id)),
        ),
        _list(
            "Units that take over others' people",
            "Their trends go on from the units named, as far as published figures add up.",
            ("Unit", "Id", "Takes over", "How"),
            _taking(change),
            lambda id: (now.name(id), id, _joined(now.unit(id).before or (), was), _how(change, id)),
        ),
        _list(
            "Units that move",
            "Their own trends go on; those of the units above change with them.",
            ("Unit", "Id", "Was below", "Will be below"),
            change.moved,
            lambda id: (now.name(id), id, was.above(id), now.above(id)),
        ),
        _list(
            "Units that are renamed",
            "Only the name changes; released figures keep the old one.",
            ("Id", "Was", "Will be"),
            change.renamed,
            lambda id: (id, was.name(id), now.name(id)),
        ),
        _list(
            "Units whose headcount changes",
            "Their trends go on.",
            ("Unit", "Id", "Was", "Will be"),
            change.resized,
            lambda id: (now.name(id), id, was.people(id), now.people(id)),
        ),
    ]


def _list(
    name: str, what: str, columns: tuple[str, ...], ids: Sequence[str], row: Callable[[str], tuple[str, ...]]
) -> List:
    return List(name, what, columns, [row(id) for id in ids[:_MOST_ROWS]], max(0, len(ids) - _MOST_ROWS))


class _Named:
    """A roster's units as they are written in a list."""

    def __init__(self, roster: Roster) -> None:
        self._units = {unit.id: unit for unit in roster.units}
        self.unit = self._units.__getitem__

    def name(self, id: str) -> str:
        return self._units[id].name if id in self._units else id

    def above(self, id: str) -> str:
        parent = self._units[id].parent
        return "the top" if parent is None else self.name(parent)

    def people(self, id: str) -> str:
        return f"{self._units[id].headcount:,}"


def _joined(ids: Sequence[str], names: _Named) -> str:
    shown = ", ".join(f"{names.name(id)} ({id})" for id in ids[:5])
    return f"{shown} and {len(ids) - 5} more" if len(ids) > 5 else shown


def _how(change: RosterChange, id: str) -> str:
    ways = {
        "in the place of one that is gone": change.replacing,
        "several merged": change.merged,
        "a part of one that was split: no past of its own": change.split,
    }
    return "; ".join(way for way, ids in ways.items() if id in ids)


def _warnings(step: Step, today: date, advice: Advice) -> Iterable[str]:
    change, left, all_before = step.change, len(step.change.left), len(step.before.units)
    if all_before and left * 2 > all_before:
        yield (
            f"{left:,} of {counted(all_before, 'unit', 'units')} {'leaves' if left == 1 else 'leave'}. "
            f"{advice.most_leave}"
        )
    renewed = _renewed(step)
    if renewed:
        yield f"Names that leave and join under another id: {renewed:,}. {advice.renewed}"
    was, will_be = step.before.people, step.after.people
    if was and not 0.7 * was <= will_be <= 1.3 * was:
        yield f"The organisation goes from {was:,} to {counted(will_be, 'person', 'people')}."
    unclaimed = len(set(change.left) - _claimed(step.after.before.values()))
    if left and unclaimed and all_before and left * 2 <= all_before:
        yield (
            f"Nobody takes over {unclaimed:,} of those that leave: their people are taken to be in what stands above."
        )
    small = sum(unit.headcount > 0 and step.after.totals[at] < FLOOR for at, unit in enumerate(step.after.units))
    if small:
        yield (
            f"{counted(small, 'unit has', 'units have')} fewer than {FLOOR} people, everything below counted. So small "
            "a unit is never readable by itself; its answers count in what stands above."
        )
    if step.day > today:
        yield "It begins on a day to come. Until then no roster with an earlier day can be recorded."


def _renewed(step: Step) -> int:
    left = set(step.change.left) - _claimed(step.after.before.values())
    added = set(step.change.added)
    gone = {unit.name for unit in step.before.units if unit.id in left}
    return len(gone & {unit.name for unit in step.after.units if unit.id in added})


def _claimed(named: Iterable[Collection[str]]) -> set[str]:
    return {id for ids in named for id in ids}
