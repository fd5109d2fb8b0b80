"""The courses of a unit's blocks along the series of a pulse, read from the table of trends."""

from __future__ import annotations

from collections.abc import Sequence

from service.pages.charts.step import Step
from service.pages.records import Record, day, number, scored, text


def steps(trends: Sequence[Record], block: str) -> list[Step]:
    """One a pulse in which the unit was asked this block, oldest first."""
    rows = [(row, day(row, "date")) for row in trends if text(row, "block") == block]
    return [
        Step(
            label=text(row, "label"),
            closed_on=closed_on,
            **scored(row),
            smoothed=number(row, "smoothed"),
            smoothed_low=number(row, "smoothed_low"),
            smoothed_high=number(row, "smoothed_high"),
            climate=number(row, "climate"),
            climate_low=number(row, "climate_low"),
            climate_high=number(row, "climate_high"),
            breaks=tuple(word for word in text(row, "break").split(",") if word),
        )
        for row, closed_on in rows
        if closed_on is not None
    ]
