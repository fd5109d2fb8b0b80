"""Small random organisations with every answer known, and what the gate makes of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

import numpy as np

from service.release.gate import plan, release
from service.release.policy import Policy
from service.release.release import Release
from service.release.tree import atoms
from service.survey.instrument import Block, Instrument, Item, Language, Scale
from service.survey.roster import Roster, Unit, arranged
from service.tally.count import respondents
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


@dataclass(frozen=True)
class World:
    """`units` and `answers` have one row a respondent, as they are stored."""

    roster: Roster
    units: np.ndarray
    answers: np.ndarray
    policy: Policy

    def people_below(self, unit: str) -> np.ndarray:
        """Which rows belong to the unit or anything below it."""
        inside = [self.roster.position[each.id] for each in self.roster.subtree(unit)]
        return np.isin(self.units, inside)


def world(seed: int, size: int = 14, largest: int = 12, missing: float = 0.1, unanimous: float = 0.2) -> World:
    """Some teams are empty, some of one mind, and some people leave items out."""
    chance = random.Random(seed)
    names = [f"u{index:03}" for index in range(size)]
    parents = [None] + [chance.choice(names[max(0, at - 6) : at]) for at in range(1, size)]
    heads = [chance.choice((0, chance.randint(1, largest))) for _ in names]
    roster = arranged(
        Unit(name, f"Unit {name}", up, heads[at]) for at, (name, up) in enumerate(zip(names, parents, strict=True))
    )
    units, answers = [], []
    for position, unit in enumerate(roster.units):
        same = (
            [chance.randint(1, item.scale.points) for item in INSTRUMENT.items] if chance.random() < unanimous else None
        )
        for _ in range(sum(chance.random() < 0.85 for _ in range(unit.headcount))):
            sheet = same or [chance.randint(1, item.scale.points) for item in INSTRUMENT.items]
            units.append(position)
            answers.append([0 if chance.random() < missing else answer for answer in sheet])
    return World(
        roster,
        np.array(units, np.int64),
        np.array(answers, np.uint8).reshape(len(units), len(ITEMS)),
        Policy(chance.choice((4, 5, 6))),
    )


def tallied(world: World, order: np.ndarray | None = None, items: tuple[str, ...] = ITEMS) -> Tally:
    rows = np.arange(len(world.units)) if order is None else order
    asked = [item for item in INSTRUMENT.items if item.id in items]
    units = world.units[rows]
    shown = plan(world.roster, respondents(units, len(world.roster.units)), world.policy)
    return tally(
        units=units,
        answers=world.answers[rows],
        atom_of=atoms(world.roster.parents, shown),
        headcounts=np.array([unit.headcount for unit in world.roster.units], np.int64),
        points=[item.scale.points for item in asked],
        scored=[item.scored for item in asked],
        pool=world.policy.pool,
    )


def released(world: World, folded: Tally | None = None, items: tuple[str, ...] = ITEMS) -> Release:
    return release(
        pulse="p1",
        label="Spring",
        series="s1",
        instrument=INSTRUMENT,
        items=items,
        policy=world.policy,
        policy_hash="0" * 64,
        opened_on=date(2026, 3, 2),
        closed_on=date(2026, 3, 16),
        number=1,
        roster=world.roster,
        tally=folded or tallied(world, items=items),
    )
