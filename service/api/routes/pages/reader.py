"""What pages behind a sign-in share: who signed in, what was chosen, and errors that are pages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from service.api.auditing import asks
from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.replies import PageRoute, page, see
from service.errors import (
    FindingsDue,
    InvalidResponse,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RedwoodError,
    TooManyGuesses,
    Unavailable,
)
from service.operations import access
from service.operations.access import Principal, organisation_name
from service.operations.dashboard import Chosen, chosen
from service.pages.dashboard.frame import Around, Frame
from service.pages.dashboard.messages import empty_page, message_page, soon_page

COOKIE = "redwood_session"
SIGN_IN = "/dashboard/sign-in"
#: Choices a page carries along in its address; each is the id of something, never a secret.
_CHOICES = ("pulse", "unit", "block")
_SENT_ELSEWHERE = (
    "Nothing was changed. For your safety a form counts only when a page of this very service sent it: open the page "
    "here and send it again. If it happens every time, a proxy in front of this service changes the Host header: "
    "tell whoever runs it."
)


class NothingReleased(NotFound):
    """The organisation, or the part of it the key reaches, has no release yet: not an error to its reader."""

    def __init__(self, around: Around) -> None:
        super().__init__("released pulse")
        self.around = around


class SentElsewhere(NotAllowed):
    """A form that, as the browser says, a page of another site sent."""

    def __init__(self) -> None:
        super().__init__("form")


class ReaderRoute(PageRoute):
    @staticmethod
    def refuse(request: Request, error: RedwoodError) -> Response:  # noqa: ARG004
        if isinstance(error, NotAuthenticated):
            return see(SIGN_IN)
        if isinstance(error, NothingReleased):
            return page(empty_page(error.around))
        if isinstance(error, SentElsewhere):
            return page(message_page("This form came from another address", _SENT_ELSEWHERE), 403)
        if isinstance(error, NotAllowed):
            return page(message_page("This key may not read this", "Sign in with a key that may.", key=True), 403)
        if isinstance(error, InvalidResponse):
            return page(message_page("This form cannot be read", "Open the page again and send it from there."), 422)
        if isinstance(error, FindingsDue):
            return page(soon_page(), STATUS[FindingsDue][0])
        if isinstance(error, Unavailable):
            return page(message_page(error.title, str(error)), STATUS[Unavailable][0])
        if isinstance(error, TooManyGuesses):
            return later(page(message_page(error.title, str(error)), STATUS[TooManyGuesses][0]), error)
        return page(message_page(error.title, "Choose from what the dashboard offers."), STATUS[type(error)][0])


def later(answer: Response, error: TooManyGuesses) -> Response:
    """The answer, saying after how many seconds to come again."""
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _signed_in(request: Request, parts: TheParts) -> Principal:
    """Raises NotAuthenticated without a session, and SentElsewhere for a form that another site's page sent."""
    own_form(request)
    principal = session_of(request, parts)
    asks(request, principal)
    return principal


def session_of(request: Request, parts: Parts) -> Principal:
    """Raises NotAuthenticated without a session, and TooManyGuesses after too many that are none."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise NotAuthenticated
    with parts.guesses.looking_up(request, secret):
        return access.session(parts.runtime.database, secret, int(time.time()), kept_by(parts))


def kept_by(parts: Parts) -> access.Kept | None:
    """Whose sessions without a key are; nobody's where no provider is configured any more."""
    return None if parts.signing is None else parts.signing.kept


def own_form(request: Request) -> None:
    """Raises SentElsewhere for a form that another site's page sent: to change something, or to sign a browser in."""
    if request.method == "POST" and not _own(request):
        raise SentElsewhere


def _own(request: Request) -> bool:
    """Browsers say where a form came from; what they leave out was sent by no page. The cookie is SameSite besides."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


SignedIn = Annotated[Principal, Depends(_signed_in)]


def reads_findings(principal: SignedIn) -> None:
    """Raises NotAllowed before anything is looked for: else 403 and 404 would say what there is to whoever may not."""
    principal.require("results")
    principal.require("analytics")


def reads_every_finding(principal: SignedIn) -> None:
    """As `reads_findings`, of the whole organisation."""
    principal.require("results", whole=True)
    principal.require("analytics", whole=True)


def _around(request: Request, parts: TheParts, principal: SignedIn) -> Around:
    said = request.query_params
    return around_of(request, parts, principal, {name: said[name] for name in _CHOICES if said.get(name)})


def around_of(request: Request, parts: Parts, principal: Principal, carried: Mapping[str, str]) -> Around:
    """What stands around a page that carries these choices along."""
    return Around(
        organisation=organisation_name(parts.runtime.database, principal),
        here=request.url.path,
        scopes=principal.scopes,
        bound=principal.unit is not None,
        chosen=carried,
    )


TheAround = Annotated[Around, Depends(_around)]


def _framed(
    around: TheAround,
    parts: TheParts,
    principal: SignedIn,
    pulse: str | None = None,
    unit: str | None = None,
    block: str | None = None,
) -> Frame:
    found = chosen(parts.library, principal, pulse=pulse or None, unit=unit or None, block=block or None)
    if found is None:
        raise NothingReleased(replace(around, chosen={}))
    return frame_of(around, found)


def frame_of(around: Around, found: Chosen) -> Frame:
    return Frame(
        around=around,
        releases=found.releases,
        release=found.release,
        seen=found.seen,
        unit=found.unit,
        block=found.block,
        blocks=found.blocks,
    )


#: The release, unit and block an address speaks of, with what stands around a page. Raises as `chosen` does.
Framed = Annotated[Frame, Depends(_framed)]
