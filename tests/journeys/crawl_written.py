"""How a figure is written on a page: the tests' own rounding, to hold the pages' against."""

from __future__ import annotations

import math

from tests.journeys.crawling import Row

_ROUNDING = 1e-6

SUPPRESSED = "·suppressed"
TOO_FEW = "–too few answers to compute"
#: Sign and words of each verdict on a change.
VERDICTS = {
    "improved": "▲ rose",
    "declined": "▼ fell",
    "no_change": "= no detectable change",
    "not_enough": "– too early to tell",
}


def withheld(status: str) -> str:
    return SUPPRESSED if status == "suppressed" else TOO_FEW


def one(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def between(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.1f} to {high:.1f}"


def signed(points: float) -> str:
    """Whole points with a sign; none and a true minus as the pages have them."""
    return f"{round(points):+d}".replace("-", "−") if round(points) else "0"


def bound(row: Row) -> str:
    low, high = math.floor(row["at_least"] + _ROUNDING), math.ceil(row["at_most"] - _ROUNDING)
    if high >= 100 and low > 0:
        return f"≥ {low}"
    return f"≤ {high}" if low <= 0 and high < 100 else f"{low}–{high}"


def score(row: Row) -> str:
    """With one place, or its bound."""
    return bound(row) if row["status"] == "bound" else one(row["score"])


def point(row: Row) -> str:
    """In whole points, or its bound."""
    return bound(row) if row["status"] == "bound" else str(round(row["score"]))


def cell(row: Row) -> str:
    """A score in a table of many."""
    if row["status"] == "bound":
        return f"{bound(row)} (a bound)"
    if row["status"] != "ok":
        return withheld(row["status"])
    return f"{round(row['score'])} ±{round(max(row['high'] - row['score'], row['score'] - row['low']))}"


def coefficient(value: float | None, none: str = "–none") -> str:
    """Two places without a leading zero."""
    if value is None:
        return none
    figure = f"{abs(value):.2f}".removeprefix("0")
    return f"−{figure}" if value < 0 and figure != ".00" else figure


def percent(share: float | None) -> str:
    return "" if share is None else f"{round(100 * share)} %"


def shown(row: Row) -> bool:
    return row["status"] in ("ok", "bound")
