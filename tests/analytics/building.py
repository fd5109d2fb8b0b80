"""Releases made by hand from answer sheets, so that tests know every figure in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, Slice, UnitFigures
from service.survey.instrument import Block, Instrument, Item, Scale
from service.survey.pulse import Band

SCALE = Scale(1, 5, {"en": ("a", "b", "c", "d", "e")})
Sheets = Mapping[str, Sequence[Sequence[int]]]


def item(id: str, block: str, text: str | None = None, **changes: object) -> Item:
    return replace(Item(id, block, {"en": text or f"Statement {id}"}, SCALE), **changes)


def instrument(*items: Item, id: str = "five", version: str = "1", alone: Collection[str] = ()) -> Instrument:
    """Blocks as the items name them; those in `alone` describe one person."""
    blocks = tuple(
        Block(block, "block", {"en": block}, cross_team=block not in alone)
        for block in dict.fromkeys(item.block for item in items)
    )
    return Instrument(id, version, {"en": id}, (), {"en": "now"}, SCALE, blocks, items)


AB = instrument(item("A1", "A"), item("A2", "A"), item("B1", "B"))


def released(
    sheets: Sheets,
    *,
    asks: Instrument = AB,
    parents: Mapping[str, str] | None = None,
    hidden: Collection[str] = (),
    withheld: Collection[tuple[str, str]] = (),
    pooled: bool = True,
    pulse: str = "p1",
    closed_on: date = date(2025, 3, 1),
    series: str = "s",
    least_distribution: int = 4,
) -> Release:
    """`sheets[unit]` has a row a respondent directly in the unit, 0 for no answer; units are listed parents first.

    `hidden` units have no figures, `withheld` (unit, item) lack one; headcounts are two more than respondents.
    """
    parents = parents or {}
    below = {unit: _below(unit, sheets, parents, len(asks.items)) for unit in sheets}
    units = tuple(
        PublicUnit(
            unit,
            f"Unit {unit}",
            parents.get(unit),
            None
            if unit in hidden
            else UnitFigures(
                len(rows),
                len(rows) + 2 * bool(len(rows)),
                {
                    asked.id: _figures(asked, rows[:, index], least_distribution)
                    for index, asked in enumerate(asks.items)
                    if (unit, asked.id) not in withheld
                },
            ),
        )
        for unit, rows in below.items()
    )
    return Release(
        pulse=pulse,
        label=f"Pulse {pulse}",
        series=series,
        instrument=asks,
        items=tuple(asked.id for asked in asks.items),
        threshold=5,
        policy_hash="0" * 64,
        opened_on=date(2025, 2, 1),
        closed_on=closed_on,
        number=1,
        units=units,
        pooled=moments(sheets, asks) if pooled else None,
    )


def moments(sheets: Sheets, asks: Instrument) -> PooledMoments:
    """As the release defines them, with the people directly in each unit as one atom."""
    size = len(asks.items)
    within, n, atoms = np.zeros((size, size)), 0, 0
    for rows in sheets.values():
        if len(rows):
            answers = np.array(rows, float)
            answers[answers == 0] = np.nan
            apart = np.nan_to_num(answers - np.nanmean(answers, axis=0))
            within += apart.T @ apart
            n, atoms = n + len(rows), atoms + 1
    return PooledMoments(tuple(asked.id for asked in asks.items), n, atoms, within)


def _below(unit: str, sheets: Sheets, parents: Mapping[str, str], size: int) -> np.ndarray:
    rows = [np.array(sheets[unit], int).reshape(-1, size)]
    rows += [_below(child, sheets, parents, size) for child in sheets if parents.get(child) == unit]
    return np.vstack(rows)


def _figures(asked: Item, answers: np.ndarray, least_distribution: int) -> ItemFigures:
    given = answers[answers != 0]
    points = range(asked.scale.low, asked.scale.high + 1)
    return ItemFigures(
        len(given),
        int(given.sum()),
        int(given.sum()),
        int((given >= asked.scale.favourable).sum()) if asked.scored else None,
        tuple(int((given == point).sum()) for point in points) if len(given) >= least_distribution else None,
    )


def bounded(release: Release, unit: str, item: str, least: int, most: int) -> Release:
    """With the item's sum in the unit shown as a bound only."""
    figures = release.unit[unit].figures
    assert figures is not None
    n = figures.items[item].n
    return _with_figures(release, unit, items=figures.items | {item: ItemFigures(n, least, most)})


def moved(release: Release, unit: str, *pulses: str) -> Release:
    """With few people who joined or left the unit since these pulses."""
    return _with_figures(release, unit, moved=pulses)


def sliced(
    release: Release, families: Sequence[tuple[str, ...]], bands: Sequence[Band], slices: Mapping[str, Sequence[Slice]]
) -> Release:
    """With `slices[unit]` listed in the units."""
    for unit, listed in slices.items():
        release = _with_figures(release, unit, slices=tuple(listed))
    return replace(release, families=tuple(families), bands=tuple(bands))


def sheet_slice(by: tuple[str, ...], bands: tuple[str, ...], rows: Sequence[Sequence[int]], asks: Instrument) -> Slice:
    """The slice of people with these answers, distributions left out."""
    answers = np.array(rows, int)
    figures = {item.id: _figures(item, answers[:, place], 10**9) for place, item in enumerate(asks.items)}
    return Slice(by, bands, len(rows), figures)


def _with_figures(release: Release, unit: str, **changes: Any) -> Release:
    units = [
        replace(it, figures=replace(it.figures, **changes)) if it.id == unit and it.figures else it
        for it in release.units
    ]
    return replace(release, units=tuple(units))


def sheets_by_chance(seed: int, teams: int, size: int, items: int) -> dict[str, list[list[int]]]:
    """Answers 1 to 5 with a leaning of each person and each team."""
    chance = np.random.default_rng(seed)
    latent = (
        chance.normal(3.2, 0.4, (teams, 1, 1))
        + chance.normal(0, 0.7, (teams, size, 1))
        + chance.normal(0, 0.7, (teams, size, items))
    )
    return {f"t{team:04}": np.clip(np.rint(rows), 1, 5).astype(int).tolist() for team, rows in enumerate(latent)}
