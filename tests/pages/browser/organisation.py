"""One small but full organisation behind a running service: every kind of pulse and unit that a page may meet."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import uvicorn

from service.api.app import create_app
from service.bootstrap import Runtime, runtime
from service.operations import access, directory, people_import, prepare, reorganise
from service.operations.access import Principal
from service.operations.analyse import analyse_due
from service.operations.close import close_pulse
from service.operations.collect import Collection
from service.operations.publish import release_pulse
from service.settings import Settings
from service.store.database import Database
from service.survey.draft import Draft
from service.survey.instrument import Item
from service.survey.people_csv import parse_people_csv
from service.survey.people_mapping import UnitMapping
from service.survey.pulse import Pulse
from service.survey.roster import Roster, Unit, arranged
from tests.doors import AtOnce

NAME = 'Harbour & Sons <of> "Two Quays"'
#: Of each team its name, the unit above, its people, and how its people answer beside the others'.
TEAMS = {
    "cranes": ("Crane team", "quayside", 14, 0.7),
    "lashing": ('Lashing <& "Gear">', "quayside", 12, -0.6),
    "berths": ("فريق الأرصفة", "quayside", 13, 0.2),
    "pilots": ("Pilots of the outer roads, the river and the two locks above the bridge", "quayside", 11, 0),
    "night": ("Night watch", "quayside", 4, -0.3),
    "customs": ("Customs desk", "office", 13, 0.4),
    "payroll": ("Payroll & people", "office", 12, -0.2),
    "planning": ("Planning", "office", 15, 0.9),
    "systems": ("Systems", "office", 12, -0.9),
}
DEPARTMENTS = {"quayside": "Quayside", "office": "Office"}
LEVELS = {"wellbeing": 3.6, "strengths": 2.9, "safety": 3.8, "conflict": 2.4, "leadership": 3.3}
BANDS = {"tenure": ("under 1 year", "1 to 3 years", "over 3 years"), "shift": ("day", "night")}
#: What the open pulse asks: the second and the fourth are meant the other way round.
ASKED = ("WB1", "WB3", "PS1", "PC3", "CL1")
#: Of these units are made: nobody is active, so that the roster stays, which its page says.
PEOPLE = "mail,department,active\nada@x.example,Cranes,no\nbo@x.example,Gear,no\n"
LENSES = ("interdependence", "coordination")
RELEASED = {
    "lenses": (Draft("Baseline <1>", "five-blocks", lenses=LENSES), date(2025, 3, 14)),
    "bands": (Draft("With bands", "five-blocks", bands=BANDS), date(2025, 6, 13)),
    "newest": (Draft("Autumn", "five-blocks"), date(2025, 9, 12)),
}
SCOPES = {
    "whole": ("manage", "results", "analytics", "collect", "scim"),
    "results": ("results",),
    "manage": ("manage",),
}


@dataclass(frozen=True, slots=True)
class Site:
    """A service at `address`; `keys` by what they may, `pulses` by what they show, and invitations: `tokens` and `more`
    of the open pulse, `strict` of one that takes unlinkable tokens only."""

    address: str
    database: Database
    keys: dict[str, str]
    pulses: dict[str, str]
    tokens: list[str]
    more: list[str]
    strict: list[str]


@contextmanager
def served(migrated: Path, file: Path, *, past: bool = True) -> Iterator[Site]:
    """The organisation, made anew on a copy of a migrated file and served on a free port; without its past it is
    there at once, and has open pulses only.

    Each loop of events has a runtime of its own: what collects belongs to the one it began in.
    """
    shutil.copy(migrated, file)
    settings = Settings(database_url=f"sqlite:///{file}")
    parts = runtime(settings)
    organisation = access.create_organisation(parts.database, NAME)
    keys = {
        name: access.create_key(parts.database, organisation, list(scopes), None, name)
        for name, scopes in SCOPES.items()
    }
    keys["bound"] = access.create_key(parts.database, organisation, ["results", "analytics"], "quayside", "bound")
    principal = access.operator(organisation)
    reorganise.put_roster(parts.database, principal, roster(), date(2025, 1, 1), today=date(2025, 1, 1))
    people_import.import_people(parts.database, principal, parse_people_csv(PEOPLE), date(2025, 1, 1))
    made = UnitMapping("attributes", "harbour", NAME, ("department",))
    directory.put_mapping(parts.database, principal, made, date(2025, 1, 1))
    pulses = asyncio.run(_history(parts, principal)) if past else {}
    tokens = _now(parts, principal, pulses)
    analyse_due(parts.database)
    serving = runtime(settings)
    with _listening(serving) as address:
        yield Site(address, serving.database, keys, pulses, *tokens)


@contextmanager
def _listening(parts: Runtime) -> Iterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(parts, AtOnce(parts.database)),
            port=0,
            log_level="critical",
            access_log=False,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


async def _history(parts: Runtime, principal: Principal) -> dict[str, str]:
    """Three pulses released, one closed, one still a draft."""
    rng = np.random.default_rng(11)
    collection = Collection(parts.database, parts.custody, parts.collector)
    found = {}
    for name, (draft, day) in RELEASED.items():
        found[name] = await _closed(parts, collection, principal, draft, day, rng)
        release_pulse(parts.database, principal, found[name])
    draft, day = Draft("Closed", "five-blocks", items=("WB1", "PS1")), date(2025, 12, 12)
    found["closed"] = await _closed(parts, collection, principal, draft, day, rng)
    found["draft"] = prepare.create_pulse(parts.database, principal, Draft("Draft", "five-blocks", bands=BANDS)).id
    await parts.close()
    return found


def _now(parts: Runtime, principal: Principal, found: dict[str, str]) -> list[list[str]]:
    """Two pulses open, added to those found: the invitations of two teams to the one, and all to the other."""
    day = date(2026, 1, 5)
    pulse, tokens = _opened(parts, principal, Draft("Now open", "five-blocks", items=ASKED, bands=BANDS), day)
    found["open"] = pulse.id
    left = [[token for unit, token in tokens if unit == team] for team in ("cranes", "lashing")]
    strict = Draft("Now open, and strict", "five-blocks", items=ASKED, tokens=("unlinkable",))
    pulse, tokens = _opened(parts, principal, strict, day)
    found["strict"] = pulse.id
    return [*left, [token for _, token in tokens]]


def roster() -> Roster:
    units = [Unit("harbour", NAME, None, 0)]
    units += [Unit(id, name, "harbour", 0) for id, name in DEPARTMENTS.items()]
    units += [Unit(id, name, above, people) for id, (name, above, people, _) in TEAMS.items()]
    return arranged(units)


def _opened(parts: Runtime, principal: Principal, draft: Draft, day: date) -> tuple[Pulse, list[tuple[str, str]]]:
    pulse = prepare.create_pulse(parts.database, principal, draft)
    tokens = prepare.issue_invitations(parts.database, principal, pulse.id, None, day)
    prepare.open_pulse(parts.database, parts.custody, principal, pulse.id, day)
    return pulse, list(tokens)


async def _closed(
    parts: Runtime, collection: Collection, principal: Principal, draft: Draft, day: date, rng: np.random.Generator
) -> str:
    """Of every ten people nine answer, each around the level of their team in the block."""
    pulse, tokens = _opened(parts, principal, draft, day.replace(day=1))
    waiting = []
    for unit, token in tokens:
        mood = TEAMS[unit][3] + rng.normal(0, 0.6)
        given = {item.id: _ticked(rng, item, mood + LEVELS.get(item.block, 3)) for item in pulse.asked}
        bands = {name: str(rng.choice(list(values))) for name, values in draft.bands.items()}
        if rng.random() < 0.9:
            waiting.append(collection.submit(pulse.id, token, given, bands))
    await asyncio.gather(*waiting)
    close_pulse(parts.database, parts.custody, principal, pulse.id, day)
    return pulse.id


def _ticked(rng: np.random.Generator, item: Item, level: float) -> int:
    """Disagreeing is how one agrees with a reverse item."""
    said = int(np.clip(round(rng.normal(level, 0.7)), item.scale.low, item.scale.high))
    return item.scale.low + item.scale.high - said if item.reverse else said
