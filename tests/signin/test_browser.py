"""A provider that others made, a service that listens, and a real browser between them: sites of two names."""

from __future__ import annotations

import socket
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings
from tests.doors import AtOnce
from tests.pages.browser.conftest import _FLAGS, CHROMIUM
from tests.signin.conftest import ROLES, found

with warnings.catch_warnings(record=True):
    from oidc_provider_mock import User, run_server_in_thread

#: Of what its libraries will drop some day; it is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PEOPLE = (User(sub="ann", claims={"roles": ["all"]}), User(sub="ben", claims={"roles": ["nobody"]}))


@dataclass(frozen=True)
class Site:
    """The provider is `localhost`, the service 127.0.0.1: to a browser these are two sites."""

    provider: str
    address: str


@pytest.fixture(scope="module")
def site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "redwood.db").write_bytes(migrated_file.read_bytes())
    (folder / "roles.toml").write_text(ROLES)
    with (
        run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as provider,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        made = Site(f"http://localhost:{provider.server_port}", f"http://127.0.0.1:{listening.getsockname()[1]}")
        settings = Settings(
            database_url=f"sqlite:///{folder / 'redwood.db'}",
            oidc_issuer=made.provider,
            oidc_client="redwood",
            oidc_secret="a secret",
            oidc_roles=str(folder / "roles.toml"),
            public_url=made.address,
        )
        parts = runtime(settings)
        found(parts)
        server = uvicorn.Server(
            uvicorn.Config(create_app(parts, AtOnce(parts.database)), log_level="critical", access_log=False)
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield made
        server.should_exit = True
        thread.join()


def test_a_person_signs_in_by_hand(site: Site) -> None:
    """Every step looked at, and no step leads to an address with a code in it that stays."""
    with httpx.Client(base_url=site.address) as person:
        asked = person.get("/dashboard/sign-in/provider").headers["location"]
        assert asked.startswith(f"{site.provider}/")
        back = httpx.post(asked, data={"sub": "ann"}).headers["location"]
        assert back.startswith(f"{site.address}/dashboard/sign-in/callback?")
        done = person.get(back)
        assert (done.status_code, done.headers["location"]) == (303, "/dashboard/sign-in/done")
        assert "Own Works" in person.get("/manage").text
        assert person.get(back).headers["location"] == "/dashboard/sign-in?why=unfinished"
        declined = httpx.post(person.get("/dashboard/sign-in/provider").headers["location"], data={"action": "deny"})
        back = urljoin(site.address, declined.headers["location"])
        assert person.get(back).headers["location"] == "/dashboard/sign-in?why=unfinished"
        assert person.get("/manage").status_code == 200


def test_a_person_signs_in_with_a_browser(site: Site) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        referrers: list[str | None] = []
        page.on("request", lambda it: referrers.append(it.headers.get("referer")))
        page.goto(f"{site.address}/dashboard/sign-in")
        page.get_by_role("link", name="Sign in with your organisation").click()
        page.get_by_role("button", name="ben").click()
        page.wait_for_url(f"{site.address}/dashboard/sign-in?why=no_role")
        page.get_by_role("link", name="Sign in with your organisation").click()
        page.get_by_role("button", name="ann", exact=True).first.click()
        page.get_by_role("link", name="Roster").wait_for()
        assert page.url == f"{site.address}/dashboard"
        kept = {it["name"]: it["sameSite"] for it in context.cookies(site.address)}
        assert kept == {"redwood_session": "Strict"}
        page.reload()
        page.go_back()
        assert "code=" not in page.url
        page.goto(f"{site.address}/dashboard")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in with your organisation").wait_for()
        assert not [it for it in referrers if it and "code=" in it]
        browser.close()
