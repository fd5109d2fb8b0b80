"""What routes of pages share: replies no one keeps, forms read from the body, and errors that are pages too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from service import errors
from service.api.schemas import RESPONSE_LIMIT
from service.pages.form import Fields, fields_of

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_NO_STORE = {"Cache-Control": "no-store"}


def page(content: str, status: int = 200) -> Response:
    return HTMLResponse(content, status, _NO_STORE)


def see(address: str) -> Response:
    """Send the browser on, whatever it did here, to read that address."""
    return RedirectResponse(address, 303, _NO_STORE)


class PageRoute(APIRoute):
    """A route whose errors are pages: subclasses say which."""

    @staticmethod
    def refuse(request: Request, error: errors.RedwoodError) -> Response:
        raise NotImplementedError

    def get_route_handler(self) -> _Handler:
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except errors.RedwoodError as error:
                return self.refuse(request, error)
            except RequestValidationError:
                return self.refuse(request, errors.NotFound("page"))

        return handled


async def _posted(request: Request) -> Fields:
    body = await request.body()
    if len(body) > RESPONSE_LIMIT:
        raise errors.TooLarge
    return fields_of(body)


#: The fields of a posted form, in order. Raises TooLarge and InvalidResponse.
Posted = Annotated[Fields, Depends(_posted)]
