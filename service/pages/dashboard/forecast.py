"""A leader's own forecast: the form before the release, and afterwards how it met what the team answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.errors import Fault
from service.exports.table import Column, Table
from service.pages.charts.expected import WIDTH, Pair, expected
from service.pages.dashboard.frame import Around, Option
from service.pages.templating import render
from service.survey.instrument import Block, text_in
from service.survey.pulse import Pulse, State

_COLUMNS = (
    Column("block", "text", "", "The block's name."),
    Column("status", "text", "", "Of the score; what follows the forecast is null unless it is ok."),
    Column("forecast", "number", "points, 0 to 100", "What was expected."),
    Column("score", "number", "points, 0 to 100", "What was answered."),
    Column("gap", "number", "points", "Forecast less score."),
    Column("low", "number", "points", "Lower end of the gap's 95 % interval."),
    Column("high", "number", "points", "Upper end of the gap's 95 % interval."),
)
#: Why a forecast meets nothing, by the status of the score.
_UNMET = {
    "suppressed": "The answers are withheld, so that there is nothing to compare.",
    "bound": "Only a bound is released, so that there is nothing to compare.",
}


class Gap(Protocol):
    """One block's forecast and, after the release, what is told of it."""

    @property
    def block(self) -> str: ...
    @property
    def forecast(self) -> float: ...
    @property
    def status(self) -> str: ...
    @property
    def score(self) -> float | None: ...
    @property
    def gap(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def noteworthy(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the page is about: one pulse of those that may be chosen, the leader's unit, and the forecast, if any."""

    pulses: Sequence[Pulse]
    pulse: Pulse
    unit: str
    unit_name: str
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class Met:
    """One block in words."""

    name: str
    status: str
    forecast: int
    score: int | None
    gap: float | None
    low: float | None
    high: float | None
    words: str
    noteworthy: bool


def forecast_page(around: Around, known: Known, faults: Sequence[Fault] = ()) -> str:
    """`faults` are those of what was just sent, none of which was kept."""
    given = {gap.block: f"{gap.forecast:g}" for gap in known.gaps}
    return render(
        "dashboard/forecast.html",
        around=around,
        known=known,
        options=[Option(it.id, _label(it), it.id == known.pulse.id) for it in known.pulses],
        open=known.pulse.state in (State.OPEN, State.CLOSED),
        blocks=[(block.id, text_in(block.names, "en"), given.get(block.id)) for block in asked_blocks(known.pulse)],
        met=[_met(known.pulse, gap) for gap in known.gaps],
        svg=_drawn(known) if known.pulse.state is State.RELEASED and known.gaps else "",
        faults=faults,
    )


def no_forecast_page(around: Around, *, bound: bool) -> str:
    """For a key that leads no unit, or one whose unit no pulse has yet."""
    return render("dashboard/forecast_none.html", around=around, bound=bound)


def forecast_picture(known: Known) -> str:
    return _drawn(known)


def forecast_table(known: Known) -> Table:
    names = _names(known.pulse)
    rows = [
        (names[gap.block], gap.status, gap.forecast, gap.score, gap.gap, gap.low, gap.high)
        for gap in known.gaps
        if gap.block in names
    ]
    return Table("forecast", _COLUMNS, rows)


def asked_blocks(pulse: Pulse) -> list[Block]:
    """The building blocks the pulse scores, in the instrument's order: those a forecast is given of."""
    scored = {item.block for item in pulse.asked if item.scored}
    return [block for block in pulse.instrument.blocks if block.kind == "block" and block.id in scored]


def in_words(gap: Gap) -> str:
    """A gap in whole points, with what may be made of it."""
    if gap.gap is None or gap.low is None or gap.high is None:
        return _UNMET.get(gap.status, "Too little is released to compare.")
    points = round(abs(gap.gap))
    if not points:
        return "As expected."
    way = "lower" if gap.gap > 0 else "higher"
    said = f"The team answered {points} {'point' if points == 1 else 'points'} {way} than expected."
    return (
        f"{said} That is more than chance: worth asking about."
        if gap.noteworthy
        else f"{said} Make nothing of it: chance and guessing do as much."
    )


def _met(pulse: Pulse, gap: Gap) -> Met:
    score = None if gap.score is None else round(gap.score)
    name = _names(pulse).get(gap.block, gap.block)
    words = in_words(gap)
    return Met(name, gap.status, round(gap.forecast), score, gap.gap, gap.low, gap.high, words, bool(gap.noteworthy))


def _drawn(known: Known) -> str:
    names = _names(known.pulse)
    pairs = [_pair(names.get(gap.block, gap.block), gap) for gap in known.gaps]
    return render("charts/expected.svg", chart=expected(pairs), width=WIDTH, unit=known.unit_name)


def _pair(name: str, gap: Gap) -> Pair:
    """The gap's interval is the score's, turned about."""
    if gap.score is None or gap.low is None or gap.high is None:
        return Pair(name, gap.forecast)
    return Pair(name, gap.forecast, gap.score, gap.forecast - gap.high, gap.forecast - gap.low)


def _names(pulse: Pulse) -> Mapping[str, str]:
    return {block.id: text_in(block.names, "en") for block in pulse.instrument.blocks}


def _label(pulse: Pulse) -> str:
    return f"{pulse.label}, {'open now' if pulse.state is State.OPEN else pulse.state.value}"
