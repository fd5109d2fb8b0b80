"""Bodies and replies of forecasts as pydantic models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.api.schemas import Body
from service.operations.forecast import OrganisationForecast, OwnForecast

Points = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class ForecastBody(Body):
    """What a lead expects the team to answer."""

    blocks: dict[str, Points] = Field(
        min_length=1,
        max_length=64,
        description="Block id and the score expected, 0 to 100. Blocks may be left out; only leads who forecast every "
        "building block the pulse scores are counted in the organisation's mean gaps.",
    )
    consent: bool = Field(
        description="Must be true: the forecast is kept until it is withdrawn, read by the unit's own key alone, and "
        "counted in the organisation's mean gaps."
    )


class GapReply(BaseModel):
    block: str
    forecast: float
    status: Literal["ok", "bound", "suppressed", "insufficient", "unreleased"] = Field(
        description="Of the team's score; what follows is null unless it is ok."
    )
    n: int | None = Field(description="Respondents.")
    score: float | None = Field(description="The team's, 0 to 100.")
    gap: float | None = Field(description="Forecast less score: above zero where the lead expected more.")
    low: float | None = Field(description="Lower end of the gap's 95 % interval.")
    high: float | None = Field(description="Upper end of the gap's 95 % interval.")
    error: float | None = Field(description="Standard error of the score, and so of the gap.")
    z: float | None = Field(description="Size of the gap in standard errors.")
    noteworthy: bool | None = Field(
        description="Whether z is above 2.5. Make nothing of any other gap: a score carries chance and a guess has "
        "noise of its own, so that with no true gap at all half of all gaps exceed half a scale point (12.5 of 100)."
    )


class ForecastReply(BaseModel):
    pulse: str
    unit: str
    released: bool
    data: list[GapReply]


class MeanGapReply(BaseModel):
    block: str
    status: Literal["ok", "suppressed"]
    leads: int | None = Field(description="How many are counted: the same in every block.")
    gap: int | None = Field(description="Mean of forecast less score, in whole points of 100.")
    low: int | None = Field(description="Lower end of its 95 % interval.")
    high: int | None = Field(description="Upper end of its 95 % interval.")


class MeanGapsReply(BaseModel):
    """Fixed when first read after the release: a later withdrawal changes nothing in it."""

    pulse: str
    data: list[MeanGapReply]


def forecast_reply(own: OwnForecast) -> ForecastReply:
    rows = [
        GapReply(
            block=gap.block,
            forecast=gap.forecast,
            status=gap.status,
            n=gap.n,
            score=gap.score,
            gap=gap.gap,
            low=gap.low,
            high=gap.high,
            error=gap.error,
            z=gap.z,
            noteworthy=gap.noteworthy,
        )
        for gap in own.gaps
    ]
    return ForecastReply(pulse=own.pulse, unit=own.unit, released=own.released, data=rows)


def mean_gaps_reply(of: OrganisationForecast) -> MeanGapsReply:
    rows = [
        MeanGapReply(block=it.block, status=it.status, leads=it.leads, gap=it.gap, low=it.low, high=it.high)
        for it in of.gaps
    ]
    return MeanGapsReply(pulse=of.pulse, data=rows)
