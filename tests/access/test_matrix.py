"""Every route with every method and every kind of key: each gets in where a row says so, and elsewhere learns nothing.

What is refused alike must be alike to the byte, headers and length with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.access.calling import Reply, routes
from tests.access.expectations import TABLE, Row
from tests.access.world import NOWHERE, Key, Question, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
#: A key bound to the north sees the first, and neither of the others.
INSIDE, OUTSIDE = "n1", ("south", "gone", "nowhere")
BODIES = {
    "none": b"",
    "broken": b'{"units": [',
    "no text": b"\xff\xfe\x00",
    "of another shape": b"[[]]",
    "large": b"[" * 6_000_000,
}


def of_door(*doors: str) -> list[Any]:
    return [pytest.param(name, row, id=name) for name, row in TABLE.items() if row.door in doors]


def with_unit(row: Row, name: str) -> bool:
    return "{unit}" in name + row.query


def about_a_pulse(name: str, row: Row) -> bool:
    return "{pulse}" in name + row.query + row.body


def has_something(row: Row, key: Key) -> bool:
    """A unit that left is in no release of these; and of some pages there is something for keys of a unit alone."""
    return key.unit != "gone" and (key.unit is not None or not row.bound)


UNITS = [it for it in of_door("key", "session") if with_unit(it.values[1], it.values[0])]  # type: ignore[arg-type]


def ask(
    world: World, name: str, row: Row, headers: Mapping[str, str | bytes], *, pulse: str = "", unit: str = ""
) -> Question:
    method, path = name.split(" ")
    named = {"pulse": pulse or world.pulses["own", "released"], "unit": unit or INSIDE}
    return method, row.address(path, **named), {**row.headers, **headers}, row.sent(**named)


def of_each_kind(keys: Sequence[Key]) -> list[Key]:
    """Of those who get in, or do not, with the same reach: the key with the fewest scopes, and that with the most."""
    reach = dict[tuple[str, str | None], list[Key]]()
    for key in sorted(keys, key=lambda it: len(it.scopes)):
        reach.setdefault((key.organisation, key.unit), []).append(key)
    return [key for alike in reach.values() for key in alike[:: max(1, len(alike) - 1)]]


def opening(row: Row, key: Key) -> dict[str, str]:
    return key.bearer if row.door == "key" else key.cookie


def some_ids(world: World) -> dict[str, str]:
    """What is never served, always served, another's, and nothing: where no key gets in, more tell no more."""
    return {what: world.ids()[what] for what in ("own draft", "own released", "foreign released", "missing")}


def one(replies: dict[str, Reply]) -> Reply:
    """What all of them are. Fails with what differs."""
    found = dict[Reply, list[str]]()
    for what, reply in replies.items():
        found.setdefault(reply, []).append(what)
    assert len(found) == 1, "\n".join(f"{names}: {reply}" for reply, names in found.items())
    return next(iter(found))


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    found = [f"{method} {path}" for method, path in routes(world.app)]
    assert len(found) > 90
    assert sorted(set(found)) == sorted(TABLE)


def test_no_valid_key_is_one_refusal_on_all_the_routes(world: World) -> None:
    replies = {
        f"{name} with {kind} about {what}": ask(world, name, row, headers, pulse=id)
        for name, row in TABLE.items()
        if row.door == "key"
        for kind, headers in world.refused.items()
        for what, id in (some_ids(world) if kind == "none" else {"": world.pulses["own", "open"]}).items()
    }
    assert one(world.told(replies)).status == 401


def test_no_valid_session_is_one_way_to_the_sign_in_on_all_pages(world: World) -> None:
    replies = {
        f"{name} with {kind} about {what}": ask(world, name, row, headers, pulse=id)
        for name, row in TABLE.items()
        if row.door == "session"
        for kind, headers in world.signed_out.items()
        for what, id in (some_ids(world) if kind == "none" else {"": world.pulses["own", "open"]}).items()
    }
    refusal = one(world.told(replies))
    assert (refusal.status, refusal.header("location")) == (303, "/dashboard/sign-in")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_key_is_looked_at_before_a_body(world: World, body: bytes) -> None:
    """Whoever may not, learns nothing of how a body is read; one that is endless is not read for them."""
    calls = [name.split(" ") for name, row in TABLE.items() if row.door == "key" and name[:3] in {"POS", "PUT"}]
    assert len(calls) > 8
    replies = {
        f"{method} {path} {type} with {kind}": (method, path, {**world.refused[kind], "content-type": type}, body)
        for method, path in calls
        for kind in ("none", "unknown", "revoked")
        for type in ("application/json", "text/csv", "multipart/form-data; boundary=x")
    }
    assert one(world.told(replies)).status == 401


