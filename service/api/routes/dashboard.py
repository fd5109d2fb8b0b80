"""The reader's pages: a key is exchanged once for a session, and what it may see is shown."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.api.page_replies import PageRoute, Posted, page, see
from service.api.parts import TheParts
from service.api.problems import STATUS
from service.errors import NotAllowed, NotAuthenticated, RedwoodError
from service.operations import access
from service.operations.access import Principal, organisation_name
from service.operations.dashboard import dashboard
from service.pages.dashboard import dashboard_page, empty_page, message_page, sign_in_page

COOKIE = "redwood_session"
_SIGN_IN = "/dashboard/sign-in"


class ReaderRoute(PageRoute):
    @staticmethod
    def refuse(request: Request, error: RedwoodError) -> Response:  # noqa: ARG004
        if isinstance(error, NotAuthenticated):
            return see(_SIGN_IN)
        if isinstance(error, NotAllowed):
            return page(message_page("This key may not read results", "Sign in with a key that may."), 403)
        return page(message_page(error.title, "Choose from what the dashboard offers."), STATUS[type(error)][0])


router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


def _signed_in(request: Request, parts: TheParts) -> Principal:
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise NotAuthenticated
    return access.session(parts.runtime.database, secret, int(time.time()))


SignedIn = Annotated[Principal, Depends(_signed_in)]


@router.get("/dashboard")
def overview(
    parts: TheParts, principal: SignedIn, pulse: str | None = None, unit: str | None = None, block: str | None = None
) -> Response:
    organisation = organisation_name(parts.runtime.database, principal)
    found = dashboard(parts.library, principal, pulse=pulse, unit=unit, block=block)
    if found is None:
        return page(empty_page(organisation))
    return page(
        dashboard_page(
            organisation=organisation,
            releases=found.releases,
            release=found.release,
            visible=found.visible,
            unit=found.unit,
            block=found.block,
            blocks=found.blocks,
            scores=found.scores,
            slices=found.slices,
            points=found.points,
            parts=found.parts,
        )
    )


@router.get(_SIGN_IN)
def ask_key() -> Response:
    return page(sign_in_page())


@router.post(_SIGN_IN)
def sign_in(parts: TheParts, posted: Posted) -> Response:
    settings = parts.runtime.settings
    try:
        key = dict(posted).get("key", "").strip()
        secret = access.sign_in(parts.runtime.database, key, int(time.time()), settings.session_hours)
    except NotAuthenticated:
        return page(sign_in_page(refused=True), STATUS[NotAuthenticated][0])
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
    answer = see(_SIGN_IN)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer
