"""A history of pulses of one made-up organisation, ready to be collected as if people had sent it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from service.demo import parameters as given
from service.demo.answering import Items, calibrated, mood, passed_over, ticked
from service.demo.climate import Floats, climates
from service.demo.organisation import NAME, PLACES, Ints, headcounts, roster
from service.demo.people import People, first_people, next_people
from service.survey.instrument import Instrument
from service.survey.pulse import Band
from service.survey.roster import Roster

BANDS = (Band("tenure", given.TENURES), Band("location", given.LOCATIONS))


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """What one respondent sends: unkeyed answers by item id, without those passed over, and the bands stated."""

    unit: str
    answers: dict[str, int]
    bands: dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoPulse:
    """`answers` come in no order, and never more of a unit than its headcount."""

    label: str
    opened_on: date
    closed_on: date
    roster: Roster
    answers: tuple[DemoAnswer, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class History:
    """An organisation's `name` and its pulses, oldest first."""

    name: str
    pulses: tuple[DemoPulse, ...]


def history(rng: np.random.Generator, instrument: Instrument, start: date, pulses: int, months_between: int) -> History:
    """`pulses` rounds, the first in the month of `start`; both counts at least 1. The same draws give the same history.

    Pulses open on the first Monday from `start` (or its day so many months later) and are labelled by that month.
    """
    items = calibrated(rng, instrument)
    climate = climates(rng, instrument.blocks, pulses, months_between)
    sizes = headcounts(rng, pulses)
    keenness = rng.beta(given.PARTICIPATION_SHAPE, given.PARTICIPATION_SHAPE, len(PLACES))
    due = [_months_on(start, index * months_between) for index in range(pulses)]
    days = [_monday_from(day) for day in due]
    everyone = _everyone(rng, sizes, [day.toordinal() for day in days], len(instrument.blocks))
    made = (
        DemoPulse(
            label=_label(due[index], months_between),
            opened_on=days[index],
            closed_on=days[index] + timedelta(days=given.OPEN_DAYS),
            roster=roster(sizes[index]),
            answers=tuple(_answers(rng, items, _taking_part(rng, people, keenness), climate[index], days[index])),
            bands=BANDS,
        )
        for index, people in enumerate(everyone)
    )
    return History(NAME, tuple(made))


def _everyone(rng: np.random.Generator, sizes: Ints, days: list[int], blocks: int) -> Iterator[People]:
    """Who is there at each pulse."""
    people = first_people(rng, sizes[0], days[0], blocks)
    yield people
    for index in range(1, len(days)):
        people = next_people(rng, people, sizes[index], days[index - 1], days[index])
        yield people


def _taking_part(rng: np.random.Generator, people: People, keenness: Floats) -> People:
    """Those who answer, in no order; each unit's level is drawn anew around its lasting one."""
    steady = given.PARTICIPATION_STEADINESS
    levels = rng.beta(steady * keenness, steady * (1 - keenness))
    chance = given.PARTICIPATION_LOW + (given.PARTICIPATION_HIGH - given.PARTICIPATION_LOW) * levels
    return people.kept(rng.permutation(np.flatnonzero(rng.random(len(people)) < chance[people.place])))


def _answers(
    rng: np.random.Generator, items: Items, people: People, climate: Floats, day: date
) -> Iterator[DemoAnswer]:
    latent = people.trait + mood(rng, *people.trait.shape) + climate[people.place]
    ticks = ticked(rng, items, latent).tolist()
    missing = passed_over(rng, (len(people), len(items.ids))).tolist()
    bands = _stated(rng, people, day)
    for place, row, gaps, stated in zip(people.place.tolist(), ticks, missing, bands, strict=True):
        kept = {id: tick for id, tick, gap in zip(items.ids, row, gaps, strict=True) if not gap}
        yield DemoAnswer(PLACES[place].id, kept, stated)


def _stated(rng: np.random.Generator, people: People, day: date) -> Iterator[dict[str, str]]:
    """The bands each respondent states, some of them left out."""
    values = np.stack([people.tenure(day.toordinal()), people.location], axis=1).tolist()
    told = (rng.random((len(people), len(BANDS))) >= given.BAND_NONRESPONSE).tolist()
    for row, says in zip(values, told, strict=True):
        yield {band.id: band.values[at] for band, at, say in zip(BANDS, row, says, strict=True) if say}


def _months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _label(due: date, months_between: int) -> str:
    """The quarter, or the month where a quarter would hold two pulses."""
    return f"Q{(due.month + 2) // 3} {due.year}" if months_between >= 3 else f"{due:%B %Y}"
