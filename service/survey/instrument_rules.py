"""The rules an instrument keeps as a whole: its parts fit together, and no language is half there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from service.errors import Fault
from service.survey.instrument import Instrument

MOST_ITEMS, MOST_BLOCKS, MOST_LANGUAGES = 200, 40, 40


def instrument_faults(instrument: Instrument) -> list[Fault]:
    """Every fault between the parts. An empty id stands for one that could not be read and is passed over."""
    return [*_block_faults(instrument), *_item_faults(instrument), *_language_faults(instrument)]


def _block_faults(instrument: Instrument) -> Iterator[Fault]:
    if len(instrument.blocks) > MOST_BLOCKS:
        yield Fault("blocks", f"must be at most {MOST_BLOCKS}")
    yield from _repeated("blocks", "id", [block.id for block in instrument.blocks])
    used = {item.block for item in instrument.items}
    for index, block in enumerate(instrument.blocks):
        if used and block.id not in used and "" not in used:
            yield Fault(f"blocks[{index}]", "has no items")


def _item_faults(instrument: Instrument) -> Iterator[Fault]:
    yield from _repeated("items", "id", [item.id for item in instrument.items])
    known = {block.id for block in instrument.blocks}
    for index, item in enumerate(instrument.items):
        if item.block and known and item.block not in known and "" not in known:
            yield Fault(f"items[{index}].block", "is none of the blocks")


def _language_faults(instrument: Instrument) -> Iterator[Fault]:
    declared = [language.code for language in instrument.languages]
    yield from _repeated("languages", "code", declared)
    if "" in declared:
        return
    for where, texts in _texts(instrument):
        if not texts.keys() <= set(declared):
            yield Fault(where, "must be in no language but those the instrument declares")
    for index, item in enumerate(instrument.items):
        if item.texts and not item.texts.keys() >= set(declared):
            yield Fault(f"items[{index}].texts", "must be in every language of the instrument")


def _texts(instrument: Instrument) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Everything that is kept by language, each scale once, and its place."""
    yield "names", instrument.names
    yield "time_frame", instrument.time_frame
    yield "scale.labels", instrument.scale.labels
    for index, block in enumerate(instrument.blocks):
        yield f"blocks[{index}].names", block.names
    for index, item in enumerate(instrument.items):
        yield f"items[{index}].texts", item.texts
        if item.scale != instrument.scale:
            yield f"items[{index}].scale.labels", item.scale.labels


def _repeated(where: str, field: str, ids: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, id in enumerate(ids):
        if id in seen:
            yield Fault(f"{where}[{index}].{field}", "is there already")
        elif id:
            seen.add(id)
