"""Teams as points on a map, alike ones near each other: where each mark, letter and label stands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.analytics.clusters.plane import Direction, Plane

WIDTH = 640
TOP = 64.0
_LEFT, _RIGHT = 20.0, 620.0
_LOWEST, _HIGHEST = 320.0, 490.0
#: Room around the outermost mark, in points of the scale.
_MARGIN = 1.5
#: Chi square with two degrees of freedom: 95 % of what chance does lies within this many deviations.
_REACH = math.sqrt(5.991)
_CORNERS = 48
#: More marks than these are a blot and weigh more than a page may; evenly many of the teams are drawn then.
MOST_MARKS = 600
#: Each mark can be pointed at to read its team's name, as long as the page stays light.
_MOST_NAMED = 200
#: What stands for a kind beside its colour, drawn about a mark's middle.
SHAPES = (
    "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "m-4.500-4.500h9v9h-9z",
    "m0-6.500 6 10.500h-12z",
    "m0-6.500 6 6.500-6 6.500-6-6.500z",
    "m0 6.500 6-10.500h-12z",
    "m-1.800-6h3.600v4.200h4.200v3.600h-4.200v4.200h-3.600v-4.200h-4.200v-3.600h4.200z",
)


@dataclass(frozen=True, slots=True)
class Team:
    """One team's mark: `kind` 1 to 6, 0 where it is of none; `faint` where it is not surely of that kind."""

    id: str
    name: str
    kind: int = 0
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    path: str
    look: str
    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The middle of an archetype."""

    x: float
    y: float
    letter: str
    kind: int


@dataclass(frozen=True, slots=True)
class Map:
    """Both directions are to one scale; `bar` is the length of `bar_points` on it. `left_out` teams have no mark."""

    height: int
    bottom: float
    middle: tuple[float, float]
    marks: tuple[Mark, ...]
    letters: tuple[Letter, ...]
    chance: str
    across: tuple[str, ...]
    up: tuple[str, ...]
    bar: float
    bar_points: int
    left_out: int


def team_map(
    plane: Plane,
    teams: Sequence[Team],
    middles: Mapping[str, tuple[int, Mapping[str, float]]],
    words: tuple[tuple[str, ...], tuple[str, ...]],
) -> Map:
    """`teams` in the roster's order, those without a place are passed over; `middles` by letter the kind and profile
    of each archetype; `words` say, a line each,
    what grows to the right and upwards."""
    placed = [team for team in teams if team.id in plane.places]
    every = -(-len(placed) // MOST_MARKS) or 1
    drawn = placed[::every]
    centres = {letter: _centre(plane.directions, profile) for letter, (_, profile) in middles.items()}
    outline = list(_outline(plane))
    sheet = _sheet([*(plane.places[it.id] for it in drawn), *centres.values(), *outline])
    return Map(
        height=round(sheet.bottom + 90),
        bottom=sheet.bottom,
        middle=sheet.at(0, 0),
        marks=tuple(_mark(team, sheet.at(*plane.places[team.id]), named=len(drawn) <= _MOST_NAMED) for team in drawn),
        letters=tuple(Letter(*sheet.at(*centres[it]), it, kind) for it, (kind, _) in middles.items()),
        chance=" ".join("{},{}".format(*sheet.at(x, y)) for x, y in outline),
        across=words[0],
        up=words[1],
        bar=round(10 * sheet.scale, 1),
        bar_points=10,
        left_out=len(placed) - len(drawn),
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where points of the plane lie on the paper."""

    left: float
    top: float
    scale: float
    bottom: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.left) * self.scale, 1), round(self.bottom - (y - self.top) * self.scale, 1)


def _sheet(points: Sequence[tuple[float, float]]) -> _Sheet:
    """As large as the paper allows, with the points in its middle."""
    (left, right), (low, high) = (
        (min(values) - _MARGIN, max(values) + _MARGIN) for values in zip(*points, strict=True)
    )
    scale = min((_RIGHT - _LEFT) / (right - left), (_HIGHEST - TOP) / (high - low))
    height = max(_LOWEST - TOP, scale * (high - low))
    spare_across = (_RIGHT - _LEFT) / scale - (right - left)
    spare_up = height / scale - (high - low)
    bottom = TOP + height
    return _Sheet(left - spare_across / 2 - _LEFT / scale, low - spare_up / 2, scale, round(bottom, 1))


def _mark(team: Team, place: tuple[float, float], *, named: bool) -> Mark:
    x, y = place
    look = f"kind-{team.kind}" if team.kind else "none"
    shape = SHAPES[(team.kind or 1) - 1]
    return Mark(f"M{x:g} {y:g}{shape}", f"{look} faint" if team.faint else look, team.name if named else "")


def _centre(directions: tuple[Direction, Direction], profile: Mapping[str, float]) -> tuple[float, float]:
    across, up = directions
    return across.along(profile), up.along(profile)


def _outline(plane: Plane) -> Iterator[tuple[float, float]]:
    """Where 19 of 20 typical teams would lie if chance alone set them apart: an ellipse about the middle."""
    if plane.chance is None:
        return
    (a, b), (_, d) = plane.chance
    across = math.sqrt(max(a, 0.0))
    lean = b / across if across else 0.0
    rest = math.sqrt(max(d - lean**2, 0.0))
    for corner in range(_CORNERS):
        cos, sin = math.cos(2 * math.pi * corner / _CORNERS), math.sin(2 * math.pi * corner / _CORNERS)
        yield _REACH * across * cos, _REACH * (lean * cos + rest * sin)
