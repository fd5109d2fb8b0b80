"""One pulse as its manager sees it: the path it takes, its facts, its units, and the step that comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import Fault
from service.exports.table import Table
from service.pages.dashboard.frame import Around
from service.pages.manage.life import NO_LONGER, STEPS, path, said
from service.pages.manage.outline import Outline
from service.pages.records import number, records, text, whole
from service.pages.templating import render
from service.release.policy import Policy
from service.survey.instrument import text_in
from service.survey.pulse import Pulse
from service.survey.roster import Roster, Unit


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of a unit have answered, at least: None unless `status` is "ok"."""

    status: str
    n: int | None
    headcount: int | None
    rate: int | None


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters by e-mail: whether this service sends any, how many people have one, how many left in the latest of
    `rounds`, and how many were refused for good."""

    offered: bool = False
    people: int = 0
    sent: int = 0
    failed: int = 0
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """All a pulse's page tells of it.

    `roster` is None once the pulse has closed; `issued` are invitations by unit; `turnout` who took part by
    unit while it is open, None for a key that may not read it; `outline` the part of the roster that is shown.
    """

    pulse: Pulse
    policy_hash: str | None
    digest: str | None
    roster: Roster | None
    issued: Mapping[str, int]
    turnout: Mapping[str, Turnout] | None
    outline: Outline | None
    letters: Letters = Letters()

    @property
    def invited(self) -> int:
        return sum(self.issued.values())

    @property
    def people(self) -> int:
        return self.roster.people if self.roster else 0

    @property
    def left(self) -> int:
        """People without an invitation; units that hold too many are not set off against others."""
        return sum(max(0, unit.headcount - self.issued.get(unit.id, 0)) for unit in self._units)

    @property
    def too_many(self) -> list[str]:
        """Units that hold more invitations than they have people, or left the roster: it cannot open like this."""
        people = {unit.id: unit.headcount for unit in self._units}
        return [unit for unit, count in self.issued.items() if count > people.get(unit, 0)]

    @property
    def everybody(self) -> list[tuple[str, Turnout]]:
        """The topmost units by name: how the whole organisation stands."""
        turnout = self.turnout or {}
        return [(unit.name, turnout[unit.id]) for unit in self._units if unit.parent is None and unit.id in turnout]

    @property
    def asked(self) -> list[tuple[str, int]]:
        """Each block's name and how many of its items are asked."""
        counts: dict[str, int] = {}
        for item in self.pulse.asked:
            counts[item.block] = counts.get(item.block, 0) + 1
        return [(self._block(id), count) for id, count in counts.items()]

    @property
    def _units(self) -> Sequence[Unit]:
        return self.roster.units if self.roster else ()

    def _block(self, id: str) -> str:
        block = self.pulse.instrument.block(id)
        return text_in(block.names, "en") if block else id


def pulse_page(around: Around, known: Known, word: str = "") -> str:
    """`word` says which form brought the browser here."""
    state = known.pulse.state
    return render(
        "manage/pulse.html",
        around=around,
        known=known,
        pulse=known.pulse,
        policy=Policy(known.pulse.threshold),
        path=path(state, invited=known.invited > 0),
        step=STEPS.get(state),
        no_longer=NO_LONGER[state],
        said=said(word, state),
    )


def confirm_page(around: Around, known: Known, problems: Sequence[str] = ()) -> str:
    """The last look before the pulse's next step. Raises KeyError for a pulse that has none."""
    return render(
        f"manage/confirm_{STEPS[known.pulse.state].verb.lower()}.html",
        around=around,
        known=known,
        pulse=known.pulse,
        policy=Policy(known.pulse.threshold),
        step=STEPS[known.pulse.state],
        problems=problems,
    )


def in_words(faults: Sequence[Fault]) -> list[str]:
    return [f"{fault.where} {fault.why}" for fault in faults]


def turnout(running: Table) -> dict[str, Turnout]:
    """By unit, of the rows of participation."""
    found = {}
    for row in records(running):
        rate = number(row, "rate")
        counted = Turnout(
            text(row, "status"), whole(row, "n"), whole(row, "headcount"), None if rate is None else round(rate)
        )
        found[text(row, "unit")] = counted
    return found
