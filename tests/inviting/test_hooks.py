"""Webhooks: every step is told once to whoever wants it, and a receiver that is gone delays and loses nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from service.api.inviting import deliverer
from service.errors import Conflict, Unavailable
from service.operations import close, delivering, doctor, hooks
from service.operations.access import create_organisation, operator
from service.operations.delivering import LEASE, WAITS, Deliverer, waiting
from service.store import hooks as rows
from service.store.hooks import DeliveryRow
from service.store.inviting_tables import delivery, hook
from service.store.tables import audit
from tests.inviting.conftest import ITEMS
from tests.inviting.receiving import Receiver, dead, receiver


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as it:
        yield it


def added(doors: Any, url: str, *events: str) -> dict[str, Any]:
    body = {"url": url, **({"events": list(events)} if events else {})}
    made: dict[str, Any] = doors.ok("POST", "/v1/hooks", body)
    return made


def deliver(doors: Any) -> None:
    told = deliverer(doors.parts)
    told.run()
    told.settle()
    told.close()


def listed(doors: Any, id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = doors.ok("GET", f"/v1/hooks/{id}/deliveries")["data"]
    return found


def make_due(doors: Any) -> None:
    """As if its time had come."""
    with doors.parts.database.begin() as tx:
        tx.execute(update(delivery).where(delivery.c.state == "waiting").values(next_at=0))


def through(doors: Any, pulse: str) -> None:
    """A pulse's whole life, in which everybody answers."""
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for token in [token for unit in issued for token in unit["tokens"]]:
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": dict.fromkeys(ITEMS, 4)}, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")


def test_every_step_is_told_and_no_figure(doors: Any, drafted: str, listening: Receiver) -> None:
    made = added(doors, listening.url)
    through(doors, drafted)
    deliver(doors)
    told = {it["type"]: it for it in listening.read(made["secret"])}
    assert sorted(told) == ["pulse.closed", "pulse.opened", "pulse.released"]
    assert len(set(listening.ids)) == len(listening.got) == 3
    pulse = doors.ok("GET", f"/v1/pulses/{drafted}")
    facts = {"pulse": drafted, "label": "Spring", "series": "five-blocks"}
    digest = doors.call("GET", f"/v1/pulses/{drafted}/release").headers["etag"].strip('"')
    assert told["pulse.opened"]["data"] == facts | {"opened_on": pulse["opened_on"]}
    assert told["pulse.closed"]["data"] == facts | {"closed_on": pulse["closed_on"]}
    assert told["pulse.released"]["data"].items() >= facts.items()
    assert told["pulse.released"]["data"]["digest"].removeprefix("sha256:").startswith(digest)
    for it in told.values():
        assert it.keys() == {"type", "timestamp", "data"}
        assert it["timestamp"].endswith("T00:00:00Z")
    states = [(it["state"], it["tries"]) for it in listed(doors, made["id"])]
    assert states == [("delivered", 1)] * 3
    with doors.parts.database.read() as tx:
        assert set(tx.scalars(select(delivery.c.body))) == {b""}


def test_only_who_wants_it_is_told(doors: Any, drafted: str, listening: Receiver) -> None:
    made = added(doors, listening.url, "pulse.closed")
    through(doors, drafted)
    deliver(doors)
    assert [it["type"] for it in listening.read(made["secret"])] == ["pulse.closed"]


