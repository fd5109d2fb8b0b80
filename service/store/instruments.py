"""Instruments an organisation has imported, as documents; a version is written once."""

from __future__ import annotations

from sqlalchemy import insert, select

from service.store.database import Connection
from service.store.tables import instrument


def add_instrument(tx: Connection, organisation: str, id: str, version: str, document: str) -> None:
    tx.execute(insert(instrument).values(organisation_id=organisation, id=id, version=version, document=document))


def instrument_documents(tx: Connection, organisation: str) -> list[str]:
    """Every version of every instrument, by id and version."""
    query = select(instrument.c.document).where(instrument.c.organisation_id == organisation)
    return list(tx.scalars(query.order_by(instrument.c.id, instrument.c.version)))
