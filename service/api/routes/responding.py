"""The respondent's routes: what is asked, and the answers; no key, no cookie, nothing kept of who called."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from service.api.documented import problems
from service.api.parts import TheParts, parts_of
from service.api.schemas import RESPONSE_LIMIT, EvaluationReply, ExchangeBody, IssuerReply, ResponseBody
from service.errors import Fault, InvalidResponse, TooLarge
from service.operations.collect import Collection
from service.operations.questionnaire import questionnaire

router = APIRouter(prefix="/v1/pulses", tags=["respond"])

_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ResponseBody.model_json_schema()}}}
}
_NOTHING = Response(status_code=204)


@router.get("/{pulse}/questionnaire", summary="What is asked, and what happens to the answers", responses=problems(404))
def get_questionnaire(
    parts: TheParts,
    pulse: str,
    lang: Annotated[
        str, Query(max_length=35, description="A language of the instrument; English when unknown.")
    ] = "en",
) -> dict[str, Any]:
    return questionnaire(parts.runtime.database, pulse, lang)


@router.get(
    "/{pulse}/exposure",
    summary="Before answering: in which groups one is counted, of how many, and who reads",
    responses=problems(404),
)
def get_exposure(
    parts: TheParts,
    pulse: str,
    unit: Annotated[str, Query(description="The unit the invitation was issued for.")],
) -> dict[str, Any]:
    return parts.exposure.of_unit(pulse, unit)


@router.get(
    "/{pulse}/issuer",
    summary="A unit's token key, with its way up to the pulse's fingerprint",
    responses=problems(404, 409, 503),
)
def get_issuer(
    parts: TheParts,
    pulse: str,
    unit: Annotated[str, Query(description="A unit somebody was invited in.")],
) -> IssuerReply:
    return IssuerReply.model_validate(parts.issuing.published(pulse, unit))


@router.post(
    "/{pulse}/tokens",
    summary="Exchange an invitation, once, for a blind evaluation (RFC 9497); the very same again is answered again",
    responses=problems(403, 404, 409, 503),
)
def exchange(parts: TheParts, response: Response, pulse: str, body: ExchangeBody) -> EvaluationReply:
    # What comes next from here is sent on a connection of its own: one would tie the token to the invitation.
    response.headers["Connection"] = "close"
    return EvaluationReply.model_validate(parts.issuing.exchange(pulse, body.invitation, body.blinded))


@router.post(
    "/{pulse}/responses",
    status_code=204,
    response_class=Response,
    summary="Answer once; 204 and nothing else, after it is durable",
    responses=problems(403, 404),
    openapi_extra=_BODY,
)
async def respond(pulse: str, request: Request) -> Response:
    # `service.api.door` answers this path before the framework; here it is declared, and answered below a prefix.
    await take(parts_of(request).collection, pulse, await request.body())
    return _NOTHING


async def take(collection: Collection, pulse: str, raw: bytes) -> None:
    """Return once the response in the body is durable; raises what is wrong with it."""
    if len(raw) > RESPONSE_LIMIT:
        raise TooLarge
    body = parse_body(raw)
    await collection.submit(pulse, body.token, body.answers, body.bands)


def parse_body(raw: bytes) -> ResponseBody:
    """Raises InvalidResponse naming only the contract's own fields: any other name is the respondent's."""
    try:
        return ResponseBody.model_validate_json(raw)
    except ValidationError as error:
        places = sorted({_place(entry["loc"]) for entry in error.errors(include_input=False, include_url=False)})
        raise InvalidResponse(
            [Fault(place, "is missing, unknown or not of the right type") for place in places]
        ) from None


def _place(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location and location[0] in ResponseBody.model_fields else "body"
