"""What each pulse of a series asks: all there is now and then, and between them the anchors and the next in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from service.errors import Fault, InvalidPulse
from service.survey.instrument import Instrument, Item

Kind = Literal["baseline", "pulse"]

#: In so many short pulses one after the other every item has had its turn.
CYCLE = 5
#: With fewer items in common, pulses could not be compared.
LEAST_ANCHORS = 2


@dataclass(frozen=True, slots=True)
class Asking:
    """What one pulse asks: item ids in the instrument's order."""

    kind: Kind
    items: tuple[str, ...]


def every(asked: Instrument) -> tuple[str, ...]:
    return tuple(item.id for item in asked.items)


def short(asked: Instrument, before: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Of each block its anchors, and of its other items those asked longest ago: so many that `CYCLE` short pulses
    have asked them all, and at least one.

    `before` are the items of earlier pulses, the oldest first. A lens is asked whole.
    """
    known = [set(items) for items in before]
    chosen = {id for block in asked.blocks for id in _few(asked.items_of(block.id), known, block.kind == "lens")}
    return tuple(item.id for item in asked.items if item.id in chosen)


def coming(
    base: Instrument, whole: Instrument, before: Iterable[Sequence[str]], number: int, baseline_every: int
) -> Iterator[Asking]:
    """What the pulse `number` of a schedule asks, counted from 0, and each one after it, without end.

    Every so many, the first among them, is a baseline that asks all of `whole`, the instrument with its lenses; with
    0 none is. The others are short, and ask of `base` alone.
    """
    known = list(before)
    for at in count(number):
        kind: Kind = "baseline" if baseline_every and at % baseline_every == 0 else "pulse"
        items = every(whole) if kind == "baseline" else short(base, known)
        known.append(items)
        yield Asking(kind, items)


def require_anchors(asked: Instrument) -> None:
    """Raise InvalidPulse where short pulses of the instrument could not be compared."""
    if sum(item.anchor for item in asked.items) < LEAST_ANCHORS:
        rule = (
            f"has fewer than {LEAST_ANCHORS} anchors, so pulses that take turns could not be compared: mark items as "
            "anchors in a new version, ask everything each time (baseline_every 1), or name the items"
        )
        raise InvalidPulse([Fault("instrument", rule)])


def _few(items: Sequence[Item], before: Sequence[set[str]], whole: bool) -> list[str]:
    if whole:
        return [item.id for item in items]
    others = [item.id for item in items if not item.anchor]
    last = _last_asked(items, before)
    in_turn = sorted(others, key=lambda id: last.get(id, -1))
    return [item.id for item in items if item.anchor] + in_turn[: -(-len(others) // CYCLE)]


def _last_asked(items: Sequence[Item], before: Sequence[set[str]]) -> dict[str, int]:
    """When each item had its turn. A pulse that asked all of them gave none a turn: after a baseline those go on that
    were waiting, so that no cycle begins anew and never ends."""
    ids = {item.id for item in items}
    return {id: at for at, asked in enumerate(before) if not ids <= asked for id in ids & asked}
