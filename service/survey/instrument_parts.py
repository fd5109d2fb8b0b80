"""The parts of an instrument's document, each read from its node: texts, languages, scales, blocks and items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from service.survey.instrument import Block, BlockKind, Item, Language, Scale, Texts
from service.survey.instrument_rules import MOST_BLOCKS, MOST_LANGUAGES
from service.survey.reading import Node

TEXT = 500
_LANGUAGE_NAME = 100
#: An answer is kept in a byte and counted point by point; nobody tells more than eleven points apart.
_GREATEST, _POINTS = 100, 11
_KINDS: tuple[BlockKind, ...] = ("block", "lens")
_DIRECTIONS: tuple[Literal["ltr", "rtl"], ...] = ("ltr", "rtl")


def read_texts(node: Node, least: int = 1) -> Texts:
    return {code: each.text(TEXT) for code, each in node.by_language(least, MOST_LANGUAGES).items()}


def read_either(fields: Mapping[str, Node], one: str, many: str, default: Texts | None = None) -> Texts:
    """The texts in the field `many`, or the English one in the field `one`; `default`, if any, when both are absent."""
    if not fields[one].absent:
        if not fields[many].absent:
            fields[many].fault(f"stands in for {one}, not beside it")
        return {"en": fields[one].text(TEXT)}
    if fields[many].absent and default is not None:
        return default
    return read_texts(fields[many])


def read_languages(node: Node, items: tuple[Item, ...]) -> tuple[Language, ...]:
    """Those declared, else those of the items' texts. Never empty: what cannot be read is one without a code."""
    if node.absent:
        codes = dict.fromkeys(code for item in items for code in item.texts)
        found = [Language(code, code) for code in codes]
    else:
        found = [_language(each) for each in node.entries(1, MOST_LANGUAGES)]
    return tuple(found) or (Language("", ""),)


def _language(node: Node) -> Language:
    fields = node.fields("code", "name", "dir")
    return Language(fields["code"].language(), fields["name"].text(_LANGUAGE_NAME), fields["dir"].choice(_DIRECTIONS))


def read_scale(node: Node) -> Scale:
    fields = node.fields("low", "high", "labels")
    low, high = fields["low"].whole(0, _GREATEST), fields["high"].whole(0, _GREATEST)
    points = None
    if low is not None and high is not None:
        points = high - low + 1
        if not 2 <= points <= _POINTS:
            node.fault(f"must have 2 to {_POINTS} points, its low below its high")
            points = None
    return Scale(low or 0, high or 0, _labels(fields["labels"], points))


def _labels(node: Node, points: int | None) -> dict[str, tuple[str, ...]]:
    """One label a point, however many there are when the scale's ends could not be read."""
    if node.absent:
        return {}
    return {
        code: tuple(label.text(TEXT) for label in each.entries(points or 1, points or _POINTS))
        for code, each in node.by_language(0, MOST_LANGUAGES).items()
    }


def read_blocks(node: Node, items: tuple[Item, ...], tongue: str) -> tuple[Block, ...]:
    """Those listed, as objects or by id alone, else those the items name; `tongue` is the language of an id."""
    if node.absent:
        ids = dict.fromkeys(item.block for item in items if item.block)
        return tuple(Block(id, "block", {tongue: id}) for id in ids)
    return tuple(_block(each, tongue) for each in node.entries(1, MOST_BLOCKS))


def _block(node: Node, tongue: str) -> Block:
    if isinstance(node.value, str):
        id = node.id()
        return Block(id, "block", {tongue: id})
    fields = node.fields("id", "kind", "name", "names", "cross_team")
    id = fields["id"].id()
    names = read_either(fields, "name", "names", default={tongue: id})
    return Block(id, fields["kind"].choice(_KINDS), names, fields["cross_team"].flag(True))


def read_item(node: Node, scale: Scale) -> Item:
    """An item, on `scale` unless it has its own."""
    fields = node.fields("id", "block", "text", "texts", "scale", "reverse", "anchor", "scored")
    return Item(
        id=fields["id"].id(),
        block=fields["block"].id(),
        texts=read_either(fields, "text", "texts"),
        scale=scale if fields["scale"].absent else read_scale(fields["scale"]),
        reverse=fields["reverse"].flag(False),
        anchor=fields["anchor"].flag(False),
        scored=fields["scored"].flag(True),
    )
