"""What sets archetypes apart, block by block: bars from the organisation's mean to either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, MIDDLE = 270, 135.0
_REACH = 92.0
_HEAD, _ROW, _GAP = 34.0, 42.0, 22.0
#: Bars are drawn to this many points at least, so that small differences look small.
_LEAST_SCALE = 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One block: `x` and `width` of its bar, `at` where its figure stands and on which side."""

    name: str
    points: float
    y: float
    x: float
    width: float
    at: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Panel:
    letter: str
    kind: int
    title: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One archetype to draw: `profile` points from the organisation's mean by the block's name."""

    letter: str
    kind: int
    profile: Mapping[str, float]


def profiles(shapes: Sequence[Shape], scale: float | None = None) -> Profiles:
    """One panel below the other, all to one scale: `scale` points reach to either side, by default the greatest."""
    reach = scale or scale_of(shapes)
    panels, y = [], 0.0
    for shape in shapes:
        panels.append(_panel(shape, y, reach))
        y += _HEAD + _ROW * len(shape.profile) + _GAP
    return Profiles(round(y - _GAP), tuple(panels))


def scale_of(shapes: Sequence[Shape]) -> float:
    return max([_LEAST_SCALE, *(abs(points) for shape in shapes for points in shape.profile.values())])


def _panel(shape: Shape, top: float, scale: float) -> Panel:
    bars = (
        _bar(name, points, top + _HEAD + _ROW * row, scale) for row, (name, points) in enumerate(shape.profile.items())
    )
    return Panel(shape.letter, shape.kind, f"Archetype {shape.letter}", top, tuple(bars))


def _bar(name: str, points: float, y: float, scale: float) -> Bar:
    length = round(abs(points) / scale * _REACH, 1)
    end = MIDDLE + length if points >= 0 else MIDDLE - length
    x = min(MIDDLE, end)
    at, anchor = (end + 6, "start") if points >= 0 else (end - 6, "end")
    return Bar(name, points, y, round(x, 1), length, round(at, 1), anchor)
