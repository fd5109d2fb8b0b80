"""A tally as a long table, so that two ways of counting can be compared row by row."""

from __future__ import annotations

import numpy as np

from service.tally.tally import Tally


def rows(pulse: str, tally: Tally) -> np.ndarray:
    """A row for each pulse, unit, bands (as many as there are), item and point that somebody gave, and how often."""
    cell, item, point = np.nonzero(tally.histograms)
    kind = [("pulse", f"U{len(pulse)}"), ("unit", np.int64), ("bands", np.uint8, (tally.cells.bands.shape[1],))]
    table = np.zeros(len(cell), [*kind, ("item", np.int64), ("point", np.int64), ("count", np.int64)])
    table["pulse"], table["unit"], table["bands"] = pulse, tally.cells.unit[cell], tally.cells.bands[cell]
    table["item"], table["point"], table["count"] = item, point + 1, tally.histograms[cell, item, point]
    return table
