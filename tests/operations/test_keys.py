"""The keys of a pulse: made when it opens, needed until it closes, destroyed then, whatever happens on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.api.upkeep import Upkeep
from service.custody.custody import Kind
from service.custody.folder import Folder
from service.errors import CustodyFailed
from service.operations import close
from service.operations.doctor import Finding, examine
from service.operations.keys import finish_closes, unit_keys
from service.release.policy import Keys, digest_of, policy_document
from service.seal.close_key import NotOpened, Opener, fingerprint_of
from service.store import pulses, tables
from service.tokens import fingerprint
from service.tokens.receipt import receipt_of
from tests.faults.world import answer, begun, counted, invited, released, rows_in
from tests.pages.through import get, post
from tests.tokens.asking import token_of

PEOPLE = 10
KINDS: tuple[Kind, ...] = ("close", "tokens")
#: What an opening leaves behind that fails at this one: the seed is made first.
LEFT: dict[Kind, list[Kind]] = {"close": ["tokens"], "tokens": []}


def kept(doors: Any, pulse: str) -> list[Kind]:
    return [kind for kind in KINDS if doors.parts.custody.get(pulse, kind) is not None]


def standing(doors: Any) -> dict[str, list[str]]:
    """What stands in every table but the audit log, where each of our looks is entered."""
    return {name: rows for name, rows in rows_in(doors.parts.database).items() if name != "audit"}


def answered(doors: Any) -> str:
    """A pulse that half answered with plain tokens and half with unlinkable ones; everybody said 4."""
    pulse, tokens = begun(doors, PEOPLE)
    half = PEOPLE // 2
    tokens[half:] = [token_of(lambda *it: doors.call(*it, {}), token) for token in tokens[half:]]
    for token in tokens:
        assert answer(doors, pulse, token, 4) == 204
    return pulse


def doctor(doors: Any) -> list[Finding]:
    found = examine(
        doors.parts.database, doors.parts.custody, "127.0.0.1", 0, secure_cookies=True, known_password=False
    )
    return [it for it in found if it.what == "keys"]


class Broken:
    """Custody of which some calls fail, as when the disk or the vault is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def at(self, call: str, *kinds: Kind) -> None:
        whole = getattr(Folder, call)

        def failing(keeper: Folder, pulse: str, kind: Kind) -> Any:
            if kind in kinds:
                raise CustodyFailed("the disk is away")
            return whole(keeper, pulse, kind)

        self._monkeypatch.setattr(Folder, call, failing)

    def mended(self) -> None:
        self._monkeypatch.undo()


@pytest.fixture
def broken() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield Broken(patch)


# Opening


def test_opening_makes_both_secrets_and_publishes_what_is_public_of_them(doors: Any) -> None:
    doors.ok(
        "PUT",
        "/v1/roster",
        {"units": [{"id": "all", "headcount": 2}, {"id": "north", "parent": "all", "headcount": 3}]},
    )
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    assert kept(doors, pulse) == []
    opened = doors.ok("POST", f"/v1/pulses/{pulse}/open")
    close_key, seed = (doors.parts.custody.get(pulse, kind) for kind in KINDS)
    public = Opener(close_key).public
    root = fingerprint.root(unit_keys(seed, pulse, ["all", "north"])).hex()
    with doors.parts.database.read() as tx:
        row = tx.execute(tables.pulse.select()).one()
        document = policy_document(
            pulses.pulse_by_id(tx, pulse),
            pulses.frozen_roster(tx, pulse),
            Keys("ristretto255-SHA512", root, fingerprint_of(public)),
        )
    assert (row.close_key, row.fingerprint) == (public, root)
    assert opened["policy_hash"] == digest_of(document)
    stored = repr(rows_in(doors.parts.database))
    assert not any(secret.hex() in stored or repr(secret)[2:-1] in stored for secret in (close_key, seed))


@pytest.mark.parametrize("kind", KINDS)
def test_where_secrets_cannot_be_kept_the_pulse_stays_a_draft(doors: Any, broken: Broken, kind: Kind) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": PEOPLE}]})
    pulse, tokens = invited(doors)
    was = standing(doors)
    broken.at("make", kind)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/open")
    assert (reply.status_code, reply.json()["type"]) == (503, "custody-unreachable")
    assert standing(doors) == was
    assert answer(doors, pulse, tokens[0], 4) == 404

    broken.mended()
    left = kept(doors, pulse)
    secrets = [doors.parts.custody.get(pulse, it) for it in left]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    # What an opening that failed left behind is taken over, as it would be where another database has the same pulse.
    assert (left, [doors.parts.custody.get(pulse, it) for it in left]) == (LEFT[kind], secrets)
    assert answer(doors, pulse, tokens[0], 4) == 204
    doors.ok("POST", f"/v1/pulses/{pulse}/close")


