"""Letters: everybody is sent their own invitation, nothing of it lies about in clear, and nothing is left of it."""

from __future__ import annotations

import shutil
import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from service.api.inviting import mailer
from service.operations import mailing as sending
from service.operations.access import operator
from service.operations.directory import Addressee
from service.operations.discard import discard_pulse
from service.operations.letters import _can_be_written_to
from service.seal.letter import Letter, open_letter, seal_letter
from service.settings import Settings
from service.store import hooks as hook_rows
from service.store import letters as rows
from service.store.hooks import HookRow
from service.store.inviting_tables import delivery, mailing, mailing_round
from service.store.tables import invitation
from service.store.tables import pulse as pulse_table
from tests.doors import standing
from tests.inviting.conftest import ITEMS, UNITS
from tests.inviting.posting import PostOffice, post_office, token_in
from tests.inviting.receiving import certificate, dead, receiver
from tests.inviting.test_hooks import added, deliver

PEOPLE = sum(UNITS.values())
PLACES = ("REDWOOD_MAIL_FROM", "pulse@works.example"), ("REDWOOD_PUBLIC_URL", "https://pulse.example")


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PLACES:
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REDWOOD_SMTP_URL", "smtp://127.0.0.1:1")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as it:
        yield it


@pytest.fixture
def written(doors: Any, drafted: str, peopled: Callable[..., list[str]]) -> tuple[str, list[str]]:
    """A pulse with a letter to everybody, and their addresses."""
    addresses = peopled()
    assert doors.ok("POST", f"/v1/pulses/{drafted}/letters") == {"pulse": drafted, "invited": PEOPLE}
    return drafted, addresses


def mailing_to(doors: Any, url: str, batch: int = 50) -> Any:
    settings = Settings(database_url=doors.parts.settings.database_url, smtp_url=url, mail_batch=batch, mail_pause=0)
    return mailer(type(doors.parts)(**{**vars(doors.parts), "settings": settings}))


def send(doors: Any, office: PostOffice, batch: int = 50) -> int:
    """What one round of the chore sends, the pauses left out."""
    with doors.parts.database.begin() as tx:
        tx.execute(update(mailing_round).values(next_at=None))
    sent: int = mailing_to(doors, f"smtp://127.0.0.1:{office.port}", batch).run()
    return sent


def counts(doors: Any, pulse: str) -> tuple[int, ...]:
    found = doors.ok("GET", f"/v1/pulses/{pulse}/letters")
    return tuple(found[name] for name in ("people", "sent", "failed", "rounds"))


def a_day_later(doors: Any) -> None:
    """As if everybody had been written to yesterday."""
    with doors.parts.database.begin() as tx:
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        tx.execute(update(mailing_round).values(on_day=yesterday))
        tx.execute(update(pulse_table).values(opened_on=yesterday))


def test_everybody_gets_one_letter_with_an_invitation_that_answers(
    doors: Any, written: tuple[str, list[str]], office: PostOffice
) -> None:
    pulse, addresses = written
    assert send(doors, office) == 0  # not before it is open
    assert counts(doors, pulse) == (PEOPLE, 0, 0, 1)
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    assert send(doors, office) == PEOPLE
    assert send(doors, office) == 0
    assert counts(doors, pulse) == (PEOPLE, PEOPLE, 0, 1)
    tokens = office.tokens()
    assert sorted(tokens) == sorted(addresses)
    assert [len(it) for it in tokens.values()] == [1] * PEOPLE
    for (token,) in tokens.values():
        answer = {"token": token, "answers": dict.fromkeys(ITEMS, 4)}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", answer, {})
    # Each counts in the unit that its reader stands in.
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    found = {row["unit"]: row["n"] for row in doors.rows(f"/v1/results?pulse={pulse}&block=wellbeing") if row["n"]}
    assert sorted(n for unit, n in found.items() if unit != "all") == sorted(UNITS.values())


