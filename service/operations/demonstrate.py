"""A believable organisation's history, made by the same operations as everyone's: nothing is written past them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from service.custody.custody import Custody
from service.demo.history import DemoAnswer, DemoPulse, History, history
from service.operations import access, prepare, reorganise
from service.operations.access import Principal
from service.operations.analyse import analyse_due
from service.operations.close import close_pulse
from service.operations.collect import Collection
from service.operations.publish import release_pulse
from service.store.database import Database
from service.survey.draft import Draft
from service.survey.instrument_document import shipped
from service.survey.lenses import with_lenses
from service.survey.pulse import Pulse

#: Submissions under way at once: enough for every commit to carry a full batch.
_AT_ONCE = 256
_TOKENS_SHOWN = 3
_INSTRUMENT = "five-blocks"
_LENSES = ("interdependence", "coordination")
#: The department of the key that is bound to a part: large enough to be shown in every pulse.
_LED = "field-service"
#: Whom each key is for, and what it may.
_KEYS = {
    "manager": ("manage", "results", "analytics", "scim"),
    "team lead": ("results", "analytics"),
    "front end": ("collect",),
    "HR system": ("manage", "results", "scim"),
    "data team": ("results", "analytics"),
}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What to try: one key a door, and tokens of the pulse that is left open."""

    organisation: str
    keys: dict[str, str]
    tokens: tuple[str, ...]
    open_pulse: str


async def demonstrate(
    database: Database,
    custody: Custody,
    collection: Collection,
    today: date,
    pulses: int,
    seed: int,
    progress: Progress,
) -> Demonstration:
    """Collect, close and release `pulses` rounds up to `today`, and open one more for whoever wants to answer.

    `progress(what, done, of)` is told of every step.
    """
    whole = with_lenses(shipped()[_INSTRUMENT], [shipped()[lens] for lens in _LENSES])
    months = 3
    past = history(
        np.random.default_rng(seed),
        whole,
        start=_months_before(today, months * pulses),
        pulses=pulses,
        months_between=months,
    )
    principal = access.operator(access.create_organisation(database, past.name))
    for number, asked in enumerate(past.pulses, 1):
        name = f"{number}/{pulses} {asked.label}"
        draft = _draft(asked, first=number == 1, newest=number == pulses)
        await _one(database, custody, collection, principal, draft, asked, partial(progress, name))
    await asyncio.to_thread(_analysed, database, pulses, progress)
    tokens, still_open = await asyncio.to_thread(_left_open, database, custody, principal, past, today)
    keys = {name: _key(database, principal, name) for name in _KEYS}
    return Demonstration(past.name, keys, tokens, still_open)


def _key(database: Database, principal: Principal, name: str) -> str:
    unit = _LED if name == "team lead" else None
    return access.create_key(database, principal.organisation, list(_KEYS[name]), unit, f"demo: {name}")


async def _one(
    database: Database,
    custody: Custody,
    collection: Collection,
    principal: Principal,
    draft: Draft,
    asked: DemoPulse,
    progress: Callable[[int, int], None],
) -> None:
    pulse, tokens = await asyncio.to_thread(_opened, database, custody, principal, draft, asked)
    for start in range(0, len(asked.answers), _AT_ONCE):
        chunk = asked.answers[start : start + _AT_ONCE]
        await asyncio.gather(*(_answer(collection, pulse, tokens, answer) for answer in chunk))
        progress(start + len(chunk), len(asked.answers))
    await asyncio.to_thread(close_pulse, database, custody, principal, pulse.id, asked.closed_on)
    await asyncio.to_thread(release_pulse, database, principal, pulse.id)


async def _answer(collection: Collection, pulse: Pulse, tokens: dict[str, list[str]], answer: DemoAnswer) -> None:
    """What the person would send, of what this pulse asks."""
    answers = {item: given for item, given in answer.answers.items() if item in pulse.items}
    bands = answer.bands if pulse.bands else {}
    await collection.submit(pulse.id, tokens[answer.unit].pop(), answers, bands)


def _draft(asked: DemoPulse, first: bool, newest: bool) -> Draft:
    """The first pulse is a baseline with the lenses. It and the newest ask no bands, since items that are read by band
    show no distributions; those between do: together they show everything there is to see."""
    bands = {} if first or newest else {band.id: band.values for band in asked.bands}
    return Draft(label=asked.label, instrument=_INSTRUMENT, lenses=_LENSES if first else (), bands=bands)


def _opened(
    database: Database, custody: Custody, principal: Principal, draft: Draft, asked: DemoPulse
) -> tuple[Pulse, dict[str, list[str]]]:
    reorganise.put_roster(database, principal, asked.roster, asked.opened_on, today=asked.opened_on)
    pulse = prepare.create_pulse(database, principal, draft)
    tokens: dict[str, list[str]] = {}
    for unit, token in prepare.issue_invitations(database, principal, pulse.id, None, asked.opened_on):
        tokens.setdefault(unit, []).append(token)
    prepare.open_pulse(database, custody, principal, pulse.id, asked.opened_on)
    return pulse, tokens


def _analysed(database: Database, pulses: int, progress: Progress) -> None:
    done = 0

    def told(_pulse: str) -> None:
        nonlocal done
        done += 1
        progress("Findings", done, pulses)

    progress("Findings", 0, pulses)
    analyse_due(database, told)


def _left_open(
    database: Database, custody: Custody, principal: Principal, past: History, today: date
) -> tuple[tuple[str, ...], str]:
    last = past.pulses[-1]
    draft = Draft(label="Now open: try it", instrument=_INSTRUMENT, bands={band.id: band.values for band in last.bands})
    pulse = prepare.create_pulse(database, principal, draft)
    issued = prepare.issue_invitations(database, principal, pulse.id, None, today)
    prepare.open_pulse(database, custody, principal, pulse.id, today)
    return tuple(token for _, token in issued[:_TOKENS_SHOWN]), pulse.id


def _months_before(day: date, months: int) -> date:
    """The first of the month that many months back: a start that exists in every calendar month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
