"""`/v1/pulses/{pulse}/forecasts`: what leads expected, each read by that lead alone, and the mean over all of them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.access import AnalyticsReader, ResultsReader
from service.api.auditing import own
from service.api.documented import guarded
from service.api.forecast_schemas import ForecastBody, ForecastReply, MeanGapsReply, forecast_reply, mean_gaps_reply
from service.api.key_first import KeyFirst
from service.api.parts import TheParts
from service.operations import forecast

router = APIRouter(
    prefix="/v1/pulses/{pulse}/forecasts", tags=["forecast"], responses=guarded(404), route_class=KeyFirst
)


@router.get("", summary="Mean gap between forecast and score by block, over the leads")
def get_mean_gaps(principal: AnalyticsReader, parts: TheParts, pulse: str) -> MeanGapsReply:
    """For keys of the whole organisation, after the release. Suppressed with fewer leads than the pulse's threshold;
    the same leads are counted in every block, and what is read first stays, whoever withdraws."""
    found = forecast.organisation_forecast(parts.library, parts.runtime.database, principal, pulse)
    return mean_gaps_reply(found)


@router.put(
    "/{unit}",
    status_code=204,
    response_class=Response,
    summary="Say what you expect your team to answer",
    responses=guarded(404, 409),
)
def put_forecast(principal: ResultsReader, parts: TheParts, pulse: str, unit: str, body: ForecastBody) -> Response:
    """With a key bound to exactly this unit, from the pulse's opening until its release; replaces an earlier one."""
    forecast.put_forecast(parts.runtime.database, principal, pulse, unit, body.blocks, consent=body.consent)
    return Response(status_code=204)


@router.get(
    "/{unit}", summary="Your own forecast, and after the release how far off it was", dependencies=[Depends(own)]
)
def get_forecast(principal: ResultsReader, parts: TheParts, pulse: str, unit: str) -> ForecastReply:
    """With a key bound to exactly this unit; to every other key, of units above it or of the whole organisation too,
    there is nothing here. Make something of a gap only where it is `noteworthy`: with no true gap at all, half of all
    gaps exceed half a scale point, by chance in the score and noise in the guess."""
    return forecast_reply(forecast.own_forecast(parts.library, parts.runtime.database, principal, pulse, unit))


@router.delete("/{unit}", status_code=204, response_class=Response, summary="Withdraw your forecast")
def delete_forecast(principal: ResultsReader, parts: TheParts, pulse: str, unit: str) -> Response:
    """At any time, before the release or after. Mean gaps that were read before stay as they are."""
    forecast.withdraw_forecast(parts.runtime.database, principal, pulse, unit)
    return Response(status_code=204)
