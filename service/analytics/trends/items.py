"""Which items the pulses of a series ask in a block, and what that does to scores; other wording is another item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, exact, item_range, scored_blocks, topmost
from service.analytics.change import same_wording
from service.analytics.trends.rotation import ItemEffects, ItemTable, item_effects
from service.release.release import Release
from service.survey.instrument import Item

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BlockItems:
    """One block along T pulses. `shift` (T) is what the items asked add to a score compared with all of the block's
    items, in points; pulses of different `component` (T) ask nothing in common, by way of other pulses neither, and
    -1 is one that does not ask the block. `reworded` (T) says where an item came back in other words."""

    table: ItemTable
    effects: ItemEffects
    shift: Floats
    component: Ints
    reworded: Flags


def block_items(releases: Sequence[Release], block: str) -> BlockItems:
    """Of releases of one series, oldest first."""
    asked = [scored_blocks(release).get(block, ()) for release in releases]
    names, reworded = _versions(asked)
    known = list(dict.fromkeys(name for pulse in names for name in pulse))
    mean, n = np.full((len(known), len(releases)), np.nan), np.zeros((len(known), len(releases)))
    for at, (release, items) in enumerate(zip(releases, asked, strict=True)):
        for name, item in zip(names[at], items, strict=True):
            row = known.index(name)
            mean[row, at], n[row, at] = _overall(release, item)
    table = ItemTable(tuple(known), mean, n)
    effects = item_effects(table)
    shift = np.array([effects.item[[known.index(name) for name in pulse]].mean() if pulse else 0.0 for pulse in names])
    return BlockItems(table, effects, shift, effects.pulse_component, reworded)


def _versions(asked: Sequence[Items]) -> tuple[list[list[str]], Flags]:
    """A name for each item of each pulse, the same as long as its words are; and where words changed."""
    newest: dict[str, tuple[Item, int]] = {}
    reworded = np.zeros(len(asked), np.bool_)
    names: list[list[str]] = []
    for at, items in enumerate(asked):
        names.append([])
        for item in items:
            before, version = newest.get(item.id, (item, 1))
            if not same_wording(before, item):
                version, reworded[at] = version + 1, True
            newest[item.id] = item, version
            names[-1].append(item.id if version == 1 else f"{item.id} {version}")
    return names, reworded


def _overall(release: Release, item: Item) -> tuple[float, int]:
    """The item's score over the topmost units that show it exactly, and how many answered it there."""
    read = [figure for (figure,) in topmost(release, lambda unit: exact(unit.figures, (item,))) if figure.n]
    n = sum(figure.n for figure in read)
    total = sum(item_range(item, figure)[0] * figure.n for figure in read)
    return (total / n, n) if n else (np.nan, 0)
