"""Wrong keys: so many from one place, then none is looked at for a while; who is at work goes on."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from service.api import guesses
from service.api.guesses import EACH, MOST, Guesses
from service.errors import NotAuthenticated, TooManyGuesses
from service.operations import access
from service.tokens import keys

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Clock:
    """A clock that only goes forward, by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(guesses, "time", clock)
    return clock


def from_address(address: str | None) -> Request:
    return Request({"type": "http", "headers": [], "client": address and (address, 1)})


def guess(kept: Guesses, address: str | None = "192.0.2.1", secret: str = "rw_wrong", *, right: bool = False) -> bool:
    """Whether it was looked at."""
    try:
        with kept.looking_up(from_address(address), secret):
            if not right:
                raise NotAuthenticated
    except TooManyGuesses:
        return False
    except NotAuthenticated:
        pass
    return True


def test_a_bucket_of_failures_refills_one_by_one(clock: Clock) -> None:
    kept = Guesses()
    assert [guess(kept) for _ in range(MOST + 3)] == [True] * MOST + [False] * 3
    with pytest.raises(TooManyGuesses) as caught, kept.looking_up(from_address("192.0.2.1"), "rw_wrong"):
        raise AssertionError("it was looked up")
    assert caught.value.seconds == EACH
    clock.now += EACH
    assert [guess(kept), guess(kept)] == [True, False]
    clock.now += 100 * MOST * EACH
    assert [guess(kept) for _ in range(MOST + 1)] == [True] * MOST + [False]


def test_one_place_does_not_answer_for_another(clock: Clock) -> None:
    kept = Guesses()
    for _ in range(MOST):
        guess(kept, "2001:db8::1")
    assert not guess(kept, "2001:db8::ffff:2"), "one network of IPv6 is one place"
    assert guess(kept, "2001:db8:0:1::1")
    assert guess(kept, "192.0.2.2")
    assert guess(kept, "::ffff:192.0.2.2")
    assert guess(kept, None)
    assert guess(kept, "no address")


def test_right_keys_are_not_counted_and_are_let_through(clock: Clock) -> None:
    kept = Guesses()
    assert all(guess(kept, secret="rw_right", right=True) for _ in range(10 * MOST))
    for _ in range(MOST):
        assert guess(kept)
    assert guess(kept, secret="rw_right", right=True)
    assert guess(kept, secret="rw_right", right=False), "it was right before: it is looked up"
    assert not guess(kept, secret="rw_right", right=False), "and is no longer, so it is a guess as any other"


def test_what_was_looked_up_at_the_same_time_is_paid_for_later(clock: Clock) -> None:
    kept = Guesses()
    for _ in range(MOST + 10):
        kept._failed(kept._digest_of("192.0.2.1"), b"")
    clock.now += 10 * EACH
    assert not guess(kept)
    clock.now += EACH
    assert guess(kept)


def test_memory_is_bounded_and_holds_no_address_and_no_key(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "_PLACES", 5)
    monkeypatch.setattr(guesses, "_RIGHT", 5)
    kept, other = Guesses(), Guesses()
    for number in range(20):
        guess(kept, f"192.0.2.{number}")
        guess(kept, f"192.0.2.{number}", f"rw_{number}", right=True)
    assert (len(kept._left), len(kept._right)) == (5, 5)
    held = repr(vars(kept))
    assert "192.0" not in held
    assert "rw_" not in held
    assert kept._digest_of("192.0.2.1") != other._digest_of("192.0.2.1"), "each process has a key of its own"


