"""Raising p-values for the number of tests made, so that a long list of teams does not cry wolf."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Method = Literal["BH", "BY", "holm", "bonferroni", "hommel"]


def adjust(p: npt.ArrayLike, method: Method = "BH") -> Floats:
    """The adjusted p-values, in the order given; rejecting those at or below a level keeps the method's promise at it.

    BH (Benjamini and Hochberg 1995) and BY (Benjamini and Yekutieli 2001, any dependence) hold the expected share of
    false alarms among all alarms; bonferroni, holm (1979) and hommel (1988) hold the chance of a single one. As R's
    p.adjust. ValueError for anything that is not a number from 0 to 1.
    """
    values = np.asarray(p, np.float64).ravel()
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("p-values lie from 0 to 1")
    if len(values) < 2:
        return values.copy()
    return _METHODS[method](values)


def _step_up(p: Floats, penalty: float) -> Floats:
    """The least of m p / rank over this and all greater p-values."""
    order = np.argsort(p)[::-1]
    rank = np.arange(len(p), 0, -1)
    return _in_place(order, np.minimum.accumulate(penalty * len(p) / rank * p[order]))


def _bh(p: Floats) -> Floats:
    return _step_up(p, 1.0)


def _by(p: Floats) -> Floats:
    return _step_up(p, float((1 / np.arange(1, len(p) + 1)).sum()))


def _holm(p: Floats) -> Floats:
    order = np.argsort(p)
    return _in_place(order, np.maximum.accumulate(np.arange(len(p), 0, -1) * p[order]))


def _bonferroni(p: Floats) -> Floats:
    return np.minimum(1.0, len(p) * p)


def _hommel(p: Floats) -> Floats:
    """Simes' test of every subset, by the algorithm of Wright (1992)."""
    m = len(p)
    order = np.argsort(p)
    sorted_p = p[order]
    bound = np.full(m, (m * sorted_p / np.arange(1, m + 1)).min())
    adjusted = bound.copy()
    for size in range(m - 1, 1, -1):
        tail = sorted_p[m - size + 1 :]
        least = (size * tail / np.arange(2, size + 1)).min()
        bound[: m - size + 1] = np.minimum(size * sorted_p[: m - size + 1], least)
        bound[m - size + 1 :] = bound[m - size]
        adjusted = np.maximum(adjusted, bound)
    return _in_place(order, np.maximum(adjusted, sorted_p))


def _in_place(order: npt.NDArray[np.intp], values: Floats) -> Floats:
    found = np.empty_like(values)
    found[order] = np.minimum(1.0, values)
    return found


_METHODS = {"BH": _bh, "BY": _by, "holm": _holm, "bonferroni": _bonferroni, "hommel": _hommel}
