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

    `vanish` for the change among all who could answer to be none. None unless `status` is "ok": "complete" when
    everybody answered the later pulse, so that nobody is left to differ, "insufficient" when figures are missing.
    """

    status: Literal["ok", "complete", "insufficient"]
    vanish: float | None = None


def tipping(change: float | None, earlier: Turnout, later: Turnout) -> Tipping:
    """For a change in points between two pulses with these turnouts.

    A pattern-mixture model with one parameter (Little 1993), asked for its tipping point (Yan, Lee and Li 2009). With r
    the share who answered and d the difference of those who did not, the mean of everybody is that of the
    respondents + (1 - r) d. In the earlier pulse d is taken to be 0, since nothing is known of it; then the change
    among everybody is change + (1 - r2) d2, which is 0 at d2 = -change / (1 - r2).
    """
    if change is None or not (earlier.known and later.known):
        return Tipping("insufficient")
    silent = _silent(later)
    if silent == 0:
        return Tipping("complete")
    return Tipping("ok", -change / silent + 0.0)


def _silent(turnout: Turnout) -> float:
    """The share who did not answer, of a turnout that is known."""
    return 1 - (turnout.n or 0) / (turnout.headcount or 1)
