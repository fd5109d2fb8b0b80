"""`/v1/instruments`: what can be asked; imported versions are kept for good."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from service.api.access import Manager
from service.api.documented import guarded
from service.api.key_first import KeyFirst
from service.api.parts import TheParts
from service.api.schemas import InstrumentReply, InstrumentsReply, instrument_reply
from service.operations import instruments
from service.survey.instrument_document import instrument_document

router = APIRouter(prefix="/v1/instruments", tags=["manage"], responses=guarded(404, 409), route_class=KeyFirst)

Document = Annotated[
    dict[str, Any],
    Body(
        description="An instrument document: id, version, scale, items, and if wanted blocks, languages and labels.",
        examples=[
            {
                "id": "lead",
                "version": "1",
                "scale": {"low": 1, "high": 5},
                "items": [{"id": "L1", "block": "lead", "text": "My leader listens."}],
            }
        ],
    ),
]


@router.post("", status_code=201, summary="Import a version of an instrument")
def import_instrument(principal: Manager, parts: TheParts, document: Document) -> InstrumentReply:
    return instrument_reply(instruments.import_instrument(parts.runtime.database, principal, document))


@router.get("", summary="Every instrument and version")
def list_instruments(principal: Manager, parts: TheParts) -> InstrumentsReply:
    known = instruments.list_instruments(parts.runtime.database, principal)
    return InstrumentsReply(data=[instrument_reply(it) for it in known])


@router.get("/{id}", summary="One instrument, whole")
def get_instrument(
    principal: Manager,
    parts: TheParts,
    id: str,
    version: Annotated[str | None, Query(description="The newest when left out.")] = None,
) -> dict[str, Any]:
    return instrument_document(instruments.find_instrument(parts.runtime.database, principal, id, version))
