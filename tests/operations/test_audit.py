"""The audit log is one chain without gap or fork, whoever writes, and shows at which entry it was tampered with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from service.errors import NotAllowed, NotAuthenticated, NotFound
from service.operations import access, audit
from service.operations.access import Principal
from service.store.database import Connection, Database

DROPPED = {
    "sqlite": ["DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_undeleted", "DROP TRIGGER audit_unreplaced"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER audit_kept"],
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def operator(database: Database) -> Principal:
    return access.operator(access.create_organisation(database, "Audited Works"))


def record(database: Database, who: Principal, *subjects: str) -> None:
    audit.record_all(database, [audit.Deed(who, "read", subject) for subject in subjects])


def test_each_entry_is_chained_to_the_one_before_as_anybody_can_recompute(
    database: Database, operator: Principal
) -> None:
    reader = Principal("key1", operator.organisation, frozenset({"results"}), label="Mère “Nord”")
    record(database, reader, "GET /v1/results?unit=n%C3%B8rd", "x" * 5_000)
    found, head = audit.entries(database, operator)
    assert [it.number for it in found] == [1, 2, 3]
    assert (found[1].who, found[1].label, found[1].deed) == ("key1", "Mère “Nord”", "read")
    assert (len(found[2].subject), found[2].subject[-3:]) == (audit.LONGEST, "...")
    before = "00" * 32
    for entry in found:
        said = audit.document(entry)
        told, said["organisation"] = said.pop("hash"), operator.organisation
        line = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(bytes.fromhex(before) + line.encode()).hexdigest()
        assert told == before
    assert head == audit.Head(3, before)
    assert audit.verify(database, operator) == audit.Verified(head, None)


def test_an_empty_log_holds(database: Database) -> None:
    nobody = access.operator("a" * 16)
    assert audit.verify(database, nobody) == audit.Verified(audit.Head(0, "00" * 32), None)


def test_two_organisations_have_two_chains(database: Database, operator: Principal) -> None:
    other = access.operator(access.create_organisation(database, "Other Works"))
    deeds = [audit.Deed(who, "read", "a") for who in (operator, other) * 3]
    audit.record_all(database, deeds)
    for who in (operator, other):
        found, head = audit.entries(database, who)
        assert ([it.number for it in found], head.number) == ([1, 2, 3, 4], 4)
        assert audit.verify(database, who).broken is None


def test_nothing_is_recorded_of_what_is_undone(database: Database, operator: Principal) -> None:
    def close() -> None:
        with database.begin() as tx:
            audit.record(tx, operator, "pulse closed", "pulse a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        close()
    assert audit.entries(database, operator)[1].number == 1


def test_many_who_write_at_once_make_one_chain(database_url: str, database: Database, operator: Principal) -> None:
    """Some in a transaction with other work, some entries of their own, through connections of their own."""
    writers, each = 6, 8
    start, failed = Barrier(writers), []

    def write(number: int) -> None:
        own = Database(database_url)
        start.wait()
        try:
            for turn in range(each):
                if number % 2:
                    access.create_key(own, operator.organisation, ["results"], None, f"{number}.{turn}")
                else:
                    record(own, operator, f"{number}.{turn}")
        except Exception as error:
            failed.append(error)
        finally:
            own.dispose()

    threads = [Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    found, head = audit.entries(database, operator)
    assert [it.number for it in found] == list(range(1, writers * each + 2))
    assert len({it.subject for it in found}) == len(found)
    assert audit.verify(database, operator) == audit.Verified(head, None)


def test_the_database_refuses_to_change_or_forget(database: Database, operator: Principal) -> None:
    statements = [
        "UPDATE audit SET label = 'nobody' WHERE number = 1",
        "UPDATE audit SET number = 9",
        "DELETE FROM audit WHERE number = 1",
        "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (organisation_id, number) DO UPDATE SET who = ''",
    ]
    statements += ["REPLACE INTO audit SELECT * FROM audit"] if database.is_sqlite else ["TRUNCATE audit"]
    for statement in statements:
        with pytest.raises(DatabaseError, match="are kept"), database.engine.begin() as tx:
            tx.execute(text(statement))
    assert audit.verify(database, operator).broken is None


def of_whom(who: Principal, statement: str) -> Any:
    return text(statement.replace("OF IT", f"organisation_id = '{who.organisation}'"))


def forge(tx: Connection, who: Principal) -> None:
    """As somebody would who knows how a hash is made: then it is the next entry that does not hold."""
    first, row, *_ = tx.execute(of_whom(who, "SELECT * FROM audit WHERE OF IT ORDER BY number")).all()
    forged = audit.Entry(row.organisation_id, row.number, row.at, "nobody", row.label, row.deed, row.subject, b"")
    changed = of_whom(who, "UPDATE audit SET who = 'nobody', hash = :hash WHERE OF IT AND number = 2")
    tx.execute(changed, {"hash": audit.chained(first.hash, forged)})


_REMOVE = "DELETE FROM audit WHERE OF IT AND number = 3"
_COPY = "INSERT INTO audit SELECT organisation_id, {}, at, who, label, deed, subject, hash FROM audit WHERE OF IT AND "


def _move(before: int, after: int) -> str:
    return f"UPDATE audit SET number = {after} WHERE OF IT AND number = {before}"


#: What somebody may do to a log of five entries, and the first that does not hold.
TAMPERED: dict[str, tuple[list[str] | Callable[[Connection, Principal], None], int]] = {
    "change": (["UPDATE audit SET subject = 'another' WHERE OF IT AND number = 3"], 3),
    "change the time": (["UPDATE audit SET at = at - 1 WHERE OF IT AND number = 3"], 3),
    "change the hash too": (forge, 3),
    "remove": ([_REMOVE], 3),
    "remove and close the gap": ([_REMOVE, _move(4, 3), _move(5, 4)], 3),
    "remove the first": (["DELETE FROM audit WHERE OF IT AND number = 1"], 1),
    "swap": ([_move(3, 99), _move(4, 3), _move(99, 4)], 3),
    "insert": ([_move(5, 6), _move(4, 5), _move(3, 4), _COPY.format(3) + "number = 2"], 3),
    "insert before the first": ([_COPY.format(0) + "number = 1"], 1),
    "add to the end": ([_COPY.format(6) + "number = 5"], 6),
    "date beyond any calendar": (["UPDATE audit SET at = 999999999999999999 WHERE OF IT AND number = 3"], 3),
}


def test_whoever_goes_around_the_triggers_is_found_out(database: Database, operator: Principal) -> None:
    organisations = {name: access.operator(access.create_organisation(database, name)) for name in TAMPERED}
    for who in organisations.values():
        record(database, who, "a", "b", "c", "d")
    with database.begin() as tx:
        for statement in DROPPED[tx.dialect.name]:
            tx.execute(text(statement))
        for name, who in organisations.items():
            tamper, _ = TAMPERED[name]
            if callable(tamper):
                tamper(tx, who)
                continue
            for statement in tamper:
                tx.execute(of_whom(who, statement))
    found = {name: audit.verify(database, who).broken for name, who in organisations.items()}
    assert found == {name: broken for name, (_, broken) in TAMPERED.items()}
    assert audit.verify(database, operator).broken is None


def test_an_end_that_was_cut_off_shows_by_a_head_that_was_written_down(database: Database, operator: Principal) -> None:
    record(database, operator, "a", "b")
    written_down = audit.verify(database, operator).head
    with database.begin() as tx:
        for statement in DROPPED[tx.dialect.name]:
            tx.execute(text(statement))
        tx.execute(text("DELETE FROM audit WHERE number = 3"))
    now = audit.verify(database, operator)
    assert now.broken is None
    assert now.head != written_down


def test_who_may_read_it(database: Database, operator: Principal) -> None:
    for may_not in (
        Principal("a", operator.organisation, frozenset({"results", "analytics", "collect", "scim"})),
        Principal("a", operator.organisation, frozenset({"manage"}), "north"),
    ):
        for read in (audit.entries, audit.verify):
            with pytest.raises(NotAllowed):
                read(database, may_not)


def deeds(database: Database, who: Principal) -> list[tuple[str, str, str]]:
    return [(it.who, it.deed, it.subject) for it in audit.entries(database, who)[0]]


def test_what_is_done_to_keys_and_sessions_is_recorded(database: Database, operator: Principal) -> None:
    organisation = operator.organisation
    secret = access.create_key(database, organisation, ["results"], "north", "Lead")
    (key,) = access.list_keys(database, organisation)
    session = access.sign_in(database, secret, 1_000, 1)
    access.sign_out(database, session, 1_001)
    access.sign_out(database, session, 1_002)
    _, rotated = access.rotate_key(database, organisation, key.id)
    access.revoke_key(database, organisation, rotated.id)
    machine = access.create_key(database, organisation, ["collect"], None, "Front end")
    (other,) = access.list_keys(database, organisation)
    for wrong, error in ((machine, NotAllowed), ("rw_nobody", NotAuthenticated), (secret, NotAuthenticated)):
        with pytest.raises(error):
            access.sign_in(database, wrong, 1_000, 1)
    with pytest.raises(NotFound):
        access.revoke_key(database, organisation, "nosuchkey")
    assert deeds(database, operator) == [
        ("operator", "organisation made", f"organisation {organisation}"),
        ("operator", "key made", f"key {key.id}: results in north"),
        (key.id, "signed in", "sign-in"),
        (key.id, "signed out", "sign-out"),
        ("operator", "key rotated", f"key {key.id} by key {rotated.id}: results in north"),
        ("operator", "key revoked", f"key {rotated.id}"),
        ("operator", "key made", f"key {other.id}: collect"),
        (other.id, "refused", "sign-in"),
    ]
    everything: Any = [repr(it) for it in audit.entries(database, operator)[0]]
    assert not any(it in "".join(everything) for it in (secret, session, machine))
