"""How far the answers in one team coincide: the published indices, from its answer sheet or from its distributions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.reliability import Missing

Floats = npt.NDArray[np.float64]
Centre = Literal["mean", "median"]


def uniform_variance(options: int) -> float:
    """Of answers spread evenly over `options` points a unit apart: (A^2 - 1) / 12 (James, Demaree and Wolf 1984)."""
    return (options**2 - 1) / 12


def rwg(scores: npt.ArrayLike, random_variance: float) -> float | None:
    """One item, or one score a person (n, NaN left out): 1 - s2 / `random_variance`, 0 where s2 exceeds it (James,
    Demaree and Wolf 1984; multilevel's rwg). None below two people."""
    given = np.asarray(scores, np.float64).ravel()
    given = given[~np.isnan(given)]
    if len(given) < 2:
        return None
    return 1 - min(float(given.var(ddof=1)), random_variance) / random_variance


def rwg_j(answers: npt.ArrayLike, random_variance: float, missing: Missing = "pairwise") -> float | None:
    """J items (n x J, NaN for no answer): with m the mean item variance over `random_variance`, at most 1,
    J (1 - m) / (J (1 - m) + m) (James, Demaree and Wolf 1984; multilevel 2.8's rwg.j).

    Pairwise: each item's variance is of those who answered it. None where an item has fewer than two answers.
    """
    ratio, items = _mean_ratio(answers, random_variance, missing)
    return None if ratio is None else _spearman_brown(ratio, items)


def r_star(answers: npt.ArrayLike, random_variance: float, missing: Missing = "pairwise") -> float | None:
    """1 - m, m as in `rwg_j` but not held at 1: below zero where answers lie further apart than by chance (Lindell,
    Brandt and Whitney 1999; multilevel's rwg.j.lindell)."""
    ratio, _ = _mean_ratio(answers, random_variance, missing)
    return None if ratio is None else 1 - ratio


def average_deviation(answers: npt.ArrayLike, centre: Centre = "mean") -> float | None:
    """AD, in scale units: the mean distance from the item's mean or median, over the items (n x J; listwise). Burke,
    Finkelstein and Dusig (1999); multilevel's ad.m. None below two whole rows."""
    sheet = _listwise(answers)
    if len(sheet) < 2:
        return None
    middle = sheet.mean(axis=0) if centre == "mean" else np.median(sheet, axis=0)
    return float(np.abs(sheet - middle).mean())


def a_wg(answers: npt.ArrayLike, low: float, high: float) -> float | None:
    """1 - 2 s2 over the greatest variance the item's mean allows, averaged over items (n x J; listwise). Brown and
    Hauenstein (2005); multilevel's awg.

    An item whose mean is nearer to an end than one answer can bring it is left out; one with all at an end counts 1.
    None below two whole rows, or with every item left out.
    """
    sheet = _listwise(answers)
    if len(sheet) < 2:
        return None
    each = _a_wg(sheet.mean(axis=0), sheet.var(axis=0, ddof=1), np.full(sheet.shape[1], len(sheet)), low, high)
    return None if np.isnan(each).all() else float(np.nanmean(each))


def score_variance(answers: npt.ArrayLike) -> float | None:
    """Of the persons' means over the items (n x J; listwise): what awg of multilevel reports beside the index."""
    sheet = _listwise(answers)
    return None if len(sheet) < 2 else float(sheet.mean(axis=1).var(ddof=1))


def _listwise(answers: npt.ArrayLike) -> Floats:
    sheet = np.asarray(answers, np.float64)
    sheet = sheet[:, None] if sheet.ndim == 1 else sheet
    return sheet[~np.isnan(sheet).any(axis=1)]


def _mean_ratio(answers: npt.ArrayLike, random_variance: float, missing: Missing) -> tuple[float | None, int]:
    sheet = np.asarray(answers, np.float64)
    sheet = _listwise(sheet) if missing == "listwise" else sheet
    if not sheet.size or ((~np.isnan(sheet)).sum(axis=0) < 2).any():
        return None, sheet.shape[1]
    return float(np.nanvar(sheet, axis=0, ddof=1).mean()) / random_variance, sheet.shape[1]


def _spearman_brown(ratio: float, items: int) -> float:
    agreed = items * (1 - min(ratio, 1.0))
    return agreed / (agreed + min(ratio, 1.0))


def _a_wg(mean: Floats, variance: Floats, n: Floats, low: float, high: float) -> Floats:
    """Of each item; NaN where it is left out."""
    greatest = ((high + low) * mean - mean**2 - high * low) * n / np.maximum(n - 1, 1)
    out = (mean < (low * (n - 1) + high) / n) | (mean > (high * (n - 1) + low) / n)
    fine = ~out & (greatest > 0)
    each = np.where(fine, 1 - 2 * variance / np.where(fine, greatest, 1.0), np.nan)
    return np.where((mean == low) | (mean == high), 1.0, each)


@dataclass(frozen=True)
class Agreements:
    """G teams, each figure an array of G with NaN where it is not defined.

    `n` the least number who answered an item; `variance` the mean item variance, in squared scale units.
    """

    n: npt.NDArray[np.int64]
    variance: Floats
    rwg_j: Floats
    r_star: Floats
    ad_mean: Floats
    ad_median: Floats
    a_wg: Floats


def agreements(counts: npt.ArrayLike) -> Agreements:
    """From distributions alone: `counts` (G x J x P) of answers at each point, a unit apart.

    As the functions above, pairwise: an item rests on those who answered it, since distributions do not tell who
    did. Nothing is defined where an item has fewer than two answers.
    """
    table = np.asarray(counts, np.float64)
    points = np.arange(table.shape[2], dtype=np.float64)
    n = table.sum(axis=2)
    answered = np.maximum(n, 1)
    mean = table @ points / answered
    distance = np.abs(points - mean[:, :, None])
    variance = (table * distance**2).sum(axis=2) / np.maximum(n - 1, 1)
    least = n.min(axis=1)
    known = least >= 2
    ratio = variance.mean(axis=1) / uniform_variance(len(points))
    agreed = table.shape[1] * (1 - np.minimum(ratio, 1))
    each = _a_wg(mean, variance, answered, 0.0, len(points) - 1.0)
    return Agreements(
        least.astype(np.int64),
        np.where(known, variance.mean(axis=1), np.nan),
        np.where(known, agreed / (agreed + np.minimum(ratio, 1)), np.nan),
        np.where(known, 1 - ratio, np.nan),
        np.where(known, ((table * distance).sum(axis=2) / answered).mean(axis=1), np.nan),
        np.where(known, _from_median(table, points, answered), np.nan),
        np.where(known, _mean_of_known(each), np.nan),
    )


def _from_median(table: Floats, points: Floats, answered: Floats) -> Floats:
    """Between the two middle answers every point has the same mean distance, so that the lower one serves."""
    reached = table.cumsum(axis=2) >= answered[:, :, None] / 2
    lower = reached.argmax(axis=2)
    distance = np.abs(points - lower[:, :, None])
    return np.asarray(((table * distance).sum(axis=2) / answered).mean(axis=1), np.float64)


def _mean_of_known(each: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(each, axis=1), np.float64)
