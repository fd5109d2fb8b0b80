"""To the organisation's own provider and back: no reply to the provider's address is a page, so that no code stays in
one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from service.api.parts import Parts, TheParts
from service.api.routes.pages.reader import SIGN_IN, ReaderRoute
from service.api.routes.pages.replies import page, see
from service.api.routes.pages.signing_in import REFUSALS, signed_in
from service.api.signing import Signing
from service.errors import NoRole, NotAuthenticated, NotFound, ProviderSilent, TooManyGuesses
from service.pages.dashboard.messages import signed_in_page
from service.signin.begun import LONGEST, Begun, begin, resumed
from service.signin.configured import CALLBACK

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)

#: Lax, for the browser comes back from another site with it; it opens nothing by itself.
_BEGUN = "redwood_begun"
_DONE = "/dashboard/sign-in/done"


@router.get("/dashboard/sign-in/provider")
async def leave(parts: TheParts) -> Response:
    """A link and no form: browsers hold a form to where its page may send, also where it is sent on to."""
    signing, begun = _signing(parts), begin(time.time())
    try:
        answer = see(await signing.flow.address(begun))
    except ProviderSilent as error:
        return _refused(error)
    _keep(answer, signing, begun.secret)
    return answer


@router.get(CALLBACK)
async def come_back(request: Request, parts: TheParts) -> Response:
    """Whatever the provider said, its address is left at once, and the browser gives up the cookie of what was begun.

    Nothing is remembered here: whoever kept the cookie can come back until it is too old, with a code of their own.
    """
    signing = _signing(parts)
    begun = resumed(request.cookies.get(_BEGUN), time.time())
    try:
        answer = await _finished(request, parts, signing, begun)
    except (NotAuthenticated, NoRole, ProviderSilent, TooManyGuesses) as error:
        answer = _refused(error)
    _keep(answer, signing, "")
    return answer


@router.get(_DONE)
def done(parts: TheParts) -> Response:
    """The session's cookie is sent only where a page of ours led: the browser comes here from another site's, and goes
    on from this one."""
    _signing(parts)
    return page(signed_in_page())


async def _finished(request: Request, parts: Parts, signing: Signing, begun: Begun | None) -> Response:
    said = _once_each(request)
    if begun is None or said is None:
        raise NotAuthenticated
    with parts.guesses.looking_up(request, begun.secret):
        claims = await signing.finished(begun, said)
    settings = parts.runtime.settings
    now = int(time.time())
    secret = await asyncio.to_thread(
        signing.admission.sign_in, parts.runtime.database, claims, now, settings.session_hours
    )
    return await asyncio.to_thread(signed_in, request, parts, secret, _DONE)


def _once_each(request: Request) -> Mapping[str, str] | None:
    """What stands in the address; None where something stands there twice."""
    said = request.query_params.multi_items()
    return dict(said) if len(dict(said)) == len(said) else None


def _signing(parts: Parts) -> Signing:
    """Raises NotFound where people do not sign in with a provider."""
    if parts.signing is None or not parts.signing.configured.client:
        raise NotFound("page")
    return parts.signing


def _refused(error: NotAuthenticated | NoRole | ProviderSilent | TooManyGuesses) -> Response:
    return see(f"{SIGN_IN}?why={REFUSALS[type(error)]}")


def _keep(answer: Response, signing: Signing, secret: str) -> None:
    """For as long as a sign-in may take; an empty one is forgotten at once."""
    secure = signing.configured.is_secure
    answer.set_cookie(
        _BEGUN, secret, max_age=LONGEST if secret else 0, path=SIGN_IN, secure=secure, httponly=True, samesite="lax"
    )
