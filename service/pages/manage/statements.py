"""Which statements a pulse asks: all there are, or of each block its anchors and the next in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from service.survey.instrument import Instrument, Item, text_in

#: In a short pulse each block has this many statements, its anchors among them.
SHORT = 2


@dataclass(frozen=True, slots=True)
class Statement:
    id: str
    text: str
    ticked: bool
    anchor: bool
    reverse: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The statements of one block."""

    block: str
    name: str
    is_lens: bool
    cross_team: bool
    statements: Sequence[Statement]

    @property
    def ticked(self) -> int:
        return sum(it.ticked for it in self.statements)


def groups(asked: Instrument, ticked: Collection[str]) -> list[Group]:
    """By block, in the instrument's order."""
    return [
        Group(
            block.id,
            text_in(block.names, "en"),
            block.kind == "lens",
            block.cross_team,
            [
                Statement(it.id, text_in(it.texts, "en"), it.id in ticked, it.anchor, it.reverse)
                for it in asked.items_of(block.id)
            ],
        )
        for block in asked.blocks
    ]


def every(asked: Instrument) -> tuple[str, ...]:
    return tuple(item.id for item in asked.items)


def short(asked: Instrument, before: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Of each block its anchors and, up to two in all, those asked least often `before`, in earlier pulses; a lens is
    asked whole."""
    times = Counter(id for items in before for id in items)
    chosen = {id for block in asked.blocks for id in _few(asked.items_of(block.id), times, block.kind == "lens")}
    return tuple(item.id for item in asked.items if item.id in chosen)


def _few(items: Sequence[Item], times: Counter[str], whole: bool) -> list[str]:
    if whole:
        return [item.id for item in items]
    anchors = [item.id for item in items if item.anchor]
    others = sorted((item.id for item in items if not item.anchor), key=lambda id: times[id])
    return anchors + others[: max(0, SHORT - len(anchors))]
