"""Finds items that move on their own, away from the other items of their block: a sign that they are read anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.multiplicity import adjust
from service.analytics.trends.rotation import ItemTable, TwoWay, item_effects

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Expected share of false alarms among the items flagged.
LEVEL = 0.05
#: Residuals smaller than this share of the squared means are rounding: then nothing tells what chance would do.
_EXACT = 1e-20


@dataclass(frozen=True, slots=True)
class ItemDrift:
    """Whether an item went its own way over the pulses.

    `p` of so much deviation from what the block's other items and its own usual distance to them lead to expect, in
    all pulses together, by chance; `adjusted` for all items tested; `flagged` when that is at most LEVEL. Status
    "insufficient", and nothing else, when fewer than two of its pulses can be compared by way of other items or
    these leave no residual to measure chance by.
    """

    item: str
    status: Literal["ok", "insufficient"]
    p: float | None = None
    adjusted: float | None = None
    flagged: bool = False


def item_drift(blocks: Sequence[ItemTable]) -> list[ItemDrift]:
    """One for each item, in the order given; adjusted over all of them (Benjamini and Hochberg 1995)."""
    found = [_drift(table, row) for table in blocks for row in range(len(table.items))]
    tested = [drift for drift in found if drift.p is not None]
    raised = iter(adjust([drift.p for drift in tested if drift.p is not None], "BH").tolist())
    return [drift if drift.p is None else _told(drift, next(raised)) for drift in found]


def _drift(table: ItemTable, row: int) -> ItemDrift:
    """The F test that the item's distance to the level of the others is one and the same in all its pulses.

    The others are fitted without it, so that neither the level nor the residual variance is bent by what is looked
    for. It is the general linear hypothesis (Searle, Linear Models, 1971, ch. 3) of one effect against one a pulse.
    """
    others = _without(table, row)
    at, fit = _comparable(table, others, row), TwoWay.of(others)
    if len(at) < 2 or fit.variance is None or fit.variance < _EXACT * float(np.nanmax(np.abs(table.mean)) ** 2):
        return ItemDrift(table.items[row], "insufficient")
    spread = np.diag(1 / table.n[row, at]) + fit.pulse_inverse[np.ix_(at, at)]
    deviation = _about_mean(table.mean[row, at] - fit.pulse[at], spread)
    between = float(deviation @ np.linalg.solve(spread, deviation)) / (len(at) - 1)
    return ItemDrift(table.items[row], "ok", _tail(between / fit.variance, len(at) - 1, fit.df))


def _without(table: ItemTable, row: int) -> ItemTable:
    keep = np.arange(len(table.items)) != row
    return ItemTable(tuple(compress(table.items, keep)), table.mean[keep], table.n[keep])


def _comparable(table: ItemTable, others: ItemTable, row: int) -> Ints:
    """The item's pulses in whichever component of the other items holds most of them."""
    at = np.flatnonzero(table.asked[row] & others.asked.any(axis=0))
    component = item_effects(others).pulse_component[at]
    found: Ints = at[component == np.bincount(component).argmax()] if len(at) else at
    return found


def _about_mean(values: Floats, spread: Floats) -> Floats:
    """Deviations from their generalised least-squares mean (Aitken 1935)."""
    weight = np.linalg.solve(spread, np.ones(len(values)))
    return np.asarray(values - weight @ values / weight.sum())


def _tail(f: float, upper: int, lower: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(upper, lower, f))


def _told(drift: ItemDrift, adjusted: float) -> ItemDrift:
    return replace(drift, adjusted=adjusted, flagged=adjusted <= LEVEL)