@pytest.mark.parametrize(("name", "row"), of_door("key", "session"))
def test_who_may_not_is_told_the_same_of_everything(world: World, name: str, row: Row) -> None:
    units = (INSIDE, *OUTSIDE) if with_unit(row, name) else (INSIDE,)
    shut_out = [key for key in world.keys if not row.opens_to(key) and (row.whole or key.unit in {None, "north"})]
    sent_on = [key for key in shut_out if row.sent_on and "manage" in key.scopes and key.unit is None]
    barred = of_each_kind([key for key in shut_out if key not in sent_on])
    # Those who lack least are tried on everything; the others on one thing, for all are told the same.
    lacking = {(key.organisation, key.unit): key for key in barred if key.organisation == "own"}.values()
    replies = {
        f"{key.organisation} {key.name} {what} {unit}": ask(world, name, row, opening(row, key), pulse=id, unit=unit)
        for key in barred
        for what, id in some_ids(world).items()
        for unit in units
        if (what, unit) == ("own released", INSIDE)
        or (key in lacking and key.unit in {None, "north"} and (what == "own released" or unit == INSIDE))
    }
    assert one(world.told(replies)).status == 403
    for reply in world.told(
        {key.name: ask(world, name, row, opening(row, key)) for key in of_each_kind(sent_on)}
    ).values():
        assert reply.header("location") == "/manage"


@pytest.mark.parametrize(("name", "row"), of_door("key", "session"))
def test_who_may_is_answered_about_what_is_theirs_and_about_nothing_else(world: World, name: str, row: Row) -> None:
    for key in of_each_kind([key for key in world.keys if row.opens_to(key)]):
        if not (row.leader and key.unit != INSIDE):
            whole = about_a_pulse(name, row) and f"{key.organisation} {key.name}" in {"own all", "own all in n1"}
            tried = [it for it in world.pulses.items() if whole or it[0] == (key.organisation, "released")]
            may_see(world, name, row, key, dict(tried))


def may_see(world: World, name: str, row: Row, key: Key, tried: dict[tuple[str, str], str]) -> None:
    """Nothing of others is told apart from nothing at all; of one's own, what the row says."""
    headers, unit = opening(row, key), key.unit or INSIDE
    asked = {
        (owner, state): ask(world, name, row, headers, pulse=id, unit=unit)
        for (owner, state), id in tried.items()
        if owner != key.organisation or state not in row.acts.split()
    }
    replies = world.told({"missing ": ask(world, name, row, headers, pulse=NOWHERE, unit=unit)} | named(asked))
    theirs = {what: replies.pop(what) for what in list(replies) if what.startswith(key.organisation)}
    if row.tells_of_itself:
        assert {reply.status for reply in replies.values()} == {row.status}
        return
    nothing = one(replies)
    if not has_something(row, key):
        return
    assert nothing.status == 404 or not about_a_pulse(name, row), key.name
    for what, reply in theirs.items():
        state = what.partition(" ")[2]
        told = state in row.states.split() or not about_a_pulse(name, row)
        assert reply.status == (row.by_state.get(state, row.status) if told else 404), (key.name, state, str(reply))


def named(asked: dict[tuple[str, str], Question]) -> dict[str, Question]:
    return {" ".join(names): question for names, question in asked.items()}


@pytest.mark.parametrize(("name", "row"), UNITS)
def test_a_unit_out_of_reach_is_as_unknown_as_none(world: World, name: str, row: Row) -> None:
    asked = next(state for state in ("released", "closed", "draft") if state in row.states and state not in row.acts)
    for key in of_each_kind([key for key in world.keys if row.opens_to(key) and key.organisation == "own"]):
        inside = {"n1", "n2", "north"} if key.unit == "north" else {key.unit}
        beyond = [unit for unit in OUTSIDE if unit not in inside and (key.unit or unit not in {"n1", "south"})]
        replies = {
            unit: ask(world, name, row, opening(row, key), pulse=world.pulses["own", asked], unit=unit)
            for unit in beyond
        }
        assert one(world.told(replies)).status == 404 or key.unit == "gone", key.name


