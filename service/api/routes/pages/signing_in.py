"""The reader's door: a key is exchanged once for a session."""

from __future__ import annotations

import time

from fastapi import APIRouter, Depends, Request, Response

from service.api.parts import TheParts
from service.api.problems import STATUS
from service.api.routes.pages.reader import COOKIE, SIGN_IN, ReaderRoute, own_form
from service.api.routes.pages.replies import Posted, page, see
from service.errors import NotAllowed, NotAuthenticated
from service.operations import access
from service.pages.dashboard.messages import sign_in_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(own_form)])


@router.get(SIGN_IN)
def ask_key() -> Response:
    return page(sign_in_page())


@router.post(SIGN_IN)
def sign_in(parts: TheParts, posted: Posted) -> Response:
    settings = parts.runtime.settings
    try:
        key = dict(posted).get("key", "").strip()
        secret = access.sign_in(parts.runtime.database, key, int(time.time()), settings.session_hours)
    except NotAuthenticated:
        return page(sign_in_page("unknown"), STATUS[NotAuthenticated][0])
    except NotAllowed:
        return page(sign_in_page("no_page"), STATUS[NotAllowed][0])
    answer = see("/dashboard")
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=3600 * settings.session_hours,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/dashboard/sign-out")
def sign_out(request: Request, parts: TheParts) -> Response:
    access.sign_out(parts.runtime.database, request.cookies.get(COOKIE, ""), int(time.time()))
    answer = see(SIGN_IN)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer
