"""Who was destroyed or deleted is nowhere: not in the database's files, not in its samples, and is not written to."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.commands.serving import scrub_files
from service.operations import access
from service.operations.access import Principal
from service.operations.people import SaidOfGroup, SaidOfPerson, Sought, changing_people
from service.operations.people_import import forget_people
from service.store import letters, rewriting
from service.store.directory import at_one_moment
from service.store.letters import Round
from tests.doors import Doors

DAY = date(2026, 3, 2)


class House:
    """An organisation with two people in a group, and an open pulse with a letter to each of them."""

    def __init__(self, doors: Doors, name: str) -> None:
        self.doors, self.database = doors, doors.parts.database
        self.id = access.create_organisation(self.database, name)
        self.who = Principal("k", self.id, frozenset({"manage", "scim"}))
        secret = access.create_key(self.database, self.id, ["manage"], None, "test")
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.addresses = [f"{secrets.token_hex(16)}@works.example" for _ in range(2)]
        self.sealed = [os.urandom(64) for _ in range(2)]
        with changing_people(self.database, self.who) as people:
            said = [SaidOfPerson(it, None, True, {"emails": [{"value": it}]}) for it in self.addresses]
            self.people = [row.id for row in people.add_people(said) if row]
            people.add_group(SaidOfGroup(f"Team {self.addresses[0]}", None, {}, frozenset(self.people)))
        self.pulse = self._invited_to()

    def _invited_to(self) -> str:
        call = self.doors.ok
        call("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 30}]}, self.headers)
        pulse: str = call("POST", "/v1/pulses", {"instrument": "five-blocks"}, self.headers)["id"]
        with self.database.begin() as tx:
            letters.add_letters(tx, pulse, [(os.urandom(16), it) for it in self.sealed])
            letters.add_round(tx, Round(pulse, 1, DAY, None))
        call("POST", f"/v1/pulses/{pulse}/invitations", None, self.headers)
        call("POST", f"/v1/pulses/{pulse}/open", None, self.headers)
        return pulse

    @property
    def needles(self) -> list[bytes]:
        return [*(it[:32].encode() for it in self.addresses), *self.sealed]

    def letters(self) -> tuple[int, int]:
        with self.database.read() as tx:
            found = letters.progress(tx, self.pulse)
        return found.people, found.rounds


@pytest.fixture
def houses(doors: Doors) -> tuple[House, House]:
    return House(doors, "Works"), House(doors, "Other")


@pytest.fixture
def found(doors: Doors, request: pytest.FixtureRequest) -> Any:
    """How many of some needles stand in the database's files that were written since."""
    since = time.time() - 2
    if doors.parts.database.is_sqlite:
        folder = Path(str(doors.parts.database.url.database)).parent
    else:
        folder = Path(request.getfixturevalue("postgres_server").data_directory)

    def search(needles: list[bytes]) -> int:
        files = [it for it in folder.rglob("*") if it.is_file() and it.name != "pg_internal.init"]
        every = b"\n".join(it.read_bytes() for it in files if it.stat().st_mtime >= since)
        return sum(needle in every for needle in needles)

    return search


def write_out(house: House) -> None:
    """Into the tables' files, and into whatever is sampled of them."""
    if not house.database.is_sqlite:
        house.database.maintain("ANALYZE", "CHECKPOINT")


def test_whoever_is_destroyed_stands_in_no_file_and_others_stay(houses: tuple[House, House], found: Any) -> None:
    gone, other = houses
    write_out(gone)
    assert (found(gone.needles), found(other.needles)) == (4, 4)
    assert forget_people(gone.database, gone.who, 2) is True
    assert (found(gone.needles), found(other.needles)) == (0, 4)
    with changing_people(other.database, other.who) as people:
        assert sorted(people.person(id).user_name for id in other.people) == sorted(other.addresses)
        (group,) = people.groups(Sought())
        assert sorted(id for id, _ in people.members(group.id)) == sorted(other.people)
    assert (gone.letters(), other.letters()) == ((0, 0), (2, 1))


def test_nobody_who_was_destroyed_is_reminded(houses: tuple[House, House]) -> None:
    gone, other = houses
    forget_people(gone.database, gone.who, 2)
    path = f"/v1/pulses/{gone.pulse}/reminders"
    assert gone.doors.call("POST", path, None, gone.headers).status_code == 409
    assert gone.doors.ok("GET", f"/v1/pulses/{gone.pulse}", None, gone.headers)["state"] == "open"
    assert other.letters() == (2, 1)


def test_whoever_is_deleted_alone_is_cleared_from_the_files_by_a_scrub(
    houses: tuple[House, House], found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = houses[0]
    write_out(house)
    with changing_people(house.database, house.who) as people:
        (group,) = people.groups(Sought())
        people.remove_group(group.id)
        people.remove_person(house.people[0])
    monkeypatch.setenv("REDWOOD_DATABASE_URL", house.database.url.render_as_string(hide_password=False))
    scrub_files()
    gone, stays, *sealed = house.needles
    assert (found([gone]), found([stays]), found(sealed)) == (0, 1, 2)


@contextmanager
def reading(house: House) -> Iterator[Any]:
    with house.database.read() as tx:
        at_one_moment(tx)
        yield tx


def test_while_somebody_reads_all_of_a_moment_it_says_that_traces_stay(
    houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other = houses
    if gone.database.is_sqlite:
        pytest.skip("on SQLite a deletion overwrites by itself")
    monkeypatch.setattr(rewriting, "_TRIES", 2)
    with reading(other) as tx:
        assert forget_people(gone.database, gone.who, 2) is False
        assert tx.exec_driver_sql("SELECT count(*) FROM person").scalar_one() == 2
    assert rewriting.rewrite(gone.database) is True
