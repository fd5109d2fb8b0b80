"""The groups that share nobody: what each published unit has besides the published units below it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, exact
from service.release.release import Release

Floats = npt.NDArray[np.float64]


def item_atoms(release: Release, items: Items) -> tuple[Floats, Floats, Floats]:
    """Of the G published atoms in which every item was answered: respondents (G), how many answered each item and
    the items' scores from 0 to 100 (both G x J).

    An atom is a unit that shows all these items exactly, minus the topmost such units below it: who is in a unit
    with a bound is counted in the next one above without. Atoms share nobody.
    """
    own = np.array(_residuals(release, items), np.float64).reshape(-1, 1 + 2 * len(items))
    own = own[(own[:, : 1 + len(items)] > 0).all(axis=1)]
    n, answered, totals = own[:, 0], own[:, 1 : 1 + len(items)], own[:, 1 + len(items) :]
    low = np.array([item.scale.low for item in items])
    steps = np.array([item.scale.points - 1 for item in items])
    return n, answered, 100 * (totals - low * answered) / (answered * steps)


def _residuals(release: Release, items: Items) -> list[list[int]]:
    """A row [n, n of each item, total of each item] for each atom, parents first."""
    rows: dict[str, list[int]] = {}
    nearest: dict[str | None, str | None] = {None: None}
    for unit in release.units:
        above = nearest.get(unit.parent)
        figures = exact(unit.figures, items)
        if figures is None or unit.figures is None:
            nearest[unit.id] = above
            continue
        row = [unit.figures.n, *(figure.n for figure in figures), *(figure.least for figure in figures)]
        nearest[unit.id] = unit.id
        rows[unit.id] = row
        if above is not None:
            rows[above] = [whole - part for whole, part in zip(rows[above], row, strict=True)]
    return list(rows.values())
