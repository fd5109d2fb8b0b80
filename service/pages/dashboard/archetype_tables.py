"""What the tables of archetypes say, as a page reads it: the finding, each archetype, and each team's membership."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.exports.table import Table
from service.pages import heat
from service.pages.records import Record, number, records, text, whole
from service.release.release import Release

#: Kinds that have a colour and a shape.
_KINDS = 6
#: From this probability on a team is said to be of its archetype without hedging.
CLEAR = 0.8


@dataclass(frozen=True, slots=True)
class Archetype:
    """`kind` 1 to 6 chooses colour and shape; `profile` points from the organisation's mean by block id."""

    letter: str
    kind: int
    label: str
    teams: int
    profile: dict[str, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of all teams together; figures None where they were not needed for the verdict."""

    verdict: str
    teams: int
    pulses: int
    p_value: float | None
    stability: float | None
    elevation: float | None
    archetypes: tuple[Archetype, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """`percent` how likely the team is of its archetype; None where none can be said."""

    unit: str
    name: str
    status: str
    letter: str
    label: str
    kind: int
    percent: int | None

    @property
    def clear(self) -> bool:
        return self.percent is not None and self.percent >= 100 * CLEAR


def finding(table: Table) -> Finding:
    """Raises IndexError for a table without rows, which an analysed pulse always has."""
    rows = records(table)
    first = rows[0]
    return Finding(
        verdict=text(first, "verdict"),
        teams=whole(first, "teams") or 0,
        pulses=whole(first, "pulses") or 0,
        p_value=number(first, "p_value"),
        stability=number(first, "stability"),
        elevation=number(first, "elevation_share"),
        archetypes=tuple(_archetypes(rows)),
    )


def members(table: Table) -> list[Member]:
    """Every team of the table, in its order."""
    rows = records(table)
    kinds = kinds_of(text(row, "archetype") for row in rows)
    return [_member(row, kinds) for row in rows]


def kinds_of(letters: Iterable[str]) -> dict[str, int]:
    """A kind for each letter: the same for the same letter wherever two do not fall together."""
    kinds: dict[str, int] = {}
    for letter in sorted(set(letters) - {""}):
        wanted = (ord(letter[-1]) - ord("A")) % _KINDS + 1
        free = [kind for kind in range(1, _KINDS + 1) if kind not in kinds.values()]
        kinds[letter] = wanted if wanted in free or not free else free[0]
    return kinds


def by_name(release: Release, archetype: Archetype) -> dict[str, float]:
    return {heat.block_name(release, block): points for block, points in archetype.profile.items()}


def _archetypes(rows: Sequence[Record]) -> Iterable[Archetype]:
    kinds = kinds_of(text(row, "archetype") for row in rows)
    for letter in dict.fromkeys(text(row, "archetype") for row in rows if row["archetype"]):
        own = [row for row in rows if text(row, "archetype") == letter]
        profile = {text(row, "block"): number(row, "profile") or 0.0 for row in own}
        yield Archetype(letter, kinds[letter], text(own[0], "label"), round(number(own[0], "size") or 0), profile)


def _member(row: Record, kinds: dict[str, int]) -> Member:
    letter, likely = text(row, "archetype"), number(row, "probability")
    percent = None if likely is None else round(100 * likely)
    unit, name, label = (text(row, column) for column in ("unit", "unit_name", "label"))
    return Member(unit, name, text(row, "status"), letter, label, kinds.get(letter, 0), percent)
