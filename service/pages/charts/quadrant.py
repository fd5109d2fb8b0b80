"""Two poles that are never made one number: a unit as a point with its intervals, among four quadrants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 466.0, 14.0, 394.0


@dataclass(frozen=True, slots=True)
class Pole:
    """A score from 0 to 100 with its interval; `value` None where only a bound is released."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Corner:
    """A quadrant: where its words stand, and how likely the unit is in it; None where that cannot be said."""

    name: str
    x: float
    y: float
    anchor: str
    percent: int | None
    named: bool


@dataclass(frozen=True, slots=True)
class Quadrants:
    """`box` is x, y, width and height of both intervals; `point` None where either pole is a bound only."""

    left: float
    right: float
    top: float
    bottom: float
    middle: tuple[float, float]
    corners: tuple[Corner, ...]
    box: tuple[float, float, float, float]
    point: tuple[float, float] | None


def quadrants(across: Pole, up: Pole, chances: Mapping[str, int | None], named: str) -> Quadrants:
    """`across` is isolation, `up` over-reliance; `chances` in percent by the quadrant's name."""
    left, right, top, bottom = _x(across.low), _x(across.high), _y(up.high), _y(up.low)
    both = across.value is not None and up.value is not None
    return Quadrants(
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
        middle=(_x(50), _y(50)),
        corners=tuple(_corner(name, chances.get(name), named) for name in _CORNERS),
        box=(left, top, round(max(right - left, 2), 1), round(max(bottom - top, 2), 1)),
        point=(_x(across.value or 0.0), _y(up.value or 0.0)) if both else None,
    )


#: Isolation grows to the right, over-reliance upwards.
_CORNERS = {
    "dependent": (_LEFT + 12, _TOP + 24, "start"),
    "interdependent": (_RIGHT - 12, _TOP + 24, "end"),
    "inter-independent": (_LEFT + 12, _BOTTOM - 28, "start"),
    "detached": (_RIGHT - 12, _BOTTOM - 28, "end"),
}


def _corner(name: str, percent: int | None, named: str) -> Corner:
    x, y, anchor = _CORNERS[name]
    return Corner(name, x, y, anchor, percent, name == named)


def _x(score: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * score / 100, 1)


def _y(score: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * score / 100, 1)
