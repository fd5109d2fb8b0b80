"""People by the code flow: in with a role, and refused whenever anything is out of order; no code stays anywhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from service.api.guesses import MOST
from service.errors import NotAuthenticated
from service.operations import access, audit
from service.operations.admission import person_id
from service.signin.begun import LONGEST, Begun, begin, resumed
from tests.access.calling import call
from tests.signin.conftest import ADDRESS, Service, returned
from tests.signin.provider import CLIENT, SECRET, Provider

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNFINISHED, NO_ROLE = "/dashboard/sign-in?why=unfinished", "/dashboard/sign-in?why=no_role"


def session(reply: httpx.Response) -> str:
    return reply.cookies.get("redwood_session", "")


def test_a_person_comes_in_by_her_role_and_leaves_again(service: Service, provider: Provider) -> None:
    reply = service.sign_in()
    assert (reply.status_code, reply.headers["location"]) == (303, "/dashboard/sign-in/done")
    strict, begun = reply.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(strict.split("; "))
    assert begun.startswith('redwood_begun=""; HttpOnly; Max-Age=0; Path=/dashboard/sign-in; SameSite=lax')
    done = service.get("/dashboard/sign-in/done")
    assert '<meta http-equiv="refresh" content="0; url=/dashboard">' in done.text
    assert "Own Works" in service.get("/manage").text
    reply = service.run(service.client.post("/dashboard/sign-out"))
    assert reply.headers["location"] == "/dashboard/sign-in"
    service.client.cookies.set("redwood_session", strict.split(";")[0].partition("=")[2])
    assert service.get("/manage").status_code == 303
    log = audit.entries(service.parts.database, access.operator(service.organisations["Own Works"]))[0]
    mine = [(it.who, it.label, it.deed, it.subject) for it in log if it.who == person_id(provider.issuer, "ann")]
    who = (person_id(provider.issuer, "ann"), "role all")
    assert mine == [
        (*who, "signed in", "sign-in"),
        (*who, "read", "GET /manage"),
        (*who, "signed out", "sign-out"),
    ]


@ON_SQLITE
def test_what_a_browser_is_sent_with(service: Service, provider: Provider) -> None:
    reply = service.get("/dashboard/sign-in/provider")
    asked = parse_qs(urlsplit(reply.headers["location"]).query)
    cookie = reply.cookies["redwood_begun"]
    begun = Begun(cookie)
    assert asked == {
        "tenant": ["1"],
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": [f"{ADDRESS}/dashboard/sign-in/callback"],
        "scope": ["openid roles"],
        "state": [begun.state],
        "nonce": [begun.nonce],
        "code_challenge": [begun.challenge],
        "code_challenge_method": ["S256"],
    }
    assert len({cookie, begun.state, begun.nonce, begun.verifier, begun.challenge}) == 5
    assert {"HttpOnly", "SameSite=lax", f"Max-Age={LONGEST}"} <= set(reply.headers["set-cookie"].split("; "))
    assert reply.headers["referrer-policy"] == "no-referrer"
    service.get(returned(reply.headers["location"]))
    assert provider.forms[0]["code_verifier"] == begun.verifier
    assert "client_secret" not in provider.forms[0]


@ON_SQLITE
def test_the_page_offers_it_and_still_takes_keys(service: Service, served: Callable[..., Service]) -> None:
    assert 'href="/dashboard/sign-in/provider"' in service.get("/dashboard/sign-in").text
    secret = access.create_key(service.parts.database, service.organisations["Own Works"], ["results"], None, "")
    reply = service.run(service.client.post("/dashboard/sign-in", content=f"key={secret}"))
    assert (reply.status_code, reply.headers["location"]) == (303, "/dashboard")
    machines = served(oidc_client="", public_url="")
    assert "sign-in/provider" not in machines.get("/dashboard/sign-in").text
    for path in ("provider", "callback?code=a&state=b", "done"):
        assert machines.get(f"/dashboard/sign-in/{path}").status_code == 404


def test_a_role_gives_its_subtree_and_its_organisation(service: Service, provider: Provider) -> None:
    provider.claims = {"sub": "ben", "roles": ["something", "north readers", "collector"]}
    found = whose(service, session(service.sign_in()))
    assert (found.unit, found.scopes, found.organisation) == ("north", {"results"}, service.organisations["Own Works"])
    assert service.get("/manage").status_code == 403
    provider.claims = {"sub": "cat", "realm_access": {"roles": ["foreign"]}}
    found = whose(service, session(service.sign_in()))
    assert (found.unit, found.organisation) == (None, service.organisations["Foreign Works"])
    assert "Foreign Works" in service.get("/manage").text


def whose(service: Service, secret: str) -> access.Principal:
    signing = service.app.state.parts.signing
    return access.session(service.parts.database, secret, int(time.time()), signing.kept)


@ON_SQLITE
def test_no_role_that_opens_a_page_is_refused_in_clear_words(service: Service, provider: Provider) -> None:
    held: list[Any] = [[], ["ALL"], "all of it", [["all"]], {"all": 1}, ["collector"], None]
    for roles in held:
        provider.claims = {"sub": "dan", "roles": roles}
        reply = service.sign_in()
        assert (reply.headers["location"], session(reply)) == (NO_ROLE, ""), roles
    with service.parts.database.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM session")).scalar() == 0
    page = service.get(NO_ROLE)
    assert page.status_code == 403
    assert "has given you nothing to read here" in page.text


def refused(reply: httpx.Response) -> bool:
    return (reply.status_code, reply.headers["location"], session(reply)) == (303, UNFINISHED, "")


@ON_SQLITE
def test_a_reply_that_is_not_this_browsers_is_refused_and_asks_nobody(service: Service, provider: Provider) -> None:
    address = returned(service.begin())
    stolen = service.browser()
    assert refused(service.run(stolen.get(address))), "no cookie"
    service.run(stolen.get("/dashboard/sign-in/provider"))
    assert refused(service.run(stolen.get(address))), "another browser's cookie"
    service.run(stolen.aclose())
    cookie = service.client.cookies["redwood_begun"]
    service.client.cookies.clear()
    for wrong in (
        address.replace("state=", "state=a"),
        address.partition("&state")[0],
        f"{address}&state=twice",
        f"{address}&iss=https://evil.example",
        f"{address}&error=access_denied",
        address.replace("code=", "cod="),
        "/dashboard/sign-in/callback",
    ):
        with_cookie = {"Cookie": f"redwood_begun={cookie}"}
        assert refused(service.run(service.client.get(wrong, headers=with_cookie)))
    assert provider.asked["/token"] == 0


@ON_SQLITE
def test_a_reply_works_once(service: Service, provider: Provider) -> None:
    address = returned(service.begin())
    cookie = service.client.cookies["redwood_begun"]
    assert service.get(address).headers["location"] == "/dashboard/sign-in/done"
    service.client.cookies.clear()
    assert refused(service.get(address))
    assert provider.asked["/token"] == 1
    service.client.cookies.set("redwood_begun", cookie)
    assert refused(service.get(address)), "with the cookie brought back the provider knows the code no more"


@ON_SQLITE
def test_a_code_is_worth_nothing_without_the_browser_that_began(service: Service, provider: Provider) -> None:
    """Whoever reads a victim's address brings the code in under a sign-in of her own: the verifier is another."""
    code = parse_qs(urlsplit(returned(service.begin())).query)["code"][0]
    other = parse_qs(urlsplit(service.begin()).query)["state"][0]
    assert refused(service.get(f"/dashboard/sign-in/callback?code={code}&state={other}"))
    assert provider.asked["/token"] == 1


