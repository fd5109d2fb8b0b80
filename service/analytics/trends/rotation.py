"""Makes pulses that asked different items of a block comparable, and says which are not.

An item that more people agree with lifts every block it is asked in. What it lifts is read off the whole
organisation, where the same people answer all items of a pulse, and taken out of every unit's score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: The component of an item or a pulse without any figure.
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The organisation's `mean` of each item in each pulse, any scale, and `n` who answered it, both (items, pulses);
    NaN or n = 0 where it was not asked. `items` are names that differ where the wording does."""

    items: tuple[str, ...]
    mean: Floats
    n: Floats

    @property
    def asked(self) -> Flags:
        return (self.n > 0) & np.isfinite(self.mean)


@dataclass(frozen=True, slots=True)
class ItemEffects:
    """What each item adds to a pulse's level, in the table's unit; the items of a component sum to zero.

    `item` (items) with its standard errors `error`, None where nothing is left to estimate them from; `pulse`
    (pulses) the level over all items of the component, NaN where none was asked. Pulses of different
    `pulse_component` share no items, not even by way of other pulses, and must not be compared. An item that
    was never asked has effect 0; its component is NOWHERE, as is that of a pulse without items.
    """

    item: Floats
    error: Floats | None
    pulse: Floats
    item_component: Ints
    pulse_component: Ints


def item_effects(table: ItemTable) -> ItemEffects:
    """Fits mean[j, t] = pulse[t] + item[j] + noise by least squares weighted with n.

    The two-way table of a connected block design (Searle, Linear Models, 1971, ch. 7); connected, as Weeks and
    Williams (1964) put it, when a path of shared items leads from each pulse to each other. The error of an effect
    holds the chance of who answered and what the items do of their own, as far as both show in the residuals.
    """
    components = _components(table.asked)
    fit = TwoWay.of(table)
    centring = _centring(components[0])
    item = centring @ fit.item
    pulse = np.where(table.asked.any(axis=0), fit.pulse + _means(components, fit.item), np.nan)
    error = None if fit.variance is None else np.sqrt(np.diag(centring @ fit.item_inverse @ centring) * fit.variance)
    return ItemEffects(item, error, pulse, *components)


def adjust(scores: Floats, effects: ItemEffects) -> Floats:
    """Block scores (units, pulses) from item scores (units, pulses, items), NaN where not asked or not shown.

    The mean of those shown, each less its effect: what the block would have scored over all items of its component.
    Where every pulse asked the same items and all are shown it is the plain mean. NaN where no item is shown. At
    the ends of the scale it may pass them by as much as the effects of the items asked: they are the organisation's,
    and a unit where everybody agrees with everything agrees no more with the easy items.
    """
    shown = np.isfinite(scores)
    total = np.where(shown, scores - effects.item, 0.0).sum(axis=-1)
    count = shown.sum(axis=-1)
    adjusted: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return adjusted


@dataclass(frozen=True, slots=True)
class TwoWay:
    """A least-squares fit of items and pulses, any of the solutions that fit alike.

    `item_inverse` and `pulse_inverse` are the diagonal blocks of the generalised inverse of the weighted cross-product;
    times `variance`, the residual variance of one answer on `df` degrees of freedom, None when there are none, they
    are covariances of every contrast within a component.
    """

    item: Floats
    pulse: Floats
    item_inverse: Floats
    pulse_inverse: Floats
    variance: float | None
    df: int

    @classmethod
    def of(cls, table: ItemTable) -> TwoWay:
        items, (row, column) = len(table.items), np.nonzero(table.asked)
        design = np.zeros((len(row), sum(table.mean.shape)))
        design[np.arange(len(row)), row] = design[np.arange(len(row)), items + column] = 1
        weight, mean = table.n[row, column], table.mean[row, column]
        inverse = np.asarray(np.linalg.pinv(design.T @ (design * weight[:, None]), hermitian=True), np.float64)
        found = inverse @ (design.T @ (weight * mean))
        residual = mean - design @ found
        df = len(row) - int(np.linalg.matrix_rank(design)) if len(row) else 0
        variance = float(weight @ residual**2) / df if df else None
        return cls(found[:items], found[items:], inverse[:items, :items], inverse[items:, items:], variance, df)


def _components(asked: Flags) -> tuple[Ints, Ints]:
    """Of items and of pulses, numbered from 0 in the order of their first pulse."""
    item, pulse = np.full(asked.shape[0], NOWHERE), np.full(asked.shape[1], NOWHERE)
    found = 0
    for first in np.flatnonzero(asked.any(axis=0)):
        if pulse[first] == NOWHERE:
            reached = _reached(asked, int(first))
            item[asked[:, reached].any(axis=1)] = pulse[reached] = found
            found += 1
    return item, pulse


def _reached(asked: Flags, first: int) -> Flags:
    """The pulses a path of shared items leads to."""
    reached = np.zeros(asked.shape[1], np.bool_)
    reached[first] = True
    while True:
        items = asked[:, reached].any(axis=1)
        wider = np.asarray(asked[items].any(axis=0), np.bool_)
        if (wider == reached).all():
            return reached
        reached = wider


def _centring(component: Ints) -> Floats:
    """Takes from each item the mean over its component; nothing is left of an item that is in none."""
    together = (component[:, None] == component) & (component != NOWHERE)
    placed = np.diag((component != NOWHERE).astype(np.float64))
    centring: Floats = placed - together / np.maximum(together.sum(axis=1, keepdims=True), 1)
    return centring


def _means(components: tuple[Ints, Ints], item: Floats) -> Floats:
    """The mean item effect in each pulse's component, 0 for a pulse in none."""
    together = (components[1][:, None] == components[0]) & (components[0] != NOWHERE)
    mean: Floats = together @ item / np.maximum(together.sum(axis=1), 1)
    return mean
