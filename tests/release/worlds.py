"""Small random organisations with every answer known, and what the gate makes of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from service.release.bands import collected
from service.release.gate import Counted, Gated, gated, plan
from service.release.policy import Policy
from service.release.release import Release
from service.release.tree import atoms
from service.survey.instrument import Block, Instrument, Item, Language, Scale
from service.survey.pulse import Band, Pulse, State
from service.survey.roster import Roster, Unit, arranged
from service.tally.count import respondents
from service.tally.partial import Asked, partial
from service.tally.tally import Tally, tally

FIVE = Scale(1, 5, {"en": ("one", "two", "three", "four", "five")})
FOUR = Scale(0, 3, {"en": ("none", "some", "much", "all")})
KINDS = Scale(1, 3, {"en": ("pooled", "sequential", "reciprocal")})


def _item(id: str, scale: Scale, *, scored: bool = True) -> Item:
    return Item(id, "B", {"en": f"Statement {id}."}, scale, scored=scored)


INSTRUMENT = Instrument(
    id="little",
    version="1.0",
    names={"en": "Little"},
    languages=(Language("en", "English"),),
    time_frame={"en": "lately"},
    scale=FIVE,
    blocks=(Block("B", "block", {"en": "Block"}),),
    items=(_item("B1", FIVE), _item("B2", FOUR), _item("B3", KINDS, scored=False), _item("B4", FIVE)),
)
ITEMS = tuple(item.id for item in INSTRUMENT.items)
BANDS = (Band("tenure", ("new", "long", "longest")), Band("site", ("north", "south")), Band("shift", ("day", "night")))

_MOODS = ("mixed", "mixed", "mixed", "alike", "high", "low")


@dataclass(frozen=True)
class World:
    """`units`, `bands` and `answers` have one row a respondent, as they are stored."""

    pulse: Pulse
    roster: Roster
    units: np.ndarray
    bands: np.ndarray
    answers: np.ndarray

    @property
    def policy(self) -> Policy:
        return Policy(self.pulse.threshold)

    def people_below(self, unit: str) -> np.ndarray:
        """Which rows belong to the unit or anything below it."""
        inside = [self.roster.position[each.id] for each in self.roster.subtree(unit)]
        return np.isin(self.units, inside)

    def people_of(self, unit: str, by: tuple[str, ...], values: tuple[str, ...]) -> np.ndarray:
        """Which of these rows also state all these values."""
        flags = self.people_below(unit)
        for band, value in zip(by, values, strict=True):
            place = next(at for at, it in enumerate(self.pulse.bands) if it.id == band)
            flags &= self.bands[:, place] == self.pulse.bands[place].values.index(value) + 1
        return flags

    def asking(self, *items: str) -> World:
        """The same people asked only these."""
        kept = [at for at, item in enumerate(ITEMS) if item in items]
        return replace(self, pulse=replace(self.pulse, items=items), answers=self.answers[:, kept])


def world(seed: int, size: int = 14, largest: int = 12, missing: float = 0.1, mood: str | None = None) -> World:
    """Three to six levels with managers between, empty units and chains; teams of one mind or near an end of the
    scale; up to three bands that some leave unsaid, with or without classes. One organisation in twelve is wholly
    of one mind (`mood` says of which)."""
    chance = random.Random(seed)
    roster = _roster(chance, size, largest)
    bands = BANDS[: seed % 4]
    crosses = (("tenure", "site"),) if len(bands) == 2 and chance.random() < 0.7 else ()
    pulse = Pulse(
        id="p1",
        organisation="o1",
        label="Spring",
        series="s1",
        instrument=INSTRUMENT,
        items=ITEMS,
        bands=bands,
        threshold=chance.choice((4, 4, 5, 5, 6, 8, 10)[: 4 if len(bands) == 3 else 7]),
        state=State.CLOSED,
        opened_on=date(2026, 3, 2),
        closed_on=date(2026, 3, 16),
        number=1,
        crosses=crosses,
    )
    everybody = mood or (chance.choice(_MOODS[3:]) if seed % 12 == 11 else None)
    return _answered(chance, pulse, roster, missing, everybody)


def _roster(chance: random.Random, size: int, largest: int) -> Roster:
    """Each unit hangs below one of the last few, or below the last alone, so that some trees are deep."""
    depth = {"u000": 1}
    parents: dict[str, str] = {}
    reach, deepest = chance.choice((1, 3, 6, size)), chance.randint(3, 6)
    for at in range(1, size):
        name, before = f"u{at:03}", [it for it in depth if depth[it] < deepest]
        parents[name] = chance.choice(before[-reach:] if at > deepest else before[-1:])
        depth[name] = depth[parents[name]] + 1
    inner = set(parents.values())
    return arranged(
        Unit(
            name,
            f"Unit {name}",
            parents.get(name),
            chance.choice((0, 0, 1, 2)) if name in inner else chance.choice((0, *[chance.randint(1, largest)] * 4)),
        )
        for name in depth
    )


def _answered(chance: random.Random, pulse: Pulse, roster: Roster, missing: float, mood: str | None) -> World:
    invited = [
        [[chance.randint(1, len(band.values)) for band in pulse.bands] for _ in range(unit.headcount)]
        for unit in roster.units
    ]
    if chance.random() < 0.5:
        pulse = replace(pulse, classes=_classes(chance, pulse, roster, invited))
    asked_for = collected(pulse, roster)
    units, bands, answers = [], [], []
    for position, people in enumerate(invited):
        sheet_of = _mind(chance, mood or chance.choice(_MOODS))
        for person in people:
            if chance.random() < 0.85:
                units.append(position)
                # Some say something else than their invitation did.
                stated = [it if chance.random() < 0.8 else chance.randint(1, 2) for it in person]
                bands.append(
                    [
                        value if band.values[value - 1] in asked_for[band.id] and chance.random() < 0.9 else 0
                        for band, value in zip(pulse.bands, stated, strict=True)
                    ]
                )
                answers.append([0 if chance.random() < missing else answer for answer in sheet_of()])
    rows = len(units)
    return World(
        pulse,
        roster,
        np.array(units, np.int64),
        np.array(bands, np.uint8).reshape(rows, len(pulse.bands)),
        np.array(answers, np.uint8).reshape(rows, len(ITEMS)),
    )


def _classes(
    chance: random.Random, pulse: Pulse, roster: Roster, invited: list[list[list[int]]]
) -> dict[str, dict[str, dict[str, int]]]:
    """What the invitations say, which is left out for some units and some bands of them."""
    return {
        unit.id: {
            band.id: {value: sum(person[place] == at + 1 for person in people) for at, value in enumerate(band.values)}
            for place, band in enumerate(pulse.bands)
            if chance.random() < 0.95
        }
        for unit, people in zip(roster.units, invited, strict=True)
        if chance.random() < 0.95
    }


def _mind(chance: random.Random, mood: str):
    """How the people of a team fill in a sheet."""
    points = [item.scale.points for item in INSTRUMENT.items]
    same = [chance.randint(1, most) for most in points]

    def sheet() -> list[int]:
        if mood == "alike":
            return same
        off = [chance.choice((0, 0, 0, 0, 1)) for _ in points]
        if mood == "high":
            return [most - less for most, less in zip(points, off, strict=True)]
        if mood == "low":
            return [1 + more for more in off]
        return [chance.randint(1, most) for most in points]

    return sheet


def shown_of(it: World) -> np.ndarray:
    return plan(it.roster, respondents(it.units, len(it.roster.units)), it.policy)


def tallied(it: World, order: np.ndarray | None = None) -> Tally:
    rows = np.arange(len(it.units)) if order is None else order
    asked = Asked(
        points=tuple(item.scale.points for item in it.pulse.asked),
        scored=tuple(item.scored for item in it.pulse.asked),
        values=tuple(len(band.values) for band in it.pulse.bands),
        places=np.arange(len(it.roster.units)),
        atom_of=atoms(it.roster.parents, shown_of(it)),
    )
    return tally(partial(it.units[rows], it.answers[rows], it.bands[rows], asked), asked, it.policy.pool)


def made(it: World, order: np.ndarray | None = None) -> Gated:
    counted = Counted(
        pulse=it.pulse,
        policy_hash="0" * 64,
        opened_on=date(2026, 3, 2),
        closed_on=date(2026, 3, 16),
        number=1,
        roster=it.roster,
    )
    return gated(counted, shown_of(it), tallied(it, order))


def released(it: World, order: np.ndarray | None = None) -> Release:
    return made(it, order).release
