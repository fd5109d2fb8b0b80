"""The one sentence a page begins with, and the words its counts are written in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.pages.dashboard.told import Told
from service.pages.heat import Cell

if TYPE_CHECKING:
    from service.pages.dashboard.overview import Standing

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def headline(name: str, standings: Sequence[Standing], told: Sequence[Told] | None) -> str:
    """Where the unit stands and whether anything changed; `told` None where that is not known here."""
    return f"{_stands(name, standings)} {_changed(told)}".strip() if told is not None else _stands(name, standings)


def count(number: int) -> str:
    """In letters up to twelve."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _stands(name: str, standings: Sequence[Standing]) -> str:
    blocks = [it.cell for it in standings if not it.cell.neutral]
    shown = [it for it in blocks if it.score is not None]
    if not shown:
        return _unread(name, blocks)
    scores = [it.score for it in shown if it.score is not None]
    low, high = min(scores), max(scores)
    if len(shown) == 1:
        return f"{shown[0].name} stands at {low} of 100."
    if low == high:
        return f"{count(len(shown)).capitalize()} blocks stand at {low} of 100."
    return f"{count(len(shown)).capitalize()} blocks stand between {low} and {high} of 100."


def _unread(name: str, blocks: Sequence[Cell]) -> str:
    if not blocks:
        return f"{name} was asked the lenses in this pulse, and none of the blocks."
    if any(it.bound for it in blocks):
        return f"{name} answered so alike that only bounds are shown."
    return f"The figures of {name} cannot be shown for this pulse."


def _changed(told: Sequence[Told]) -> str:
    moved = [it for it in told if it.told]
    if moved:
        return "; ".join(f"{it.block_name} {it.word.moved}" for it in moved) + ": that is more than chance."
    if any(it.word.kind == "level" for it in told):
        return "Nothing changed that can be told from chance."
    early = any(it.status != "suppressed" for it in told)
    return "It is too early to tell what changed." if early else ""
