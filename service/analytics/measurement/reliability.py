"""Internal consistency of a set of items, from their covariance matrix: closed forms only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Missing = Literal["listwise", "pairwise"]

#: Relative to the greatest, what of a matrix or a variance is rounding.
SINGULAR = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True, slots=True)
class Reliability:
    """J items. `alpha` on the covariance, `alpha_std` on the correlation matrix, `mean_r` the mean correlation of two
    items and `implied_r` the one that would give `alpha` (av.r of psych::scoreItems); `lambda6` Guttman's; per item
    the correlation with the sum of the others and alpha without it. Any figure is None where it is not defined: a
    variance of none, fewer than two items (three for `alpha_if_dropped`), no n for `interval`."""

    items: int
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    alpha_std: float | None = None
    mean_r: float | None = None
    implied_r: float | None = None
    lambda6: float | None = None
    item_rest_r: tuple[float | None, ...] = ()
    alpha_if_dropped: tuple[float | None, ...] = ()


def reliability(cov: npt.ArrayLike, n: int | None = None, level: float = 0.95) -> Reliability:
    """From a J x J covariance matrix of keyed items, of `n` people; lambda-6 and alpha_std as psych::alpha.

    Alpha: Cronbach (1951). Interval: Feldt (1965), (1 - alpha) over F with n - 1 and (n - 1)(J - 1) degrees of
    freedom. lambda-6: Guttman (1945), 1 - sum(1 - squared multiple correlation) / sum of the correlation matrix.
    """
    matrix = np.asarray(cov, np.float64)
    count, alpha, corr = len(matrix), cronbach(matrix), correlation(matrix)
    return Reliability(
        count,
        alpha,
        None if alpha is None or n is None else feldt(alpha, n, count, level),
        None if corr is None else cronbach(corr),
        float((corr.sum() - count) / (count * (count - 1))) if corr is not None and count > 1 else None,
        None if alpha is None else alpha / (count - (count - 1) * alpha),
        None if corr is None or count < 2 else _lambda6(corr),
        item_rest(matrix),
        _without_each(matrix),
    )


def cronbach(cov: Floats) -> float | None:
    """J / (J - 1) (1 - trace / sum)."""
    count, total = len(cov), float(cov.sum())
    if count < 2 or total <= SINGULAR * float(np.trace(cov)):
        return None
    return count / (count - 1) * (1 - float(np.trace(cov)) / total)


def feldt(alpha: float, n: int, items: int, level: float = 0.95) -> tuple[float, float] | None:
    """Equal-tailed; None where no degrees of freedom are left."""
    from scipy.special import fdtri

    if n < 2 or items < 2:
        return None
    df1, df2, tail = n - 1, (n - 1) * (items - 1), (1 - level) / 2
    low, high = (1 - (1 - alpha) * float(fdtri(df1, df2, quantile)) for quantile in (1 - tail, tail))
    return low, high


def correlation(cov: Floats) -> Floats | None:
    """None where an item has no variance."""
    variance = np.diag(cov)
    if not np.all(variance > 0):
        return None
    sd = np.sqrt(variance)
    return np.asarray(cov / np.outer(sd, sd), np.float64)


def item_rest(cov: Floats) -> tuple[float | None, ...]:
    """Each item's correlation with the sum of the others; None where either does not vary."""
    own = np.diag(cov)
    shared = cov.sum(axis=1) - own
    rest = cov.sum() - 2 * cov.sum(axis=1) + own
    fine = (own > 0) & (rest > SINGULAR * own)
    scale = np.sqrt(np.where(fine, own * rest, 1.0))
    return tuple(float(r) if ok else None for r, ok in zip(shared / scale, fine, strict=True))


def _without_each(cov: Floats) -> tuple[float | None, ...]:
    keep = [np.delete(np.arange(len(cov)), i) for i in range(len(cov))]
    return tuple(cronbach(cov[np.ix_(others, others)]) for others in keep)


def _lambda6(corr: Floats) -> float | None:
    """A singular matrix is inverted as far as it can be, as psych does."""
    total = float(corr.sum())
    if total <= SINGULAR:
        return None
    inverse = np.diag(np.linalg.pinv(corr, rcond=SINGULAR, hermitian=True))
    smc = np.clip(1 - 1 / np.maximum(inverse, 1.0), 0.0, 1.0)
    return 1 - float((1 - smc).sum()) / total


def keyed(answers: npt.ArrayLike, reverse: Sequence[bool], low: float, high: float) -> Floats:
    """The sheet (n x J, NaN for no answer) with the columns marked `reverse` turned about the middle of the scale."""
    sheet = np.asarray(answers, np.float64)
    return np.asarray(np.where(np.asarray(reverse, bool), low + high - sheet, sheet), np.float64)


def covariance(answers: npt.ArrayLike, missing: Missing = "listwise") -> tuple[Floats, int]:
    """The J x J covariance (divisor n - 1) of a sheet (n x J, NaN for no answer), and n.

    Listwise: only who answered every item. Pairwise: for each two items who answered both, about their means among
    these people (R's use = "pairwise"); n is then everybody. All zero where fewer than two people are left.
    """
    sheet = np.asarray(answers, np.float64)
    if missing == "listwise":
        sheet = sheet[~np.isnan(sheet).any(axis=1)]
    given = (~np.isnan(sheet)).astype(np.float64)
    # Centred first: products of raw answers would lose digits where items hardly vary.
    centre = np.nan_to_num(sheet).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
    apart = np.where(given > 0, sheet - centre, 0.0)
    both, sums = given.T @ given, apart.T @ given
    products = apart.T @ apart - sums * sums.T / np.maximum(both, 1)
    return np.asarray(products / np.maximum(both - 1, 1), np.float64), len(sheet)
