"""TEMPORARY: replaced by the colleague's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.errors import Fault, InvalidInstrument
from service.survey.instrument import Block, Instrument, Item, Language, Scale


def parse_instrument(d: Mapping[str, Any]) -> Instrument:
    try:

        def sc(x: Any) -> Scale:
            return Scale(x["low"], x["high"], {k: tuple(v) for k, v in x.get("labels", {}).items()})

        scale = sc(d["scale"])
        items = tuple(
            Item(
                i["id"],
                i["block"],
                i.get("texts") or {"en": i["text"]},
                sc(i["scale"]) if "scale" in i else scale,
                i.get("reverse", False),
                i.get("anchor", False),
                i.get("scored", True),
            )
            for i in d["items"]
        )
        blocks = (
            tuple(
                Block(b["id"], b.get("kind", "block"), b.get("names", {"en": b["id"]}), b.get("cross_team", True))
                for b in d["blocks"]
            )
            if "blocks" in d
            else tuple(Block(b, "block", {"en": b}) for b in dict.fromkeys(i.block for i in items))
        )
        return Instrument(
            d["id"],
            d["version"],
            d.get("names", {"en": d["id"]}),
            tuple(
                Language(x["code"], x["name"], x["dir"])
                for x in d.get("languages", [{"code": "en", "name": "English", "dir": "ltr"}])
            ),
            d.get("time_frame", {}),
            scale,
            blocks,
            items,
        )
    except (KeyError, TypeError) as e:
        raise InvalidInstrument([Fault("instrument", "is not valid")]) from e


def instrument_document(i: Instrument) -> dict[str, Any]:
    def sc(s: Scale) -> dict[str, Any]:
        return {"low": s.low, "high": s.high, "labels": {k: list(v) for k, v in s.labels.items()}}

    return {
        "id": i.id,
        "version": i.version,
        "names": dict(i.names),
        "languages": [{"code": x.code, "name": x.name, "dir": x.dir} for x in i.languages],
        "time_frame": dict(i.time_frame),
        "scale": sc(i.scale),
        "blocks": [{"id": b.id, "kind": b.kind, "names": dict(b.names), "cross_team": b.cross_team} for b in i.blocks],
        "items": [
            {
                "id": t.id,
                "block": t.block,
                "texts": dict(t.texts),
                "scale": sc(t.scale),
                "reverse": t.reverse,
                "anchor": t.anchor,
                "scored": t.scored,
            }
            for t in i.items
        ],
    }


def with_lenses(i: Instrument, lenses: Sequence[Instrument]) -> Instrument:
    for x in lenses:
        i = replace(i, blocks=i.blocks + x.blocks, items=i.items + x.items)
    return i


def shipped() -> dict[str, Instrument]:
    blocks = {"WB": "wellbeing", "SB": "strengths", "PS": "safety", "PC": "conflict", "CL": "leadership"}
    rev = {"WB3", "WB6", "SB4", "PS3", "PC3", "CL4"}
    return {
        "five-blocks": parse_instrument(
            {
                "id": "five-blocks",
                "version": "1",
                "scale": {"low": 1, "high": 5},
                "blocks": [{"id": b, "cross_team": b != "leadership"} for b in blocks.values()],
                "items": [
                    {"id": f"{p}{n}", "block": b, "text": f"{p}{n}", "reverse": f"{p}{n}" in rev}
                    for p, b in blocks.items()
                    for n in range(1, 7)
                ],
            }
        )
    }