def test_scim_refuses_who_may_not_alike_in_its_own_form(world: World) -> None:
    """Without a key, with one that lacks the scope, and with one that is bound to a unit; whatever the body is."""
    rows = {name: row for name, row in TABLE.items() if row.door == "scim"}
    assert len(rows) > 4
    unknown = {
        f"{name} with {kind} and {body}": (*ask(world, name, row, headers)[:3], BODIES[body])
        for name, row in rows.items()
        for kind, headers in world.refused.items()
        for body in (BODIES if kind == "none" else ("none",))
    }
    assert (refusal := one(world.told(unknown))).status == 401
    assert refusal.header("content-type") == "application/scim+json"
    barred = {
        f"{name} with {key.name} and {body}": (*ask(world, name, row, key.bearer)[:3], BODIES[body])
        for name, row in rows.items()
        for key in world.keys
        if not row.opens_to(key)
        for body in (BODIES if key.name == "all in north" else ("none",))
    }
    assert (refusal := one(world.told(barred))).status == 403
    assert refusal.header("content-type") == "application/scim+json"


def test_scim_answers_who_may(world: World) -> None:
    for name, row in TABLE.items():
        for key in [it for it in world.keys if row.door == "scim" and row.opens_to(it)]:
            reply = world.call(*ask(world, name, row, key.bearer))
            assert (reply.status, reply.header("content-type")) == (row.status, "application/scim+json"), (
                name,
                key.name,
            )


@pytest.mark.parametrize(("name", "row"), of_door("anyone"))
def test_where_no_key_is_needed_none_makes_a_difference(world: World, name: str, row: Row) -> None:
    everybody = {**world.refused, **({} if row.framed else world.signed_out)}
    if row.framed:
        del everybody["the cookie of a session"]
    elif about_a_pulse(name, row):
        everybody |= {f"key {key.name}": key.bearer for key in world.keys if key.name in {"all", "all in gone"}}
        everybody |= {f"session {key.name}": key.cookie for key in world.keys if key.name in {"all", "all in gone"}}
    none, past = {}, {}
    for what, id in (world.ids() if about_a_pulse(name, row) else {"": NOWHERE}).items():
        state = what.partition(" ")[2]
        tried = everybody if state in {"", "open"} else {kind: everybody[kind] for kind in ("none", "unknown")}
        reply = one(world.told({kind: ask(world, name, row, it, pulse=id) for kind, it in tried.items()}))
        if state in row.states.split() or not about_a_pulse(name, row):
            assert reply.status == row.status, (what, str(reply))
        else:
            (past if state in row.past.split() else none)[what] = reply
    if none:
        assert one(none).status in {403, 404}
    if past:
        assert one(past).status in {403, 404}


@pytest.mark.parametrize("path", sorted({name.split(" ")[1] for name in TABLE}))
def test_a_method_no_route_has_is_one_refusal_and_a_head_is_its_get(world: World, path: str) -> None:
    """Whatever key comes with them and whatever they are about; and a HEAD tells no more than the headers of a GET."""
    declared = {name.split(" ")[0] for name in TABLE if name.split(" ")[1] == path}
    name = f"{sorted(declared)[0]} {path}"
    questions = {}
    for method in [it for it in METHODS if it not in declared and not (it == "HEAD" and "GET" in declared)]:
        for kind, headers in callers(world).items():
            for what in ("own open", "missing") if method in {"DELETE", "OPTIONS"} else ("own open",):
                _, address, sent, _ = ask(world, name, TABLE[name], headers, pulse=world.ids()[what])
                questions[f"{method} {kind} {what}"] = (method, address, sent, b"")
    replies = world.told(questions)
    heads = {what: replies.pop(what) for what in list(replies) if what.startswith("HEAD")}
    assert one(replies).status == 405
    assert {reply.status for reply in heads.values()} <= {405}
    if "GET" in declared:
        for kind, headers in callers(world).items():
            _, address, sent, _ = ask(world, f"GET {path}", TABLE[f"GET {path}"], headers)
            both = world.told({method: (method, address, sent, b"") for method in ("GET", "HEAD")})
            assert (both["HEAD"].without_body, both["HEAD"].body) == (both["GET"].without_body, b""), kind


def callers(world: World) -> dict[str, Mapping[str, str | bytes]]:
    every = next(key for key in world.keys if key.name == "all")
    return {"none": {}, "all": {**every.bearer, **every.cookie}}


def test_no_refusal_changed_anything(world: World) -> None:
    """Stands last: what the tests above asked for is all that was asked since the world was made."""
    assert world.fingerprint() == world.before
