"""A release as canonical bytes: the same figures are always the same bytes, so that a digest stands for them."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import numpy as np

from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, Slice, UnitFigures
from service.survey.instrument_document import instrument_document, parse_instrument
from service.survey.pulse import Band

FORMAT = "redwood-release/1"

_SUPPRESSED: dict[str, object] = {"status": "suppressed"}


def encode(release: Release) -> bytes:
    """JSON with sorted keys, no blanks, in UTF-8; whole numbers but for the pooled scatter, kept to 9 decimals."""
    document = {
        "format": FORMAT,
        "pulse": release.pulse,
        "label": release.label,
        "series": release.series,
        "instrument": instrument_document(release.instrument),
        "items": release.items,
        "threshold": release.threshold,
        "policy_hash": release.policy_hash,
        "opened_on": release.opened_on.isoformat(),
        "closed_on": release.closed_on.isoformat(),
        "number": release.number,
        "units": [_unit_document(unit, release.items) for unit in release.units],
        "pooled": None if release.pooled is None else _pooled_document(release.pooled),
        "bands": [{"id": band.id, "values": band.values} for band in release.bands],
        "families": release.families,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def decode(content: bytes) -> Release:
    """The release that was encoded. Raises ValueError for any other format."""
    document = json.loads(content)
    if document.get("format") != FORMAT:
        raise ValueError(f"this is not a release in the format {FORMAT}")
    return Release(
        pulse=document["pulse"],
        label=document["label"],
        series=document["series"],
        instrument=parse_instrument(document["instrument"]),
        items=tuple(document["items"]),
        threshold=document["threshold"],
        policy_hash=document["policy_hash"],
        opened_on=date.fromisoformat(document["opened_on"]),
        closed_on=date.fromisoformat(document["closed_on"]),
        number=document["number"],
        units=tuple(map(_unit, document["units"])),
        pooled=None if document["pooled"] is None else _pooled(document["pooled"]),
        bands=tuple(Band(band["id"], tuple(band["values"])) for band in document["bands"]),
        families=tuple(map(tuple, document["families"])),
    )


def _unit_document(unit: PublicUnit, items: tuple[str, ...]) -> dict[str, object]:
    place: dict[str, object] = {"id": unit.id, "name": unit.name, "parent": unit.parent}
    if unit.before:
        place["before"] = unit.before
    if unit.figures is None:
        return place | _SUPPRESSED
    return place | {
        "status": "ok",
        "n": unit.figures.n,
        "headcount": unit.figures.headcount,
        "items": _items_document(unit.figures.items, items),
        "slices": [_slice_document(it, items) for it in unit.figures.slices],
        "moved": unit.figures.moved,
    }


def _slice_document(it: Slice, items: tuple[str, ...]) -> dict[str, object]:
    return {"by": it.by, "bands": it.bands, "n": it.n, "items": _items_document(it.items, items)}


def _items_document(shown: dict[str, ItemFigures], items: tuple[str, ...]) -> dict[str, object]:
    return {item: _item_document(shown[item]) if item in shown else _SUPPRESSED for item in items}


def _item_document(figures: ItemFigures) -> dict[str, object]:
    if figures.total is None:
        return {"n": figures.n, "least": figures.least, "most": figures.most}
    document: dict[str, object] = {"n": figures.n, "sum": figures.total}
    if figures.favourable is not None:
        document["favourable"] = figures.favourable
    if figures.counts is not None:
        document["counts"] = figures.counts
    return document


def _pooled_document(pooled: PooledMoments) -> dict[str, object]:
    # Adding zero turns a rounded -0.0, which is other bytes for the same number, into 0.0.
    within = (np.round(pooled.within, 9) + 0.0).tolist()
    return {"items": pooled.items, "n": pooled.n, "atoms": pooled.atoms, "within": within}


def _unit(document: dict[str, Any]) -> PublicUnit:
    figures = None
    if document["status"] == "ok":
        figures = UnitFigures(
            document["n"],
            document["headcount"],
            _items(document["items"]),
            tuple(map(_slice, document["slices"])),
            tuple(document["moved"]),
        )
    before = tuple(document.get("before", ()))
    return PublicUnit(document["id"], document["name"], document["parent"], figures, before)


def _slice(document: dict[str, Any]) -> Slice:
    return Slice(tuple(document["by"]), tuple(document["bands"]), document["n"], _items(document["items"]))


def _items(documents: dict[str, dict[str, Any]]) -> dict[str, ItemFigures]:
    return {item: _item(it) for item, it in documents.items() if "n" in it}


def _item(document: dict[str, Any]) -> ItemFigures:
    counts = document.get("counts")
    return ItemFigures(
        document["n"],
        document["least"] if "least" in document else document["sum"],
        document["most"] if "most" in document else document["sum"],
        document.get("favourable"),
        None if counts is None else tuple(counts),
    )


def _pooled(document: dict[str, Any]) -> PooledMoments:
    size = len(document["items"])
    within = np.array(document["within"], np.float64).reshape(size, size)
    return PooledMoments(tuple(document["items"]), document["n"], document["atoms"], within)
