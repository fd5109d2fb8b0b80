"""Routes that look at the key before the body: the framework would read all of it first, for whoever sends one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes

from service.api.access import authenticated


class KeyFirst(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        asked = list(_asked(self.dependant))

        async def guarded(request: Request) -> Response:
            for scopes in asked:
                await authenticated(request, SecurityScopes(scopes), None)
            return await handler(request)

        return guarded


def _asked(dependant: Dependant) -> Iterator[list[str]]:
    """The scopes of each key that is asked for, anywhere below."""
    for needed in dependant.dependencies:
        if needed.call is authenticated:
            yield needed.own_oauth_scopes or []
        else:
            yield from _asked(needed)
