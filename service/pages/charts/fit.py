"""How a team's work hangs together, and how it keeps in step: two ladders side by side, and whether they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 190
_LEFT, _RIGHT, _TOP, _APART = 152.0, 328.0, 58.0, 54.0


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of both ladders."""

    y: float
    work: str
    means: str


@dataclass(frozen=True, slots=True)
class Fit:
    """`work` and `means` are the heights of the two commonest answers, None where there is none; `matched` where
    they are level. They are `joined` where the two may be laid side by side."""

    left: float
    right: float
    steps: tuple[Step, ...]
    work: float | None
    means: float | None
    joined: bool

    @property
    def matched(self) -> bool:
        return self.work is not None and self.work == self.means


def fit(works: Sequence[str], means: Sequence[str], work: int | None, kept: int | None, *, joined: bool) -> Fit:
    """`works` and `means` from the least to the most; `work` and `kept` are places in them."""
    top = len(works) - 1
    steps = tuple(Step(_TOP + _APART * (top - at), works[at], means[at]) for at in reversed(range(len(works))))
    return Fit(_LEFT, _RIGHT, steps, _height(work, top), _height(kept, top), joined)


def _height(place: int | None, top: int) -> float | None:
    return None if place is None else _TOP + _APART * (top - place)
