"""The respondent's pages: no key, no cookie, no address that tells anything, and nothing kept of who called."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.replies import PageRoute, Posted, page
from service.errors import Invalid, NotFound, Overloaded, RedwoodError, TokenRefused, Unavailable
from service.operations.questionnaire import questionnaire
from service.pages import answering
from service.pages.answering import Notice
from service.pages.form import Fields, Filled, answers_from_form, token_in
from service.pages.words import preferred
from service.tokens.plain import pulse_of


class RespondentRoute(PageRoute):
    @staticmethod
    def refuse(request: Request, error: RedwoodError) -> Response:
        """No such pulse, not open, unknown or spent: one page, so that it tells nobody which."""
        language = getattr(request.state, "language", "") or _preferred(request)
        if isinstance(error, TokenRefused | NotFound):
            return page(answering.refused_page(language), STATUS[TokenRefused][0])
        return page(answering.trouble_page(language), STATUS[type(error)][0])


router = APIRouter(include_in_schema=False, route_class=RespondentRoute)


@router.get("/answer")
def start(request: Request) -> Response:
    return page(answering.start_page(_preferred(request)))


@router.post("/answer")
def ask(request: Request, parts: TheParts, posted: Posted) -> Response:
    filled, pulse = _read(request, posted)
    return page(_questionnaire(parts, pulse, filled, None))


@router.post("/answer/send")
async def send(request: Request, parts: TheParts, posted: Posted) -> Response:
    filled, pulse = _read(request, posted)
    try:
        await parts.collection.submit(pulse, filled.token, filled.answers, filled.bands)
    except (Invalid, Overloaded, Unavailable) as error:
        again = await asyncio.to_thread(_questionnaire, parts, pulse, filled, _notice(error, filled))
        return page(again, STATUS[type(error)][0])
    return page(answering.done_page(filled.language))


def _read(request: Request, posted: Fields) -> tuple[Filled, str]:
    """The form and the pulse its token names. Raises InvalidResponse, and TokenRefused when it names none."""
    filled = answers_from_form(posted)
    filled = replace(filled, token=token_in(filled.token), language=filled.language or _preferred(request))
    request.state.language = filled.language
    pulse = pulse_of(filled.token)
    if pulse is None:
        raise TokenRefused
    return filled, pulse


def _questionnaire(parts: Parts, pulse: str, filled: Filled, notice: Notice | None) -> str:
    document = questionnaire(parts.runtime.database, pulse, filled.language)
    return answering.questionnaire_page(document, filled, notice, parts.exposure.of_token(filled.token))


def _notice(error: RedwoodError, filled: Filled) -> Notice:
    if not isinstance(error, Invalid):
        return "try_again"
    return "not_understood" if any(answer is not None for answer in filled.answers.values()) else "nothing_answered"


def _preferred(request: Request) -> str:
    return preferred(request.headers.get("accept-language", ""))
