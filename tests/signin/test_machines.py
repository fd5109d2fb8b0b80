"""Programs with a provider's access token, at every route of the API, beside keys of our own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from service.api import keyring
from service.api.guesses import MOST
from service.operations import access, audit
from service.operations.admission import person_id
from tests.signin.conftest import Service
from tests.signin.provider import CLIENT, Provider, rsa_key, signed, text

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_program_with_client_credentials_may_what_its_role_says(service: Service, provider: Provider) -> None:
    form = {"grant_type": "client_credentials", "client_id": "loader", "client_secret": "a secret"}
    token = httpx.post(f"{provider.issuer}/token", data=form).json()["access_token"]
    assert service.get("/v1/pulses", token).json()["data"] == []
    assert service.get("/v1/roster", token).status_code == 403
    everything = provider.call_token(scope=None, roles=["all"])
    assert [it["id"] for it in service.get("/v1/roster", everything).json()["units"]] == ["works", "north", "south"]
    log = audit.entries(service.parts.database, access.operator(service.organisations["Own Works"]))[0]
    who = person_id(provider.issuer, "loader")
    assert [(it.who, it.label, it.deed, it.subject) for it in log][-3:] == [
        (who, "role read", "read", "GET /v1/pulses"),
        (who, "role read", "refused", "GET /v1/roster"),
        (who, "role all", "read", "GET /v1/roster"),
    ]


@ON_SQLITE
def test_whatever_is_wrong_is_one_refusal(service: Service, provider: Provider) -> None:
    now = int(time.time())
    good = provider.call_token()
    wrong = {
        "a changed signature": f"{good[:-8]}AAAAAAAA",
        "another audience": provider.call_token(aud=CLIENT),
        "ended": provider.call_token(exp=now - 1),
        "another issuer": provider.call_token(iss="https://evil.example"),
        "an ID token": provider.id_token("a nonce"),
        "an unknown key": signed(provider.call_claims(), rsa_key("another")),
        "two dots": "a.b.c",
        "a list for an algorithm": text(b'{"alg": []}') + ".e30.e30",
        "an object for an algorithm": text(b'{"alg": {}}') + ".e30.e30",
        "an end beyond all clocks": provider.call_token(exp=10**400),
        "too long": good + "A" * 20_000,
    }
    replies = {service.get("/v1/pulses", token).text for token in [*wrong.values(), "rw_unknown"]}
    assert len(replies) == 1
    assert service.get("/v1/pulses", wrong["ended"]).status_code == 401
    assert service.get("/v1/pulses", good).status_code == 200


@ON_SQLITE
def test_no_role_is_said_in_clear_words(service: Service, provider: Provider) -> None:
    reply = service.get("/v1/pulses", provider.call_token(scope="profile"))
    assert (reply.status_code, reply.json()["type"]) == (403, "no-role")


@ON_SQLITE
def test_a_token_is_checked_once_in_a_few_seconds_and_never_beyond_its_end(
    service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = service.app.state.parts.signing
    asked: list[str] = []

    async def counted(text: str) -> access.Principal:
        asked.append(text)
        return await signing.called(text)  # type: ignore[no-any-return]

    ring = keyring.Keyring(service.parts.database, counted)
    now, wall = [100.0], [time.time()]
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: now[0]), "time": staticmethod(lambda: wall[0])})
    monkeypatch.setattr(keyring, "time", clock)
    token = provider.call_token(exp=int(wall[0]) + 7)
    for _ in range(3):
        assert service.run(ring.principal(token)).ends_at == int(wall[0]) + 7
    assert len(asked) == 1
    now[0], wall[0] = now[0] + 5, wall[0] + 5
    assert ring.known(token) is None
    service.run(ring.principal(token))
    now[0], wall[0] = now[0] + 2, wall[0] + 2
    assert ring.known(token) is None


@ON_SQLITE
def test_what_is_remembered_is_answered_to_the_same_role_only(service: Service, provider: Provider) -> None:
    """One program has one number in the log whatever its role: what it may is looked at, and not its number."""
    path = f"/v1/results?pulse={release(service)}"
    whole = provider.call_token(scope=None, roles=["all"])
    north = provider.call_token(scope=None, roles=["north readers"])
    foreign = provider.call_token(scope=None, realm_access={"roles": ["foreign"]})
    for _ in range(3):
        assert {it["unit"] for it in service.get(path, whole).json()["data"]} == {"works", "north", "south"}
        assert {it["unit"] for it in service.get(path, north).json()["data"]} == {"north"}
        assert service.get(path, foreign).status_code == 404


def release(service: Service) -> str:
    """The id of a pulse of everybody's, released."""
    secret = access.create_key(service.parts.database, service.organisations["Own Works"], ["manage"], None, "")
    headers = {"Authorization": f"Bearer {secret}"}

    def ok(method: str, path: str, body: Any = None) -> Any:
        reply = service.run(service.client.request(method, path, json=body, headers=headers))
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    id: str = ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"], "label": "Spring"})["id"]
    invited = ok("POST", f"/v1/pulses/{id}/invitations")["invitations"]
    ok("POST", f"/v1/pulses/{id}/open")
    for entry in invited:
        for place, token in enumerate(entry["tokens"]):
            answers = dict.fromkeys(("WB1", "PS1"), 1 + place % 5)
            ok("POST", f"/v1/pulses/{id}/responses", {"token": token, "answers": answers})
    ok("POST", f"/v1/pulses/{id}/close")
    ok("POST", f"/v1/pulses/{id}/release")
    return id


@ON_SQLITE
def test_keys_change_and_programs_go_on(service: Service, provider: Provider) -> None:
    assert service.get("/v1/pulses", provider.call_token()).status_code == 200
    provider.keys = [rsa_key("two"), rsa_key("one")]
    known = service.app.state.parts.signing.flow._provider
    known._asked_at -= 30
    assert service.get("/v1/pulses", provider.call_token(jti="by the new key")).status_code == 200
    assert provider.asked["/keys"] == 2


@ON_SQLITE
def test_a_dead_provider_is_a_clear_problem_and_leaves_keys_alone(service: Service, provider: Provider) -> None:
    provider.silent = True
    token = provider.call_token()
    reply = service.get("/v1/pulses", token)
    assert (reply.status_code, reply.json()["type"]) == (503, "provider-unreachable")
    assert reply.headers["retry-after"] == "1"
    asked = provider.asked.total()
    for _ in range(MOST + 5):
        assert service.get("/v1/pulses", token).status_code == 503
    assert provider.asked.total() == asked, "it is not asked at every call"
    key = access.create_key(service.parts.database, service.organisations["Own Works"], ["results"], None, "")
    assert service.get("/v1/pulses", key).status_code == 200


@ON_SQLITE
def test_guesses_are_limited_and_who_is_at_work_goes_on(service: Service, provider: Provider) -> None:
    good = provider.call_token()
    assert service.get("/v1/pulses", good).status_code == 200
    statuses = [service.get("/v1/pulses", f"{good[:-8]}AAAAAAA{place:x}").status_code for place in range(16)]
    statuses += [service.get("/v1/pulses", f"{place}.b.c").status_code for place in range(MOST)]
    assert (statuses[0], statuses[-1]) == (401, 429)
    assert service.get("/v1/pulses", good).status_code == 200


@ON_SQLITE
def test_without_an_audience_no_token_is_taken(served: Callable[..., Service], provider: Provider) -> None:
    assert served(oidc_audience="").get("/v1/pulses", provider.call_token(aud="")).status_code == 401
    assert served(oidc_client="", public_url="").get("/v1/pulses", provider.call_token()).status_code == 200
