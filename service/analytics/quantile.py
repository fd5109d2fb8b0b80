"""Quantiles of Student's t and what is told by them, without scipy: a process that only answers reads loads none."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

#: The quantile whose value a two-sided interval of 95 % reaches up to.
TWO_SIDED_95 = 0.975
#: The power a least detectable change is told with: it is seen in four cases of five.
_POWER = 0.80
_NORMAL = NormalDist()
#: Hill's error is below 1e-8 from here on; below it, down to the first digit at one degree of freedom.
_HILL_SUFFICES = 20.0
_STRIPS = 400
_STEPS = 3


@lru_cache(maxsize=65_536)
def student_t(probability: float, df: float) -> float:
    """The value a t variate with `df` >= 1 degrees of freedom (whole or not, `inf` for the normal) stays below
    with `probability`, 0.5 < probability <= 0.995.

    Hill (1970), Algorithm 396, Communications of the ACM 13, 619-620; for few degrees of freedom followed by
    Taylor steps of second order on the distribution function, as R's qt does. Within 1e-6 of exact, relative
    to the value. Raises ValueError outside this range.
    """
    if not (0.5 < probability <= 0.995 and df >= 1):
        raise ValueError("student_t needs 0.5 < probability <= 0.995 and df >= 1")
    if math.isinf(df):
        return _NORMAL.inv_cdf(probability)
    t = _hill(2 * (1 - probability), df)
    for _ in range(_STEPS if df < _HILL_SUFFICES else 0):
        step = (probability - _distribution(t, df)) / _density(t, df)
        t += step * (1 + step * t * (df + 1) / (2 * (t * t + df)))
    return t


def detectable(df: float, error: float) -> float:
    """The least true difference that a 95 % interval about an estimate with this standard error would miss zero for in
    four cases of five, by Student's t (Bloom 1995, Evaluation Review 19, 547-556)."""
    return (student_t(TWO_SIDED_95, df) + student_t(_POWER, df)) * error


def _hill(tails: float, df: float) -> float:
    """Hill's approximation, in his own letters; `tails` is the probability beyond -t and t together."""
    a = 1 / (df - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * df
    y = (d * tails) ** (2 / df)
    if y <= 0.05 + a:
        far = 1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3)
        return math.sqrt(df * (((far + 0.5 / (df + 4)) * y - 1) * (df + 1) / (df + 2) + 1 / y))
    x = _NORMAL.inv_cdf(tails / 2)
    y = x * x
    if df < 5:
        c += 0.3 * (df - 4.5) * (x + 0.6)
    c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    return math.sqrt(df * math.expm1(a * y * y))


def _distribution(t: float, df: float) -> float:
    """P(T < t) for t > 0: with t = sqrt(df) tan(angle) the integrand is cos(angle)^(df - 1), smooth over the
    whole range, so that Simpson's rule does."""
    step = math.atan(t / math.sqrt(df)) / _STRIPS
    power = df - 1
    odd = sum(math.pow(math.cos(step * i), power) for i in range(1, _STRIPS, 2))
    even = sum(math.pow(math.cos(step * i), power) for i in range(2, _STRIPS, 2))
    ends = 1 + math.pow(math.cos(step * _STRIPS), power)
    return 0.5 + _constant(df) * math.sqrt(df) * step * (4 * odd + 2 * even + ends) / 3


def _density(t: float, df: float) -> float:
    return _constant(df) * math.exp(-(df + 1) / 2 * math.log1p(t * t / df))


def _constant(df: float) -> float:
    return math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)
