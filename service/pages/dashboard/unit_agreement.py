"""Whether the people of a unit agree, block by block, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages import heat
from service.pages.dashboard.frame import Frame
from service.pages.records import Record, flag, number, text, whole


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every figure is None unless `status` is "ok"."""

    name: str
    words: str
    status: str
    n: int | None
    rwg_j: float | None
    r_star: float | None
    critical: float | None


def agreements(frame: Frame, rows: Sequence[Record]) -> list[Agreement]:
    return [
        Agreement(
            heat.block_name(frame.release, text(row, "block")),
            _words(row),
            text(row, "status"),
            whole(row, "n"),
            number(row, "rwg_j"),
            number(row, "r_star"),
            number(row, "critical"),
        )
        for row in rows
    ]


def _words(row: Record) -> str:
    """Being divided is said first: a team can scatter more than others and still less than chance would make it."""
    if text(row, "status") != "ok":
        return "cannot be said"
    if flag(row, "divided"):
        return "divided: answers lie further apart than in other teams"
    if flag(row, "beyond_chance"):
        return "agrees: answers lie closer together than chance would put them"
    return "open: answers lie no closer together than chance might put them"
