"""What a respondent is asked, in her language, with the promise that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.errors import NotFound
from service.operations import promise
from service.operations.collect import asked_pulse, collected_values
from service.release.policy import Policy
from service.store import pulses
from service.store.database import Database
from service.survey.instrument import Instrument, Item, Language, Scale, text_in
from service.survey.pulse import Pulse, State
from service.tokens.unlinkable import SUITE


def questionnaire(database: Database, id: str, language: str) -> dict[str, Any]:
    """Items in the order they are asked, labels, writing direction, and the privacy contract with its hash.

    An unknown language falls back to English. Raises NotFound unless the pulse is open.
    """
    pulse = asked_pulse(database, id)
    if pulse.state is not State.OPEN:
        raise NotFound("pulse")
    with database.read() as tx:
        policy_hash = pulses.policy_hash(tx, id)
    chosen = _language(pulse.instrument, language)
    return {
        "pulse": pulse.id,
        "label": pulse.label,
        "language": chosen.code,
        "dir": chosen.dir,
        "languages": [{"code": it.code, "name": it.name, "dir": it.dir} for it in pulse.instrument.languages],
        "time_frame": text_in(pulse.instrument.time_frame, chosen.code),
        "scale": _scale(pulse.instrument.scale, chosen.code),
        "items": [_item(item, pulse.instrument, chosen.code) for item in pulse.asked],
        "bands": _bands(pulse, collected_values(database, pulse)),
        "privacy": {
            **promise.privacy(Policy(pulse.threshold)),
            "tokens": {"kinds": list(pulse.tokens), "suite": SUITE, "fingerprint": pulse.fingerprint},
            "hash": policy_hash,
        },
    }


def _language(instrument: Instrument, code: str) -> Language:
    known = {language.code: language for language in instrument.languages}
    return known.get(code) or known.get(code.split("-", maxsplit=1)[0]) or known.get("en") or instrument.languages[0]


def _item(item: Item, instrument: Instrument, language: str) -> dict[str, Any]:
    block = instrument.block(item.block)
    return {
        "id": item.id,
        "block": item.block,
        "block_name": text_in(block.names, language) if block else item.block,
        "text": text_in(item.texts, language),
        "scale": _scale(item.scale, language),
    }


def _scale(scale: Scale, language: str) -> dict[str, Any]:
    labels = scale.labels.get(language) or scale.labels.get("en") or ()
    return {"low": scale.low, "high": scale.high, "labels": list(labels)}


def _bands(pulse: Pulse, collected: Mapping[str, frozenset[str]]) -> list[dict[str, Any]]:
    """What may be stated: a value too few were invited of is not asked for, nor a band that has no other."""
    offered = [(band.id, [value for value in band.values if value in collected[band.id]]) for band in pulse.bands]
    return [{"id": id, "values": values} for id, values in offered if values]
