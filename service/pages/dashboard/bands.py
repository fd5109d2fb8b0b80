"""One unit's scores by what respondents stated about themselves: values as declared, by blocks; never ranked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.analytics.scores import Score
from service.pages import heat
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class Row:
    value: str
    cells: tuple[heat.Cell, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One attribute, or two together, and its values in the order of declaration."""

    name: str
    rows: tuple[Row, ...]


def families(release: Release, scores: Iterable[Score]) -> list[Family]:
    """One a family that has scores, in their order."""
    found: dict[tuple[str, ...], dict[tuple[str, ...], list[heat.Cell]]] = {}
    for score in scores:
        found.setdefault(score.by, {}).setdefault(score.bands, []).append(heat.cell(release, score))
    return [
        Family(_name(by), tuple(Row(" · ".join(bands), tuple(cells)) for bands, cells in rows.items()))
        for by, rows in found.items()
    ]


def _name(by: tuple[str, ...]) -> str:
    words = " and ".join(band.replace("_", " ").replace("-", " ") for band in by)
    return words[:1].upper() + words[1:]
