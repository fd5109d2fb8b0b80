"""Organisations whose truth is known, by the graded response model (Samejima 1969): what the findings are tried on.

    python -m tests.load.synthetic OUT --seed 5 --teams 150 --archetypes --team-shock --department-shock

A person answers an item at `k` or above with probability 1 / (1 + exp(-a (x - b_k))), where the latent x adds the
climate of the team, a leaning the person keeps, and a mood of the day; the five blocks are correlated in each. People
leave and are replaced, and differ in how often they answer, so that the present members are not the climate.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_Number = TypeVar("_Number", np.int64, np.float64)

BLOCKS = (
    "wellbeing",
    "strengths_based_teams",
    "psychological_safety",
    "productive_conflict",
    "integrated_coaching_leaders",
)
ITEMS, POINTS = 5, 5
#: Fewer respondents than this are not shown.
THRESHOLD = 4
ANCHORS = 2
#: Variances of a person's leaning and mood in the latent unit, and their correlation between blocks.
LEANING, MOOD, PERSON_CORRELATION = 0.53, 0.47, 0.48
#: Share of people replaced between two pulses.
TURNOVER = 0.015
#: Where the archetypes' climates stand to one another, in latent units, and how many teams are of each.
CENTRES = np.array([[0.2, 0.1, 0.2, 0.2, 0.2], [0.35, 0.1, -0.9, -0.85, 0.15], [-0.95, -0.4, 0.35, 0.25, -0.75]])
SHARES = (0.56, 0.22, 0.22)
#: Standard deviation of team climates: within an archetype, and where there are none.
WITHIN_ARCHETYPE, WITHOUT_ARCHETYPES = 0.19, 0.48
DEPARTMENT_SHARE, CLIMATE_CORRELATION = 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Design:
    """`drift` is the standard deviation of a step of a team's climate, a shock its size, both in latent units (one is
    about .75 points of the scale); `least` to `most` people a team; `departments` None means eight teams in each."""

    seed: int = 5
    teams: int = 150
    departments: int | None = None
    pulses: int = 13
    least: int = 5
    most: int = 15
    archetypes: bool = False
    drift: float = 0.03
    team_shock: float = 0.0
    department_shock: float = 0.0
    rotation: bool = False

    @property
    def department(self) -> Ints:
        each = 8 if self.departments is None else -(-self.teams // self.departments)
        return np.arange(self.teams) // each

    @property
    def shock_pulse(self) -> int:
        return self.pulses * 8 // 13

    @property
    def asked(self) -> Flags:
        """(pulses, blocks, items): with rotation the first two items always and one of the others in turn."""
        asked = np.ones((self.pulses, len(BLOCKS), ITEMS), np.bool_)
        if self.rotation:
            turn = ANCHORS + np.arange(self.pulses) % (ITEMS - ANCHORS)
            asked[:, :, ANCHORS:] = (np.arange(ANCHORS, ITEMS) == turn[:, None])[:, None, :]
        return asked


@dataclass(frozen=True, slots=True)
class Shock:
    """From this pulse on these teams' climate in one block is moved for good."""

    pulse: int
    level: str
    teams: Ints
    block: int
    latent_size: float


@dataclass(frozen=True, slots=True)
class ItemBank:
    """Discriminations (blocks, items) and increasing thresholds (blocks, items, points - 1)."""

    slope: Floats
    threshold: Floats

    def reaching(self, latent: Floats, block: int) -> Floats:
        """Probability of answering at each point above the lowest: latent's shape with items and points - 1 added."""
        distance = latent[..., None, None] - self.threshold[block]
        reaching: Floats = 1 / (1 + np.exp(-self.slope[block][:, None] * distance))
        return reaching

    def expected(self, latent: Floats, block: int, variance: float) -> Floats:
        """Mean score 1 to 5 over all items of people spread about `latent` by a normal of this variance."""
        node, weight = np.polynomial.hermite_e.hermegauss(41)
        grid = np.linspace(latent.min() - 0.1, latent.max() + 0.1, 400)
        spread = grid[:, None] + np.sqrt(variance) * node
        value = 1 + self.reaching(spread, block).sum(-1).mean(-1) @ weight / weight.sum()
        return np.asarray(np.interp(latent, grid, value), np.float64)


