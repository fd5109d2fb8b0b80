"""`/dashboard/forecast`: what a leader expects of the team, given before the release and read by that leader alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Depends, Response

from service.api.auditing import own
from service.api.parts import Parts, TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import ReaderRoute, SignedIn, TheAround
from service.api.routes.pages.replies import Posted, page, see
from service.errors import Conflict, Fault, Invalid, NotFound
from service.exports.text import MEDIA_TYPES, as_csv
from service.operations import forecast as operation
from service.operations import prepare
from service.operations.access import Principal
from service.operations.asked import Query
from service.pages.dashboard.forecast import (
    Gap,
    Known,
    asked_blocks,
    forecast_page,
    forecast_picture,
    forecast_table,
    no_forecast_page,
)
from service.pages.dashboard.frame import Around
from service.pages.form import Fields
from service.survey.pulse import Pulse, State

router = APIRouter(
    prefix="/dashboard/forecast", include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(own)]
)

_POINTS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")


@router.get("")
def forecast(around: TheAround, parts: TheParts, principal: SignedIn, pulse: str = "") -> Response:
    principal.require("results")
    known = _known(parts, principal, pulse)
    if known is None:
        return page(no_forecast_page(_around(around, None), bound=principal.unit is not None))
    return page(forecast_page(_around(around, known.pulse), known))


@router.post("")
def give(around: TheAround, parts: TheParts, principal: SignedIn, posted: Posted) -> Response:
    """Keep what the form says in place of an earlier forecast; with anything wrong in it nothing is changed."""
    sent = dict(posted)
    known = _of_own(parts, principal, sent.get("pulse", ""))
    try:
        blocks, consent = _filled(known.pulse, posted), sent.get("consent") == "yes"
        database = parts.runtime.database
        operation.put_forecast(database, principal, known.pulse.id, known.unit, blocks, consent=consent)
    except Invalid as error:
        return page(forecast_page(_around(around, known.pulse), known, error.faults), 422)
    except Conflict:
        released = Fault("pulse", "is not open for forecasts: one is given from its opening until its release")
        return page(forecast_page(_around(around, known.pulse), known, [released]), 409)
    return see(f"/dashboard/forecast?pulse={known.pulse.id}")


@router.post("/withdraw")
def withdraw(parts: TheParts, principal: SignedIn, posted: Posted) -> Response:
    known = _of_own(parts, principal, dict(posted).get("pulse", ""))
    operation.withdraw_forecast(parts.runtime.database, principal, known.pulse.id, known.unit)
    return see(f"/dashboard/forecast?pulse={known.pulse.id}")


@router.get("/expected.svg")
def drawn(parts: TheParts, principal: SignedIn, pulse: str = "") -> Response:
    return picture("forecast", forecast_picture(_met(parts, principal, pulse)))


@router.get("/expected.csv")
def taken(parts: TheParts, principal: SignedIn, pulse: str = "") -> Response:
    content = as_csv(forecast_table(_met(parts, principal, pulse)))
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="forecast.csv"'}
    return Response(content, 200, headers, media_type=MEDIA_TYPES["csv"])


def _met(parts: Parts, principal: Principal, pulse: str) -> Known:
    """A released pulse of which there is a forecast. Raises NotFound otherwise."""
    known = _of_own(parts, principal, pulse)
    if known.pulse.state is not State.RELEASED or not known.gaps:
        raise NotFound("forecast")
    return known


def _of_own(parts: Parts, principal: Principal, pulse: str) -> Known:
    """Raises NotFound for a key that leads no unit, and for a pulse that is not there."""
    principal.require("results")
    known = _known(parts, principal, pulse) if pulse else None
    if known is None:
        raise NotFound("forecast")
    return known


def _known(parts: Parts, principal: Principal, pulse: str) -> Known | None:
    """None where there is nothing a forecast could be of. Raises NotFound for a pulse that is not there.

    Without one said: the pulse that can still be forecast, or the one released last.
    """
    if principal.unit is None:
        return None
    listed = prepare.list_pulses(parts.runtime.database, principal)
    pulses = _newest_first([it for it, _ in listed if it.state is not State.DRAFT])
    if pulse and pulse not in {it.id for it in pulses}:
        raise NotFound("pulse")
    if not pulses:
        return None
    chosen = next((it for it in pulses if it.id == pulse), pulses[0])
    gaps = _gaps(parts, principal, chosen, principal.unit)
    return Known(pulses, chosen, principal.unit, _name(parts, principal), gaps)


def _newest_first(pulses: Sequence[Pulse]) -> list[Pulse]:
    """Those that can still be forecast, then the released by when they closed, the last before the others."""
    return sorted(pulses, key=lambda it: (it.state is State.RELEASED, -(it.number or 0), it.id))


def _gaps(parts: Parts, principal: Principal, pulse: Pulse, unit: str) -> Sequence[Gap]:
    try:
        return operation.own_forecast(parts.library, parts.runtime.database, principal, pulse.id, unit).gaps
    except NotFound:
        return ()


def _name(parts: Parts, principal: Principal) -> str:
    """As the newest release that has the unit names it; before the first its id, which is what the key holds."""
    unit = principal.unit or ""
    for release in reversed(parts.library.releases(principal, Query())):
        if unit in release.unit:
            return release.unit[unit].name
    return unit


def _filled(pulse: Pulse, posted: Fields) -> dict[str, float]:
    """Raises Invalid where nothing is filled in, or something that is no score."""
    sent = {name.removeprefix("block."): value.strip() for name, value in posted if name.startswith("block.")}
    given = {block.id: sent[block.id] for block in asked_blocks(pulse) if sent.get(block.id)}
    if not given:
        raise Invalid([Fault("forecast", "needs at least one block")])
    faults = [
        Fault(f"blocks[{place}]", "must be 0 to 100, as a score is")
        for place, value in enumerate(given.values())
        if not _POINTS.fullmatch(value)
    ]
    if faults:
        raise Invalid(faults)
    return {block: float(value) for block, value in given.items()}


def _around(around: Around, pulse: Pulse | None) -> Around:
    """Other pages know released pulses only: one that is not goes no further."""
    if pulse is not None and pulse.state is State.RELEASED:
        return replace(around, chosen={**around.chosen, "pulse": pulse.id})
    return replace(around, chosen={name: id for name, id in around.chosen.items() if name != "pulse"})