@ON_SQLITE
def test_whoever_takes_too_long_begins_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    address = returned(service.begin())
    later = time.time() + LONGEST + 2
    monkeypatch.setattr(
        "service.api.routes.pages.provider.time", type("Clock", (), {"time": staticmethod(lambda: later)})
    )
    assert refused(service.get(address))


def test_the_time_of_a_beginning_is_part_of_it() -> None:
    begun = begin(1_000.0)
    assert resumed(begun.secret, 1_000.0 + LONGEST) == begun
    assert resumed(begun.secret, 1_001.0 + LONGEST) is None
    assert resumed(begun.secret, 999.0) is None
    younger = begun.secret.replace("1000.", "1500.")
    assert Begun(younger).state != begun.state
    for none in (None, "", "1000.", f"{begun.secret}a", f" {begun.secret}", begun.secret.replace("1000", "١٠٠٠")):
        assert resumed(none, 1_000.0) is None
    assert begin(1_000.0) != begun


@ON_SQLITE
def test_the_provider_must_say_whose_a_reply_is_where_it_promises_to(service: Service, provider: Provider) -> None:
    provider.describes = {"authorization_response_iss_parameter_supported": True}
    assert refused(service.sign_in())
    address = returned(service.begin())
    assert service.get(f"{address}&iss={provider.issuer}").headers["location"] == "/dashboard/sign-in/done"