@dataclass(slots=True)
class People:
    """Who is in which team today, their leanings (people, blocks) and how likely each is to answer."""

    team: Ints
    leaning: Floats
    readiness: Floats

    @classmethod
    def hired(cls, chance: np.random.Generator, team: Ints) -> People:
        return cls(team, correlated(chance, len(team), LEANING, PERSON_CORRELATION), chance.beta(3.3, 1.2, len(team)))

    def replace_some(self, chance: np.random.Generator) -> None:
        leave = chance.random(len(self.team)) < TURNOVER
        new = People.hired(chance, self.team[leave])
        self.leaning[leave], self.readiness[leave] = new.leaning, new.readiness


@dataclass(frozen=True, slots=True)
class Round:
    """What was answered in one pulse: `counts` (teams, blocks, items, points), `n` (teams) respondents, `total` and
    `squares` (teams, blocks) of their block means; over the people of the shown teams the `sums` of items, their
    `products`, and how much of the products of items and of block means lies within teams, on `df` degrees."""

    counts: Ints
    n: Ints
    total: Floats
    squares: Floats
    people: int
    sums: Floats
    products: Floats
    within: Floats
    within_blocks: Floats
    df: int

    @classmethod
    def of(cls, team: Ints, answers: Ints, asked: Flags, teams: int) -> Round:
        """`answers` (people, blocks, items) 1 to 5, of which only those `asked` (blocks, items) were given."""
        n, means = np.bincount(team, minlength=teams), answers.mean(-1, where=asked)
        chosen = (answers[..., None] == np.arange(1, POINTS + 1)) & asked[..., None]
        shown = n[team] >= THRESHOLD
        items = (answers * asked)[shown].reshape(int(shown.sum()), -1).astype(np.float64)
        return cls(
            _by_team(team, chosen.astype(np.int64), teams),
            n,
            _by_team(team, means, teams),
            _by_team(team, means**2, teams),
            len(items),
            items.sum(axis=0),
            items.T @ items,
            _within(team[shown], items, n),
            _within(team[shown], means[shown], n),
            len(items) - int((n >= THRESHOLD).sum()),
        )


def _by_team(team: Ints, values: npt.NDArray[_Number], teams: int) -> npt.NDArray[_Number]:
    sums = np.zeros((teams, *values.shape[1:]), values.dtype)
    np.add.at(sums, team, values)
    return sums


def _within(team: Ints, values: Floats, n: Ints) -> Floats:
    apart = values - _by_team(team, values, len(n))[team] / n[team, None]
    within: Floats = apart.T @ apart
    return within


@dataclass(frozen=True)
class Organisation:
    """`climate` and `members` are the true scores 1 to 5 (teams, pulses, blocks), `archetype` (teams) its kind."""

    design: Design
    headcount: Ints
    archetype: Ints
    shocks: list[Shock]
    rounds: tuple[Round, ...]
    climate: Floats
    members: Floats

    @property
    def n(self) -> Ints:
        """(teams, pulses)."""
        return np.stack([it.n for it in self.rounds], axis=1)

    @property
    def moments(self) -> dict[str, npt.NDArray[np.generic]]:
        return {
            "asked": self.design.asked,
            "n": np.array([it.people for it in self.rounds]),
            "s1": np.stack([it.sums for it in self.rounds]),
            "s2": np.stack([it.products for it in self.rounds]),
            "W": np.sum([it.within for it in self.rounds], axis=0),
            "Wdf": np.array(sum(it.df for it in self.rounds)),
            "W5": np.sum([it.within_blocks for it in self.rounds], axis=0),
            "W5df": np.array(sum(it.df for it in self.rounds)),
        }


def correlated(chance: np.random.Generator, size: int, variance: float, correlation: float) -> Floats:
    """(size, blocks) normal values of this variance with one correlation between every two blocks."""
    shared, own = chance.standard_normal((size, 1)), chance.standard_normal((size, len(BLOCKS)))
    return np.sqrt(variance) * (np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)


def item_bank(chance: np.random.Generator) -> ItemBank:
    place = chance.normal(0, 0.2, (len(BLOCKS), 1)) + chance.normal(0, 0.45, (len(BLOCKS), ITEMS))
    stretch = chance.lognormal(0, 0.15, (len(BLOCKS), ITEMS, 1))
    steps = np.array([-2.45, -1.5, -0.55, 0.95]) * stretch
    return ItemBank(chance.lognormal(np.log(1.6), 0.25, place.shape), place[..., None] + steps)


