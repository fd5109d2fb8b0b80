"""How different those who did not answer would have to be for a change to vanish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Turnout:
    """`n` of `headcount` people answered; None where the release withholds it."""

    n: int | None
    headcount: int | None

    @property
    def known(self) -> bool:
        return bool(self.n and self.headcount and self.headcount >= self.n)


@dataclass(frozen=True, slots=True)
class Tipping:
    """Points by which the later pulse's non-respondents would have to score above (+) or below (-) its respondents.

    `vanish` for the change among all who could answer to be none; `doubt` for the near end of its interval to reach 0,
    0 when it already does. Both None unless `status` is "ok": "complete" when everybody answered the later pulse, so
    that nobody is left to differ, "insufficient" when figures are missing.
    """

    status: Literal["ok", "complete", "insufficient"]
    vanish: float | None = None
    doubt: float | None = None


def tipping(
    change: float | None, low: float | None, high: float | None, earlier: Turnout, later: Turnout, gap: float = 0.0
) -> Tipping:
    """For a change in points with its interval, between two pulses with these turnouts.

    A pattern-mixture model with one parameter (Little 1993), asked for its tipping point (Yan, Lee and Li 2009). With r
    the share who answered and d the difference of those who did not, the mean of everybody is that of the
    respondents + (1 - r) d. In the earlier pulse d is taken to be `gap`, 0 if nothing is known of it; then the
    change among everybody is change + (1 - r2) d2 - (1 - r1) gap, which is 0 at

        d2 = ((1 - r1) gap - change) / (1 - r2).

    The interval is moved as a whole: the doubt about who answered is added to chance, it does not replace it.
    """
    if change is None or low is None or high is None or not (earlier.known and later.known):
        return Tipping("insufficient")
    silent = _silent(later)
    if silent == 0:
        return Tipping("complete")
    already = _silent(earlier) * gap
    near = 0.0 if low - already <= 0 <= high - already else min(low - already, high - already, key=abs)
    return Tipping("ok", (already - change) / silent + 0.0, -near / silent + 0.0)


def _silent(turnout: Turnout) -> float:
    """The share who did not answer, of a turnout that is known."""
    return 1 - (turnout.n or 0) / (turnout.headcount or 1)
