"""Two organisations alike, each with a pulse in every state, and every kind of key and session there can be."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from service.api.app import create_app
from service.bootstrap import Runtime
from service.operations import access
from service.store import access as rows
from service.tokens import keys
from tests.access.calling import Reply, call
from tests.doors import AtOnce

ITEMS = ["WB1", "PS1"]
#: Before today there was a third hall; it left.
UNITS = {"all": (None, 0), "north": ("all", 0), "n1": ("north", 8), "n2": ("north", 9), "south": ("all", 12)}
GONE = {"gone": ("all", 7)}
#: Method, address, headers and body.
Question = tuple[str, str, Mapping[str, str | bytes], bytes]
STATES = ("draft", "open", "closed", "released")
NOWHERE = "a" * 16
#: Tables that reading fills: who read what, who is signed in, and what is computed or fixed once somebody asks.
_READ = {"audit", "session", "analysis", "finding", "forecast_gaps"}
#: Long enough for any session of these tests, in seconds.
_HOUR = 3600


@dataclass(frozen=True)
class Key:
    """Whose it is, what it may, and where it is bound; `secret` opens the API, `session` the pages."""

    name: str
    organisation: str
    scopes: frozenset[str]
    unit: str | None
    secret: str
    session: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}

    @property
    def cookie(self) -> dict[str, str]:
        return {"cookie": f"redwood_session={self.session}"}


@dataclass
class World:
    parts: Runtime
    app: Any
    loop: asyncio.AbstractEventLoop
    organisations: dict[str, str] = field(default_factory=dict)
    #: By organisation and state.
    pulses: dict[tuple[str, str], str] = field(default_factory=dict)
    tokens: dict[str, list[str]] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    #: Headers by what is wrong with them, for the API and for pages.
    refused: dict[str, Mapping[str, str | bytes]] = field(default_factory=dict)
    signed_out: dict[str, Mapping[str, str | bytes]] = field(default_factory=dict)

    #: What the tables hold, by table, before anything is asked.
    before: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, address: str, headers: Any = None, body: bytes = b"") -> Reply:
        return self.loop.run_until_complete(call(self.app, method, address, headers, body))

    def told(self, questions: Mapping[str, Question]) -> dict[str, Reply]:
        """What each is answered, one after the other, in one turn of the loop: its threads live as long as a turn."""

        async def ask() -> dict[str, Reply]:
            return {name: await call(self.app, *question) for name, question in questions.items()}

        return self.loop.run_until_complete(ask())

    def ids(self) -> dict[str, str]:
        """A name for each pulse there is and for one that is not: 'own open', 'foreign closed', 'missing'."""
        return {f"{owner} {state}": id for (owner, state), id in self.pulses.items()} | {"missing": NOWHERE}

    def fingerprint(self) -> dict[str, str]:
        """A digest of every table that only a request that succeeds may change."""
        found = {}
        with self.parts.database.read() as tx:
            names = tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            for name in [row[0] for row in names if row[0] not in _READ]:
                content = sorted(map(repr, tx.execute(text(f'SELECT * FROM "{name}"'))))
                found[name] = hashlib.sha256("".join(content).encode()).hexdigest()
        return found


def build(parts: Runtime) -> World:
    app = create_app(parts, AtOnce(parts.database))
    # What is counted differs with every call, whoever makes it: tests/growing looks at that.
    app.state.parts.metrics.text = lambda: b"figures"
    world = World(parts, app, asyncio.new_event_loop())
    for owner in ("own", "foreign"):
        world.organisations[owner] = access.create_organisation(parts.database, f"{owner} works")
        manager = _key(world, owner, "setting up", {"manage", "results", "analytics"})
        _units(world, manager, UNITS | GONE, "2020-01-01")
        _units(world, manager, UNITS, "2020-01-02")
        for state in STATES:
            world.pulses[owner, state] = _pulse(world, manager, state)
    _keys(world)
    _strangers(world)
    leader = next(key for key in world.keys if key.name == "all in n1" and key.organisation == "own")
    forecast = {"blocks": {"safety": 60.0}, "consent": True}
    _ok(world, leader, "PUT", f"/v1/pulses/{world.pulses['own', 'closed']}/forecasts/n1", forecast)
    world.before = world.fingerprint()
    return world


def _units(world: World, key: Key, units: dict[str, tuple[str | None, int]], day: str) -> None:
    listed = [{"id": id, "parent": parent, "headcount": n} for id, (parent, n) in units.items()]
    _ok(world, key, "PUT", f"/v1/roster?as_of={day}", {"units": listed})


def _pulse(world: World, key: Key, state: str) -> str:
    id: str = _ok(world, key, "POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS, "label": state})["id"]
    if state == "draft":
        return id
    issued = _ok(world, key, "POST", f"/v1/pulses/{id}/invitations")["invitations"]
    world.tokens[id] = [token for entry in issued for token in entry["tokens"]]
    _ok(world, key, "POST", f"/v1/pulses/{id}/open")
    if state == "open":
        return id
    for place, token in enumerate(world.tokens[id]):
        answers = dict.fromkeys(ITEMS, 1 + place % 5)
        _ok(world, None, "POST", f"/v1/pulses/{id}/responses", {"token": token, "answers": answers})
    _ok(world, key, "POST", f"/v1/pulses/{id}/close")
    if state == "released":
        _ok(world, key, "POST", f"/v1/pulses/{id}/release")
    return id


def _ok(world: World, key: Key | None, method: str, address: str, body: Any = None) -> Any:
    import json

    content = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(key.bearer if key else {})}
    reply = world.call(method, address, headers, content)
    assert reply.status < 300, reply
    return json.loads(reply.body) if reply.body else None


def _key(world: World, owner: str, name: str, scopes: set[str], unit: str | None = None) -> Key:
    database, organisation = world.parts.database, world.organisations[owner]
    secret = access.create_key(database, organisation, sorted(scopes), unit, name)
    return Key(name, owner, frozenset(scopes), unit, secret, _session(world, secret, _HOUR))


def _session(world: World, secret: str, seconds: int) -> str:
    """A session of any key at all, one that may open no page too: past the sign-in there must be a second lock."""
    session = keys.new_secret()
    with world.parts.database.begin() as tx:
        row = rows.key_by_digest(tx, keys.digest_of(secret))
        assert row is not None
        rows.add_session(tx, keys.digest_of(session), row.id, int(time.time()) + seconds)
    return session


def _keys(world: World) -> None:
    every = set(access.SCOPES)
    for scope in access.SCOPES:
        world.keys.append(_key(world, "own", scope, {scope}))
        world.keys.append(_key(world, "own", f"all but {scope}", every - {scope}))
        world.keys.append(_key(world, "own", f"{scope} in north", {scope}, "north"))
    for unit in (None, "north", "n1", "south", "gone"):
        world.keys.append(_key(world, "own", f"all in {unit}" if unit else "all", every, unit))
    world.keys.append(_key(world, "foreign", "all", every))
    world.keys.append(_key(world, "foreign", "all in north", every, "north"))
    world.keys += [_key(world, "foreign", scope, {scope}) for scope in access.SCOPES]


def _strangers(world: World) -> None:
    good = next(key for key in world.keys if key.name == "all" and key.organisation == "own")
    unknown, revoked = keys.new_secret(), _key(world, "own", "revoked", set(access.SCOPES))
    organisation = world.organisations["own"]
    expired, rotated = (_key(world, "own", name, set(access.SCOPES)) for name in ("expired", "rotated"))
    ids = {row.label: row.id for row in access.list_keys(world.parts.database, organisation)}
    access.revoke_key(world.parts.database, organisation, ids["revoked"])
    access.rotate_key(world.parts.database, organisation, ids["rotated"])
    with world.parts.database.begin() as tx:
        rows.set_key_end(tx, ids["expired"], int(time.time()))
    over = _session(world, good.secret, -1)
    world.refused = {
        "none": {},
        "empty": {"authorization": ""},
        "no secret": {"authorization": "Bearer "},
        "no scheme": {"authorization": good.secret},
        "basic": {"authorization": f"Basic {good.secret}"},
        "no ascii": {"authorization": b"Bearer rw_\xff\xe9"},
        "utf-8": {"authorization": "Bearer rw_é"},
        "a blank too many": {"authorization": f"Bearer  {good.secret}"},
        "cut short": {"authorization": f"Bearer {good.secret[:-1]}"},
        "one letter more": {"authorization": f"Bearer {good.secret}a"},
        "in capitals": {"authorization": f"Bearer {good.secret.upper()}"},
        "NUL": {"authorization": f"Bearer {good.secret}\0"},
        "very long": {"authorization": f"Bearer rw_{'a' * 50_000}"},
        "unknown": {"authorization": f"Bearer {unknown}"},
        "revoked": revoked.bearer,
        "expired": expired.bearer,
        "rotated": rotated.bearer,
        "a session for a key": {"authorization": f"Bearer {good.session}"},
        "the cookie of a session": good.cookie,
        "a key for a cookie": {"cookie": f"redwood_session={good.secret}"},
        "in other headers": {"x-api-key": good.secret, "proxy-authorization": f"Bearer {good.secret}"},
    }
    world.signed_out = {
        "none": {},
        "empty": {"cookie": "redwood_session="},
        "malformed": {"cookie": b"redwood_session=\xff\xfe; ;=;"},
        "unknown": {"cookie": f"redwood_session={unknown}"},
        "over": {"cookie": f"redwood_session={over}"},
        "of a revoked key": revoked.cookie,
        "of an expired key": expired.cookie,
        "of a rotated key": rotated.cookie,
        "a key for a cookie": {"cookie": f"redwood_session={good.secret}"},
        "of another name": {"cookie": f"session={good.session}"},
        "a key": good.bearer,
        "a session for a key": {"authorization": f"Bearer {good.session}"},
        "very long": {"cookie": f"redwood_session={'a' * 50_000}"},
    }
