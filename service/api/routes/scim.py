"""`/scim/v2`: where an HR system's directory hands people and groups over; it describes itself, not in OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from fastapi.security import SecurityScopes
from starlette.exceptions import HTTPException

from service.api.access import authenticated
from service.api.auditing import told_as
from service.api.parts import called_from_outside, parts_of
from service.api.problems import STATUS
from service.errors import Invalid, RedwoodError, TooLarge, TooManyGuesses
from service.operations.access import Principal
from service.operations.people import changing_people, reading_people

router = APIRouter(prefix="/scim/v2", include_in_schema=False)

MEDIA_TYPE = "application/scim+json"
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_KINDS = {"Users", "Groups", "Bulk", "Me", "Schemas", "ResourceTypes", "ServiceProviderConfig"}
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
#: Requests worked on at once: an organisation's changes wait for each other, and would hold what respondents need.
_AT_ONCE = 4


@router.api_route("/{path:path}", methods=_METHODS)
async def scim(request: Request, path: str) -> Response:
    """Whatever SCIM 2.0 asks for, with a key of scope `scim` that is bound to no unit."""
    told_as(request, _told(request.method, path), reads=_reads(request.method, path))
    try:
        principal = await authenticated(request, SecurityScopes(["scim"]), None)
        principal.require("scim", whole=True)
        body = await _body(request)
        return await to_thread.run_sync(_answered, request, principal, path, body, limiter=_limiter(request))
    except RedwoodError as error:
        return _refusal(error)


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except HTTPException as error:
        raise TooLarge from error


def _answered(request: Request, principal: Principal, path: str, body: bytes) -> Response:
    from scim2_server.requests import ScimRequest

    from service.scim.answering import answer

    parts = parts_of(request)
    query, headers = dict(request.query_params), dict(request.headers)
    here = f"{called_from_outside(request, parts)}/scim/v2"
    said = ScimRequest(request.method, here, f"/{path.strip('/')}", query, headers, body)
    opening = reading_people if _reads(request.method, path) else changing_people
    reply = answer(lambda: opening(parts.runtime.database, principal), said, parts.runtime.settings.body_limit)
    return _reply(int(reply.status), reply.body, reply.headers)


def _reads(method: str, path: str) -> bool:
    return method == "GET" or path.rpartition("/")[2] == ".search"


def _limiter(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "scim"):
        state.scim = CapacityLimiter(_AT_ONCE)
    limiter: CapacityLimiter = state.scim
    return limiter


def _told(method: str, path: str) -> str:
    """What is recorded of a request: which kind of thing it is about, and never which one."""
    first = path.strip("/").partition("/")[0]
    kind = first if first in _KINDS else ""
    return f"{'GET' if method == 'HEAD' else method} /scim/v2/{kind}"


def _refusal(error: RedwoodError) -> Response:
    """In SCIM's own form, and without SCIM's library: a stranger does not make this process load it."""
    status = 400 if isinstance(error, Invalid) else STATUS[type(error)][0]
    detail = error.title if isinstance(error, Invalid) else str(error)
    reply = _reply(status, {"schemas": [_ERROR], "status": str(status), "detail": detail}, {})
    if status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        reply.headers["Retry-After"] = "1"
    if isinstance(error, TooManyGuesses):
        reply.headers["Retry-After"] = str(error.seconds)
    return reply


def _reply(status: int, document: dict[str, Any] | None, headers: Mapping[str, str]) -> Response:
    content = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    return Response(content, status, {**headers, "Content-Type": MEDIA_TYPE})
