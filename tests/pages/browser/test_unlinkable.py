"""A person's own token in a real browser: made before she sends, kept until she has, never made with another key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from service.pages.assets import assets
from service.pages.words import all_words
from service.tokens import fingerprint, unlinkable
from tests.pages.browser.looking import Seen, look, watched
from tests.pages.browser.organisation import Site, served
from tests.pages.browser.person import CHOSEN, begin, fill, follow, fresh, go, packed, received, tab_to

pytestmark = pytest.mark.skipif("unlinkable.js" not in assets(), reason="the module is not built: there is no node")

WORDS = all_words()["en"]
REVIEW = "#answers .sending button.primary"
SEND = "ol.review ~ .sending button.primary"
TOKENS, MODULE = "**/v1/pulses/*/tokens", "**/static/unlinkable.js*"
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('not allowed'); } })"


@pytest.fixture(scope="module")
def site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(migrated_file, tmp_path_factory.mktemp("asked") / "redwood.db", past=False) as made:
        yield made


def holds(page: Page) -> set[str]:
    """What the page says of the token."""
    shown = page.locator("[data-holds]:not([hidden])").evaluate_all("all => all.map(it => it.dataset.holds)")
    return set(shown) - {"unlinkable later"}


def wait_until(page: Page, state: str) -> None:
    page.wait_for_selector(f"[data-holds='{state}']:not([hidden])", state="attached")


def kept(page: Page) -> dict[str, Any]:
    """What the browser keeps, by name."""
    found: dict[str, str] = page.evaluate("Object.fromEntries(Object.entries(window.localStorage))")
    return {name: json.loads(it) for name, it in found.items()}


def choose(page: Page, bands: bool = True) -> None:
    """The same without the way there, which is quicker."""
    said = {f"item.{item}": "-" if point is None else str(point) for item, point in CHOSEN.items()}
    for name, value in (said | ({"band.tenure": "2"} if bands else {})).items():
        page.press(f"input[name='{name}'][value='{value}']", "Space")


def to_the_review(page: Page) -> None:
    page.click(REVIEW)
    page.wait_for_selector("ol.review")


def to_the_end(page: Page) -> None:
    page.click(SEND)
    page.wait_for_selector("#arrived")


def posted(page: Page) -> list[Request]:
    """Every form and exchange the page sends from now on."""
    found: list[Request] = []
    page.on("request", lambda it: found.append(it) if it.method == "POST" else None)
    return found


def bodies(sent: list[Request], path: str) -> list[str]:
    return [it.post_data or "" for it in sent if it.url.endswith(path)]


def test_the_invitation_is_never_sent_with_the_answers(site: Site, chromium: Browser) -> None:
    invitation = site.more[0]
    context = fresh(chromium)
    page = context.new_page()
    sent = posted(page)
    with received(site) as gained:
        begin(page, site, invitation)
        wait_until(page, "unlinkable")
        assert holds(page) == {"unlinkable"}
        (mine,) = kept(page).values()
        assert mine.keys() == {"nonce", "blind", "blinded", "fingerprint", "token"}
        assert invitation not in json.dumps(kept(page))
        fill(page, {**CHOSEN, "WB3": 1})
        go(page, REVIEW)
        page.wait_for_selector("ol.review")
        go(page, "button[formaction='/answer#statement-2']")
        page.wait_for_selector("#statement-2")
        assert holds(page) == {"unlinkable"}
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        go(page, REVIEW)
        page.wait_for_selector("ol.review")
        go(page, SEND)
        page.wait_for_selector("#arrived")
    assert gained == [packed(site, CHOSEN)]
    assert kept(page) == {}
    forms = [it for it in sent if it.url.endswith(("/review", "/send", "/answer"))][1:]
    assert [it.url.rpartition("/")[2] for it in forms] == ["review", "answer", "review", "send"]
    assert all(dict(parse_qsl(it.post_data or ""))["token"] == mine["token"] for it in forms)
    assert {len(it.post_data or "") for it in forms} == {4096}
    own = unlinkable.read(mine["token"])
    assert own is not None
    assert (own.pulse, own.unit) == (site.pulses["open"], "lashing")
    begin(page, site, invitation)
    page.wait_for_selector(".ending h1:not(#arrived h1)")
    assert page.inner_text("h1") == WORDS["refused_title"]
    context.close()


def test_whoever_follows_a_link_and_does_nothing_uses_no_code_up(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    sent = posted(page)
    follow(page, site, site.strict[5])
    wait_until(page, "making")
    page.evaluate("window.dispatchEvent(new Event('pointermove'))")
    page.wait_for_function("Object.keys(window.localStorage).length === 1")
    page.wait_for_load_state("networkidle")
    assert bodies(sent, "/tokens") == []
    page.mouse.move(200, 200)
    wait_until(page, "unlinkable")
    assert len(bodies(sent, "/tokens")) == 1
    context.close()


def test_every_form_is_as_long_whatever_was_chosen_and_whoever_chose(site: Site, chromium: Browser) -> None:
    lengths = set()
    context = fresh(chromium)
    page = context.new_page()
    page.route("**/answer/send", lambda it: it.abort())
    sent = posted(page)
    begin(page, site, site.more[1])
    for chosen in (["4", "5", "1", "-", "2"], ["-", "-", "-", "-", "1"], ["1"]):
        for item, value in zip(CHOSEN, chosen, strict=False):
            page.press(f"input[name='item.{item}'][value='{value}']", "Space")
        page.click(REVIEW)
        page.wait_for_selector("ol.review")
        page.click(SEND)
        page.wait_for_selector("#again")
        page.click("button[formaction='/answer']")
        page.wait_for_selector("#statement-1")
        lengths |= {len(it) for path in ("/review", "/send") for it in bodies(sent, path)}
    context.close()
    assert lengths == {4096}


def test_a_page_loaded_again_and_another_tab_go_on_with_the_same(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    sent = posted(page)
    begin(page, site, site.more[2])
    wait_until(page, "unlinkable")
    token = page.input_value("#answers input[name=token]")
    page.reload()
    page.keyboard.press("Shift")
    wait_until(page, "unlinkable")
    other = context.new_page()
    begin(other, site, site.more[2])
    wait_until(other, "unlinkable")
    assert {it.input_value("#answers input[name=token]") for it in (page, other)} == {token}
    assert len(bodies(sent, "/tokens")) == 1
    with received(site) as gained:
        choose(other)
        to_the_review(other)
        to_the_end(other)
    assert gained == [packed(site, CHOSEN)]
    context.close()


def test_an_exchange_whose_answer_was_lost_is_asked_for_again_before_anything_is_sent(
    site: Site, chromium: Browser
) -> None:
    context = fresh(chromium)
    page = context.new_page()

    def swallow(route: Route) -> None:
        route.fetch()  # it arrives, and nobody is told
        route.abort()

    page.route(TOKENS, swallow, times=1)
    sent = posted(page)
    with received(site) as gained:
        begin(page, site, site.more[3])
        wait_until(page, "later")
        choose(page)
        to_the_review(page)
        to_the_end(page)
    assert gained == [packed(site, CHOSEN)]
    assert len(bodies(sent, "/tokens")) == 2
    assert len(set(bodies(sent, "/tokens"))) == 1
    context.close()


def test_while_the_service_cannot_be_reached_nothing_is_sent_and_nothing_lost(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    page.route(TOKENS, lambda it: it.fulfill(status=503, body="busy"))
    sent = posted(page)
    with received(site) as gained:
        begin(page, site, site.more[4])
        wait_until(page, "later")
        choose(page)
        page.click(REVIEW)
        page.wait_for_selector("#again:focus")
        assert bodies(sent, "/review") == []
        page.unroute(TOKENS)
        page.keyboard.press("Enter")
        page.wait_for_selector("ol.review")
        to_the_end(page)
    assert gained == [packed(site, CHOSEN)]
    context.close()


Change = Callable[[dict[str, Any], bytes], dict[str, Any]]


def tagged(honest: dict[str, Any], blinded: bytes) -> dict[str, Any]:
    """What a service answers that wants to know this person again."""
    issuer = unlinkable.class_key(b"t" * 32, honest["pulse"], honest["unit"])
    evaluated, proof = issuer.evaluate(blinded)
    made = {"public_key": issuer.public_key, "evaluated": evaluated, "proof": proof}
    return honest | {name: base64.urlsafe_b64encode(it).rstrip(b"=").decode() for name, it in made.items()}


def tagged_with_its_own_tree(honest: dict[str, Any], blinded: bytes) -> dict[str, Any]:
    mine = tagged(honest, blinded)
    key = base64.urlsafe_b64decode(mine["public_key"] + "=")
    return mine | {"path": [], "fingerprint": fingerprint.root({mine["unit"]: key}).hex()}


def unproven(honest: dict[str, Any], blinded: bytes) -> dict[str, Any]:
    return tagged(honest, blinded) | {"public_key": honest["public_key"]}


def forging(change: Change) -> Callable[[Route], None]:
    """The service's own answer, changed on its way."""

    def forge(route: Route) -> None:
        reply = route.fetch()
        blinded = base64.urlsafe_b64decode(json.loads(route.request.post_data or "")["blinded"] + "=")
        route.fulfill(response=reply, json=change(reply.json(), blinded))

    return forge


