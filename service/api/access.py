"""From an Authorization header to a Principal."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes

from service.api.auditing import asks
from service.api.parts import parts_of
from service.errors import NotAuthenticated
from service.operations.access import Principal

#: Only declares the scheme to OpenAPI; the header is read below, so that every refusal is one problem.
_declared = HTTPBearer(
    auto_error=False,
    description="A key, rw_..., or an access token of the provider that the service is set up with.",
    scheme_name="key",
)


async def authenticated(
    request: Request, wanted: SecurityScopes, _: Annotated[object, Depends(_declared)]
) -> Principal:
    """Whoever holds the key, refused before a body is read when it lacks what the contract says the call needs."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.isascii() or not secret:
        raise NotAuthenticated
    principal = await _looked_up(request, secret)
    asks(request, principal)
    for scope in wanted.scopes:
        principal.require(scope)
    return principal


async def _looked_up(request: Request, secret: str) -> Principal:
    """A key believed already is not looked up, nor is one that comes after too many wrong ones."""
    parts = parts_of(request)
    known = parts.keyring.known(secret)
    if known is not None:
        return known
    with parts.guesses.looking_up(request, secret):
        return await parts.keyring.principal(secret)


# Operations ask for scopes too, and for more: these are only the door's.
Manager = Annotated[Principal, Security(authenticated, scopes=["manage"])]
ResultsReader = Annotated[Principal, Security(authenticated, scopes=["results"])]
AnalyticsReader = Annotated[Principal, Security(authenticated, scopes=["analytics"])]
Provisioner = Annotated[Principal, Security(authenticated, scopes=["scim"])]
AnyReader = Annotated[Principal, Depends(authenticated)]