@ON_SQLITE
def test_a_secret_goes_where_the_provider_wants_it(service: Service, provider: Provider) -> None:
    provider.describes = {"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]}
    service.sign_in()
    assert provider.forms[0]["client_secret"] == SECRET


@ON_SQLITE
def test_no_code_stands_in_a_log_or_in_an_address(
    service: Service, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    address = returned(service.begin())
    code, state = (parse_qs(urlsplit(address).query)[name][0] for name in ("code", "state"))
    cookie = {"Cookie": f"redwood_begun={service.client.cookies['redwood_begun']}"}
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        reply = service.run(call(service.app, "GET", address.removeprefix(ADDRESS), cookie))
        assert (reply.status, reply.header("referrer-policy"), reply.header("cache-control")) == (
            303,
            "no-referrer",
            "no-store",
        )
        assert code not in str(reply)
        assert state not in str(reply)
    log = audit.entries(service.parts.database, access.operator(service.organisations["Own Works"]))[0]
    assert [it.subject for it in log][-1] == "sign-in"
    said = caplog.text + "".join(it.subject + it.deed + it.label for it in log)
    assert "/token" in caplog.text
    for secret in (code, state, "redwood_begun", provider.forms[0]["code_verifier"], provider.access, "ann"):
        assert secret not in said


def test_a_session_ends_with_its_hours_and_with_its_role(served: Callable[..., Service], roles: Any) -> None:
    service = served(session_hours=2)
    secret = session(service.sign_in())
    kept = service.app.state.parts.signing.kept
    now = int(time.time())
    assert access.session(service.parts.database, secret, now + 7_100, kept).reads_pages
    with pytest.raises(NotAuthenticated):
        access.session(service.parts.database, secret, now + 7_210, kept)
    roles.write_text(roles.read_text().replace('scopes = ["manage", "results", "analytics"]', 'scopes = ["results"]'))
    changed = served()
    assert whose(changed, secret).scopes == {"results"}
    with pytest.raises(NotAuthenticated):
        whose(served(oidc_issuer="https://another.example"), secret)
    roles.write_text(roles.read_text().replace('value = "all"', 'value = "everybody"'))
    with pytest.raises(NotAuthenticated):
        whose(served(), secret)
    without = served(oidc_issuer="", oidc_client="", oidc_audience="", oidc_roles="")
    without.client.cookies.set("redwood_session", secret)
    assert without.get("/manage").headers["location"] == "/dashboard/sign-in"
    assert whose(service, secret), "the others still run with what they read"


@ON_SQLITE
def test_a_silent_provider_leaves_keys_and_sessions_alone(service: Service, provider: Provider) -> None:
    service.sign_in()
    way_back = returned(service.begin())
    provider.silent = True
    silent = "/dashboard/sign-in?why=silent"
    assert service.get(way_back).headers["location"] == silent
    assert service.get(silent).status_code == 503
    assert service.get("/manage").status_code == 200


@ON_SQLITE
def test_a_provider_that_was_never_there(served: Callable[..., Service], provider: Provider) -> None:
    provider.silent = True
    service = served()
    assert service.get("/dashboard/sign-in/provider").headers["location"] == "/dashboard/sign-in?why=silent"
    assert service.get("/dashboard/sign-in").status_code == 200
    asked = provider.asked.total()
    service.get("/dashboard/sign-in/provider")
    assert provider.asked.total() == asked, "it is not asked again at once"


@ON_SQLITE
def test_guesses_at_the_way_back_are_limited(service: Service, provider: Provider) -> None:
    begun = begin(time.time())
    path, cookie = f"/dashboard/sign-in/callback?code=guess&state={begun.state}", f"redwood_begun={begun.secret}"
    for _ in range(MOST + 3):
        reply = service.run(service.client.get(path, headers={"Cookie": cookie}))
    assert reply.headers["location"] == "/dashboard/sign-in?why=later"
    assert provider.asked["/token"] < MOST + 3
