"""Where one may go from the overview: the pages of the menu, each with a line that says what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.pages.dashboard.frame import Around

_LINES: Mapping[str, str] = {
    "/dashboard/units": "How every unit stands, in the order of the roster.",
    "/dashboard/unit": "One unit over time: its trend, its answers, who took part.",
    "/dashboard/changes": "What rose or fell for real, and what is only chance.",
    "/dashboard/archetypes": "Units with alike profiles, or the finding that there are none.",
    "/dashboard/lenses": "How people depend on each other, and how they coordinate.",
    "/dashboard/forecast": "What leaders expected, beside what their teams said.",
    "/dashboard/report": "One page to print and to talk about.",
    "/dashboard/drivers": "Which blocks move together across the organisation.",
    "/dashboard/quality": "How well the items measure what they are meant to.",
    "/attack-report": "What our own adversary tried on these figures, and got.",
    "/docs": "Every figure by the API, with examples.",
    "/manage": "Prepare, open, close and release pulses.",
}


@dataclass(frozen=True, slots=True)
class Door:
    href: str
    name: str
    line: str


def of(around: Around) -> list[Door]:
    """Those this key may open, in the menu's order."""
    links = [link for links in around.menu.values() for link in links if not link.here]
    lines = [(link, _LINES.get(link.href.partition("?")[0])) for link in links]
    return [Door(link.href, link.name, line) for link, line in lines if line is not None]
