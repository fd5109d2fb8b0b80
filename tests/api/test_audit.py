"""What is recorded of requests: every read before it is answered, every refusal, every change; and no respondent."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from service.api import auditing
from service.errors import Unavailable
from service.operations import access, audit
from tests.tokens.asking import token_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def log(doors: Any) -> list[tuple[str, str]]:
    """What was done and to what, without what setting up left there."""
    found, _ = audit.entries(doors.parts.database, access.operator(doors.organisation))
    return [(it.deed, it.subject) for it in found if it.deed not in {"organisation made", "key made"}]


def test_a_pulse_from_roster_to_figures(doors: Any, released: SimpleNamespace) -> None:
    doors.rows(f"/v1/results?pulse={released.id}&unit=north&limit=1")
    doors.ok("GET", f"/v1/pulses/{released.id}/release")
    found = log(doors)
    assert found == [
        ("roster replaced", found[0][1]),
        ("pulse set up", f"pulse {released.id}"),
        ("invitations issued", f"pulse {released.id}: 29"),
        ("pulse opened", f"pulse {released.id}"),
        ("pulse closed", f"pulse {released.id}"),
        ("pulse released", f"pulse {released.id}"),
        ("read", f"GET /v1/results?pulse={released.id}&unit=north"),
        ("read", f"GET /v1/pulses/{released.id}/release"),
    ]
    assert found[0][1].endswith(": 5 units")
    assert audit.verify(doors.parts.database, access.operator(doors.organisation)).broken is None


@ON_SQLITE
def test_what_changes_nothing_is_no_change(doors: Any, opened: SimpleNamespace) -> None:
    before = log(doors)
    roster = doors.ok("GET", "/v1/roster")
    doors.ok("PUT", "/v1/roster", roster)
    doors.ok("PUT", "/v1/roster?dry_run=true", {"units": [{"id": "x", "headcount": 1}]})
    assert doors.call("POST", f"/v1/pulses/{opened.id}/open").status_code == 409
    assert log(doors) == [*before, ("read", "GET /v1/roster")]


def test_a_read_is_recorded_once_a_key_and_day(
    doors: Any, released: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/results?pulse={released.id}&format=csv"
    other = doors.key("results")
    before = len(log(doors))
    for _ in range(3):
        for key in (doors.manager, other):
            assert doors.call("GET", path, headers=key).status_code == 200
            assert doors.call("HEAD", path, headers=key).status_code == 200
    assert log(doors)[before:] == [("read", f"GET /v1/results?pulse={released.id}")] * 2
    real = auditing.time.time
    tomorrow = SimpleNamespace(time=lambda: real() + 86_400)
    monkeypatch.setattr(auditing, "time", tomorrow)
    monkeypatch.setattr("service.api.remembered.time", tomorrow)
    for _ in range(2):
        doors.call("GET", path)
    assert len(log(doors)) == before + 3, "what is answered from memory is recorded anew on another day"


@ON_SQLITE
def test_a_read_that_cannot_be_recorded_is_not_answered(
    doors: Any, released: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/results?pulse={released.id}"
    full = monkeypatch.context()
    for failure in (Unavailable("The database cannot be reached."), RuntimeError("zq7canary")):
        with full as patch:
            patch.setattr(auditing, "record_all", _raising(failure))
            for _ in range(2):
                reply = doors.call("GET", path)
                assert (reply.status_code, reply.json()["type"]) == (503, "unavailable")
                assert reply.headers["retry-after"] == "1"
                assert reply.headers["content-security-policy"]
                assert "north" not in reply.text
                assert "zq7canary" not in reply.text
        full = monkeypatch.context()
    assert doors.call("GET", path).status_code == 200
    assert log(doors)[-1] == ("read", f"GET {path}")


def _raising(error: Exception) -> Any:
    def record_all(*_: object) -> None:
        raise error

    return record_all


@ON_SQLITE
def test_attempts_that_are_refused_are_recorded_as_refused(doors: Any, opened: SimpleNamespace) -> None:
    before = len(log(doors))
    results, bound = doors.key("results"), doors.key("manage", unit="north")
    for _ in range(2):
        assert doors.call("POST", f"/v1/pulses/{opened.id}/close", headers=results).status_code == 403
    assert doors.call("POST", f"/v1/pulses/{opened.id}/close", headers=bound).status_code == 403
    assert doors.call("GET", "/v1/trends?unit=north&limit=7", headers=results).status_code == 403
    assert log(doors)[before:] == [
        ("refused", f"POST /v1/pulses/{opened.id}/close"),
        ("refused", f"POST /v1/pulses/{opened.id}/close"),
        ("refused", "GET /v1/trends?unit=north"),
    ], "once each of two keys, and of a query only what chooses"


@ON_SQLITE
def test_what_shows_nothing_is_no_read(doors: Any, released: SimpleNamespace) -> None:
    before = log(doors)
    for path in ("/v1/pulses/nosuchpulse", "/v1/results?unit=nowhere", "/v1/results?limit=x", "/v1/nothing"):
        assert doors.call("GET", path).status_code in {404, 422}
    for path in ("/v1/results", "/v1/roster"):
        assert doors.call("GET", path, headers={"Authorization": "Bearer rw_wrong"}).status_code == 401
    assert log(doors) == before


@ON_SQLITE
def test_no_respondent_is_recorded_not_even_one_who_holds_a_key(doors: Any, opened: SimpleNamespace) -> None:
    before = log(doors)
    token = opened.tokens["n1"][0]
    answers = {"WB1": 3, "PS1": 3, "CL1": 3}
    doors.ok("GET", f"/v1/pulses/{opened.id}/questionnaire")
    doors.ok("GET", f"/v1/pulses/{opened.id}/exposure?unit=n1")
    doors.ok("POST", f"/v1/pulses/{opened.id}/responses", {"token": token, "answers": answers})
    for path in ("/answer", "/answer/review", "/healthz", "/v1/dictionary"):
        doors.call("GET", path)
    assert log(doors) == before


@ON_SQLITE
def test_a_leaders_own_forecast_is_nobody_elses_business(doors: Any, opened: SimpleNamespace) -> None:
    before = log(doors)
    lead, path = doors.key("results", unit="north"), f"/v1/pulses/{opened.id}/forecasts/north"
    doors.ok("PUT", path, {"blocks": {"wellbeing": 50}, "consent": True}, lead)
    doors.ok("GET", path, headers=lead)
    doors.ok("DELETE", path, headers=lead)
    assert log(doors) == before


def test_the_log_over_http(doors: Any, released: SimpleNamespace) -> None:
    first = doors.ok("GET", "/v1/audit")
    whole = doors.ok("GET", "/v1/audit")
    assert (whole["data"][-1]["deed"], whole["data"][-1]["subject"]) == ("read", "GET /v1/audit")
    assert whole["data"][:-1] == first["data"], "its own reading is recorded, once"
    assert doors.ok("GET", "/v1/audit") == whole
    assert whole["head"] == {name: whole["data"][-1][name] for name in ("number", "hash")}
    assert (whole["next"], whole["organisation"]) == (None, doors.organisation)
    page = doors.call("GET", "/v1/audit?limit=3")
    assert page.links["next"]["url"] == "/v1/audit?limit=3&after=3"
    assert page.json()["next"] == 3
    assert doors.rows("/v1/audit?limit=3") == whole["data"]
    for key in (doors.key("results", "analytics", "collect", "scim"), doors.key("manage", unit="north")):
        assert doors.call("GET", "/v1/audit", headers=key).status_code == 403


@ON_SQLITE
def test_another_organisations_log_is_not_shown(doors: Any) -> None:
    other = access.create_organisation(doors.parts.database, "Other Works")
    secret = access.create_key(doors.parts.database, other, ["manage"], None, "")
    found = doors.ok("GET", "/v1/audit", headers={"Authorization": f"Bearer {secret}"})
    assert [it["deed"] for it in found["data"]] == ["organisation made", "key made"]
    assert doors.organisation not in str(found)


@ON_SQLITE
def test_pages_are_recorded_as_the_api_is(doors: Any, released: SimpleNamespace) -> None:
    secret = doors.key("results")["Authorization"].removeprefix("Bearer ")
    before = len(log(doors))
    assert doors.run(doors.client.post("/dashboard/sign-in", data={"key": secret})).status_code == 303
    for path in ("/dashboard?pulse=&said=x", "/dashboard", "/manage?token=hush", "/dashboard/unit?unit=north"):
        doors.run(doors.client.get(path))
    doors.run(doors.client.post("/dashboard/sign-out"))
    assert log(doors)[before:] == [
        ("signed in", "sign-in"),
        ("read", "GET /dashboard"),
        ("refused", "GET /manage"),
        ("read", "GET /dashboard/unit?unit=north"),
        ("signed out", "sign-out"),
    ]


@ON_SQLITE
def test_an_address_of_any_length_and_kind_can_be_recorded(doors: Any) -> None:
    before = len(log(doors))
    path = f"/v1/pulses/%00%ff{'x' * 2_000}/close"
    assert doors.call("POST", path, headers=doors.key("results")).status_code == 403
    ((deed, subject),) = log(doors)[before:]
    assert (deed, len(subject), subject.isascii()) == ("refused", audit.LONGEST, True)
    assert subject.startswith("POST /v1/pulses/%00%")


@ON_SQLITE
def test_an_invitation_in_an_address_is_not_written_down(doors: Any, opened: SimpleNamespace) -> None:
    before = len(log(doors))
    own = token_of(lambda *it: doors.call(*it, {}), opened.tokens["n1"][1])
    for secret in (opened.tokens["n1"][0], own):
        for address in (f"/v1/pulses/{secret}/close", f"/v1/pulses/{opened.id}/close?unit={secret}"):
            assert doors.call("POST", address, headers=doors.key("results")).status_code == 403
        assert doors.call("GET", f"/v1/results?pulse={opened.id}&unit={secret}").status_code in {403, 404, 200}
    said = str(log(doors)[before:])
    assert said.count("refused") >= 4
    assert opened.id in said
    for secret in (opened.tokens["n1"][0], own):
        assert all(part not in said for part in secret.split(".") if part not in {"u1", opened.id})


def deed(key: str, subject: str) -> audit.Deed:
    return audit.Deed(access.Principal(key, "organisation", frozenset()), "read", subject)


def test_what_comes_while_it_writes_is_written_together_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[list[str]] = []
    monkeypatch.setattr(auditing, "record_all", lambda _, deeds: written.append([it.subject for it in deeds]))

    async def many() -> None:
        recorder = auditing.Recorder(None)  # type: ignore[arg-type]
        await asyncio.gather(*(recorder.record(deed("a", f"{number % 50}")) for number in range(200)))
        await recorder.record(deed("a", "7"))

    asyncio.run(many())
    assert sorted(subject for batch in written for subject in batch) == sorted(map(str, range(50)))
    assert len(written) <= 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "record_all", lambda _, __: None)
    monkeypatch.setattr(auditing, "_KNOWN", 10)
    monkeypatch.setattr(auditing, "_WAITING", 3)

    async def many() -> None:
        recorder = auditing.Recorder(None)  # type: ignore[arg-type]
        for number in range(40):
            await recorder.record(deed("a", f"{number}"))
        assert len(recorder._known) <= 10
        results = await asyncio.gather(
            *(recorder.record(deed("b", f"{number}")) for number in range(5)), return_exceptions=True
        )
        assert sum(isinstance(it, Unavailable) for it in results) == 2

    asyncio.run(many())
