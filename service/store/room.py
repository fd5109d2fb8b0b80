"""How many more unlinkable tokens of each unit may be spent: no more than invitations of it were exchanged.

A token that the unit's key made is genuine whoever asked for it. Who stole the seed could make as many as he likes, and
after a restore somebody could be given a second one: then a unit would have more answers than people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from service.store.collector import Submission


class Room:
    """What this process knows of it. Counting takes long in a large unit: it is done when what is known is used up.

    Another process may have spent from the same room since; closing counts once more.
    """

    def __init__(self) -> None:
        self._left: Counter[tuple[str, int]] = Counter()

    def lacking(self, pulse: str, sent: Iterable[Submission]) -> list[int]:
        """The numbers of the units that are to be counted before these are spent."""
        wanted = Counter(it.unit for it in sent if it.unit is not None)
        return [unit for unit, count in wanted.items() if self._left[pulse, unit] < count]

    def counted(self, pulse: str, unit: int, left: int) -> None:
        self._left[pulse, unit] = left

    def fitting(self, pulse: str, sent: Iterable[Submission]) -> list[Submission]:
        """As many of these as there is room for."""
        taken: Counter[int] = Counter()
        found = []
        for it in sent:
            if it.unit is not None and taken[it.unit] < self._left[pulse, it.unit]:
                taken[it.unit] += 1
                found.append(it)
        return found

    def spent(self, pulse: str, units: Sequence[int]) -> None:
        self._left.subtract((pulse, unit) for unit in units)
