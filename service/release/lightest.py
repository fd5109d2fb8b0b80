"""Looks for a combination of figures in which fewer people than the threshold take part, in a few dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.release.echelon import PRIME, Echelon, Functional, Row

#: Nodes looked at in one part before the search gives up, which counts as having found something.
PATIENCE = 200

#: People who share one number in every combination: the coordinates it is made of, and how many they are.
Level = tuple[Row, int]

#: Coordinates below this one name levels, to tell which of them a dependency is made of.
_TAGS = -(1 << 60)


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
    light = list(levels)
    while True:
        light = _parallel((zero.reduced(row), n) for row, n in light)
        settled = [row for row, n in light if n >= threshold] or _unpeeled(light, threshold)
        if not settled:
            break
        for row in settled:
            zero.add(row)
    for part in _connected(light):
        found = _Search(part, threshold).found()
        if found is not None:
            others, free = found
            return Functional((rest, zero, others), {free: 1})
    return None


def _parallel(levels: Iterable[Level]) -> list[Level]:
    """Levels that are multiples of each other as one: they are zero together. Those that always are go."""
    counts: dict[tuple[tuple[int, int], ...], int] = {}
    for row, n in levels:
        if row:
            inverse = pow(row[max(row)], -1, PRIME)
            key = tuple(sorted((at, value * inverse % PRIME) for at, value in row.items()))
            counts[key] = counts.get(key, 0) + n
    return [(dict(key), n) for key, n in counts.items()]


def _unpeeled(levels: Sequence[Level], threshold: int) -> list[Row]:
    """Who is left when `threshold` - 1 sets that span all who are left have been taken off: zero for too few people.

    They take part in a combination together with somebody of each of these sets.
    """
    left = [n for _, n in levels]
    for _ in range(threshold - 1):
        spanned = Echelon()
        for level in sorted(range(len(levels)), key=lambda level: -left[level]):
            if left[level] and spanned.add(levels[level][0]):
                left[level] -= 1
    return [row for (row, _), more in zip(levels, left, strict=True) if more]


def _connected(levels: Sequence[Level]) -> Iterator[list[Level]]:
    """The levels in groups that share no coordinate."""
    group: dict[int, int] = {}

    def find(at: int) -> int:
        while (up := group.setdefault(at, at)) != at:
            group[at] = group[up]
            at = up
        return at

    for row, _ in levels:
        first, *others = map(find, row)
        for other in others:
            group[find(other)] = find(first)
    parts: dict[int, list[Level]] = {}
    for level in levels:
        parts.setdefault(find(next(iter(level[0]))), []).append(level)
    yield from parts.values()


class _Search:
    """Depth first: for each level the combinations in which it takes part and those before it do not.

    Whoever takes part, though she depends on others who are undecided, does so together with one of them: no
    dependency has just one member that is not zero. So many disjoint dependencies, so many more take part; and of
    one of them each member is tried in turn. Dependencies are made of the greatest levels, many of which are too
    many to take part.
    """

    def __init__(self, levels: list[Level], threshold: int) -> None:
        self._levels = sorted(levels, key=lambda level: -level[1])
        self._threshold = threshold
        self._nodes = 0

    def found(self) -> tuple[Echelon, int] | None:
        """What those span who do not take part, and a coordinate that is free to be 1; None for no combination."""
        undecided = list(range(len(self._levels)))
        zero = Echelon()
        for level, (row, n) in enumerate(self._levels):
            undecided.remove(level)
            found = self._below(zero, undecided, row, n)
            if found is not None:
                return found
            zero.add(row)
        return None

    def _below(self, zero: Echelon, undecided: list[int], part: Row, n: int) -> tuple[Echelon, int] | None:
        self._nodes += 1
        if self._nodes > PATIENCE:
            raise GaveUp
        if not zero.reduced(part):
            return None
        dependencies = list(self._dependencies(zero, undecided, part, n))
        if not dependencies:
            others = self._with(zero, undecided)
            return others, max(others.reduced(part))
        if n + sum(map(self._least, dependencies)) >= self._threshold:
            return None
        chosen = min(dependencies, key=lambda one: len(self._affordable(one, n)))
        tried = self._affordable(chosen, n)
        now_zero = self._with(zero, [level for level in chosen if level not in tried])
        remaining = [level for level in undecided if level not in chosen]
        for place, level in enumerate(tried):
            row, more = self._levels[level]
            found = self._below(now_zero, remaining + tried[place + 1 :], part, n + more)
            if found is not None:
                return found
            now_zero.add(row)
        return None

    def _dependencies(self, zero: Echelon, undecided: list[int], part: Row, n: int) -> Iterator[list[int]]:
        """Disjoint sets of undecided levels on each of which, with those that are zero, the part depends.

        No more than it takes to see that too many would take part.
        """
        left_over = undecided
        while n < self._threshold:
            spanned = zero.copied()
            for level in left_over:
                tagged = spanned.reduced({**self._levels[level][0], _TAGS - level: 1})
                if max(tagged) > _TAGS:
                    spanned.add(tagged)
            left = spanned.reduced(part)
            if max(left, default=_TAGS) > _TAGS:
                return
            dependency = sorted(_TAGS - tag for tag in left)
            yield dependency
            n += self._least(dependency)
            left_over = [level for level in left_over if level not in dependency]

    def _affordable(self, dependency: list[int], n: int) -> list[int]:
        return [level for level in dependency if n + self._levels[level][1] < self._threshold]

    def _least(self, dependency: list[int]) -> int:
        return min(self._levels[level][1] for level in dependency)

    def _with(self, zero: Echelon, levels: Iterable[int]) -> Echelon:
        more = zero.copied()
        for level in levels:
            more.add(self._levels[level][0])
        return more