# Collecting


def test_without_the_seed_nobody_answers_and_nothing_is_spent(doors: Any) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    seed = (doors.parts.custody.path / f"{pulse}.tokens").read_bytes()
    doors.parts.custody.destroy(pulse, "tokens")
    was = standing(doors)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/responses", {"token": tokens[0], "answers": {"WB1": 4}}, {})
    assert (reply.status_code, reply.json()["type"]) == (409, "key-gone")
    assert standing(doors) == was
    assert [it.verdict for it in doctor(doors)] == ["broken"]
    (doors.parts.custody.path / f"{pulse}.tokens").write_bytes(seed)
    assert [it.verdict for it in doctor(doors)] == ["ok"]
    assert answer(doors, pulse, tokens[0], 4) == 204


def test_another_seed_is_known_for_what_it_is(doors: Any) -> None:
    """Under another key the published fingerprint would be a lie, and browsers would take it for a way to tag them."""
    pulse, tokens = begun(doors, PEOPLE)
    (doors.parts.custody.path / f"{pulse}.tokens").write_bytes(bytes(32))
    assert doors.call("GET", f"/v1/pulses/{pulse}/issuer?unit=all", headers={}).status_code == 409
    was = standing(doors)
    with pytest.raises(AssertionError, match="key-gone"):
        token_of(lambda *it: doors.call(*it, {}), tokens[0])
    assert standing(doors) == was


@pytest.mark.parametrize("tag", [b"", bytes(32), None], ids=["no tag", "another tag", "the tag of before"])
def test_no_answer_is_sealed_to_a_key_that_was_put_into_the_database(doors: Any, tag: bytes | None) -> None:
    """Whoever writes to the database has no seed to make the tag of his own key with."""
    pulse, tokens = begun(doors, PEOPLE)
    own, ours = swapped(doors, Opener(bytes(96)).public, tag)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/responses", {"token": tokens[0], "answers": {"WB1": 4}}, {})
    assert (reply.status_code, reply.json()["type"]) == (409, "key-gone")
    assert not rows_in(doors.parts.database)["response"]
    reply = doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"]) == (409, "key-gone")
    swapped(doors, own, ours)
    assert answer(doors, pulse, tokens[0], 4) == 204


def test_whoever_collects_goes_on_sealing_to_the_key_that_was_checked(doors: Any) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    assert answer(doors, pulse, tokens[0], 4) == 204
    own, ours = swapped(doors, Opener(bytes(96)).public, None)
    for token in tokens[1:]:
        assert answer(doors, pulse, token, 4) == 204
    with doors.parts.database.read() as tx:
        for row in tx.execute(tables.response.select()).all():
            with pytest.raises(NotOpened):
                Opener(bytes(96)).open(pulse, row.sealed)
    swapped(doors, own, ours)
    assert released(doors, pulse) == (PEOPLE, 4 * PEOPLE)


def swapped(doors: Any, close_key: bytes, tag: bytes | None) -> tuple[bytes, bytes]:
    """Put a close key into the database, with its tag or beside the one there is; what was there."""
    with doors.parts.database.begin() as tx:
        row = tx.execute(tables.pulse.select()).one()
        tx.execute(update(tables.pulse).values(close_key=close_key, close_tag=row.close_tag if tag is None else tag))
    return bytes(row.close_key), bytes(row.close_tag)


# Closing


def test_closing_destroys_both(doors: Any) -> None:
    pulse = answered(doors)
    assert kept(doors, pulse) == ["close", "tokens"]
    closed = doors.ok("POST", f"/v1/pulses/{pulse}/close")
    assert (closed["keys_destroyed"], closed["scrubbed"]) == (True, True)
    assert kept(doors, pulse) == []
    assert not list(doors.parts.custody.path.glob(f"{pulse}*"))
    with doors.parts.database.read() as tx:
        assert tx.execute(tables.pulse.select()).one().close_key is None
    assert [it.verdict for it in doctor(doors)] == ["ok"]
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)


