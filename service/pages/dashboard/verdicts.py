"""What is said of a change: each verdict, each test and what participation could have done, in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from service.analytics.trends.alerts import Verdict

Kind = Literal["rise", "fall", "level", "early"]


@dataclass(frozen=True, slots=True)
class Word:
    """`sign` stands beside the word so that neither is told by its colour; `moved` is what a sentence says."""

    kind: Kind
    sign: str
    word: str
    moved: str
    meaning: str

    @property
    def told(self) -> bool:
        """Whether it is told from chance."""
        return self.kind in ("rise", "fall")

    def coloured(self, *, neutral: bool) -> Kind:
        """What colours it: nothing does where more is not better, as at the poles of a lens."""
        return "level" if neutral and self.told else self.kind


WORDS: Mapping[Verdict, Word] = {
    "improved": Word("rise", "▲", "rose", "rose", "A rise that is told from chance."),
    "declined": Word("fall", "▼", "fell", "fell", "A fall that is told from chance."),
    "no_change": Word(
        "level",
        "=",
        "no detectable change",
        "shows no detectable change",
        "Whatever moved is no more than chance would move. That is not proof that nothing did: a true change smaller "
        "than the one that can be found would look the same.",
    ),
    "not_enough": Word(
        "early",
        "–",
        "too early to tell",
        "cannot be told yet",
        "Too few pulses, or too few people in them: nothing is said until there are enough.",
    ),
}

TESTS: Mapping[str, str] = {
    "shift": "a jump within the last three pulses",
    "span": "a difference over three pulses or more",
}


def findable(least: float | None) -> int | None:
    """A minimum detectable change as it is written: whole points, rounded up, since smaller ones may go unseen."""
    return None if least is None else math.ceil(least)


def found_by(tests: str) -> str:
    """The words for the column `test`; "" where no test found anything. Raises KeyError for one it does not know."""
    return " and ".join(TESTS[test] for test in tests.split(",") if test)


def tipping(points: float | None) -> str:
    """How participation could have made the change: what those who did not answer would have to be like."""
    if points is None:
        return "Nothing can be said of those who did not answer: there are none, or their number is withheld."
    if abs(points) > 100:
        return "No answers of those who did not take part could undo it: the scale is not long enough."
    side = "above" if points > 0 else "below"
    return (
        f"It would vanish if those who did not answer stood {round(abs(points))} points {side} those who did, and had "
        "not done so before."
    )