def test_a_letter_says_what_is_asked_and_names_nobody(
    doors: Any, drafted: str, peopled: Callable[..., list[str]], office: PostOffice
) -> None:
    peopled(languages=("de-CH", "ar", "nl", ""))
    doors.ok("POST", f"/v1/pulses/{drafted}/letters", {"until": "2031-05-07"})
    doors.ok("POST", f"/v1/pulses/{drafted}/open")
    send(doors, office)
    spoken = {letter["Content-Language"] for _, letter in office.letters}
    assert spoken == {"de", "ar", "en"}
    for to, letter in office.letters:
        text = letter.get_content()
        assert (letter["To"], letter["From"]) == (to, "pulse@works.example")
        assert letter.get_content_type() == "text/plain"
        name = to.partition("@")[0]
        assert name not in text + letter["Subject"] + letter["Message-ID"]
        assert token_in(letter) not in str(letter["Subject"]) + letter["Message-ID"]
        assert [text.count(it) for it in ("2031-05-07", "Test Works", "https://")] == [1, 1, 1]
    assert len({letter["Message-ID"] for _, letter in office.letters}) == PEOPLE


def test_reminders_go_to_everybody_with_the_same_invitation(
    doors: Any, written: tuple[str, list[str]], office: PostOffice
) -> None:
    pulse, addresses = written
    assert doors.call("POST", f"/v1/pulses/{pulse}/reminders").status_code == 409
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    send(doors, office)
    answered = office.tokens()[addresses[0]][0]
    said = {"token": answered, "answers": dict.fromkeys(ITEMS, 2)}
    doors.ok("POST", f"/v1/pulses/{pulse}/responses", said, {})
    for number in (1, 2, 3):
        assert doors.call("POST", f"/v1/pulses/{pulse}/reminders").status_code == 409  # once a day
        a_day_later(doors)
        assert doors.ok("POST", f"/v1/pulses/{pulse}/reminders") == {"pulse": pulse, "reminder": number}
        assert counts(doors, pulse) == (PEOPLE, 0, 0, number + 1)
        assert send(doors, office) == PEOPLE
    a_day_later(doors)
    assert doors.call("POST", f"/v1/pulses/{pulse}/reminders").status_code == 409  # three in all
    tokens = office.tokens()
    assert {(len(it), len(set(it))) for it in tokens.values()} == {(4, 1)}
    subjects = [letter["Subject"] for to, letter in office.letters if to == addresses[0]]
    assert subjects[0] != subjects[1] == subjects[2] == subjects[3]


def test_letters_leave_in_batches_in_random_order_over_one_connection_each(
    doors: Any, written: tuple[str, list[str]], office: PostOffice
) -> None:
    pulse, addresses = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    while send(doors, office, batch=5):
        pass
    assert [it for it in office.batches if it] == [5, 5, 5, 1]
    assert [to for to, _ in office.letters] != addresses
    mail = mailing_to(doors, f"smtp://127.0.0.1:{office.port}")
    assert mail.run() == 0
    with doors.parts.database.read() as tx:
        assert tx.execute(select(mailing_round.c.done)).scalar_one() is True
        assert set(tx.scalars(select(mailing.c.next_at))) == {None}


def test_after_a_batch_comes_a_pause_for_every_process(
    doors: Any, written: tuple[str, list[str]], office: PostOffice
) -> None:
    doors.ok("POST", f"/v1/pulses/{written[0]}/open")
    settings = {"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_batch": 5, "mail_pause": 3600}
    other = Settings(database_url=doors.parts.settings.database_url, **settings)
    mail = [mailer(type(doors.parts)(**{**vars(doors.parts), "settings": other})) for _ in range(2)]
    assert [it.run() for it in (*mail, *mail)] == [5, 0, 0, 0]


