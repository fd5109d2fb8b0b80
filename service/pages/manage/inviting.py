"""The form that issues invitations, and how its answer goes out: letters, a poster, or a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.pages.dashboard.frame import Around
from service.pages.manage.form import Form
from service.pages.paper.letters import LONGEST_ORIGIN, MOST_LETTERS, MOST_STRIPS, languages, link, origin_of
from service.pages.templating import render
from service.survey.pulse import Pulse
from service.survey.roster import Unit


class Way(StrEnum):
    LETTERS = "letters"
    POSTER = "poster"
    LIST = "list"


#: How many one page of each kind holds; a list holds all.
MOST = {Way.LETTERS: MOST_LETTERS, Way.POSTER: MOST_STRIPS}
FIELDS = ("pulse", "unit", "issued", "way", "count", "language", "origin", "sure")
MEANWHILE = (
    "Other invitations were issued since this page was shown. They left once, on the page that answered then. "
    "Below stands what is left now."
)
_UNREADY = "Tick the box to say that you are ready to print or save."
_NO_ORIGIN = "The address is http:// or https://, a host and perhaps a port, and nothing after it."
_NONE_LEFT = "Nobody is left here without an invitation."
_UNOFFERED = "Choose the way out and the language from those offered."


@dataclass(frozen=True, slots=True)
class Inviting:
    """What the form is about: `unit` None is every unit; `issued` is how many invitations stood when it was shown."""

    pulse: Pulse
    unit: Unit | None
    left: int
    issued: int
    origin: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be issued: `count` of one unit, or for every unit as many as are left."""

    way: Way
    count: int
    language: str
    origin: str


def ordered(form: Form, inviting: Inviting) -> Order | list[str]:
    """What the form orders, or what is wrong with it, in words that repeat nothing."""
    ways = list(Way) if inviting.unit else [Way.LIST]
    way = Way(form.choice("way", *ways))
    most = min(inviting.left, MOST.get(way, inviting.left))
    count = form.number("count") if form.text("count") else most
    language = form.choice("language", *(it.code for it in languages(inviting.pulse)))
    origin = origin_of(form.text("origin"))
    wrong = {
        _UNOFFERED: not form.text("way") or any(fault.where != "count" for fault in form.faults),
        _NONE_LEFT: not inviting.left,
        f"Of these, 1 to {most} can be issued at once.": inviting.left > 0 and not 1 <= (count or 0) <= most,
        _NO_ORIGIN: origin is None,
        _UNREADY: not form.ticked("sure"),
    }
    problems = [problem for problem, holds in wrong.items() if holds]
    if problems or origin is None or count is None:
        return problems
    return Order(way, count, language, origin)


def invite_page(around: Around, inviting: Inviting, problems: Sequence[str] = ()) -> str:
    return render(
        "manage/invite.html",
        around=around,
        inviting=inviting,
        pulse=inviting.pulse,
        languages=languages(inviting.pulse),
        most=MOST,
        longest=LONGEST_ORIGIN,
        problems=problems,
    )


def invitations_csv(issued: Sequence[tuple[str, str]], origin: str) -> str:
    """Unit, token and link of each invitation."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("unit", "token", "link"))
    writer.writerows((unit, token, link(origin, token)) for unit, token in issued)
    return out.getvalue()
