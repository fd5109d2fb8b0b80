"""Looks for a combination of figures in which fewer people than the threshold take part, in a few dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.release.echelon import Echelon, Functional, Row

#: Nodes looked at before the search gives up, which counts as having found something.
PATIENCE = 3000

#: People who share one number in every combination: the coordinates it is made of, and how many they are.
Level = tuple[Row, int]


class GaveUp(Exception):
    """The search was cut off: whether there is such a combination is not known."""


def light_combination(
    levels: Iterable[Level], ended: Iterable[Row], rest: Echelon, threshold: int
) -> Functional | None:
    """A number for each coordinate in which the levels that are not zero count one to `threshold` - 1 people.

    Every combination is zero on `ended`, on the `rest`, by which the levels are reduced, and wherever at least
    `threshold` people share one number. Raises GaveUp.
    """
    zero = Echelon()
    for row in ended:
        zero.add(row)
    light = []
    for row, n in levels:
        if n >= threshold:
            zero.add(row)
        else:
            light.append((row, n))
    left = [(zero.reduced(row), n) for row, n in light]
    for part in connected([level for level in left if level[0]]):
        found = _Search(part, threshold).found()
        if found is not None:
            others, free = found
            return Functional((rest, zero, others), free)
    return None


def connected(levels: list[Level]) -> Iterator[list[Level]]:
    """The levels in groups that share no coordinate."""
    groups: list[tuple[set[int], list[Level]]] = []
    for level in levels:
        axes, members = set(level[0]), [level]
        apart = []
        for group in groups:
            if group[0].isdisjoint(axes):
                apart.append(group)
            else:
                axes |= group[0]
                members = group[1] + members
        groups = [*apart, (axes, members)]
    return (members for _, members in groups)


class _Search:
    """Depth first. A combination that is not zero everywhere is not zero on some member of every basis."""

    def __init__(self, levels: list[Level], threshold: int) -> None:
        # Heavy levels first, so that a basis holds few that could take part.
        self._levels = sorted(levels, key=lambda level: -level[1])
        self._threshold = threshold
        self._rank = len(self._basis(frozenset())[1])
        self._seen: set[frozenset[int]] = set()

    def found(self) -> tuple[Echelon, dict[int, int]] | None:
        """What the others span, and the coordinate that is free to be 1; None when there is no such combination."""
        return self._below(frozenset(), 0)

    def _below(self, taking_part: frozenset[int], n: int) -> tuple[Echelon, dict[int, int]] | None:
        if taking_part in self._seen:
            return None
        self._seen.add(taking_part)
        if len(self._seen) > PATIENCE:
            raise GaveUp
        others, basis = self._basis(taking_part)
        if len(basis) < self._rank:
            return others, {self._free(others, taking_part): 1}
        for level in reversed(basis):
            more = n + self._levels[level][1]
            if more >= self._threshold:
                break
            found = self._below(taking_part | {level}, more)
            if found is not None:
                return found
        return None

    def _basis(self, left_out: frozenset[int]) -> tuple[Echelon, list[int]]:
        echelon = Echelon()
        members = [at for at in range(len(self._levels)) if at not in left_out and echelon.add(self._levels[at][0])]
        return echelon, members

    def _free(self, others: Echelon, taking_part: frozenset[int]) -> int:
        return next(at for level in sorted(taking_part) for at in others.reduced(self._levels[level][0]))
