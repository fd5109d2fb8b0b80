"""The instruments a pulse may ask: those that ship, and those an organisation imported."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from service.errors import Conflict, Fault, InvalidPulse, NotFound
from service.operations import audit
from service.operations.access import Principal
from service.store import instruments
from service.store.database import Connection, Database
from service.survey.instrument import Instrument
from service.survey.instrument_document import instrument_document, parse_instrument, shipped


def import_instrument(
    database: Database, principal: Principal, document: Mapping[str, object], *, apply: bool = True
) -> Instrument:
    """Keep a version of an instrument; the very same again is no change.

    Raises InvalidInstrument, and Conflict when that version stands with other words.
    """
    principal.require("manage", whole=True)
    instrument = parse_instrument(document)
    with database.begin() as tx:
        known = _instruments(tx, principal.organisation).get((instrument.id, instrument.version))
        if known is None and apply:
            text = json.dumps(instrument_document(instrument), ensure_ascii=False)
            instruments.add_instrument(tx, principal.organisation, instrument.id, instrument.version, text)
            audit.record(tx, principal, "instrument imported", f"instrument {instrument.id} {instrument.version}")
    if known is not None and known != instrument:
        raise Conflict("This version exists with different content; changed wording is a new version.")
    return instrument


def list_instruments(database: Database, principal: Principal) -> list[Instrument]:
    """Those that ship and those imported, every version, by id and version."""
    principal.require("manage")
    with database.read() as tx:
        known = _instruments(tx, principal.organisation)
    return [known[key] for key in sorted(known)]


def find_instrument(database: Database, principal: Principal, id: str, version: str | None) -> Instrument:
    """The version asked for, else the newest. Raises NotFound."""
    principal.require("manage")
    with database.read() as tx:
        return instrument_of(tx, principal.organisation, id, version)


def instrument_of(tx: Connection, organisation: str, id: str, version: str | None) -> Instrument:
    """The version asked for, else the newest. Raises NotFound."""
    known = _instruments(tx, organisation)
    versions = [key for key in known if key[0] == id and version in (None, key[1])]
    if not versions:
        raise NotFound("instrument")
    return known[max(versions, key=lambda key: _natural(key[1]))]


def lenses_of(tx: Connection, organisation: str, ids: Sequence[str]) -> list[Instrument]:
    """The newest version of each. Raises InvalidPulse with every fault."""
    found, faults = [], []
    for place, id in enumerate(ids):
        try:
            found.append(instrument_of(tx, organisation, id, None))
        except NotFound:
            faults.append(Fault(f"lenses[{place}]", "neither ships nor was imported"))
    if faults:
        raise InvalidPulse(faults)
    return found


def _natural(version: str) -> list[tuple[int, str]]:
    """An order in which version 10 follows version 9."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", version)]


def _instruments(tx: Connection, organisation: str) -> dict[tuple[str, str], Instrument]:
    imported = (parse_instrument(json.loads(text)) for text in instruments.instrument_documents(tx, organisation))
    return {(it.id, it.version): it for it in (*shipped().values(), *imported)}
