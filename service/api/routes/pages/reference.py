"""`/docs`: the API reference, from the very document that `/openapi.json` answers."""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, FastAPI, Request, Response

from service.api.documented import MEANING
from service.api.examples import STAND_INS
from service.api.problems import reply_to
from service.api.routes.pages.replies import page
from service.errors import Fault, InvalidResponse
from service.pages.reference import reference_page
from service.pages.reference_shell import laid_out

router = APIRouter(include_in_schema=False)
#: The document never changes while the application runs, and laying it out takes longer than a page may.
_PAGES: WeakKeyDictionary[FastAPI, str] = WeakKeyDictionary()


@router.get("/docs")
def reference(request: Request) -> Response:
    app = request.app
    if app not in _PAGES:
        _PAGES[app] = described(app.openapi())
    return page(_PAGES[app])


def described(openapi: dict[str, Any]) -> str:
    """The page about this document."""
    return reference_page(
        openapi,
        names={stands: name for name, stands in STAND_INS.items()},
        problem=laid_out(json.loads(bytes(_PROBLEM.body))),
        meanings={str(status): text for status, text in MEANING.items()},
    )


_PROBLEM = reply_to(InvalidResponse([Fault("answers.WB1", "is off the scale 1 to 5")]))