def test_without_its_key_a_pulse_is_not_closed_and_with_it_again_it_is(doors: Any) -> None:
    pulse = answered(doors)
    file = doors.parts.custody.path / f"{pulse}.close"
    secret = file.read_bytes()
    file.unlink()
    was = standing(doors)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"]) == (409, "key-gone")
    assert standing(doors) == was
    [told] = doctor(doors)
    assert (told.verdict, pulse in told.words) == ("broken", True)

    file.write_bytes(secret)
    assert doors.ok("POST", f"/v1/pulses/{pulse}/close")["keys_destroyed"] is True
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)


def test_while_custody_cannot_be_asked_nothing_is_closed(doors: Any, broken: Broken) -> None:
    pulse = answered(doors)
    was = standing(doors)
    broken.at("get", "close")
    reply = doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"]) == (503, "custody-unreachable")
    assert standing(doors) == was
    assert [(it.verdict, "the disk is away" in it.words) for it in doctor(doors)] == [("broken", True)]


def test_another_pulses_key_opens_nothing(doors: Any) -> None:
    other, _ = begun(doors, PEOPLE)
    pulse = answered(doors)
    folder = doors.parts.custody.path
    secret = (folder / f"{pulse}.close").read_bytes()
    (folder / f"{pulse}.close").write_bytes((folder / f"{other}.close").read_bytes())
    was = standing(doors)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"]) == (409, "key-gone")
    assert standing(doors) == was
    assert kept(doors, pulse) == ["close", "tokens"]
    (folder / f"{pulse}.close").write_bytes(secret)
    doors.ok("POST", f"/v1/pulses/{pulse}/close")


# Closes that were stopped half-way


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_destroyed_now_is_said_and_destroyed_later(doors: Any, broken: Broken, kind: Kind) -> None:
    pulse = answered(doors)
    broken.at("destroy", kind)
    closed = doors.ok("POST", f"/v1/pulses/{pulse}/close")
    assert (closed["state"], closed["keys_destroyed"]) == ("closed", False)
    # The close key goes first: what is left then opens nothing.
    assert kept(doors, pulse) == (["close", "tokens"] if kind == "close" else ["tokens"])
    [told] = doctor(doors)
    assert (told.verdict, pulse in told.words, "redwood scrub" in told.words) == ("unsafe", True, True)
    with pytest.raises(CustodyFailed):
        finish_closes(doors.parts.database, doors.parts.custody)

    broken.mended()
    assert finish_closes(doors.parts.database, doors.parts.custody) == []
    assert kept(doors, pulse) == []
    assert [it.verdict for it in doctor(doors)] == ["ok"]


@pytest.mark.parametrize("failure", [OperationalError("", None, Exception("disk full")), PoolTimeout()])
def test_a_log_that_cannot_be_cleared_keeps_no_key(doors: Any, failure: Exception) -> None:
    """A full disk, a connection cut, or none to be had: the pulse is closed, and its keys are gone all the same."""
    pulse = answered(doors)

    def fails(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "CHECKPOINT" in statement.upper():
            raise failure

    engine = doors.parts.database.engine
    event.listen(engine, "before_cursor_execute", fails)
    closed = doors.ok("POST", f"/v1/pulses/{pulse}/close")
    event.remove(engine, "before_cursor_execute", fails)
    assert (closed["state"], closed["scrubbed"], closed["keys_destroyed"]) == ("closed", False, True)
    assert kept(doors, pulse) == []


def test_keys_in_a_folder_that_is_not_there_are_not_said_to_be_destroyed(doors: Any) -> None:
    """A disk that is mounted late: the next start finishes what this one cannot."""
    pulse = answered(doors)
    folder = doors.parts.custody.path
    whole, away = type(doors.parts.custody).destroy, folder.with_name(f"{folder.name} away")

    def unmounted(keeper: Folder, *it: Any) -> bool:
        if folder.exists():
            folder.rename(away)
        return whole(keeper, *it)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "destroy", unmounted)
        try:
            closed = doors.ok("POST", f"/v1/pulses/{pulse}/close")
            assert (closed["state"], closed["keys_destroyed"]) == ("closed", False)
            assert finish_closes(doors.parts.database, doors.parts.custody) == [pulse]
        finally:
            away.rename(folder)
    assert kept(doors, pulse) == ["close", "tokens"]
    assert finish_closes(doors.parts.database, doors.parts.custody) == []
    assert kept(doors, pulse) == []


