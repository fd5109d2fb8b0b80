"""What a pulse would be, and how much of it could be read, before it is set up; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.errors import Fault, InvalidPulse, NotFound
from service.operations import instruments
from service.operations.access import Principal
from service.release.policy import DEFAULT_THRESHOLD, FLOOR
from service.release.preview import Cut, Readable, cuts, readable
from service.store import pulses, rosters
from service.store.database import Database
from service.survey.draft import Draft, pulse_from
from service.survey.instrument import Instrument
from service.survey.instrument_document import with_lenses
from service.survey.opening import frozen
from service.survey.pulse import Pulse
from service.survey.roster import Roster

#: Shares of people who answer, between which most pulses lie; and the one that slices are drawn for.
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
MIDDLE = 0.7


@dataclass(frozen=True, slots=True)
class Preview:
    """`pulse` as it would be set up, `roster` the tree with its pools as it stands. Nothing is foreseen of an
    empty one."""

    pulse: Pulse
    roster: Roster
    readable: tuple[Readable, ...]
    cuts: tuple[Cut, ...]


def preview_pulse(database: Database, principal: Principal, draft: Draft, day: date) -> Preview:
    """What `create_pulse` would make of the draft, opened on the roster of `day`.

    Raises as it does, and InvalidPulse where classes or pools do not fit that roster.
    """
    pulse = drafted(database, principal, draft)
    with database.read() as tx:
        tree = rosters.roster_at(tx, principal.organisation, day)
        numbers = rosters.numbers(tx, principal.organisation)
    if not tree.units:
        return Preview(pulse, tree, (), ())
    roster = frozen(pulse, tree, numbers)
    return Preview(pulse, roster, readable(roster, pulse.threshold, SHARES), cuts(pulse, roster, MIDDLE))


def drafted(database: Database, principal: Principal, draft: Draft) -> Pulse:
    """The pulse alone, of which no roster is asked yet. Raises as `create_pulse` does."""
    asked = asked_of(database, principal, draft)
    least = least_threshold(database, principal, draft.series or asked.id)
    return pulse_from(draft, "preview", principal.organisation, asked, least, max(DEFAULT_THRESHOLD, least))


def asked_of(database: Database, principal: Principal, draft: Draft) -> Instrument:
    """The draft's instrument with its lenses. Raises InvalidPulse for one there is not, and InvalidInstrument where
    they cannot be asked together."""
    principal.require("manage", whole=True)
    found, faults = [], []
    names = [("instrument", draft.instrument, draft.version)]
    names += [(f"lenses[{place}]", id, None) for place, id in enumerate(draft.lenses)]
    for where, id, version in names:
        try:
            found.append(instruments.find_instrument(database, principal, id, version))
        except NotFound:
            faults.append(Fault(where, "neither ships nor was imported"))
    if faults:
        raise InvalidPulse(faults)
    return with_lenses(found[0], found[1:])


def asked_before(database: Database, principal: Principal, series: str) -> list[tuple[str, ...]]:
    """The items of each pulse of the series that opened, the oldest first."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return pulses.asked_before(tx, principal.organisation, series)


def least_threshold(database: Database, principal: Principal, series: str) -> int:
    """Below which no pulse of the series may stand."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return max(FLOOR, pulses.series_threshold(tx, principal.organisation, series) or FLOOR)
