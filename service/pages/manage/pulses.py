"""Every pulse of an organisation by where it stands, each with what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.pages.dashboard.frame import Around
from service.pages.manage.life import NEXT
from service.pages.templating import render
from service.survey.pulse import Pulse, State

#: The heading each state stands under, what is under way first.
_HEADINGS = {
    State.OPEN: "Open now",
    State.CLOSED: "Closed, not released",
    State.DRAFT: "Drafts",
    State.RELEASED: "Released",
}
#: Of one state; a page stays below its size, and nobody reads on.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Group:
    """The pulses of one state, the newest first where they have a day; `more` of them are not listed."""

    heading: str
    state: State
    next: str
    pulses: Sequence[Pulse]
    more: int


def pulses_page(around: Around, pulses: Sequence[Pulse], *, has_roster: bool) -> str:
    return render("manage/pulses.html", around=around, groups=_groups(pulses), has_roster=has_roster)


def _groups(pulses: Sequence[Pulse]) -> list[Group]:
    found = []
    for state, heading in _HEADINGS.items():
        those = sorted((it for it in pulses if it.state is state), key=_age, reverse=True)
        if those:
            found.append(Group(heading, state, NEXT[state], those[:_MOST], len(those[_MOST:])))
    return found


def _age(pulse: Pulse) -> tuple[int, date, str]:
    return pulse.number or 0, pulse.opened_on or date.min, pulse.id
