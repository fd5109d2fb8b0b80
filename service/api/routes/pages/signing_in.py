"""The reader's door: a key is exchanged once for a session."""

from __future__ import annotations

import time

from fastapi import APIRouter, Depends, Request, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.reader import COOKIE, SIGN_IN, ReaderRoute, kept_by, later, own_form
from service.api.routes.pages.replies import Posted, page, see
from service.errors import NoRole, NotAllowed, NotAuthenticated, ProviderSilent, RedwoodError, TooManyGuesses
from service.operations import access
from service.pages.dashboard.messages import Refusal, sign_in_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(own_form)])

#: Why nobody was signed in, as an address says it, in words of our own.
REFUSALS: dict[type[RedwoodError], Refusal] = {
    NoRole: "no_role",
    NotAuthenticated: "unfinished",
    ProviderSilent: "silent",
    TooManyGuesses: "later",
}


@router.get(SIGN_IN)
def ask_key(parts: TheParts, why: str = "") -> Response:
    """`why` is one of the words above; any other is as good as none."""
    refusal = next((it for it in REFUSALS.items() if it[1] == why), None)
    if refusal is None:
        return page(_page(parts))
    return page(_page(parts, refusal[1]), STATUS[refusal[0]][0])


@router.post(SIGN_IN)
def sign_in(request: Request, parts: TheParts, posted: Posted) -> Response:
    """Another session in place of the browser's old one, if it had any: no secret of before becomes a session's."""
    settings = parts.runtime.settings
    key = dict(posted).get("key", "").strip()
    try:
        with parts.guesses.looking_up(request, key):
            secret = access.sign_in(parts.runtime.database, key, int(time.time()), settings.session_hours)
    except NotAuthenticated:
        return page(_page(parts, "unknown"), STATUS[NotAuthenticated][0])
    except NotAllowed:
        return page(_page(parts, "no_page"), STATUS[NotAllowed][0])
    except TooManyGuesses as error:
        return later(page(_page(parts, "later"), STATUS[TooManyGuesses][0]), error)
    return signed_in(request, parts, secret, "/dashboard")


@router.post("/dashboard/sign-out")
def sign_out(request: Request, parts: TheParts) -> Response:
    _end(request, parts)
    answer = see(SIGN_IN)
    # Without the day in the past that `delete_cookie` adds: it is the time of the answer.
    answer.set_cookie(COOKIE, "", max_age=0, path="/", httponly=True, samesite="strict")
    return answer


def signed_in(request: Request, parts: Parts, secret: str, address: str) -> Response:
    """Send the browser on with a session, and end the one it came with."""
    settings = parts.runtime.settings
    _end(request, parts)
    parts.guesses.was_right(secret)
    answer = see(address)
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


def _page(parts: Parts, refused: Refusal = "") -> str:
    return sign_in_page(refused, provider=parts.signing is not None and bool(parts.signing.configured.client))


def _end(request: Request, parts: Parts) -> None:
    """The session the browser came with, if any."""
    before = request.cookies.get(COOKIE)
    if before:
        access.sign_out(parts.runtime.database, before, int(time.time()), kept_by(parts))
