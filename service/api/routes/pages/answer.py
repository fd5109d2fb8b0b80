"""The respondent's pages: no key, no cookie, no address that tells anything, and nothing kept of who called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.replies import PageRoute, Posted, page, see
from service.errors import Invalid, InvalidResponse, NotFound, Overloaded, RedwoodError, TokenRefused, Unavailable
from service.operations.questionnaire import questionnaire
from service.pages import answering
from service.pages.answering import Notice, Step
from service.pages.choosing import stated
from service.pages.form import Filled, answers_from_form, token_in
from service.pages.right import right
from service.pages.words import preferred
from service.tokens.token import pulse_of


class RespondentRoute(PageRoute):
    @staticmethod
    def refuse(request: Request, error: RedwoodError) -> Response:
        """No such pulse, not open, unknown or spent: one page, so that it tells nobody which."""
        filled: Filled = getattr(request.state, "filled", None) or Filled(language=_preferred(request))
        status = STATUS[type(error)][0]
        if isinstance(error, TokenRefused | NotFound):
            return page(answering.refused_page(filled.language), STATUS[TokenRefused][0])
        if isinstance(error, Overloaded | Unavailable) and filled.token:
            return page(answering.waiting_page(filled, _step(request)), status)
        return page(answering.trouble_page(filled.language), status)


router = APIRouter(include_in_schema=False, route_class=RespondentRoute)


@router.get("/answer")
def start(request: Request) -> Response:
    return page(answering.start_page(_preferred(request)))


@router.get("/answer/review")
@router.get("/answer/send")
def begin_anew() -> Response:
    """Forms are posted here; whoever asks for the address itself has nothing to show."""
    return see("/answer")


@router.post("/answer")
def ask(request: Request, parts: TheParts, posted: Posted) -> Response:
    filled = answers_from_form(posted)
    if not filled.token and ("switch", filled.language) in posted:
        return page(answering.start_page(filled.language))
    filled, pulse = _read(request, filled)
    return page(_form(parts, _document(parts, pulse, filled), filled, None))


@router.post("/answer/review")
def review(request: Request, parts: TheParts, posted: Posted) -> Response:
    filled, pulse = _read(request, answers_from_form(posted))
    document = _document(parts, pulse, filled)
    notice = answering.amiss(document, filled)
    if notice is None and right(document, filled).holds != "none":
        return page(answering.review_page(document, filled))
    return page(_form(parts, document, filled, notice), STATUS[InvalidResponse][0])


@router.post("/answer/send")
async def send(request: Request, parts: TheParts, posted: Posted) -> Response:
    filled, pulse = _read(request, answers_from_form(posted))
    try:
        # Only a form that states something needs the questionnaire to tell what.
        bands = await asyncio.to_thread(_stated, parts, pulse, filled) if filled.places else {}
        await parts.collection.submit(pulse, filled.token, filled.answers, bands)
    except Invalid as error:
        return page(await asyncio.to_thread(_to_mend, parts, pulse, filled), STATUS[type(error)][0])
    return page(answering.done_page(filled.language))


def _read(request: Request, filled: Filled) -> tuple[Filled, str]:
    """The form made whole, and the pulse its token names. Raises TokenRefused when it names none."""
    filled = replace(filled, token=token_in(filled.token), language=filled.language or _preferred(request))
    request.state.filled = filled
    pulse = pulse_of(filled.token)
    if pulse is None:
        raise TokenRefused
    return filled, pulse


def _document(parts: Parts, pulse: str, filled: Filled) -> Mapping[str, Any]:
    return questionnaire(parts.runtime.database, pulse, filled.language)


def _stated(parts: Parts, pulse: str, filled: Filled) -> Mapping[str, str]:
    return stated(_document(parts, pulse, filled), filled)


def _form(parts: Parts, document: Mapping[str, Any], filled: Filled, notice: Notice | None) -> str:
    return answering.questionnaire_page(document, filled, notice, parts.exposure.of_token(filled.token))


def _to_mend(parts: Parts, pulse: str, filled: Filled) -> str:
    document = _document(parts, pulse, filled)
    return _form(parts, document, filled, answering.amiss(document, filled) or "not_understood")


def _step(request: Request) -> Step:
    steps: dict[str, Step] = {"/answer/review": "/answer/review", "/answer/send": "/answer/send"}
    return steps.get(request.url.path, "/answer")


def _preferred(request: Request) -> str:
    return preferred(request.headers.get("accept-language", ""))
