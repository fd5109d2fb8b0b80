"""A score of which only a bound is shown, as it is written: `≥ 92`, `≤ 8` or `88–92`."""

from __future__ import annotations

import math

#: Scores are kept to many more digits than stand on a page: less than this is rounding.
_ROUNDING = 1e-6


def bound(at_least: float, at_most: float) -> str:
    """In whole points, each end rounded outward so that what is written is never more than is known."""
    low, high = math.floor(at_least + _ROUNDING), math.ceil(at_most - _ROUNDING)
    if high >= 100 and low > 0:
        return f"≥ {low}"
    if low <= 0 and high < 100:
        return f"≤ {high}"
    return f"{low}–{high}"
