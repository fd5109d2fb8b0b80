"""Bodies of requests and replies as pydantic models: strict, no unknown fields, documented for OpenAPI."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.pages.form import LONGEST_TOKEN
from service.survey.draft import Draft
from service.survey.draft_bands import MOST_BANDS, MOST_CROSSES
from service.survey.instrument import Instrument
from service.survey.pulse import TOKEN_KINDS, Pool, Pulse
from service.survey.roster_document import RosterChange

#: Greatest body of one response in bytes: a set of answers is small, anything larger on that route is not one.
RESPONSE_LIMIT = 16_384

Id = Annotated[str, Field(min_length=1, max_length=64)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ResponseBody(Body):
    """One respondent's answers: whole numbers on each item's scale as it was read, null for 'prefer not to say'."""

    token: Annotated[str, Field(max_length=LONGEST_TOKEN)]
    answers: Annotated[dict[str, int | None], Field(min_length=1, max_length=600)]
    bands: Annotated[dict[str, str], Field(max_length=16, default_factory=dict)]
    pad: Annotated[str, Field(description="Anything: makes every body as long as every other. It is not read.")] = ""


class ExchangeBody(Body):
    """An invitation, and what is to be evaluated blindly for it."""

    invitation: Annotated[str, Field(max_length=200)]
    blinded: Annotated[str, Field(max_length=100, description="32 bytes in base64url without padding.")]


class StepReply(BaseModel):
    side: Literal["left", "right"] = Field(description="On which side of the way up the sibling stands.")
    hash: str


class IssuerReply(BaseModel):
    """One unit's token key, with its way up to the fingerprint that the policy's hash covers."""

    pulse: str
    unit: str
    suite: str
    public_key: str = Field(description="32 bytes in base64url without padding.")
    fingerprint: str
    path: list[StepReply]


class EvaluationReply(IssuerReply):
    """RFC 9497: the evaluated element, and the proof that the published key did it."""

    evaluated: str
    proof: str


class PolicyBody(Body):
    threshold: int = Field(description="k: no combination of published figures involves fewer respondents.")


class PoolBody(Body):
    id: str = Field(description="Of no unit of the organisation; in results the pool stands as a unit of this id.")
    name: str
    units: list[str] = Field(description="At least two with the same parent, each in this pool only.")


class PulseBody(Body):
    """A pulse to set up. Everything but the instrument has a default."""

    instrument: Id = Field(description="Id of a shipped or imported instrument, e.g. five-blocks.")
    version: Id | None = Field(None, description="Version of the instrument; the newest when left out.")
    lenses: list[Id] = Field([], max_length=8, description="Further instruments asked beside it.")
    items: list[Id] | None = Field(None, max_length=500, description="Which items; all when left out.")
    bands: dict[str, list[str]] = Field(
        {}, max_length=MOST_BANDS, description="Coarse attributes respondents state, with their values."
    )
    crosses: list[list[str]] = Field(
        [], max_length=MOST_CROSSES, description="Pairs of bands; results are read by both together as well."
    )
    classes: dict[str, dict[str, dict[str, int]]] = Field(
        {},
        description="How many are invited: unit id, band id, value, people directly in the unit. Together at most its "
        "headcount. Units and bands may be left out: then any of a unit's people may be of any value.",
    )
    pools: list[PoolBody] = Field([], description="Units read together where they are too small alone.")
    tokens: list[str] = Field(
        list(TOKEN_KINDS),
        max_length=8,
        description="What may be sent with answers: unlinkable tokens, that nobody can tie to an invitation, or plain "
        "ones, the invitations themselves, for front ends that cannot make the others.",
    )
    policy: PolicyBody | None = None
    label: Annotated[str, Field(max_length=200)] | None = Field(None, description="A name for people.")
    series: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Pulses of one series make a trend; the instrument's id when left out."
    )

    def draft(self) -> Draft:
        return Draft(
            label=self.label or self.instrument,
            instrument=self.instrument,
            version=self.version,
            lenses=self.lenses,
            items=self.items,
            bands=self.bands,
            threshold=None if self.policy is None else self.policy.threshold,
            series=self.series,
            crosses=self.crosses,
            classes=self.classes,
            pools=[Pool(pool.id, pool.name, tuple(pool.units)) for pool in self.pools],
            tokens=self.tokens,
        )


class InvitationsBody(Body):
    units: dict[str, int] | None = Field(
        None, description="How many for each unit; for every unit what its headcount still allows when left out."
    )


class InstrumentName(BaseModel):
    id: str
    version: str


class PulseReply(BaseModel):
    id: str
    label: str
    series: str
    state: Literal["draft", "open", "closed", "released"]
    instrument: InstrumentName
    items: list[str]
    bands: dict[str, list[str]]
    crosses: list[list[str]]
    pools: list[PoolBody]
    policy: PolicyBody
    policy_hash: str | None = Field(description="Fixed at opening: SHA-256 of everything that binds the release.")
    tokens: list[Literal["unlinkable", "plain"]]
    fingerprint: str | None = Field(description="Fixed at opening: that of the units' token keys.")
    sealed_to: str | None = Field(description="Fixed at opening: SHA-256 of the public key that answers are sealed to.")
    opened_on: date | None
    closed_on: date | None
    release_digest: str | None = None
    scrubbed: bool | None = Field(
        None,
        description="Of a close: false where traces may still stand in the database's own log, because "
        "something else read it; `redwood scrub` tries again.",
    )
    keys_destroyed: bool | None = Field(
        None,
        description="Of a close: false where the keys could not be destroyed, so that old copies of the database can "
        "still be read by whoever has them; the next start, close or `redwood scrub` tries again.",
    )


def pulse_reply(
    pulse: Pulse,
    policy_hash: str | None,
    release_digest: str | None = None,
    *,
    scrubbed: bool | None = None,
    keys_destroyed: bool | None = None,
) -> PulseReply:
    return PulseReply(
        id=pulse.id,
        label=pulse.label,
        series=pulse.series,
        state=pulse.state.value,
        instrument=InstrumentName(id=pulse.instrument.id, version=pulse.instrument.version),
        items=list(pulse.items),
        bands={band.id: list(band.values) for band in pulse.bands},
        crosses=[list(cross) for cross in pulse.crosses],
        pools=[PoolBody(id=pool.id, name=pool.name, units=list(pool.units)) for pool in pulse.pools],
        policy=PolicyBody(threshold=pulse.threshold),
        policy_hash=policy_hash,
        tokens=list(pulse.tokens),
        fingerprint=pulse.fingerprint,
        sealed_to=pulse.sealed_to,
        opened_on=pulse.opened_on,
        closed_on=pulse.closed_on,
        release_digest=release_digest,
        scrubbed=scrubbed,
        keys_destroyed=keys_destroyed,
    )


class PulsesReply(BaseModel):
    data: list[PulseReply]
    next: str | None


class UnitReply(BaseModel):
    id: str
    name: str
    parent: str | None
    headcount: int = Field(description="People directly in the unit, not those of units below it.")
    before: list[str] = Field(description="Units of earlier rosters whose people it took over.")


class RosterReply(BaseModel):
    as_of: date
    units: list[UnitReply]


class RosterChangeReply(BaseModel):
    """What an import changed, or would change: ids of units. The last three took over the people of others."""

    as_of: date
    applied: bool
    units: int
    added: list[str]
    moved: list[str]
    renamed: list[str]
    resized: list[str]
    left: list[str]
    replacing: list[str] = Field(description="Took the place of one that is gone.")
    merged: list[str] = Field(description="Hold the people of several.")
    split: list[str] = Field(description="Hold a part of one.")


def change_reply(change: RosterChange, as_of: date, units: int, *, applied: bool) -> RosterChangeReply:
    return RosterChangeReply(
        as_of=as_of,
        applied=applied,
        units=units,
        added=list(change.added),
        moved=list(change.moved),
        renamed=list(change.renamed),
        resized=list(change.resized),
        left=list(change.left),
        replacing=list(change.replacing),
        merged=list(change.merged),
        split=list(change.split),
    )


class InstrumentReply(BaseModel):
    id: str
    version: str
    name: str
    evidence: str
    items: int
    languages: list[str]


def instrument_reply(instrument: Instrument) -> InstrumentReply:
    return InstrumentReply(
        id=instrument.id,
        version=instrument.version,
        name=instrument.names.get("en", instrument.id),
        evidence=instrument.evidence,
        items=len(instrument.items),
        languages=[language.code for language in instrument.languages],
    )


class InstrumentsReply(BaseModel):
    data: list[InstrumentReply]
    next: str | None = None


class InvitationReply(BaseModel):
    unit: str
    tokens: list[str]


class InvitationsReply(BaseModel):
    """Shown this once: only digests are kept."""

    pulse: str
    invitations: list[InvitationReply]
