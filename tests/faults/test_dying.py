"""Killed in the middle of opening, closing or releasing: undone or finished, and never a way past the gate."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.operations.keys import finish_closes
from tests.faults.dying import DIED
from tests.faults.world import answer, begun, counted, invited, rows_in

Dying = Callable[..., None]
PEOPLE = 12
VALUES = [1 + number % 5 for number in range(PEOPLE)]
CLOSE, PUBLISH, PREPARE = "service.operations.close", "service.operations.publish", "service.operations.prepare"
COMMIT = "sqlalchemy.engine.base:RootTransaction._do_commit"


@pytest.fixture(scope="session")
def forking() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def dying(forking: subprocess.Popen[str], doors: Any) -> Dying:
    def die(operation: str, pulse: str, place: str, after: bool) -> None:
        url = doors.parts.settings.database_url
        asked = {"operation": operation, "url": url, "organisation": doors.organisation, "pulse": pulse}
        assert forking.stdin is not None
        assert forking.stdout is not None
        print(json.dumps({**asked, "place": place, "after": after}), file=forking.stdin, flush=True)
        assert int(forking.stdout.readline()) == DIED, "it was to die and did not"

    return die


def state_of(doors: Any, pulse: str) -> str:
    return str(doors.ok("GET", f"/v1/pulses/{pulse}")["state"])


def is_readable(doors: Any, pulse: str) -> bool:
    """Whether anything of the release can be read through any door."""
    status: int = doors.call("GET", f"/v1/pulses/{pulse}/release").status_code
    rows = doors.call("GET", f"/v1/results?pulse={pulse}")
    assert (status == 200) == (rows.status_code == 200 and bool(rows.json()["data"]))
    return status == 200


def but_the_log(doors: Any) -> dict[str, list[str]]:
    """What stands in every table but the audit log, where each of our looks is entered."""
    return {name: rows for name, rows in rows_in(doors.parts.database).items() if name != "audit"}


def keys_of(doors: Any, pulse: str) -> int:
    return sum(doors.parts.custody.get(pulse, kind) is not None for kind in ("close", "tokens"))


def answered(doors: Any) -> str:
    pulse, tokens = begun(doors, PEOPLE)
    for token, value in zip(tokens, VALUES, strict=True):
        assert answer(doors, pulse, token, value) == 204
    return pulse


#: Before its commit, one after the other, an operation dies right after each of these, and then at the commit itself.
CLOSING = ("pulses.set_closed", "responses.read_sealed", "tried", "results.seal", "responses.forget")
RELEASING = ("attack", "results.publish", "pulses.set_released")
OPENING = ("make_keys", "pulses.set_open")
#: After the commit of a close: what is then left to do, with the keys that are left.
FINISHING = (
    ("service.custody.folder:os.fsync", True, 2),
    ("service.custody.folder:Folder.destroy", True, 1),
    ("service.operations.keys:pulses.set_keys_destroyed", False, 0),
)


def test_a_close_is_undone_before_its_commit_and_finished_after(doors: Any, dying: Dying) -> None:
    pulse = answered(doors)
    was = but_the_log(doors)
    for place, after in [*((f"{CLOSE}:{name}", True) for name in CLOSING), (COMMIT, False)]:
        dying("close", pulse, place, after)
        assert but_the_log(doors) == was
        assert (state_of(doors, pulse), keys_of(doors, pulse)) == ("open", 2)
        assert not is_readable(doors, pulse)

    dying("close", pulse, COMMIT, True)
    left = rows_in(doors.parts.database)
    assert not any(left[name] for name in ("invitation", "redemption", "response"))
    assert (state_of(doors, pulse), keys_of(doors, pulse)) == ("closed", 2)
    for place, after, keys in FINISHING:
        dying("finish", pulse, place, after)
        assert keys_of(doors, pulse) == keys
    assert finish_closes(doors.parts.database, doors.parts.custody) == []
    assert not is_readable(doors, pulse)
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, sum(VALUES))


def test_a_release_is_whole_or_never_was(doors: Any, dying: Dying) -> None:
    pulse = answered(doors)
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    for place, after in [*((f"{PUBLISH}:{name}", True) for name in RELEASING), (COMMIT, False)]:
        dying("release", pulse, place, after)
        assert (state_of(doors, pulse), is_readable(doors, pulse)) == ("closed", False)
    dying("release", pulse, COMMIT, True)
    assert (state_of(doors, pulse), is_readable(doors, pulse)) == ("released", True)
    assert counted(doors, pulse) == (PEOPLE, sum(VALUES))


def test_an_opening_can_be_done_again(doors: Any, dying: Dying) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": PEOPLE}]})
    pulse, tokens = invited(doors)
    for place, after in [*((f"{PREPARE}:{name}", True) for name in OPENING), (COMMIT, False)]:
        dying("open", pulse, place, after)
        assert state_of(doors, pulse) == "draft"
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for token, value in zip(tokens, VALUES, strict=True):
        assert answer(doors, pulse, token, value) == 204
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, sum(VALUES))


@pytest.mark.parametrize("operation", ["close", "release"])
def test_of_two_at_once_one_wins_and_the_other_is_told(
    doors: Any, service_on: Callable[[str], Any], operation: str
) -> None:
    """Two workers, each with its own connections."""
    second = service_on(doors.parts.settings.database_url)
    pulse = answered(doors)
    if operation == "release":
        doors.ok("POST", f"/v1/pulses/{pulse}/close")

    async def both() -> list[Any]:
        sent = (it.client.post(f"/v1/pulses/{pulse}/{operation}", headers=it.manager) for it in (doors, second))
        return await asyncio.gather(*sent)

    replies = sorted(doors.run(both()), key=lambda reply: reply.status_code)
    assert [reply.status_code for reply in replies] == [200, 409]
    assert replies[1].json()["type"] == "conflict"
    if operation == "close":
        doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(second, pulse) == counted(doors, pulse) == (PEOPLE, sum(VALUES))
