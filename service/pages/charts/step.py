"""One pulse of a trend as it is drawn and written: what was released, and what the model makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_WORDS = {
    "shift": "level moved",
    "reorganised": "reorganised",
    "reworded": "items reworded",
    "incomparable": "other items",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One pulse of a trend. `score` as released with its 95 % interval, or the ends of a bound, or neither.

    `smoothed` and `climate` are what the model makes of all pulses, with 90 % intervals; `breaks` are what the table
    of trends says stands between this pulse and those before.
    """

    label: str
    closed_on: date
    status: str
    n: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    smoothed: float | None = None
    smoothed_low: float | None = None
    smoothed_high: float | None = None
    climate: float | None = None
    climate_low: float | None = None
    climate_high: float | None = None
    breaks: tuple[str, ...] = ()

    @property
    def bounded(self) -> bool:
        return self.at_least is not None and self.at_most is not None

    @property
    def shown(self) -> bool:
        return self.bounded or self.score is not None

    @property
    def words(self) -> list[str]:
        return [_WORDS.get(broken, broken) for broken in self.breaks]