def test_a_step_and_its_telling_are_kept_together_or_not_at_all(
    doors: Any, drafted: str, listening: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = added(doors, listening.url)
    doors.ok("POST", f"/v1/pulses/{drafted}/invitations")
    doors.ok("POST", f"/v1/pulses/{drafted}/open")
    assert [it["event"] for it in listed(doors, made["id"])] == ["pulse.opened"]

    def dies(*_: Any) -> None:
        raise Unavailable("now")

    with monkeypatch.context() as broken:
        broken.setattr(close.audit, "record", dies)
        assert doors.call("POST", f"/v1/pulses/{drafted}/close").status_code == 503
    assert [it["event"] for it in listed(doors, made["id"])] == ["pulse.opened"]
    assert doors.ok("GET", f"/v1/pulses/{drafted}")["state"] == "open"
    with monkeypatch.context() as broken:
        broken.setattr(hooks.hooks, "add_deliveries", dies)
        assert doors.call("POST", f"/v1/pulses/{drafted}/close").status_code == 503
    assert doors.ok("GET", f"/v1/pulses/{drafted}")["state"] == "open"


def test_who_fails_is_tried_again_with_the_same_id(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    sent = doors.ok("POST", f"/v1/hooks/{made['id']}/test")["delivery"]
    listening.statuses = [500, 302, 200]
    for tries, trouble in enumerate(("status 500", "status 302"), 1):
        before = int(time.time())
        deliver(doors)
        only = {"id": sent, "event": "hook.test", "pulse": None, "state": "waiting", "tries": tries, "trouble": trouble}
        assert listed(doors, made["id"]) == [only]
        with doors.parts.database.read() as tx:
            wait = tx.scalar(select(delivery.c.next_at)) - before
        assert 0.8 * WAITS[tries - 1] - 1 <= wait <= 1.2 * WAITS[tries - 1] + 30
        # Not due yet: nobody is asked.
        count = len(listening.got)
        if tries > 1:
            deliver(doors)
        assert len(listening.got) == count
        make_due(doors)
    deliver(doors)
    assert [it["state"] for it in listed(doors, made["id"])] == ["delivered"]
    assert listening.ids == [f"msg_{sent}"] * 3
    assert listening.read(made["secret"])[2]["type"] == "hook.test"


def test_after_about_three_days_it_is_given_up_and_said(doors: Any) -> None:
    made = added(doors, dead())
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    for _ in range(len(WAITS) + 1):
        make_due(doors)
        deliver(doors)
    (only,) = listed(doors, made["id"])
    assert (only["state"], only["tries"], only["trouble"]) == (
        "given up",
        len(WAITS) + 1,
        "no connection, or no answer",
    )
    assert 2.5 < sum(WAITS) / 86_400 < 3.5
    assert waiting(1) <= 6 < 240 <= waiting(2)
    found = doctor.examine(
        doors.parts.database, doors.parts.custody, "127.0.0.1", 0, secure_cookies=False, known_password=False
    )
    said = [it.words for it in found if it.what == "webhooks"]
    assert said == [f"{made['id']}: 1 deliveries were given up; see GET /v1/hooks/{made['id']}/deliveries"]


def test_who_says_gone_is_told_nothing_any_more(doors: Any, drafted: str, listening: Receiver) -> None:
    made = added(doors, listening.url)
    listening.statuses = [410]
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    deliver(doors)
    assert len(listening.got) == 1
    assert {it["state"] for it in listed(doors, made["id"])} == {"given up"}
    assert doors.ok("GET", "/v1/hooks")["data"][0]["state"] == "disabled"
    through(doors, drafted)
    assert len(listed(doors, made["id"])) == 2
    assert doors.call("POST", f"/v1/hooks/{made['id']}/test").status_code == 409
    assert [it[:2] for it in hooks.troubled(doors.parts.database)] == [(made["id"], True)]


def test_one_slow_receiver_delays_no_other_and_is_asked_once_at_a_time(doors: Any, listening: Receiver) -> None:
    with ExitStack() as others:
        fast = [others.enter_context(receiver()) for _ in range(3)]
        slow = added(doors, listening.url)
        made = [added(doors, it.url) for it in fast]
        listening.go_on.clear()
        for it in [slow, slow, *made, *made]:
            doors.ok("POST", f"/v1/hooks/{it['id']}/test")
        told = deliverer(doors.parts)
        told.run()
        until(lambda: all(len(it.got) == 2 for it in fast))
        told.run()
        until(lambda: len(listening.got) == 1)
        until(lambda: {it["state"] for hook in made for it in listed(doors, hook["id"])} == {"delivered"})
        assert {it["state"] for it in listed(doors, slow["id"])} == {"waiting"}
        listening.go_on.set()
        told.settle()
        told.close()
    assert len(listening.got) == 2


def test_dead_receivers_delay_no_other(doors: Any, listening: Receiver) -> None:
    gone = [added(doors, dead()) for _ in range(delivering._THREADS + 2)]
    made = added(doors, listening.url)
    for it in [*gone, made]:
        doors.ok("POST", f"/v1/hooks/{it['id']}/test")
    deliver(doors)
    assert [it["state"] for it in listed(doors, made["id"])] == ["delivered"]
    assert {it["state"] for hook in gone for it in listed(doors, hook["id"])} == {"waiting"}


def test_one_organisations_slow_receivers_leave_threads_to_others(
    doors: Any, listening: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of one organisation's are spoken to at once, and no more however many are slow."""
    monkeypatch.setattr(delivering, "_THREADS", 3)
    listening.go_on.clear()
    slow = [added(doors, listening.url) for _ in range(5)]
    other = create_organisation(doors.parts.database, "Others")
    with receiver() as fast:
        made = added(doors, fast.url)
        with doors.parts.database.begin() as tx:
            tx.execute(update(hook).where(hook.c.id == made["id"]).values(organisation_id=other))
            row = DeliveryRow("f" * 16, made["id"], hooks.TEST, None, hooks.body_of(hooks.TEST, {}), sealed=False)
            rows.add_deliveries(tx, [row], int(time.time()))
        for it in slow:
            doors.ok("POST", f"/v1/hooks/{it['id']}/test")
        told = deliverer(doors.parts)
        told.run()
        until(lambda: len(listening.got) == 2 and len(fast.got) == 1)
        told.run()
        assert len(listening.got) == 2
        listening.go_on.set()
        told.settle()
        told.close()
    assert len(listening.got) == 5


def test_those_that_failed_come_last(doors: Any) -> None:
    made = sorted(added(doors, dead())["id"] for _ in range(2))
    for it in made:
        doors.ok("POST", f"/v1/hooks/{it}/test")
    with doors.parts.database.begin() as tx:
        tx.execute(update(delivery).where(delivery.c.hook_id == made[0]).values(tries=1))
        assert rows.due_hooks(tx, int(time.time())) == [(doors.organisation, made[1]), (doors.organisation, made[0])]


def test_what_cannot_be_opened_is_given_up_and_said(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    doors.parts.custody.make("p" * 16, "letters")
    with doors.parts.database.begin() as tx:
        row = DeliveryRow("d" * 16, made["id"], hooks.HANDED_OVER, "p" * 16, b"sealed to another key", sealed=True)
        rows.add_deliveries(tx, [row], int(time.time()))
    deliver(doors)
    (only,) = listed(doors, made["id"])
    assert (only["state"], only["tries"], only["trouble"]) == ("given up", 1, "its body cannot be opened")
    assert listening.got == []


def test_what_nobody_foresaw_is_said_and_ends_nothing(
    doors: Any, listening: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    made = added(doors, listening.url)
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")

    def breaks(*_: Any) -> int:
        raise AssertionError(listening.url)

    told = Deliverer(doors.parts.database, doors.parts.custody, breaks)
    told.run()
    told.settle()
    assert "webhooks: AssertionError" in caplog.text
    assert listening.url not in caplog.text
    make_due(doors)
    told._send = lambda *_: 204
    told.run()
    told.settle()
    told.close()
    assert [it["state"] for it in listed(doors, made["id"])] == ["delivered"]


def test_two_that_want_invitations_made_at_once_are_one(doors: Any) -> None:
    who, parts = operator(doors.organisation), doors.parts
    both, said = threading.Barrier(2), []

    def make() -> None:
        both.wait()
        try:
            hooks.add_hook(parts.database, parts.custody, who, "https://a.example", [hooks.HANDED_OVER], lambda _: None)
            said.append("made")
        except Conflict:
            said.append("refused")

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["made", "refused"]


def until(holds: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("did not come about")


def test_several_processes_send_each_delivery_once(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    sent = {doors.ok("POST", f"/v1/hooks/{made['id']}/test")["delivery"] for _ in range(12)}
    told = [deliverer(doors.parts) for _ in range(4)]
    threads = [threading.Thread(target=it.run) for it in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for it in told:
        it.settle()
        it.close()
    assert sorted(listening.ids) == sorted(f"msg_{it}" for it in sent)


def test_two_that_see_the_same_row_claim_it_once(doors: Any, listening: Receiver) -> None:
    """The second saw it due before the first took it: on PostgreSQL it waits for the first, and then finds it taken."""
    made = added(doors, listening.url)
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    got = []
    now = int(time.time())

    def claim() -> None:
        with doors.parts.database.begin() as tx:
            got.append(rows.claim(tx, made["id"], now, now + LEASE))

    with doors.parts.database.begin() as tx:
        first = rows.claim(tx, made["id"], now, now + LEASE)
        second = threading.Thread(target=claim)
        second.start()
        second.join(0.2)
    second.join()
    assert first is not None
    assert got == [None]


@pytest.mark.parametrize("meanwhile", [{"next_at": 2**40}, {"state": "delivered"}])
def test_what_another_took_or_settled_between_look_and_claim_is_left_alone(
    doors: Any, meanwhile: dict[str, Any]
) -> None:
    made = added(doors, dead())
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    now = int(time.time())

    class Overtaken:
        """Somebody else is faster by one statement."""

        def execute(self, statement: Any) -> Any:
            if statement.is_update:
                tx.execute(update(delivery).values(**meanwhile))
            return tx.execute(statement)

    with doors.parts.database.begin() as tx:
        overtaken: Any = Overtaken()
        assert rows.claim(overtaken, made["id"], now, now + LEASE) is None
        assert tx.scalar(select(delivery.c.tries)) == 0


def test_killed_between_sending_and_noting_it_is_sent_again_with_the_same_id(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    sent = doors.ok("POST", f"/v1/hooks/{made['id']}/test")["delivery"]
    real = deliverer(doors.parts)

    class Killed(BaseException):
        pass

    def send_and_die(*said: Any) -> int:
        real._send(*said)
        raise Killed

    dying = Deliverer(doors.parts.database, doors.parts.custody, send_and_die)
    with pytest.raises(Killed):
        dying._serve(made["id"])
    assert listening.ids == [f"msg_{sent}"]
    assert [(it["state"], it["tries"]) for it in listed(doors, made["id"])] == [("waiting", 1)]
    deliver(doors)  # whoever died may yet live: it is left to them for a while
    assert len(listening.got) == 1
    make_due(doors)
    deliver(doors)
    assert listening.ids == [f"msg_{sent}"] * 2
    assert [it["state"] for it in listed(doors, made["id"])] == ["delivered"]


def test_the_secret_is_shown_once_and_lies_outside_the_database(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in json.dumps(doors.ok("GET", "/v1/hooks"))
    with doors.parts.database.read() as tx:
        kept = repr([list(tx.execute(select(table))) for table in (hook, delivery, audit)])
    secret = doors.parts.custody.get(made["id"], "hook")
    assert made["secret"][6:] not in kept
    assert repr(secret) not in kept
    assert listening.url not in repr(doors.ok("GET", "/v1/audit"))
    doors.ok("DELETE", f"/v1/hooks/{made['id']}")
    assert doors.parts.custody.get(made["id"], "hook") is None
    assert doors.ok("GET", "/v1/hooks")["data"] == []
    assert doors.call("GET", f"/v1/hooks/{made['id']}/deliveries").status_code == 404


def test_another_secret_holds_from_the_next_delivery_on(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    other = doors.ok("POST", f"/v1/hooks/{made['id']}/rotate")["secret"]
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    deliver(doors)
    assert other != made["secret"]
    assert len(listening.read(other)) == 1


def test_secrets_that_are_worked_out_cannot_be_another(derived: Any, listening: Receiver) -> None:
    made = added(derived, listening.url)
    assert derived.call("POST", f"/v1/hooks/{made['id']}/rotate").status_code == 409


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"url": "ftp://example.org"}, "url"),
        ({"url": "http://127.0.0.1/", "events": []}, "events"),
        ({"url": "http://127.0.0.1/", "events": ["pulse.opened", "pulse.opened"]}, "events"),
        ({"url": "http://127.0.0.1/", "events": ["hook.test"]}, "events"),
    ],
)
def test_what_breaks_a_rule_is_named_and_not_repeated(doors: Any, body: dict[str, Any], where: str) -> None:
    reply = doors.call("POST", "/v1/hooks", body)
    assert (reply.status_code, [it["where"] for it in reply.json()["errors"]]) == (422, [where])
    assert body["url"] not in reply.text


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDWOOD_PRIVATE_HOOKS", "false")


@pytest.mark.usefixtures("public")
def test_private_addresses_are_refused_where_they_are_not_allowed(doors: Any) -> None:
    for url in ("https://127.0.0.1/", "https://169.254.169.254/latest", "http://127.0.0.1/", "https://[::1]/"):
        assert doors.call("POST", "/v1/hooks", {"url": url}).status_code == 422
    assert doors.ok("GET", "/v1/hooks")["data"] == []


def test_there_are_not_endlessly_many(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST", 2)
    added(doors, "http://127.0.0.1:1/")
    added(doors, "http://127.0.0.1:1/")
    assert doors.call("POST", "/v1/hooks", {"url": "http://127.0.0.1:1/"}).status_code == 409


def test_another_organisation_hears_nothing(doors: Any, drafted: str, listening: Receiver) -> None:
    made = added(doors, listening.url)
    other = create_organisation(doors.parts.database, "Others")
    with doors.parts.database.begin() as tx:
        tx.execute(update(hook).values(organisation_id=other))
    through(doors, drafted)
    deliver(doors)
    assert listening.got == []
    assert doors.call("DELETE", f"/v1/hooks/{made['id']}").status_code == 404


def test_what_is_signed_is_what_the_specification_says(doors: Any, listening: Receiver) -> None:
    made = added(doors, listening.url)
    doors.ok("POST", f"/v1/hooks/{made['id']}/test")
    deliver(doors)
    headers, body = listening.got[0]
    assert Webhook(made["secret"]).verify(body, headers)["data"] == {}
