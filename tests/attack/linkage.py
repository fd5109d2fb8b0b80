"""An attacker with a leaked dump: tables with their hidden columns, files, logs and, at the worst, the close key.

She ties invitations to responses by whatever order both sides show. Of people in no order, one in n is right by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text

#: A place a row was seen at; what cannot be placed has none.
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """How well one order on each side agrees with who is who: right pairs, and the rank correlation."""

    by: str
    right: int
    correlation: float

    def better_than_chance(self, people: int) -> bool:
        """More right pairs, or a closer order, than one dump in some thousands would show by chance."""
        return self.right > 7 or abs(self.correlation) > 4.2 / (people - 1) ** 0.5


def linked(by: str, invitations: Sequence[Place], responses: Sequence[Place]) -> Linked:
    """Both in the true order of people: invitations[i] and responses[i] are one person's."""
    left, right = _ranks(invitations, seed=1), _ranks(responses, seed=2)
    return Linked(by, int((left == right).sum()), float(np.corrcoef(left, right)[0, 1]))


def _ranks(places: Sequence[Place], seed: int) -> Any:
    """Ties are broken by chance, as an attacker would have to."""
    chance = np.random.default_rng(seed).permutation(len(places))
    order = sorted(range(len(places)), key=lambda at: (places[at], chance[at]))
    ranks = np.empty(len(places), int)
    ranks[order] = np.arange(len(places))
    return ranks


def hidden_columns(tx: Any, table: str, key: str) -> dict[bytes, dict[str, Place]]:
    """By key, what PostgreSQL keeps of each row besides its columns: who wrote it, and where it lies."""
    rows = tx.execute(text(f"SELECT {key} AS key, xmin::text::bigint AS xmin, ctid::text AS ctid FROM {table}"))
    return {
        bytes(row.key): {"xmin": (row.xmin,), "ctid": tuple(map(int, row.ctid.strip("()").split(",")))} for row in rows
    }


def written_since(folder: Path, moment: float) -> list[Path]:
    """The folder's files that were changed since, by name: all a dump can tell of what happened since."""
    files = (it for it in folder.rglob("*") if it.is_file())
    return sorted(it for it in files if it.stat().st_mtime >= moment)


def offsets(files: Sequence[Path], needles: Sequence[bytes]) -> list[Place]:
    """Where each needle first stands in the files, one after the other; (-1, -1) where it does not."""
    found: list[Place] = [(-1, -1)] * len(needles)
    for number, file in enumerate(files):
        content = file.read_bytes()
        for at, needle in enumerate(needles):
            if found[at] == (-1, -1) and (place := content.find(needle)) >= 0:
                found[at] = (number, place)
    return found
