"""How long answering takes: one fact for letters, the first page of the form and whoever sets a pulse up."""

from __future__ import annotations

#: Somebody reads and answers one statement or attribute in so many seconds.
_SECONDS = 6


def minutes(statements: int, bands: int) -> int:
    """In whole minutes, rounded up."""
    return -(-_SECONDS * (statements + bands) // 60)
