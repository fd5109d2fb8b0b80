"""`/v1/people` and `/v1/directory`: everybody in from a file or out for good, and how units are made of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.concurrency import run_in_threadpool

from service.api.access import Manager, Provisioner
from service.api.documented import guarded
from service.api.key_first import KeyFirst
from service.api.parts import Parts, TheParts
from service.api.people_schemas import (
    DirectoryChangeReply,
    DirectoryReply,
    ForgottenReply,
    PeopleChangeReply,
    directory_change_reply,
    directory_reply,
    people_change_reply,
)
from service.errors import Fault, Invalid
from service.operations import directory, people_import
from service.operations.access import Principal
from service.survey.people_csv import column_choices, parse_people_csv
from service.survey.people_mapping import parse_mapping

router = APIRouter(prefix="/v1", tags=["manage"], responses=guarded(409), route_class=KeyFirst)

DryRun = Annotated[bool, Query(description="Only say what would change.")]
Columns = Annotated[
    list[str] | None,
    Query(
        max_length=32,
        description="field=column where the column has a name of its own, such as department=Abteilung; "
        "field= where nothing is to be taken for it. May be repeated.",
    ),
]
Document = Annotated[
    dict[str, Any],
    Body(
        description="`units.from` is attributes (with `levels` from the top down: organization, division, department, "
        "costCenter, title, userType), groups (with the `prefix` of their names) or manager (with `named` true teams "
        "bear their manager's name, which whoever reads results then reads). `root` is what stands above all: id and "
        'name. `{"units": null}` for no mapping: the roster stays as it is.',
        examples=[
            {
                "units": {"from": "attributes", "levels": ["division", "department"]},
                "root": {"id": "acme", "name": "Acme"},
            }
        ],
    ),
]


@router.post(
    "/people/import",
    summary="Replace the directory of people by a CSV",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def import_people(
    request: Request, principal: Provisioner, parts: TheParts, column: Columns = None, dry_run: DryRun = False
) -> PeopleChangeReply:
    """Everybody stands in the file: whoever is not in it leaves, and is deleted. The roster follows at once where the
    organisation has a mapping."""
    principal.require("scim", whole=True)
    raw = await request.body()
    # Reading and writing a large directory takes seconds, in which respondents must not wait.
    return await run_in_threadpool(lambda: _import(parts, principal, raw, column or [], dry_run))


@router.delete("/people", summary="Destroy the directory of people")
def forget_people(
    principal: Manager,
    parts: TheParts,
    people: Annotated[int, Query(ge=0, description="How many there are: nothing is destroyed if there are others.")],
) -> ForgottenReply:
    """People, groups and their letters are destroyed, in the database's files too; the mapping and the roster stay."""
    scrubbed = people_import.forget_people(parts.runtime.database, principal, people)
    return ForgottenReply(people=people, scrubbed=scrubbed)


@router.get("/directory", summary="How the directory of people stands")
def get_directory(principal: Manager, parts: TheParts) -> DirectoryReply:
    return directory_reply(directory.standing(parts.runtime.database, principal))


@router.put("/directory", summary="Say how units are made of people")
def put_directory(
    principal: Manager, parts: TheParts, document: Document, dry_run: DryRun = False
) -> DirectoryChangeReply:
    principal.require("manage", whole=True)
    mapping, day = parse_mapping(document), parts.today()
    found = directory.put_mapping(parts.runtime.database, principal, mapping, day, apply=not dry_run)
    return directory_change_reply(found, day, applied=not dry_run)


def _import(parts: Parts, principal: Principal, raw: bytes, columns: list[str], dry_run: bool) -> PeopleChangeReply:
    day = parts.today()
    try:
        file = parse_people_csv(raw.decode("utf-8-sig"), column_choices(columns))
    except UnicodeDecodeError as error:
        raise Invalid([Fault("body", "is not UTF-8 text")]) from error
    done = people_import.import_people(parts.runtime.database, principal, file, day, apply=not dry_run)
    return people_change_reply(done, file, day, applied=not dry_run)