@ON_SQLITE
def test_the_api_stops_looking(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = access.authenticate
    monkeypatch.setattr("service.api.keyring.authenticate", lambda *words: (asked.append(words[1]), real(*words))[1])
    good = doors.key("results")
    doors.ok("GET", "/v1/results")
    replies = [
        doors.call("GET", "/v1/results", headers={"Authorization": f"Bearer rw_{number}"}) for number in range(MOST + 4)
    ]
    assert [it.status_code for it in replies] == [401] * MOST + [429] * 4
    refused = replies[-1]
    assert (refused.json()["type"], refused.headers["content-type"]) == ("too-many-guesses", "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= EACH
    assert len([secret for secret in asked if secret.startswith("rw_") and len(secret) < 10]) == MOST
    assert doors.call("GET", "/v1/results").status_code == 200, "who was at work goes on"
    doors.client._transport.app.state.parts.keyring._known.clear()
    assert doors.call("GET", "/v1/results").status_code == 200, "and is looked up again when no longer believed"
    assert doors.call("GET", "/v1/results", headers=good).status_code == 429, "a key never seen waits"
    assert doors.call("GET", "/v1/results", headers={}).status_code == 401, "no key is no guess"


def session_in(reply: Any) -> str:
    """The session's secret in the cookie that a sign-in set."""
    assert reply.status_code == 303
    name, _, value = reply.headers["set-cookie"].partition(";")[0].partition("=")
    assert name == "redwood_session"
    return str(value)


@ON_SQLITE
def test_sign_in_and_sessions_are_guessed_no_faster(doors: Any, released: SimpleNamespace) -> None:
    key = doors.key("results")["Authorization"].removeprefix("Bearer ")

    def sign_in(secret: str) -> Any:
        return doors.run(doors.client.post("/dashboard/sign-in", data={"key": secret}))

    mine = session_in(sign_in(key))
    doors.client.cookies.clear()
    for number in range(MOST // 2):
        assert sign_in(f"rw_{number}").status_code == 401
    stranger = {"Cookie": "redwood_session=rw_guess"}
    paths = ["/dashboard", "/attack-report"] * MOST
    shown = [doors.run(doors.client.get(path, headers=stranger)).status_code for path in paths]
    assert set(shown[: MOST // 2]) == {303, 200}
    assert set(shown[MOST // 2 :]) == {429}
    assert sign_in("rw_other").status_code == 429
    assert "Too many wrong keys" in sign_in("rw_other").text
    new = session_in(sign_in(key))
    doors.client.cookies.clear()
    for session in (mine, new):  # a key that was right before still opens, and what it opened stays open
        page = doors.run(doors.client.get("/dashboard", headers={"Cookie": f"redwood_session={session}"}))
        assert page.status_code == 200


@ON_SQLITE
def test_respondents_are_not_limited_by_where_they_are(doors: Any, opened: SimpleNamespace) -> None:
    for _ in range(MOST + 1):
        doors.call("GET", "/v1/results", headers={"Authorization": "Bearer rw_wrong"})
    body = {"token": f"{opened.id}.{'a' * 43}", "answers": {"WB1": 1}}
    for _ in range(2 * MOST):
        assert doors.call("POST", f"/v1/pulses/{opened.id}/responses", body, {}).json()["type"] == "token-refused"
    sent = {"token": opened.tokens["n1"][0], "answers": {"WB1": 1, "PS1": 1, "CL1": 1}}
    assert doors.call("POST", f"/v1/pulses/{opened.id}/responses", sent, {}).status_code == 204


@ON_SQLITE
def test_a_session_is_drawn_anew_at_every_sign_in_and_the_one_before_ends(doors: Any) -> None:
    """A secret that somebody planted in a browser never becomes a session, and nobody stays signed in behind."""
    key = doors.key("results")["Authorization"].removeprefix("Bearer ")
    planted = keys.new_secret()
    secrets = [planted]
    for _ in range(2):
        cookie = {"Cookie": f"redwood_session={secrets[-1]}"}
        doors.client.cookies.clear()
        reply = doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}, headers=cookie))
        secrets.append(session_in(reply))
    assert len(set(secrets)) == 3
    database, now = doors.parts.database, int(time.time())
    for over in secrets[:2]:
        with pytest.raises(NotAuthenticated):
            access.session(database, over, now)
    assert access.session(database, secrets[2], now)
    doors.run(doors.client.post("/dashboard/sign-out"))
    with pytest.raises(NotAuthenticated):
        access.session(database, secrets[2], now)
