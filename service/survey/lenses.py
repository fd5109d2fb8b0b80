"""Joining lenses to an instrument, so that one pulse asks both."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from service.errors import Fault, InvalidInstrument
from service.survey.instrument import Block, Instrument, Item, Scale, Texts, text_in
from service.survey.instrument_rules import MOST_BLOCKS, MOST_ITEMS

Kept = TypeVar("Kept")


def with_lenses(instrument: Instrument, lenses: Sequence[Instrument]) -> Instrument:
    """The instrument with the blocks and items of `lenses` after its own, in the languages all of them have.

    Raises InvalidInstrument, its places `lenses[0]` and so on, when ids clash, no language is shared, or the
    whole becomes larger than an instrument may be.
    """
    faults = [
        Fault(f"lenses[{index}]", why)
        for index, lens in enumerate(lenses)
        for why in _clashes([instrument, *lenses[:index]], lens)
    ]
    if faults:
        raise InvalidInstrument(faults)
    everything = [instrument, *lenses]
    codes = _shared(everything)
    return replace(
        instrument,
        names=_kept(instrument.names, codes),
        languages=tuple(language for language in instrument.languages if language.code in codes),
        time_frame=_kept(instrument.time_frame, codes),
        scale=_scale(instrument.scale, codes),
        blocks=tuple(_block(block, codes) for each in everything for block in each.blocks),
        items=tuple(_item(item, codes) for each in everything for item in each.items),
    )


def _clashes(before: Sequence[Instrument], lens: Instrument) -> Iterator[str]:
    blocks = {block.id for each in before for block in each.blocks}
    items = {item.id for each in before for item in each.items}
    if not blocks.isdisjoint(block.id for block in lens.blocks):
        yield "has a block whose id is taken"
    if not items.isdisjoint(item.id for item in lens.items):
        yield "has an item whose id is taken"
    if len(blocks) + len(lens.blocks) > MOST_BLOCKS or len(items) + len(lens.items) > MOST_ITEMS:
        yield f"makes more than {MOST_BLOCKS} blocks or {MOST_ITEMS} items"
    if _shared(before) and not _shared([*before, lens]):
        yield "shares no language with what it is asked beside"


def _shared(instruments: Sequence[Instrument]) -> list[str]:
    """The languages all have, in the order of the first."""
    others = [{language.code for language in each.languages} for each in instruments[1:]]
    codes = [language.code for language in instruments[0].languages]
    return [code for code in codes if all(code in other for other in others)]


def _kept(texts: Texts, codes: Sequence[str]) -> Texts:
    """The texts in `codes`; if there is none, the best there is, under the first: a text must not get lost."""
    return _only(texts, codes) or ({codes[0]: text_in(texts, "en")} if texts else {})


def _only(by_language: Mapping[str, Kept], codes: Collection[str]) -> dict[str, Kept]:
    return {code: it for code, it in by_language.items() if code in codes}


def _scale(scale: Scale, codes: Sequence[str]) -> Scale:
    return replace(scale, labels=_only(scale.labels, codes))


def _block(block: Block, codes: Sequence[str]) -> Block:
    return replace(block, names=_kept(block.names, codes))


def _item(item: Item, codes: Sequence[str]) -> Item:
    return replace(item, texts=_kept(item.texts, codes), scale=_scale(item.scale, codes))
