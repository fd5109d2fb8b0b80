"""`/v1/audit`: who read or did what, entry by entry, each with the hash that chains it to the one before."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from service.api.access import Manager
from service.api.documented import guarded
from service.api.parts import TheParts
from service.operations import audit

router = APIRouter(prefix="/v1/audit", tags=["manage"], responses=guarded())


class EntryReply(BaseModel):
    number: int
    at: str = Field(description="To the second, in UTC.")
    who: str = Field(description="A key's id, or 'operator' for whoever holds the shell.")
    label: str = Field(description="The key's label as it was then.")
    deed: str = Field(description="read, refused, or what was done.")
    subject: str = Field(description="What it was done to; of a read the method, the path and what chose.")
    hash: str = Field(
        description="SHA-256 over the hash before (of the first entry 32 zero bytes) and this entry as JSON without "
        "hash and with organisation: names sorted, no blanks, UTF-8."
    )


class HeadReply(BaseModel):
    """The last entry: written down elsewhere it shows whether the end was cut off later."""

    number: int
    hash: str


class AuditReply(BaseModel):
    organisation: str
    data: list[EntryReply]
    next: int | None
    head: HeadReply


@router.get("", summary="Who read or did what; for keys of the whole organisation")
def get_audit(
    response: Response,
    principal: Manager,
    parts: TheParts,
    after: Annotated[int, Query(ge=0, lt=2**62, description="Entries with a greater number only.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditReply:
    """No respondent stands in it. Reading it is recorded, too: once a day, before it is answered, so that the next
    look finds it."""
    found, head = audit.entries(parts.runtime.database, principal, after, limit + 1)
    following = found[limit - 1].number if len(found) > limit else None
    if following is not None:
        response.headers["Link"] = f'</v1/audit?{urlencode({"limit": limit, "after": following})}>; rel="next"'
    data = [EntryReply.model_validate(audit.document(entry)) for entry in found[:limit]]
    organisation = principal.organisation
    return AuditReply(
        organisation=organisation, data=data, next=following, head=HeadReply(number=head.number, hash=head.hash)
    )