def test_a_server_that_is_away_loses_nothing(
    doors: Any, written: tuple[str, list[str]], office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    pulse, addresses = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    away = mailing_to(doors, dead().replace("http:", "smtp:"))
    assert away.run() == 0
    assert away.run() == 0  # not due again yet
    with doors.parts.database.read() as tx:
        assert set(tx.scalars(select(mailing.c.tries))) == {0}
    assert "mail server: ConnectionRefusedError" in caplog.text
    assert not any(it in caplog.text for it in addresses)
    assert send(doors, office) == PEOPLE


def test_who_is_put_off_is_written_to_later_and_who_is_refused_is_counted(
    doors: Any, written: tuple[str, list[str]], office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    pulse, addresses = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    said = {
        addresses[0]: "550 5.1.1 there is no such person",
        addresses[1]: "451 4.7.1 come back later",
        addresses[2]: "550 5.7.1 relaying is not allowed",
    }
    office.answers = said.get
    assert send(doors, office) == PEOPLE - 3
    assert counts(doors, pulse) == (PEOPLE, PEOPLE - 3, 1, 1)
    assert send(doors, office) == 0  # not due again yet
    office.answers = {addresses[0]: said[addresses[0]]}.get
    with doors.parts.database.begin() as tx:
        assert sorted(tx.scalars(select(mailing.c.tries))) == [0] * (PEOPLE - 2) + [1, 1]
        tx.execute(update(mailing).values(next_at=None))
    assert send(doors, office) == 2
    assert counts(doors, pulse) == (PEOPLE, PEOPLE - 1, 1, 1)
    assert not any(it in caplog.text for it in addresses)
    # Who is refused for good is not written to again.
    a_day_later(doors)
    doors.ok("POST", f"/v1/pulses/{pulse}/reminders")
    assert send(doors, office) == PEOPLE - 1


def test_a_letter_that_is_always_put_off_is_given_up(
    doors: Any, written: tuple[str, list[str]], office: PostOffice
) -> None:
    pulse, addresses = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    office.answers = {addresses[0]: "451 4.7.1 come back later"}.get
    for _ in range(len(sending.WAITS) + 1):
        with doors.parts.database.begin() as tx:
            tx.execute(update(mailing).values(next_at=None))
        send(doors, office)
    assert counts(doors, pulse) == (PEOPLE, PEOPLE - 1, 1, 1)
    assert 2.5 < sum(sending.WAITS) / 86_400 < 3.5


def test_killed_between_sending_and_noting_one_letter_is_sent_twice_with_one_id(
    doors: Any, written: tuple[str, list[str]], office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse, _ = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")

    class Killed(BaseException):
        pass

    def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(rows, "set_sent", dies)
        with pytest.raises(Killed):
            send(doors, office)
    assert len(office.letters) == 1
    with doors.parts.database.begin() as tx:
        tx.execute(update(mailing).values(next_at=None))
    assert send(doors, office) == PEOPLE
    ids = [letter["Message-ID"] for _, letter in office.letters]
    assert (len(ids), len(set(ids))) == (PEOPLE + 1, PEOPLE)


def test_a_letter_that_cannot_be_opened_stops_no_other(
    doors: Any, written: tuple[str, list[str]], office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    pulse, _ = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    with doors.parts.database.begin() as tx:
        one = tx.scalars(select(mailing.c.id).limit(1)).one()
        tx.execute(update(mailing).where(mailing.c.id == one).values(sealed=b"sealed to another key"))
    assert send(doors, office) == PEOPLE - 1
    assert counts(doors, pulse) == (PEOPLE, PEOPLE - 1, 1, 1)
    assert "letters: one cannot be opened" in caplog.text
    with doors.parts.database.read() as tx:
        assert tx.execute(select(mailing_round.c.done)).scalar_one() is True


def test_nobodys_language_stops_everybodys_invitations(
    doors: Any, drafted: str, peopled: Callable[..., list[str]]
) -> None:
    said = ("\U0001d41e" * 35, "d" * 36, "de-CH", "de\n")
    addresses = peopled(languages=said)
    assert doors.ok("POST", f"/v1/pulses/{drafted}/letters")["invited"] == PEOPLE
    secret = doors.parts.custody.get(drafted, "letters")
    with doors.parts.database.read() as tx:
        sealed = [(bytes(row.id), bytes(row.sealed)) for row in tx.execute(select(mailing))]
    opened = [open_letter(secret, drafted, *it) for it in sealed]
    assert len(opened) == len(addresses)
    assert {it.language for it in opened} == {"", "de-CH"}


def test_two_processes_send_no_letter_twice(doors: Any, written: tuple[str, list[str]]) -> None:
    """Even where both believe that it is their turn: each letter is claimed."""
    pulse, _ = written
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    with doors.parts.database.begin() as tx:
        (due,) = rows.rounds_due(tx, 0)
        (id, *_) = rows.due(tx, due, 0, b"", 50)
        assert rows.claim(tx, due, id, 0, 600) is not None
        assert rows.claim(tx, due, id, 0, 600) is None
        assert rows.take_turn(tx, due, 0, 600)
        assert not rows.take_turn(tx, due, 0, 600)
        assert len(rows.due(tx, due, 0, b"\x80" * 16, 50)) == PEOPLE - 1


def test_elsewhere_a_connection_is_encrypted_or_there_is_none(
    doors: Any, written: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.ok("POST", f"/v1/pulses/{written[0]}/open")
    with post_office(host="127.0.0.2") as plain:
        assert mailing_to(doors, f"smtp://127.0.0.2:{plain.port}").run() == 0
        assert plain.letters == []
    own = certificate(tmp_path)
    with post_office(certificate=own, account=("redwood", "p@ss:word")) as sealed:
        url = f"smtp://redwood:p%40ss%3Aword@127.0.0.1:{sealed.port}"
        with doors.parts.database.begin() as tx:
            tx.execute(update(mailing_round).values(next_at=None))
        assert mailing_to(doors, url).run() == 0  # a certificate that nobody vouches for
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        with doors.parts.database.begin() as tx:
            tx.execute(update(mailing_round).values(next_at=None))
        assert mailing_to(doors, url.replace("p%40ss", "pass")).run() == 0
        with doors.parts.database.begin() as tx:
            tx.execute(update(mailing_round).values(next_at=None))
        assert mailing_to(doors, url).run() == PEOPLE
        assert sorted(sealed.tokens()) == sorted(written[1])


def test_nothing_of_letters_stands_in_clear_and_nothing_is_left_at_close(
    doors: Any, written: tuple[str, list[str]], office: PostOffice, request: pytest.FixtureRequest
) -> None:
    pulse, addresses = written
    custody, database = doors.parts.custody, doors.parts.database
    secret = custody.get(pulse, "letters")
    with database.read() as tx:
        sealed = [(bytes(row.id), bytes(row.sealed)) for row in tx.execute(select(mailing))]
    assert len({len(it) for _, it in sealed}) == 1
    opened = [open_letter(secret, pulse, *it) for it in sealed]
    assert sorted(it.address for it in opened) == sorted(addresses)
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    send(doors, office)
    tokens = [token for some in office.tokens().values() for token in some]
    assert found(doors, request, [it.encode() for it in tokens]) == 0
    # Addresses stand in the directory, and there alone: beside no token and no pulse.
    with database.read() as tx:
        rest = repr([list(tx.execute(select(table))) for table in (mailing, mailing_round, invitation)])
    assert not any(it in rest for it in addresses)
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    assert custody.get(pulse, "letters") is None
    with database.read() as tx:
        assert [tx.execute(select(it)).all() for it in (mailing, mailing_round)] == [[], []]
    assert counts(doors, pulse) == (0, 0, 0, 0)
    assert found(doors, request, [it.encode() for it in tokens]) == 0
    if database.is_sqlite:
        assert found(doors, request, [it[200:232] for _, it in sealed]) == 0
    assert send(doors, office) == 0


def found(doors: Any, request: pytest.FixtureRequest, needles: list[bytes]) -> int:
    """In how many files of the database any of these stands."""
    database = doors.parts.database
    if database.is_sqlite:
        folder = Path(database.url.database).parent
    else:
        database.maintain("CHECKPOINT")
        folder = Path(request.getfixturevalue("postgres_server").data_directory)
    contents = (file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return sum(any(needle in content for needle in needles) for content in contents)


def test_a_draft_that_is_discarded_takes_its_letters_along(doors: Any, written: tuple[str, list[str]]) -> None:
    pulse, _ = written
    who = operator(doors.organisation)
    discard_pulse(doors.parts.database, doors.parts.custody, who, pulse, apply=True)
    assert doors.parts.custody.get(pulse, "letters") is None
    with doors.parts.database.read() as tx:
        assert not tx.execute(select(mailing)).all()


def test_what_is_not_there_is_said(doors: Any, drafted: str, peopled: Callable[..., list[str]]) -> None:
    path = f"/v1/pulses/{drafted}/letters"
    assert doors.call("POST", path).status_code == 409  # no directory
    assert doors.call("POST", path, {"by": "webhook"}).status_code == 409  # no webhook that wants them
    assert doors.call("POST", f"/v1/pulses/{'a' * 16}/letters").status_code == 404
    peopled()
    doors.ok("POST", path)
    again = doors.call("POST", path)
    assert (again.status_code, "written already" in again.text) == (409, True)
    with doors.parts.database.read() as tx:
        assert len(tx.execute(select(invitation)).all()) == PEOPLE
    doors.ok("POST", f"/v1/pulses/{drafted}/open")
    assert doors.call("POST", path).status_code == 409


@pytest.mark.parametrize("missing", ["REDWOOD_SMTP_URL", "REDWOOD_MAIL_FROM", "REDWOOD_PUBLIC_URL"])
def test_letters_that_nobody_would_send_are_not_written(
    missing: str, monkeypatch: pytest.MonkeyPatch, migrated_file: Path, tmp_path: Path
) -> None:
    monkeypatch.delenv(missing)
    shutil.copy(migrated_file, tmp_path / "redwood.db")
    with standing(f"sqlite:///{tmp_path / 'redwood.db'}") as doors:
        doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
        pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS})["id"]
        reply = doors.call("POST", f"/v1/pulses/{pulse}/letters")
        assert (reply.status_code, missing in reply.text) == (409, True)


def test_invitations_are_handed_over_in_parts_that_lie_sealed(
    doors: Any, drafted: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("service.operations.letters.PART", 4)
    with receiver() as listening, receiver() as other:
        made = added(doors, listening.url, "invitations.issued")
        added(doors, other.url)
        # To one only: a second is refused, and where there are two of old, nothing is issued.
        more = {"url": other.url, "events": ["pulse.opened", "invitations.issued"]}
        assert doors.call("POST", "/v1/hooks", more).status_code == 409
        second = HookRow("s" * 16, doors.organisation, other.url, ("invitations.issued",))
        with doors.parts.database.begin() as tx:
            hook_rows.add_hook(tx, second)
        assert doors.call("POST", f"/v1/pulses/{drafted}/letters", {"by": "webhook"}).status_code == 409
        with doors.parts.database.begin() as tx:
            assert not [*tx.execute(select(invitation)), *tx.execute(select(delivery))]
            hook_rows.remove_hook(tx, second.id)
        reply = doors.ok("POST", f"/v1/pulses/{drafted}/letters", {"by": "webhook"})
        assert reply == {"pulse": drafted, "invited": PEOPLE}
        deliveries = doors.ok("GET", f"/v1/hooks/{made['id']}/deliveries")["data"]
        assert len(deliveries) == 3 + 2
        deliver(doors)
        told = listening.read(made["secret"])
        assert other.got == []
    assert {it["type"] for it in told} == {"invitations.issued"}
    by_unit: dict[str, list[str]] = {}
    for it in told:
        assert len(it["data"]["tokens"]) <= 4
        by_unit.setdefault(it["data"]["unit"], []).extend(it["data"]["tokens"])
    assert {unit: len(set(tokens)) for unit, tokens in by_unit.items()} == UNITS
    tokens = [token.encode() for some in by_unit.values() for token in some]
    assert found(doors, request, tokens) == 0
    doors.ok("POST", f"/v1/pulses/{drafted}/open")
    said = {"token": tokens[0].decode(), "answers": dict.fromkeys(ITEMS, 2)}
    doors.ok("POST", f"/v1/pulses/{drafted}/responses", said, {})
    doors.ok("POST", f"/v1/pulses/{drafted}/close")
    assert doors.ok("GET", f"/v1/hooks/{made['id']}/deliveries")["data"] == []
    assert doors.parts.custody.get(drafted, "letters") is None
    assert doors.call("POST", f"/v1/pulses/{drafted}/letters", {"by": "webhook"}).status_code == 409


def test_a_letter_opens_as_itself_only() -> None:
    secret, letter = bytes(32), Letter("a@works.example", "token", "de")
    sealed = seal_letter(secret, "a" * 16, b"1" * 16, letter)
    assert open_letter(secret, "a" * 16, b"1" * 16, sealed) == letter
    longest = Letter("a" * 242 + "@example.org", "t" * 60, "l" * 35)
    assert len(seal_letter(secret, "a" * 16, b"1" * 16, longest)) == len(sealed)
    for key, pulse, id in (
        (b"1" * 32, "a" * 16, b"1" * 16),
        (secret, "b" * 16, b"1" * 16),
        (secret, "a" * 16, b"2" * 16),
    ):
        with pytest.raises(ValueError, match="not sealed"):
            open_letter(key, pulse, id, sealed)
    with pytest.raises(ValueError, match="longer"):
        seal_letter(secret, "a" * 16, b"1" * 16, Letter("a" * 600, "t", ""))


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("ada@works.example", True),
        ("o'neil+x@works.example", True),
        ("no address", False),
        ("@works.example", False),
        ("a@works.example\r\nBcc: b@works.example", False),
        ("a@works.example, b@works.example", False),
        ("Ada <a@works.example>", False),
        ("a" * 250 + "@x.example", False),
    ],
)
def test_only_one_plain_address_is_written_to(address: str, holds: bool) -> None:
    assert _can_be_written_to(Addressee("u", address, None)) is holds


def test_errors_of_a_mail_server_are_those_of_a_connection() -> None:
    assert issubclass(smtplib.SMTPException, OSError)
