"""One block in one unit along a series as an SVG: where each point, interval, band, gap and break stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from service.pages.bounds import bound
from service.pages.charts.step import Step


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size of a picture and, within it, of the ground its marks stand on."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    most_labels: int

    def y(self, score: float) -> float:
        """The scale is always 0 to 100, so that a change looks its size; a model may pass its ends a little."""
        inside = min(max(score, 0.0), 100.0)
        return round(self.bottom - (self.bottom - self.top) * inside / 100, 1)


LARGE = Canvas(560, 310, 38.0, 548.0, 40.0, 270.0, 6)
SMALL = Canvas(240, 140, 38.0, 234.0, 10.0, 112.0, 2)


@dataclass(frozen=True, slots=True)
class Mark:
    """One pulse on the chart, in the SVG's units; `y` is None without a score, `top` and `bottom` where it is withheld.

    Where only a bound is shown it is written in `bound`, `top` and `bottom` are its ends, and no point stands there.
    `below` tells that the model passes above the point.
    """

    x: float
    day: str
    score: int | None
    y: float | None
    top: float | None
    bottom: float | None
    labelled: bool
    anchor: str
    bound: str | None = None
    below: bool = False

    @property
    def label_y(self) -> float:
        """Where its figure is written: beyond the end of the interval that no line runs by."""
        if self.top is None or self.bottom is None:
            return 0.0
        return round(self.bottom + 16 if self.below else self.top - 8, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid and the score it stands for."""

    y: float
    score: int


@dataclass(frozen=True, slots=True)
class Break:
    """What came between two pulses: an upright line at `x` and its word, `y` below the word of the break before."""

    x: float
    y: float
    word: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` of the model through neighbouring pulses that both have it, `bands` its interval: a gap is a gap."""

    canvas: Canvas
    marks: tuple[Mark, ...]
    grid: tuple[Line, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    breaks: tuple[Break, ...]

    @property
    def bounded(self) -> bool:
        return any(mark.bound for mark in self.marks)

    @property
    def gaps(self) -> bool:
        return any(mark.top is None for mark in self.marks)


def chart(steps: Sequence[Step], canvas: Canvas = LARGE) -> Chart:
    """Pulses stand apart as their closing days do."""
    places = _across([step.closed_on for step in steps], canvas)
    every = max(-(-(len(steps) - 1) // (canvas.most_labels - 1)), 1)
    marks = tuple(
        _mark(step, x, canvas, labelled=(len(steps) - 1 - index) % every == 0)
        for index, (step, x) in enumerate(zip(steps, places, strict=True))
    )
    runs = [[(step, places[index]) for index, step in run] for run in _runs(steps)]
    return Chart(
        canvas,
        marks,
        tuple(Line(canvas.y(score), score) for score in (0, 25, 50, 75, 100)),
        tuple(_path([(x, step.smoothed) for step, x in run], canvas) for run in runs),
        tuple(_band(run, canvas) for run in runs),
        tuple(_breaks(steps, places, canvas)),
    )


def short(day: date) -> str:
    return f"{day:%b %Y}"


def _mark(step: Step, x: float, canvas: Canvas, *, labelled: bool) -> Mark:
    at = (x, short(step.closed_on))
    anchor = _anchor(x, canvas)
    if step.at_least is not None and step.at_most is not None:
        top, bottom = canvas.y(step.at_most), canvas.y(step.at_least)
        return Mark(*at, None, None, top, bottom, labelled, anchor, bound(step.at_least, step.at_most))
    if step.score is None or step.low is None or step.high is None:
        return Mark(*at, None, None, None, None, labelled, anchor)
    ends = (canvas.y(step.score), canvas.y(step.high), canvas.y(step.low))
    below = step.smoothed is not None and step.smoothed > step.score
    return Mark(*at, round(step.score), *ends, labelled, anchor, below=below)


def _runs(steps: Sequence[Step]) -> Iterator[list[tuple[int, Step]]]:
    """Neighbours that the model has and nothing stands between that makes them another thing; two at least."""
    run: list[tuple[int, Step]] = []
    for index, step in enumerate(steps):
        if run and (step.smoothed is None or "incomparable" in step.breaks):
            yield from [run] * (len(run) > 1)
            run = []
        if step.smoothed is not None:
            run.append((index, step))
    yield from [run] * (len(run) > 1)


def _path(points: Sequence[tuple[float, float | None]], canvas: Canvas) -> str:
    return " ".join(f"{x},{canvas.y(score)}" for x, score in points if score is not None)


def _band(run: Sequence[tuple[Step, float]], canvas: Canvas) -> str:
    above = [(x, step.smoothed_high) for step, x in run]
    below = [(x, step.smoothed_low) for step, x in reversed(run)]
    return _path([*above, *below], canvas)


def _breaks(steps: Sequence[Step], places: Sequence[float], canvas: Canvas) -> Iterator[Break]:
    stand = 0
    for index, step in enumerate(steps):
        if step.breaks:
            x = round((places[index - 1] + places[index]) / 2, 1) if index else canvas.left
            yield Break(x, canvas.top - 26 + 13 * (stand % 2), ", ".join(step.words), _anchor(x, canvas))
            stand += 1


def _anchor(x: float, canvas: Canvas) -> str:
    """Words near an edge of the picture lean inwards."""
    if x > canvas.right - 30:
        return "end"
    return "start" if x < canvas.left + 10 else "middle"


def _across(days: Sequence[date], canvas: Canvas) -> list[float]:
    room = (canvas.right - canvas.left) * 0.06
    inner, outer = canvas.left + room, canvas.right - room
    span = (days[-1] - days[0]).days if days else 0
    if not span:
        return [round((inner + outer) / 2, 1) for _ in days]
    return [round(inner + (outer - inner) * (day - days[0]).days / span, 1) for day in days]
