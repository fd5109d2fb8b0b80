"""The rules of a release: the least number that may be shown, and the hash that fixes it before anyone answers."""

from __future__ import annotations

from dataclasses import dataclass

FLOOR = 4
DEFAULT_THRESHOLD = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """`threshold` is k: no combination of published figures may involve fewer respondents."""

    threshold: int = DEFAULT_THRESHOLD

    @property
    def distribution(self) -> int:
        """The least n for a distribution: a histogram says more of each person than a mean does."""
        return 2 * self.threshold

    @property
    def pool(self) -> int:
        """The least n for the organisation's pooled moments, far above where sheets can be rebuilt."""
        return 10 * self.threshold
