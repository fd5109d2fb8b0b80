"""`/dashboard/tables/…`: the tables behind the pages, to take away as CSV, with the session instead of a key.

Each is what the API's table of that name answers for the same choices; trends are as of the pulse that is chosen.
"""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Request, Response

from service.api.parts import TheParts
from service.api.replies import Layout, table_reply
from service.api.routes.pages.reader import ReaderRoute, SignedIn
from service.errors import NotFound
from service.exports.table import Table
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Finding, Library

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)

#: Tables that tell of the whole organisation's measurement, or of all its teams together.
_WHOLE = {"archetypes", "drivers", "items", "quality"}
#: Of these the API answers one pulse, the newest unless another is asked for; of the others all.
_NEWEST = {"archetypes", "changes", "clusters", "drivers"}
#: Findings that can be narrowed to a unit, and to a block; of the others such a choice changes nothing.
_BY_UNIT = {"changes", "alerts", "clusters", "agreement", "interdependence", "coordination"}
_BY_BLOCK = {"changes", "alerts", "quality", "items", "agreement"}
_FINDINGS: dict[str, Finding] = {name: name for name in get_args(Finding)}


@router.get("/dashboard/tables/{name}.csv")
def take(
    request: Request,
    parts: TheParts,
    principal: SignedIn,
    name: str,
    pulse: str | None = None,
    unit: str | None = None,
    block: str | None = None,
    by: str | None = None,
) -> Response:
    query = Query(pulse=pulse or None, unit=unit or None, block=block or None, by=by or None)
    found = _table(parts.library, principal, name, query)
    answer = table_reply(request, found, Layout("csv", None, 0), lasting=False)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _table(library: Library, principal: Principal, name: str, query: Query) -> Table:
    if name == "results":
        return library.results(principal, query)
    if name == "heatmap":
        return library.heatmap(principal, query)
    if name == "participation":
        return library.participation(principal, query)
    if name == "trends":
        return library.trends_as_of(principal, query)
    if name in _FINDINGS:
        unit, block = query.unit if name in _BY_UNIT else None, query.block if name in _BY_BLOCK else None
        only = Query(pulse=query.pulse, unit=unit, block=block)
        return library.findings(principal, _FINDINGS[name], only, newest=name in _NEWEST, whole=name in _WHOLE)
    raise NotFound("table")