def shocks(design: Design, chance: np.random.Generator) -> list[Shock]:
    """In each block 4 % of the teams; in one block each of some whole departments, a sixth of them or three."""
    found, pulse = [], design.shock_pulse
    if design.team_shock:
        size = max(1, round(0.04 * design.teams))
        for block in range(len(BLOCKS)):
            hit = chance.choice(design.teams, size, replace=False)
            found.append(Shock(pulse, "team", hit, block, design.team_shock))
    if design.department_shock:
        departments = int(design.department.max()) + 1
        hit = chance.choice(departments, min(departments, max(3, departments // 6)), replace=False)
        for department, block in zip(hit, cycle(chance.permutation(len(BLOCKS))), strict=False):
            teams = np.flatnonzero(design.department == department)
            found.append(Shock(pulse, "department", teams, int(block), design.department_shock))
    return found


def latent_climate(design: Design, archetype: Ints, struck: list[Shock], chance: np.random.Generator) -> Floats:
    """(teams, pulses, blocks): own level, department's, archetype's, the year's course, drift, shocks."""
    variance = (WITHIN_ARCHETYPE if design.archetypes else WITHOUT_ARCHETYPES) ** 2
    departments = correlated(chance, design.department.max() + 1, DEPARTMENT_SHARE * variance, CLIMATE_CORRELATION)
    level = correlated(chance, design.teams, (1 - DEPARTMENT_SHARE) * variance, CLIMATE_CORRELATION)
    level += departments[design.department]
    if design.archetypes:
        level += CENTRES[archetype]
    steps = correlated(chance, design.teams * design.pulses, design.drift**2, CLIMATE_CORRELATION)
    drift = steps.reshape(design.teams, design.pulses, -1)
    drift[:, 0] = 0
    year = 0.08 * np.sin(2 * np.pi * np.arange(design.pulses) / 13)[:, None]
    course = year + np.cumsum(chance.normal(0, 0.02, (design.pulses, len(BLOCKS))), axis=0)
    climate = level[:, None] + drift.cumsum(axis=1) + course
    for shock in struck:
        climate[shock.teams, shock.pulse :, shock.block] += shock.latent_size
    return climate


def organisation(design: Design) -> Organisation:
    """The same design always makes the same organisation."""
    chance = np.random.default_rng(design.seed)
    bank, struck = item_bank(chance), shocks(design, chance)
    headcount = np.clip(chance.poisson(9.2, design.teams), design.least, design.most)
    archetype = chance.choice(len(SHARES), design.teams, p=SHARES)
    latent = latent_climate(design, archetype, struck, chance)
    people = People.hired(chance, np.repeat(np.arange(design.teams), headcount))
    rounds, members = [], []
    for pulse in range(design.pulses):
        if pulse:
            people.replace_some(chance)
        leaning = latent[people.team, pulse] + people.leaning
        members.append(_mean_of_members(bank, leaning, people.team, headcount))
        here = chance.random(len(people.team)) < people.readiness
        answers = _answers(bank, leaning[here], chance)
        rounds.append(Round.of(people.team[here], answers, design.asked[pulse], design.teams))
    climate = np.stack([bank.expected(latent[..., block], block, LEANING + MOOD) for block in range(len(BLOCKS))], -1)
    return Organisation(design, headcount, archetype, struck, tuple(rounds), climate, np.stack(members, axis=1))


def _mean_of_members(bank: ItemBank, leaning: Floats, team: Ints, headcount: Ints) -> Floats:
    scores = [bank.expected(leaning[:, block], block, MOOD) for block in range(len(BLOCKS))]
    return np.stack([np.bincount(team, score, len(headcount)) / headcount for score in scores], axis=1)


def _answers(bank: ItemBank, leaning: Floats, chance: np.random.Generator) -> Ints:
    """(people, blocks, items), 1 to 5."""
    latent = leaning + correlated(chance, len(leaning), MOOD, PERSON_CORRELATION)
    drawn = chance.random((len(leaning), len(BLOCKS), ITEMS, 1))
    reached = [bank.reaching(latent[:, block], block) > drawn[:, block] for block in range(len(BLOCKS))]
    return np.asarray(1 + np.stack(reached, axis=1).sum(-1), np.int64)


def write(made: Organisation, folder: Path) -> None:
    """data.csv, items.csv, truth.csv, expected.json and pooled_item_moments.npz."""
    folder.mkdir(parents=True, exist_ok=True)
    _csv(folder / "data.csv", "team,dept,headcount,pulse,block,n,sum,sumsq", _data(made))
    _csv(folder / "items.csv", "team,pulse,item,c1,c2,c3,c4,c5", _items(made))
    _csv(folder / "truth.csv", "team,pulse,block,true_climate,true_current_members", _truth(made))
    np.savez_compressed(folder / "pooled_item_moments.npz", **made.moments)
    (folder / "expected.json").write_text(json.dumps(_expected(made), indent=1))


def _csv(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _name(team: int) -> str:
    return f"T{team:03}"


def _shown(made: Organisation) -> Iterator[tuple[int, int]]:
    return zip(*np.nonzero(made.n >= THRESHOLD), strict=True)


def _known(made: Organisation) -> Ints:
    """Teams shown in at least one pulse: of the others nothing is there to be found."""
    return np.flatnonzero((made.n >= THRESHOLD).any(axis=1))


def _data(made: Organisation) -> Iterator[tuple[object, ...]]:
    for team, pulse in _shown(made):
        given = made.rounds[pulse]
        for block, name in enumerate(BLOCKS):
            department = f"D{made.design.department[team]:02}"
            sums = round(float(given.total[team, block]), 6), round(float(given.squares[team, block]), 6)
            yield _name(team), department, made.headcount[team], pulse, name, given.n[team], *sums


def _items(made: Organisation) -> Iterator[tuple[object, ...]]:
    asked = made.design.asked
    for team, pulse in _shown(made):
        for block, item in zip(*np.nonzero(asked[pulse]), strict=True):
            yield _name(team), pulse, f"{BLOCKS[block]}.{item + 1}", *made.rounds[pulse].counts[team, block, item]


def _truth(made: Organisation) -> Iterator[tuple[object, ...]]:
    for team, pulse, block in product(_known(made), *map(range, made.climate.shape[1:])):
        at = (team, pulse, block)
        true = round(float(made.climate[at]), 5), round(float(made.members[at]), 5)
        yield _name(team), pulse, BLOCKS[block], *true


def _expected(made: Organisation) -> dict[str, object]:
    design = made.design
    archetypes = {_name(team): int(made.archetype[team]) for team in _known(made)}
    rotation = {"items_per_pulse": ANCHORS + 1, "anchors": ANCHORS, "b_sd": 0.45}
    return {
        "source": "graded response model, tests/load/synthetic.py",
        "seed": design.seed,
        "true_clusters": design.archetypes,
        "cluster_of_team": archetypes if design.archetypes else None,
        "shocks": [_shock(shock, _known(made)) for shock in made.shocks],
        "participation": [round(float(rate), 4) for rate in made.n.sum(0) / made.headcount.sum()],
        "item_rotation": rotation if design.rotation else None,
    }


def _shock(shock: Shock, known: Ints) -> dict[str, object]:
    return {
        "pulse": shock.pulse,
        "level": shock.level,
        "teams": [_name(team) for team in shock.teams if team in known],
        "block": BLOCKS[shock.block],
        "latent_size": shock.latent_size,
    }


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    for name in ("seed", "teams", "pulses", "least", "most"):
        options.add_argument(f"--{name}", type=int, default=getattr(Design(), name))
    options.add_argument("--departments", type=int)
    options.add_argument("--drift", type=float, default=Design().drift)
    options.add_argument("--team-shock", type=float, nargs="?", const=-0.9, default=0.0)
    options.add_argument("--department-shock", type=float, nargs="?", const=-0.55, default=0.0)
    options.add_argument("--archetypes", action="store_true")
    options.add_argument("--rotation", action="store_true")
    return options


if __name__ == "__main__":
    chosen = vars(_options().parse_args())
    write(organisation(Design(**{name: value for name, value in chosen.items() if name != "folder"})), chosen["folder"])
