"""A backup is one moment of the whole database, goes back into either kind, and anything less is refused."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from service.errors import Conflict, Invalid, NotFound
from service.operations import audit, backup
from service.operations.access import operator, sign_in
from service.operations.backup import back_up, restore
from service.operations.discard import discard_pulse
from service.operations.stir import stir
from service.store import copying, migrate, tables
from service.store.database import Database
from service.store.snapshot import Vanished, snapshot
from service.store.tables import invitation, response
from tests.faults.world import answer, begun, body, invited, released, rows_in
from tests.tokens.asking import token_of

PEOPLE = 60
#: What open pulses hold.
KEPT = ("invitation", "redemption", "response")


async def answering_while(doors: Any, pulse: str, tokens: list[str], file: Path) -> list[int]:
    """Everybody answers, in the middle of which the backup is made; the values they sent."""
    values = [1 + number % 5 for number in range(len(tokens))]
    waiting = list(zip(tokens, values, strict=True))

    async def respondent() -> None:
        while waiting:
            reply = await doors.client.post(f"/v1/pulses/{pulse}/responses", json=body(*waiting.pop()))
            assert reply.status_code == 204

    async def keeper() -> None:
        while len(waiting) > PEOPLE // 2:
            await asyncio.sleep(0)
        await asyncio.to_thread(back_up, doors.parts.database, file)

    await asyncio.gather(keeper(), *(respondent() for _ in range(4)))
    return values


def test_what_was_acknowledged_before_and_after_a_restore_counts_once(
    doors: Any, elsewhere: str, service_on: Callable[[str], Any], databases: Callable[[str], Database], tmp_path: Path
) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    assert answer(doors, pulse, tokens[0], 3) == 204
    values = doors.run(answering_while(doors, pulse, tokens[1:], tmp_path / "backup.db"))
    made = restore(databases(elsewhere), doors.parts.custody, tmp_path / "backup.db")
    assert (made.collecting, made.keyless) == ((pulse,), ())

    there = service_on(elsewhere)
    assert answer(there, pulse, tokens[0], 4) == 403  # it was spent before the backup, on something else
    assert answer(there, pulse, tokens[0], 3) == 204
    for token, value in zip(tokens[1:], values, strict=True):
        assert answer(there, pulse, token, value) == 204
    assert released(there, pulse) == (PEOPLE, 3 + sum(values))


def test_a_backup_holds_everything_and_only_its_owner_reads_it(
    doors: Any, elsewhere: str, databases: Callable[[str], Database], tmp_path: Path
) -> None:
    done, tokens = begun(doors)
    for token in tokens:
        answer(doors, done, token, 4)
    released(doors, done)
    pulse, tokens = begun(doors)
    invited(doors)
    answer(doors, pulse, tokens[0], 2)
    here, there, file = doors.parts.database, databases(elsewhere), tmp_path / "backup.db"
    back_up(here, file)
    restore(there, doors.parts.custody, file)
    with there.begin() as tx:
        came_back = tx.scalars(select(tables.pulse.c.id).where(tables.pulse.c.restored)).all()
        tx.execute(update(tables.pulse).values(restored=False))  # all that is not as it was
    assert came_back == [pulse]
    was, found = rows_in(here), rows_in(there)
    log = found.pop("audit")
    assert set(was.pop("audit")) < set(log)  # which goes on with the restore
    assert audit.verify(there, operator(doors.organisation)).broken is None
    assert found == was
    assert all(was[name] for name in ("release", "response", "invitation", "unit_version"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [it.name for it in tmp_path.iterdir() if "backup" in it.name] == ["backup.db"]


def test_pages_sign_in_again_after_a_restore(
    doors: Any, elsewhere: str, databases: Callable[[str], Database], tmp_path: Path
) -> None:
    secret = doors.manager["Authorization"].removeprefix("Bearer ")
    sign_in(doors.parts.database, secret, 0, 8)
    back_up(doors.parts.database, tmp_path / "backup.db")
    restore(databases(elsewhere), doors.parts.custody, tmp_path / "backup.db")
    assert rows_in(doors.parts.database)["session"]
    assert not rows_in(databases(elsewhere))["session"]


def test_a_file_is_replaced_only_when_that_is_asked_for_and_only_by_a_whole_one(
    doors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "precious"
    file.write_text("precious")
    with pytest.raises(Conflict):
        back_up(doors.parts.database, file)
    with monkeypatch.context() as patched:
        patched.setattr(copying, "_checksum_of", broken)
        with pytest.raises(RuntimeError):
            back_up(doors.parts.database, file, replace=True)
    assert file.read_text() == "precious"
    assert not list(tmp_path.glob(".*"))
    back_up(doors.parts.database, file, replace=True)
    assert copying.examine(file).revision == migrate.newest()


def broken(*_: object) -> None:
    raise RuntimeError


def test_what_is_not_whole_or_was_changed_is_refused_and_nothing_is_made_of_it(doors: Any, tmp_path: Path) -> None:
    pulse, tokens = begun(doors)
    answer(doors, pulse, tokens[0], 2)
    file = tmp_path / "backup.db"
    back_up(doors.parts.database, file)
    whole = file.read_bytes()
    with doors.parts.database.read() as tx:
        known = tx.execute(response.select()).one().sealed, tx.execute(invitation.select()).first().digest
    places = [whole.index(it[:32]) for it in (*known, b"Test Works")]  # what is long goes on in another page
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    cut = [whole[: len(whole) * part // 5] for part in range(5)]
    elsewhere = tmp_path / "elsewhere.db"
    for bad in (*cut, *changed, b"not a database at all" * 99):
        file.write_bytes(bad)
        with pytest.raises(Invalid):
            restore(Database(f"sqlite:///{elsewhere}"), doors.parts.custody, file)
        assert not elsewhere.exists()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM invitation",
        "UPDATE pulse SET threshold = 1",
        "DELETE FROM backup",
        "UPDATE backup SET format = 2",
        "DROP TABLE backup",
        "CREATE TABLE more (it)",
        "DROP TRIGGER audit_unchanged",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_sqlite_finds_nothing_wrong_with_is_refused_too(doors: Any, tmp_path: Path, change: str) -> None:
    begun(doors)
    back_up(doors.parts.database, tmp_path / "backup.db")
    with sqlite3.connect(tmp_path / "backup.db") as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(Invalid):
        restore(Database(f"sqlite:///{tmp_path / 'elsewhere.db'}"), doors.parts.custody, tmp_path / "backup.db")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_versions_backup_is_refused_with_what_to_do(
    doors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(doors.parts.database, tmp_path / "backup.db")
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    with pytest.raises(Conflict, match="9999"):
        restore(Database(f"sqlite:///{tmp_path / 'elsewhere.db'}"), doors.parts.custody, tmp_path / "backup.db")
    with pytest.raises(Conflict, match="migrate"):
        back_up(doors.parts.database, tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()


def test_a_database_that_holds_anything_is_left_as_it_is(doors: Any, tmp_path: Path) -> None:
    back_up(doors.parts.database, tmp_path / "backup.db")
    was = rows_in(doors.parts.database)
    with pytest.raises(Conflict, match="empty"):
        restore(doors.parts.database, doors.parts.custody, tmp_path / "backup.db")
    assert rows_in(doors.parts.database) == was


def test_a_restore_that_is_broken_off_leaves_nothing_and_can_be_done_again(
    doors: Any,
    elsewhere: str,
    databases: Callable[[str], Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pulse, tokens = begun(doors)
    answer(doors, pulse, tokens[0], 2)
    back_up(doors.parts.database, tmp_path / "backup.db")
    there = databases(elsewhere)
    with monkeypatch.context() as patched:
        patched.setattr(backup.pulses, "collecting", broken)
        with pytest.raises(RuntimeError):
            restore(there, doors.parts.custody, tmp_path / "backup.db")
    assert not any(rows_in(there).values())
    assert restore(there, doors.parts.custody, tmp_path / "backup.db").collecting == (pulse,)


def test_a_backup_is_of_one_moment(doors: Any) -> None:
    pulse, tokens = begun(doors)
    answer(doors, pulse, tokens[0], 5)
    with snapshot(doors.parts.database) as rows:
        assert answer(doors, pulse, tokens[1], 5) == 204
        assert invited(doors)
        spent = [row.receipt for chunk in rows(invitation) for row in chunk if row.receipt]
        assert [len(spent), len(next(rows(response)))] == [1, 1]
    assert len(rows_in(doors.parts.database)["response"]) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_stirring_inside_a_backup_takes_nothing_from_it(
    doors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the moment of a backup a table that was written anew since looks empty on PostgreSQL."""
    for _ in range(2):
        pulse, tokens = begun(doors, 4)
        for token in (tokens[0], token_of(lambda *it: doors.call(*it, {}), tokens[1])):
            assert answer(doors, pulse, token, 4) == 204
    stirred, room = [], copying._make_room

    def stirs(tx: Any, table: Any) -> None:
        stirred.append(stir(doors.parts.database))
        room(tx, table)

    with monkeypatch.context() as patched:
        patched.setattr(copying, "_make_room", stirs)
        back_up(doors.parts.database, tmp_path / "backup.db")
    with sqlite3.connect(tmp_path / "backup.db") as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {it}").fetchone()[0] for it in KEPT]
    connection.close()
    assert (counts, set(stirred)) == ([8, 2, 4], {False})
    assert stir(doors.parts.database) is True


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_close_waits_for_no_backup(doors: Any) -> None:
    pulse, tokens = begun(doors)
    answer(doors, pulse, tokens[0], 5)
    with snapshot(doors.parts.database) as rows:
        assert len([row for chunk in rows(invitation) for row in chunk]) == len(tokens)
        doors.ok("POST", f"/v1/pulses/{pulse}/close")
        with pytest.raises(Vanished):
            list(rows(response))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_backup_that_a_close_came_into_is_begun_anew(
    doors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse, _ = begun(doors)
    closing = [pulse]
    room = copying._make_room

    def closes(tx: Any, table: Any) -> None:
        if table is response and closing:
            doors.ok("POST", f"/v1/pulses/{closing.pop()}/close")
        room(tx, table)

    monkeypatch.setattr(copying, "_make_room", closes)
    back_up(doors.parts.database, tmp_path / "backup.db")
    with sqlite3.connect(tmp_path / "backup.db") as connection:
        states = connection.execute("SELECT state FROM pulse").fetchall()
        left = connection.execute("SELECT count(*) FROM invitation").fetchall()
    connection.close()
    assert (closing, states, left) == ([], [("closed",)], [(0,)])


def test_a_pulse_that_was_closed_after_the_backup_can_only_be_discarded(
    doors: Any, elsewhere: str, service_on: Callable[[str], Any], databases: Callable[[str], Database], tmp_path: Path
) -> None:
    pulse, tokens = begun(doors)
    for token in tokens:
        answer(doors, pulse, token, 4)
    back_up(doors.parts.database, tmp_path / "backup.db")
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    there, keys = databases(elsewhere), doors.parts.custody
    made = restore(there, keys, tmp_path / "backup.db")
    assert (made.collecting, made.keyless) == ((), (pulse,))
    assert not service_on(elsewhere).call("POST", f"/v1/pulses/{pulse}/close").is_success

    who = operator(doors.organisation)
    assert discard_pulse(there, keys, who, pulse, apply=False, answered=True) == "open"
    assert len(rows_in(there)["invitation"]) == len(tokens)
    with pytest.raises(NotFound):
        discard_pulse(there, keys, operator("somebody else"), pulse, apply=True, answered=True)
    discard_pulse(there, keys, who, pulse, apply=True, answered=True)
    left = rows_in(there)
    assert not any(left[name] for name in ("pulse", "invitation", "redemption", "response"))
    with pytest.raises(NotFound):
        discard_pulse(there, keys, who, pulse, apply=True, answered=True)


def test_only_what_no_release_can_come_of_is_discarded(doors: Any) -> None:
    database, keys, who = doors.parts.database, doors.parts.custody, operator(doors.organisation)
    pulse, _ = begun(doors)
    draft, _ = invited(doors)
    was = rows_in(database)
    for answered, why in ((False, "answered"), (True, "can be closed")):
        with pytest.raises(Conflict, match=why):
            discard_pulse(database, keys, who, pulse, apply=True, answered=answered)
    assert rows_in(database) == was
    discard_pulse(database, keys, who, draft, apply=True)
    assert {row["id"] for row in doors.ok("GET", "/v1/pulses")["data"]} == {pulse}
    for step in ("close", "release"):
        doors.ok("POST", f"/v1/pulses/{pulse}/{step}")
        with pytest.raises(Conflict):
            discard_pulse(database, keys, who, pulse, apply=True, answered=True)


def test_what_was_restored_is_not_closed_with_keys_that_outlive_a_close(
    derived: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """One pulse, closed here by all and there by all but one, would be two releases to subtract."""
    pulse, tokens = begun(derived)
    for token in tokens[1:]:
        assert answer(derived, pulse, token, 4) == 204
    back_up(derived.parts.database, tmp_path / "backup.db")
    assert answer(derived, pulse, tokens[0], 1) == 204
    assert released(derived, pulse) == (20, 77)
    address = request.getfixturevalue("elsewhere")
    there = request.getfixturevalue("databases")(address)
    assert restore(there, derived.parts.custody, tmp_path / "backup.db").collecting == (pulse,)
    was = rows_in(there)
    reply = request.getfixturevalue("service_on")(address).call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"], "restored" in reply.json()["detail"]) == (409, "conflict", True)
    assert {name: rows for name, rows in rows_in(there).items() if name != "audit"} == {
        name: rows for name, rows in was.items() if name != "audit"
    }


def test_a_pulse_whose_keys_cannot_be_reached_is_not_discarded(doors: Any) -> None:
    pulse, _ = begun(doors)
    draft, _ = invited(doors)
    database, keys, who = doors.parts.database, doors.parts.custody, operator(doors.organisation)
    (keys.path / f"{pulse}.close").unlink()
    was = rows_in(database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(keys), "destroy", broken)
        with pytest.raises(RuntimeError):
            discard_pulse(database, keys, who, pulse, apply=True, answered=True)
        assert rows_in(database) == was
        # A draft has none: a folder that was never made is no reason to keep it.
        discard_pulse(database, keys, who, draft, apply=True)
    discard_pulse(database, keys, who, pulse, apply=True, answered=True)
    assert not rows_in(database)["pulse"]
    assert keys.get(pulse, "tokens") is None
