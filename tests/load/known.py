"""Reads an organisation whose truth is known, as arrays and as what trends are fitted to."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.analytics.trends.panel import Panel
from service.analytics.trends.rotation import ItemTable, adjust, item_effects

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Points of 100 in one step of the scale 1 to 5.
STEP = 25.0


@dataclass(frozen=True, slots=True)
class Shock:
    """Units in which a block's climate fell for good at this pulse: teams, or one department."""

    pulse: int
    block: int
    teams: Ints
    department: int | None


@dataclass(frozen=True)
class Known:
    """U teams in D departments, T pulses, B blocks, J items a block; scores and truth 0 to 100.

    `n` (U, T) respondents, 0 where not shown; `item_scores` and `item_n` (U, T, B, J), NaN and 0 where not asked;
    `squares` (U, T, B) of persons' block means about the unit's; `climate` and `members` (U, T, B) the truth;
    `within` (B, B) covariance of persons' block means about their team's; `archetype` (U), None without.
    """

    name: str
    teams: tuple[str, ...]
    blocks: tuple[str, ...]
    department: Ints
    headcount: Floats
    n: Floats
    score: Floats
    squares: Floats
    item_scores: Floats
    item_n: Floats
    climate: Floats
    members: Floats
    within: Floats
    shocks: tuple[Shock, ...]
    archetype: Ints | None
    rotates: bool

    @cached_property
    def adjusted(self) -> Floats:
        """(U, T, B) block scores free of which items were asked."""
        return np.stack([adjust(self.item_scores[:, :, b], item_effects(self.table(b))) for b in self._each], axis=-1)

    def table(self, block: int) -> ItemTable:
        n = self.item_n[:, :, block].sum(axis=0).T
        total = np.nansum(self.item_scores[:, :, block] * self.item_n[:, :, block], axis=0).T
        names = tuple(f"{self.blocks[block]}.{item}" for item in range(len(n)))
        return ItemTable(names, np.where(n > 0, total / np.maximum(n, 1), np.nan), n)

    @property
    def _each(self) -> range:
        return range(len(self.blocks))

    @cached_property
    def scatter(self) -> Floats:
        """(T, B): the pooled variance within teams."""
        df = np.maximum(self.n - 1, 0).sum(axis=0)
        scatter: Floats = self.squares.sum(axis=0) / df[:, None]
        return scatter

    @cached_property
    def below(self) -> Flags:
        """(1 + D + U, U): which teams make up each node; the whole, then departments, then teams."""
        departments = np.arange(self.department.max() + 1)[:, None] == self.department
        teams = len(self.teams)
        return np.concatenate([np.ones((1, teams), np.bool_), departments, np.eye(teams, dtype=np.bool_)])

    @property
    def first_team(self) -> int:
        """Where the teams begin among the nodes."""
        return len(self.below) - len(self.teams)

    def panel(self, pulses: int) -> Panel:
        """The first `pulses` of all nodes; a node's score is that of the respondents of the shown teams below it."""
        n = self.below @ self.n[:, :pulses]
        score = self.pooled(self.adjusted[:, :pulses])
        parent = np.concatenate([[-1], np.zeros(self.first_team - 1, np.int64), 1 + self.department])
        headcount = np.repeat((self.below @ self.headcount)[:, None], pulses, axis=1)
        return Panel(
            parent, np.repeat(n[..., None], len(self.blocks), 2), score, self.scatter[:pulses], headcount, STEP
        )

    def pooled(self, values: Floats) -> Floats:
        """(1 + D + U, T, B) from (U, T, B): means over the respondents below each node, NaN without any."""
        n = self.n[:, : values.shape[1], None]
        total = np.tensordot(self.below, np.where(n > 0, values, 0) * n, 1)
        people = np.tensordot(self.below, n, 1)
        pooled: Floats = np.where(people > 0, total / np.maximum(people, 1), np.nan)
        return pooled

    @cached_property
    def struck(self) -> Flags:
        """(U, B): team-blocks with a shock of any kind, at any time."""
        struck = np.zeros((len(self.teams), len(self.blocks)), np.bool_)
        for shock in self.shocks:
            struck[shock.teams, shock.block] = True
        return struck


def read(folder: Path) -> Known:
    rows, items, truth = (list(_rows(folder / f"{name}.csv")) for name in ("data", "items", "truth"))
    expected = json.loads((folder / "expected.json").read_text())
    teams = sorted({row["team"] for row in rows})
    blocks = list(dict.fromkeys(row["block"] for row in rows))
    departments = sorted({row["dept"] for row in rows})
    team, block = ({name: place for place, name in enumerate(names)} for names in (teams, blocks))
    shape = len(teams), 1 + max(int(row["pulse"]) for row in rows), len(blocks)
    department, headcount = np.zeros(len(teams), np.int64), np.zeros(len(teams))
    n, score, squares = np.zeros(shape[:2]), np.full(shape, np.nan), np.zeros(shape)
    for row in rows:
        at = team[row["team"]], int(row["pulse"]), block[row["block"]]
        people, total = int(row["n"]), float(row["sum"])
        department[at[0]], headcount[at[0]] = departments.index(row["dept"]), int(row["headcount"])
        n[at[:2]], score[at] = people, _points(total / people)
        squares[at] = max(0.0, float(row["sumsq"]) - total**2 / people) * STEP**2
    item_scores, item_n = _items(items, shape, team, block)
    true = np.full((2, *shape), np.nan)
    for row in truth:
        at = team[row["team"]], int(row["pulse"]), block[row["block"]]
        true[(0, *at)], true[(1, *at)] = (
            _points(float(row["true_climate"])),
            _points(float(row["true_current_members"])),
        )
    with np.load(folder / "pooled_item_moments.npz") as moments:
        within = moments["W5"] / moments["W5df"] * STEP**2
    archetypes = expected["cluster_of_team"]
    return Known(
        folder.name,
        tuple(teams),
        tuple(blocks),
        department,
        headcount,
        n,
        score,
        squares,
        item_scores,
        item_n,
        true[0],
        true[1],
        within,
        tuple(_shock(shock, team, block, department) for shock in expected["shocks"]),
        np.array([archetypes[name] for name in teams]) if archetypes else None,
        bool(expected["item_rotation"]),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _points(score: float) -> float:
    return (score - 1) * STEP


def _items(
    rows: list[dict[str, str]], shape: tuple[int, ...], team: dict[str, int], block: dict[str, int]
) -> tuple[Floats, Floats]:
    most = max(int(row["item"].split(".")[1]) for row in rows)
    scores, n = np.full((*shape, most), np.nan), np.zeros((*shape, most))
    for row in rows:
        name, number = row["item"].split(".")
        at = team[row["team"]], int(row["pulse"]), block[name], int(number) - 1
        counts = [int(row[f"c{point}"]) for point in range(1, 6)]
        n[at] = sum(counts)
        scores[at] = _points(sum(point * count for point, count in enumerate(counts, 1)) / sum(counts))
    return scores, n


def _shock(shock: dict[str, object], team: dict[str, int], block: dict[str, int], department: Ints) -> Shock:
    named = shock["teams"]
    assert isinstance(named, list)
    teams = np.array([team[name] for name in named if name in team], np.int64)
    whole = int(department[teams[0]]) if shock["level"] != "team" else None
    return Shock(int(str(shock["pulse"])), block[str(shock["block"])], teams, whole)
