"""Instruments as plain documents: from JSON or TOML, back again, joined with lenses, and those that ship."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from service.errors import Fault, InvalidInstrument
from service.survey.instrument import Instrument, Item, Scale
from service.survey.instrument_parts import (
    TEXT,
    read_blocks,
    read_either,
    read_item,
    read_languages,
    read_scale,
    read_texts,
)
from service.survey.instrument_rules import MOST_ITEMS, instrument_faults
from service.survey.lenses import with_lenses
from service.survey.reading import Node

__all__ = ["instrument_document", "parse_instrument", "shipped", "with_lenses"]

_FIELDS = (
    "id",
    "version",
    "name",
    "names",
    "languages",
    "time_frame",
    "scale",
    "blocks",
    "items",
    "evidence",
    "source",
)
_SOURCE = 2000


def parse_instrument(document: object) -> Instrument:
    """The instrument a JSON-like document describes.

    `name` and `text` are short for `names` and `texts` in English alone. Left out, names are the id, languages
    those of the items' texts, and blocks those the items name, in order. Raises InvalidInstrument with every fault.
    """
    faults: list[Fault] = []
    fields = Node(document, "instrument", faults).fields(*_FIELDS, top=True)
    instrument = _instrument(fields)
    faults += instrument_faults(instrument)
    if faults:
        raise InvalidInstrument(faults)
    return instrument


def _instrument(fields: Mapping[str, Node]) -> Instrument:
    scale = read_scale(fields["scale"])
    items = tuple(read_item(node, scale) for node in fields["items"].entries(1, MOST_ITEMS))
    languages = read_languages(fields["languages"], items)
    id, tongue = fields["id"].id(), languages[0].code
    return Instrument(
        id=id,
        version=fields["version"].id(),
        names=read_either(fields, "name", "names", default={tongue: id}),
        languages=languages,
        time_frame={} if fields["time_frame"].absent else read_texts(fields["time_frame"], least=0),
        scale=scale,
        blocks=read_blocks(fields["blocks"], items, tongue),
        items=items,
        evidence=fields["evidence"].text(TEXT, "unvalidated"),
        source="" if fields["source"].value == "" else fields["source"].text(_SOURCE, ""),
    )


def instrument_document(instrument: Instrument) -> dict[str, Any]:
    """Plain JSON in one fixed form; parsing it gives an equal instrument."""
    return {
        "id": instrument.id,
        "version": instrument.version,
        "names": dict(instrument.names),
        "languages": [{"code": it.code, "name": it.name, "dir": it.dir} for it in instrument.languages],
        "time_frame": dict(instrument.time_frame),
        "scale": _scale_document(instrument.scale),
        "blocks": [
            {"id": block.id, "kind": block.kind, "names": dict(block.names), "cross_team": block.cross_team}
            for block in instrument.blocks
        ],
        "items": [_item_document(item, instrument.scale) for item in instrument.items],
        "evidence": instrument.evidence,
        "source": instrument.source,
    }


def _scale_document(scale: Scale) -> dict[str, Any]:
    return {"low": scale.low, "high": scale.high, "labels": {code: list(it) for code, it in scale.labels.items()}}


def _item_document(item: Item, scale: Scale) -> dict[str, Any]:
    own = {} if item.scale == scale else {"scale": _scale_document(item.scale)}
    texts = {"id": item.id, "block": item.block, "texts": dict(item.texts)}
    return {**texts, **own, "reverse": item.reverse, "anchor": item.anchor, "scored": item.scored}


@cache
def shipped() -> dict[str, Instrument]:
    """The instruments that come with Redwood, by id."""
    folder = resources.files("service.survey") / "instruments"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    instruments = (parse_instrument(tomllib.loads(file.read_text("utf-8"))) for file in files)
    return {instrument.id: instrument for instrument in instruments}
