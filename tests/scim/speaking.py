"""A directory's side of SCIM, spoken through the doors."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.doors import Doors

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def say(doors: Doors, headers: dict[str, str], method: str, path: str, body: Any = None) -> httpx.Response:
    """One request as `application/scim+json`; a body that is bytes is sent as it is."""
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    media = {"Content-Type": "application/scim+json"} if sent else {}
    request = doors.client.build_request(method, f"/scim/v2{path}", headers={**headers, **media}, content=sent)
    reply: httpx.Response = doors.run(doors.client.send(request))
    return reply


def person(user_name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name, "active": True, **more}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}
