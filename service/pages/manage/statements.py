"""The statements of a pulse to tick, by block."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.survey.instrument import Instrument, text_in


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
