"""What a leader expects of the team, said before the release, and read against it by that leader alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from service.analytics.lenses.forecast import Gap, MeanGap, gaps, mean_gaps
from service.errors import Conflict, Fault, Invalid, NotFound
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.release.release import Release
from service.store import forecasts, pulses
from service.store.database import Connection, Database
from service.survey.pulse import Pulse, State

#: Points a forecast may be: a score's.
_LEAST, _MOST = 0.0, 100.0


@dataclass(frozen=True, slots=True)
class OwnForecast:
    """A leader's own, each block with its gap once the pulse is released."""

    pulse: str
    unit: str
    released: bool
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class OrganisationForecast:
    """The mean gap of each building block over the leaders who may be counted."""

    pulse: str
    gaps: tuple[MeanGap, ...]


def put_forecast(
    database: Database, principal: Principal, id: str, unit: str, blocks: Mapping[str, float], *, consent: bool
) -> None:
    """Keep a forecast in place of the unit's earlier one; that it is kept is all that is kept of the consent.

    Raises NotFound unless the key is bound to this very unit and the unit is in the pulse's frozen roster, Conflict
    unless the pulse is open or closed, and Invalid without consent, for a block it does not score or a forecast that
    is no score.
    """
    _require_own(principal, unit)
    with database.begin() as tx:
        pulse = pulses.held(tx, id, principal.organisation)
        if pulse.state not in (State.OPEN, State.CLOSED):
            raise Conflict("A forecast is given from a pulse's opening until its release.")
        if unit not in pulses.frozen_roster(tx, id).position:
            raise NotFound("forecast")
        faults = _faults(pulse, blocks, consent=consent)
        if faults:
            raise Invalid(faults)
        forecasts.write_forecast(tx, id, unit, {block: float(value) for block, value in blocks.items()})


def withdraw_forecast(database: Database, principal: Principal, id: str, unit: str) -> None:
    """Forget it, before the release or after; none at all is the same. Raises NotFound as `put_forecast` does.

    Mean gaps that were read before are fixed, and it stays one of those they are the mean of: a mean that changed as
    one leader withdrew would tell that leader's gap.
    """
    _require_own(principal, unit)
    with database.begin() as tx:
        pulses.held(tx, id, principal.organisation)
        forecasts.remove_forecast(tx, id, unit)


def own_forecast(library: Library, database: Database, principal: Principal, id: str, unit: str) -> OwnForecast:
    """The forecast of the very unit the key is bound to. Raises NotFound for every other key, and where none is."""
    _require_own(principal, unit)
    with database.read() as tx:
        released = pulses.pulse_by_id(tx, id, principal.organisation).state is State.RELEASED
        given = forecasts.forecast_of(tx, id, unit)
    if given is None:
        raise NotFound("forecast")
    if not released:
        return OwnForecast(id, unit, False, tuple(Gap(id, unit, block, given[block], "unreleased") for block in given))
    (release,) = library.releases(principal, Query(pulse=id))
    return OwnForecast(id, unit, True, tuple(gaps(release, unit, given)))


def organisation_forecast(library: Library, database: Database, principal: Principal, id: str) -> OrganisationForecast:
    """The mean gaps, for keys not bound to a subtree. Raises NotFound before the release.

    Fixed the first time they are read, and the same for good: forecasts can be withdrawn, and two means that differ
    by one leader tell what that leader expected.
    """
    principal.require("analytics", whole=True)
    (release,) = library.releases(principal, Query(pulse=id))
    with database.read() as tx:
        fixed = _fixed(tx, id)
    return OrganisationForecast(id, _fix(database, principal, release) if fixed is None else fixed)


def _fix(database: Database, principal: Principal, release: Release) -> tuple[MeanGap, ...]:
    """The mean gaps as they are now, unless somebody was first."""
    with database.begin() as tx:
        pulses.locked(tx, release.pulse, principal.organisation)
        fixed = _fixed(tx, release.pulse)
        if fixed is not None:
            return fixed
        made = tuple(mean_gaps(release, forecasts.forecasts_of(tx, release.pulse)))
        forecasts.fix_gaps(tx, release.pulse, [astuple(row) for row in made])
        return made


def _require_own(principal: Principal, unit: str) -> None:
    """A forecast is its leader's: to any other key, one for the whole organisation too, it is as if it were not."""
    principal.require("results")
    if principal.unit != unit:
        raise NotFound("forecast")


def _faults(pulse: Pulse, blocks: Mapping[str, float], *, consent: bool) -> list[Fault]:
    """By place and never by name: what was sent is not repeated."""
    scored = {item.block for item in pulse.asked if item.scored}
    faults = [] if consent else [Fault("consent", "must be given: without it nothing is kept")]
    for place, (block, value) in enumerate(blocks.items()):
        if block not in scored:
            faults.append(Fault(f"blocks[{place}]", "is no block this pulse scores"))
        if not _LEAST <= value <= _MOST:
            faults.append(Fault(f"blocks[{place}]", "must be 0 to 100, as a score is"))
    return faults


def _fixed(tx: Connection, id: str) -> tuple[MeanGap, ...] | None:
    rows: list[Any] | None = forecasts.fixed_gaps(tx, id)
    return None if rows is None else tuple(MeanGap(*row) for row in rows)