def test_a_closed_pulse_leaves_nothing_in_custody_even_where_its_mark_stayed_for_a_while(
    doors: Any, broken: Broken
) -> None:
    """The mark goes last and opens nothing: that it cannot go is no reason to say that keys are left."""

    def left(pulse: str) -> list[str]:
        return [it.name for it in doors.parts.custody.path.glob(f"{pulse}.*")]

    before, pulse = answered(doors), answered(doors)
    doors.ok("POST", f"/v1/pulses/{before}/close")
    assert left(before) == []
    broken.at("destroy", "mark")
    assert doors.ok("POST", f"/v1/pulses/{pulse}/close")["keys_destroyed"] is True
    assert left(pulse) == [f"{pulse}.mark"]
    assert finish_closes(doors.parts.database, doors.parts.custody) == []


def test_a_start_finishes_closes_that_were_killed_and_touches_no_other_key(
    doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting, _ = begun(doors, PEOPLE)
    pulse = answered(doors)

    def killed(*_: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(close, "destroy_keys", killed)
        with pytest.raises(KeyboardInterrupt):
            doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert kept(doors, pulse) == ["close", "tokens"]

    async def started() -> None:
        async with Upkeep(doors.parts, lambda: 0).running():
            assert kept(doors, pulse) == []

    asyncio.run(started())
    assert kept(doors, collecting) == ["close", "tokens"]
    assert doors.ok("GET", f"/v1/pulses/{collecting}")["state"] == "open"


def test_a_start_where_custody_is_away_serves_and_says_so(
    doors: Any, broken: Broken, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = answered(doors)
    broken.at("destroy", "close")
    doors.ok("POST", f"/v1/pulses/{pulse}/close")

    async def started() -> None:
        async with Upkeep(doors.parts, lambda: 0).running():
            pass

    asyncio.run(started())
    assert "keys of closed pulses could not be looked for" in caplog.text
    broken.mended()


# Secrets that cannot be destroyed


def test_keys_from_the_environment_are_never_said_to_be_destroyed(
    derived: Any, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = answered(derived)
    closed = derived.ok("POST", f"/v1/pulses/{pulse}/close")
    assert (closed["state"], closed["keys_destroyed"]) == ("closed", False)
    derived.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(derived, pulse) == (PEOPLE, 4 * PEOPLE)
    assert finish_closes(derived.parts.database, derived.parts.custody) == [pulse]
    told = doctor(derived)
    assert {it.verdict for it in told} == {"unsafe"}
    assert any("cannot be destroyed" in it.words for it in told)

    async def started() -> None:
        async with Upkeep(derived.parts, lambda: 0).running():
            pass

    asyncio.run(started())
    assert "keys of 1 closed pulses are not destroyed" in caplog.text


def test_the_page_says_it_too(derived: Any) -> None:
    pulse = answered(derived)
    secret = derived.manager["Authorization"].removeprefix("Bearer ")
    post(derived, "/dashboard/sign-in", key=secret)
    done = post(derived, "/manage/pulse/close", pulse=pulse, sure="yes")
    page = get(derived, done.headers["location"])
    assert "the keys of the pulse are not yet" in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_secret_is_told_and_nothing_changes(doors: Any, kind: Kind) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    file = doors.parts.custody.path / f"{pulse}.{kind}"
    file.write_bytes(file.read_bytes()[:-1])
    was = standing(doors)
    path, body = ("close", None) if kind == "close" else ("responses", {"token": tokens[0], "answers": {"WB1": 4}})
    reply = doors.call("POST", f"/v1/pulses/{pulse}/{path}", body)
    assert (reply.status_code, reply.json()["type"]) == (503, "custody-unreachable")
    assert standing(doors) == was
    assert [it.verdict for it in doctor(doors)] == ["broken"]


def test_receipts_cannot_be_tried_out_without_the_seed() -> None:
    said = ("a token", b"\4\5", b"\1")
    assert receipt_of(bytes(32), *said) == receipt_of(bytes(32), *said)
    assert len({receipt_of(seed, *said) for seed in (bytes(32), b"\1" * 32, b"\1" + bytes(31))}) == 3
    others = [("a toke", b"n\4\5", b"\1"), ("a token", b"\4", b"\5\1"), ("a token", b"\4\5\1", b"")]
    assert len({receipt_of(bytes(32), *it) for it in (said, *others)}) == 4


def test_each_pulse_has_keys_of_its_own(doors: Any) -> None:
    first, _ = begun(doors, PEOPLE)
    second, _ = begun(doors, PEOPLE)
    secrets = [doors.parts.custody.get(pulse, kind) for pulse in (first, second) for kind in KINDS]
    assert len(set(secrets)) == 4
