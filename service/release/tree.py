"""Which units of a tree may be published together: the best lawful choice, exactly.

Published units are laminar: two of them are nested or disjoint. The residual of a published unit is the unit
minus its greatest published descendants. Residuals are disjoint and span the same space as the units, so
every linear combination of published figures is one of residuals, and it involves every respondent of each
residual it uses. The least weight an attacker can reach is therefore the smallest residual that is not empty,
and a choice is lawful when every residual holds nobody or at least the threshold. What lies above the topmost
published units is never published and obeys no rule.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def totals(parents: Sequence[int], own: npt.ArrayLike) -> Ints:
    """`own` of each unit plus everything below it; parents stand before their children."""
    sums: list[int] = np.asarray(own, np.int64).tolist()
    for unit in range(len(sums) - 1, -1, -1):
        if parents[unit] >= 0:
            sums[parents[unit]] += sums[unit]
    return np.array(sums, np.int64)


def atoms(parents: Sequence[int], shown: npt.ArrayLike) -> Ints:
    """The nearest published unit at or above each unit, where its own people are counted; -1 where there is none."""
    flags: list[bool] = np.asarray(shown, np.bool_).tolist()
    nearest: list[int] = []
    for unit, flag in enumerate(flags):
        above = parents[unit]
        nearest.append(unit if flag else nearest[above] if above >= 0 else -1)
    return np.array(nearest, np.int64)


def folded(atom_of: Ints, own: npt.ArrayLike) -> Ints:
    """`own` (units first) summed into the atoms the units fall in; units without one are left out."""
    figures = np.asarray(own, np.int64)
    sums = np.zeros_like(figures)
    inside = atom_of >= 0
    np.add.at(sums, atom_of[inside], figures[inside])
    return sums


def publishable(
    parents: Sequence[int],
    n: npt.ArrayLike,
    headcount: npt.ArrayLike,
    threshold: int,
    eligible: npt.ArrayLike | None = None,
) -> Flags:
    """The most units that may be published together, as one flag a unit; of equal choices the one that covers most.

    `n` and `headcount` count the people directly in a unit. A published unit has, with everything below it, at
    least `threshold` of both, and its residual none or at least `threshold` of each. Time and space grow with
    the number of units times at most (threshold + 1)^2 states.
    """
    people, places = np.asarray(n, np.int64), np.asarray(headcount, np.int64)
    below = totals(parents, people)
    large = (below >= threshold) & (totals(parents, places) >= threshold)
    if eligible is not None:
        large &= np.asarray(eligible, np.bool_)
    if _lawful(parents, people, places, threshold, large):
        return large
    # One more unit outweighs any covering; covering counts respondents, so units nearer the root win ties.
    one = int(below.sum()) + 1
    worth: list[int] = np.where(large, one + below, 0).tolist()
    states: list[int] = (np.minimum(people, threshold) * (threshold + 1) + np.minimum(places, threshold)).tolist()
    return _best(parents, states, worth, threshold)


def _lawful(parents: Sequence[int], people: Ints, places: Ints, threshold: int, shown: Flags) -> bool:
    atom_of = atoms(parents, shown)
    residuals = np.stack((folded(atom_of, people), folded(atom_of, places)))
    return not bool(((residuals > 0) & (residuals < threshold)).any())


def _best(parents: Sequence[int], states: list[int], worth: list[int], threshold: int) -> Flags:
    """Dynamic programming from the leaves up, then the choice read back from the roots down.

    A state is what a unit hands up unpublished: respondents and headcount, each capped at the threshold, as the
    number r * (threshold + 1) + h. Empty and large are different states: an empty residual is lawful.
    """
    size = len(states)
    closed = sorted({0, threshold, threshold * (threshold + 1), threshold * (threshold + 2)})
    tables = [{state: 0} for state in states]
    published_from = [-1] * size
    before: list[dict[int, tuple[int, int]]] = [{}] * size
    for unit in range(size - 1, -1, -1):
        table = tables[unit]
        if worth[unit]:
            published_from[unit] = _publish(table, closed, worth[unit])
        if parents[unit] >= 0:
            tables[parents[unit]], before[unit] = _join(tables[parents[unit]], table, threshold)
            tables[unit] = {}
    return _read_back(parents, tables, published_from, before)


def _publish(table: dict[int, int], closed: list[int], worth: int) -> int:
    """Enter into `table` that the unit is published, handing nothing up; the state it is published from, or -1."""
    sources = [state for state in closed if state in table]
    if not sources:
        return -1
    source = max(sources, key=lambda state: table[state])
    value = table[source] + worth
    if value <= table.get(0, -1):
        return -1
    table[0] = value
    return source


def _join(
    above: dict[int, int], below: dict[int, int], threshold: int
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """The parent's table with one child folded in, and which pair of states each new state came from."""
    side = threshold + 1
    best: dict[int, int] = {}
    came: dict[int, tuple[int, int]] = {}
    parts = [(b, *divmod(b, side), gain) for b, gain in below.items()]
    for a, value in above.items():
        r, h = divmod(a, side)
        for b, s, g, gain in parts:
            # Both sums capped, written out: this is the innermost step of every choice.
            people, places = r + s, h + g
            state = (people if people < threshold else threshold) * side + (places if places < threshold else threshold)
            if value + gain > best.get(state, -1):
                best[state] = value + gain
                came[state] = (a, b)
    return best, came


def _read_back(
    parents: Sequence[int],
    tables: list[dict[int, int]],
    published_from: list[int],
    before: list[dict[int, tuple[int, int]]],
) -> Flags:
    """Children were folded in from the last to the first, so the choices are undone from the first to the last."""
    shown = np.zeros(len(tables), np.bool_)
    current = [0] * len(tables)
    for unit, above in enumerate(parents):
        if above < 0:
            table = tables[unit]
            state = max(sorted(table), key=lambda state: table[state])
        else:
            current[above], state = before[unit][current[above]]
        if state == 0 and published_from[unit] >= 0:
            shown[unit] = True
            state = published_from[unit]
        current[unit] = state
    return shown
