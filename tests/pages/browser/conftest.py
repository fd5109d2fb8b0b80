"""A whole service with an organisation in it, what can be reached of it, and a browser to look with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.pages.browser.crawl import Crawled, crawled
from tests.pages.browser.organisation import Site, served

STARTS = ("/dashboard", "/manage", "/docs", "/attack-report", "/answer", "/dashboard/sign-in")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(migrated_file, tmp_path_factory.mktemp("site") / "redwood.db") as made:
        yield made


@pytest.fixture(scope="session")
def reader(site: Site) -> Iterator[Callable[[str], httpx.Client]]:
    """A client that is signed in with the key of that name."""
    made: list[httpx.Client] = []

    def sign_in(key: str) -> httpx.Client:
        # A page that fails takes its connection with it: the next one must not have to tell of that.
        limits = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(base_url=site.address, timeout=60, follow_redirects=True, limits=limits)
        made.append(client)
        client.post("/dashboard/sign-in", data={"key": site.keys[key]})
        return client

    yield sign_in
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def whole(site: Site, reader: Callable[[str], httpx.Client]) -> Crawled:
    """What a key with every scope reaches: from each release, and from a team that is withheld."""
    chosen = [f"/dashboard?pulse={site.pulses[name]}" for name in ("newest", "bands", "lenses")]
    withheld = [f"/dashboard?unit=night&pulse={site.pulses['newest']}"]
    return crawled(reader("whole"), [*STARTS, *chosen, *withheld])


@pytest.fixture(scope="module")
def chromium(site: Site) -> Iterator[Browser]:
    """For one module only: while it is there no event loop can run in this thread, so what needs one comes before."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()