@pytest.mark.parametrize(("change", "place"), [(tagged, 5), (tagged_with_its_own_tree, 10), (unproven, 11)])
def test_a_service_that_tags_a_person_is_caught_and_gets_no_answer(
    site: Site, chromium: Browser, change: Change, place: int
) -> None:
    found = Seen()
    context = fresh(chromium)
    page = watched(context, site.address, found)
    page.route(TOKENS, forging(change))
    sent = posted(page)
    with received(site) as gained:
        begin(page, site, site.more[place])
        page.wait_for_selector(".ending h1")
    assert page.inner_text("h1") == WORDS["forged_title"]
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator("form").count() == 0
    assert (gained, bodies(sent, "/review"), bodies(sent, "/send")) == ([], [], [])
    if change is tagged:  # one of them is enough: they look the same
        look(page, found, "forged")
    page.unroute(TOKENS)
    begin(page, site, site.more[place])  # an honest answer to the very same question is still taken
    wait_until(page, "unlinkable")
    context.close()
    assert found == Seen()


def test_a_service_that_shows_another_fingerprint_later_is_caught(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    begin(page, site, site.more[6])
    wait_until(page, "unlinkable")
    shown = page.get_attribute("#answers", "data-fingerprint") or ""

    def forge(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, body=reply.text().replace(shown, "0" * 64))

    page.route("**/answer", forge)
    # Not `begin`: nobody is waited for, and the statements may be gone before anybody looks for them.
    page.goto(f"{site.address}/answer#{site.more[6]}")
    page.wait_for_selector(".ending h1")
    assert page.inner_text("h1") == WORDS["forged_title"]
    context.close()


def test_what_was_exchanged_in_another_browser_is_refused_in_this_one(site: Site, chromium: Browser) -> None:
    first, second = fresh(chromium), fresh(chromium)
    page, other = first.new_page(), second.new_page()
    begin(page, site, site.more[7])
    wait_until(page, "unlinkable")
    begin(other, site, site.more[7])
    other.wait_for_selector(".ending h1")
    assert other.inner_text("h1") == WORDS["refused_title"]
    assert other.locator("form").count() == 0
    first.close()
    second.close()


@pytest.mark.parametrize(("lacking", "place"), [("module", 8), ("storage", 9)])
def test_what_cannot_make_a_token_says_so_and_sends_the_code(
    site: Site, chromium: Browser, lacking: str, place: int
) -> None:
    context = fresh(chromium)
    page = context.new_page()
    lack(page, lacking)
    sent = posted(page)
    with received(site) as gained:
        begin(page, site, site.more[place])
        choose(page)
        to_the_review(page)
        page.go_back()
        page.wait_for_selector("#answers fieldset")
        wait_until(page, "plain")
        assert holds(page) == {"plain"}
        to_the_review(page)
        to_the_end(page)
    assert gained == [packed(site, CHOSEN)]
    assert bodies(sent, "/tokens") == []
    assert [dict(parse_qsl(it))["token"] for it in bodies(sent, "/send")] == [site.more[place]]
    assert {len(it) for path in ("/review", "/send") for it in bodies(sent, path)} == {4096}
    context.close()


def lack(page: Page, what: str) -> None:
    if what == "module":
        page.route(MODULE, lambda it: it.abort())
    else:
        page.add_init_script(NO_STORAGE)


def test_a_strict_pulse_takes_what_a_script_makes(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    with received(site, "strict") as gained:
        begin(page, site, site.strict[0])
        choose(page, bands=False)
        to_the_review(page)
        to_the_end(page)
    assert gained == [packed(site, CHOSEN, "strict", {})]
    context.close()


@pytest.mark.parametrize("lacking", ["module", "storage", "script"])
def test_a_strict_pulse_offers_no_form_where_none_can_be_made(site: Site, chromium: Browser, lacking: str) -> None:
    context = fresh(chromium, java_script_enabled=lacking != "script")
    page = context.new_page()
    lack(page, lacking)
    if lacking == "script":
        page.goto(f"{site.address}/answer")
        tab_to(page, "#token")
        page.keyboard.type(site.strict[1])
        page.keyboard.press("Enter")
    else:
        page.goto(f"{site.address}/answer#{site.strict[1]}")
    page.wait_for_selector("#cannot:not([hidden])")
    assert WORDS["cannot_text"] in page.inner_text("#cannot")
    assert page.locator("input[type=radio]").count() == 0
    assert page.locator(REVIEW).count() == 0
    wait_until(page, "none")
    page.click("nav.languages button[value=fr]")
    page.wait_for_selector("html[lang=fr] #cannot:not([hidden])")
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_said_of_the_token_can_be_read_by_everybody(site: Site, chromium: Browser, language: str) -> None:
    found = Seen()
    context = fresh(chromium, locale=language)
    page = watched(context, site.address, found)
    begin(page, site, site.strict[{"en": 2, "ar": 3}[language]])
    wait_until(page, "unlinkable")
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    look(page, found, "open")
    words = all_words()[language]
    assert words["token_unlinkable"] in page.inner_text(".promise")
    shown = page.inner_text(".fingerprint").replace(" ", "")
    (mine,) = kept(page).values()
    assert mine["fingerprint"] == shown
    context.close()
    assert found == Seen()
