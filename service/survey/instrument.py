"""What is asked: a versioned set of items on a scale, grouped into building blocks and lenses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Texts = Mapping[str, str]
BlockKind = Literal["block", "lens"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole-number answers from `low` to `high`; `labels[language]` names each point in order."""

    low: int
    high: int
    labels: Mapping[str, tuple[str, ...]]

    @property
    def points(self) -> int:
        return self.high - self.low + 1

    @property
    def favourable(self) -> int:
        """The least keyed answer that counts as favourable: three quarters up, 4 and 5 of 1..5."""
        return self.low + -(-3 * (self.high - self.low) // 4)

    def __contains__(self, answer: int) -> bool:
        return self.low <= answer <= self.high

    def keyed(self, answer: int, *, reverse: bool) -> int:
        return self.low + self.high - answer if reverse else answer


@dataclass(frozen=True, slots=True)
class Block:
    """Items scored together. `cross_team` is false where a block describes one identifiable person."""

    id: str
    kind: BlockKind
    names: Texts
    cross_team: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """One statement. `scored` is false for a choice between kinds, which has no mean."""

    id: str
    block: str
    texts: Texts
    scale: Scale
    reverse: bool = False
    anchor: bool = False
    scored: bool = True


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    dir: Literal["ltr", "rtl"] = "ltr"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A named, versioned set of items; a changed wording is a new version, never an edit."""

    id: str
    version: str
    names: Texts
    languages: tuple[Language, ...]
    time_frame: Texts
    scale: Scale
    blocks: tuple[Block, ...]
    items: tuple[Item, ...]
    evidence: str = "unvalidated"
    source: str = ""

    def item(self, id: str) -> Item | None:
        return next((item for item in self.items if item.id == id), None)

    def block(self, id: str) -> Block | None:
        return next((block for block in self.blocks if block.id == id), None)

    def items_of(self, block: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.block == block)


def text_in(texts: Texts, language: str) -> str:
    """`texts[language]`, else the English text, else any: a missing translation must not hide an item."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
