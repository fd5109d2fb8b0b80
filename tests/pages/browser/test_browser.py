"""A real browser: every kind of page looked at, and a person who answers with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, PdfMargins, Route

from service.pages.words import all_words
from tests.pages.browser.crawl import Crawled
from tests.pages.browser.looking import Seen, look, watched
from tests.pages.browser.organisation import ASKED, Site
from tests.pages.browser.person import CHOSEN, at_the_review, fill, fresh, go, packed, read, received, tab_to

#: People who come while others leave; not all of them fit.
ARRIVING = "mail,department,active,pay\nada@x.example,Cranes,yes,9\ncy@x.example,CRANES,yes,9\ndi@x.example,,yes,9\n"


@pytest.fixture(scope="module")
def seen(site: Site, whole: Crawled, reader: Callable[[str], httpx.Client], chromium: Browser) -> dict[str, Seen]:
    """One address of each kind of page that a key with every scope reaches, and others that look different."""
    cookie = reader("whole").cookies["redwood_session"]
    found: dict[str, Seen] = {}
    context = fresh(chromium)
    context.add_cookies([{"name": "redwood_session", "value": cookie, "url": site.address}])
    for address in (*whole.kinds.values(), *others(site)):
        found[address] = Seen()
        page = watched(context, site.address, found[address])
        page.goto(site.address + address)
        look(page, found[address])
        page.close()
    context.close()
    return found


def others(site: Site) -> list[str]:
    """Pages of a kind that is looked at already, about something else."""
    bands, lenses, newest = (site.pulses[name] for name in ("bands", "lenses", "newest"))
    return [
        f"/dashboard?pulse={newest}&unit=night",
        f"/dashboard/unit?pulse={newest}&unit=night&block=safety",
        f"/dashboard/unit?pulse={bands}&unit=lashing&block=conflict",
        f"/dashboard/lenses?pulse={lenses}&unit=office",
        *(f"/manage/pulse?pulse={site.pulses[state]}" for state in ("draft", "closed", "newest")),
    ]


def test_axe_finds_nothing_on_any_page(seen: dict[str, Seen]) -> None:
    assert {kind: it.axe for kind, it in seen.items() if it.axe} == {}


def test_no_page_scrolls_sideways(seen: dict[str, Seen]) -> None:
    assert {kind: it.wider for kind, it in seen.items() if it.wider} == {}


def test_nothing_is_asked_of_anybody_else(seen: dict[str, Seen]) -> None:
    assert {kind: it.foreign for kind, it in seen.items() if it.foreign} == {}


def test_the_browser_complains_of_nothing(seen: dict[str, Seen]) -> None:
    assert {kind: it.complaints for kind, it in seen.items() if it.complaints} == {}


def test_pages_that_answer_a_form_can_be_used_by_everybody(
    site: Site, reader: Callable[[str], httpx.Client], chromium: Browser
) -> None:
    found, client = Seen(), reader("whole")
    context = fresh(chromium)
    context.add_cookies([{"name": "redwood_session", "value": client.cookies["redwood_session"], "url": site.address}])
    page = watched(context, site.address, found)
    page.goto(f"{site.address}/manage/roster")
    page.fill("textarea[name=text]", client.get("/manage/roster/example.csv").text)
    page.click("button[value=check]")
    page.wait_for_selector("button[value=apply]")
    look(page, found, "roster")
    page.goto(f"{site.address}/manage/people")
    page.check("input[name=from][value=manager]")
    page.click("#units ~ form button.primary")
    page.wait_for_selector("button[value=apply]")
    look(page, found, "units")
    page.goto(f"{site.address}/manage/people")
    bring(page, ARRIVING)
    page.wait_for_selector("button[value=apply]")
    look(page, found, "file")
    page.goto(f"{site.address}/manage/pulses/new")
    page.click("button[value=preview]")
    page.wait_for_load_state()
    look(page, found, "preview")
    page.goto(f"{site.address}/manage/pulse/invite?pulse={site.pulses['draft']}&unit=night")
    page.click("main form button.primary")
    page.wait_for_load_state()
    look(page, found, "letters")
    context.close()
    assert found == Seen()


def bring(page: Page, people: str) -> None:
    page.set_input_files("#file", {"name": "people.csv", "mimeType": "text/csv", "buffer": people.encode()})
    page.click("#file-of-everybody ~ form button.primary")


def test_faults_at_their_fields_can_be_used_by_everybody(
    site: Site, reader: Callable[[str], httpx.Client], chromium: Browser
) -> None:
    found, cookie = Seen(), reader("whole").cookies["redwood_session"]
    context = fresh(chromium)
    context.add_cookies([{"name": "redwood_session", "value": cookie, "url": site.address}])
    page = watched(context, site.address, found)
    page.goto(f"{site.address}/manage/people")
    page.uncheck("input[name=level][value=department]")
    page.fill("#root_id", "no id")
    page.click("#units ~ form button.primary")
    page.wait_for_selector("#level-fault")
    look(page, found, "units")
    bring(page, "mail\nnone\n")
    page.wait_for_selector(".mend")
    look(page, found, "file")
    context.close()
    # Browsers complain of the status that says it.
    assert (found.axe, found.wider, found.foreign, len(found.complaints)) == ({}, {}, [], 2)


def test_what_is_wrong_is_seen(site: Site, chromium: Browser) -> None:
    context, found = fresh(chromium), Seen()
    page = watched(context, site.address, found)
    page.goto(f"{site.address}/answer")
    wrong = '<img src="http://elsewhere.invalid/"><svg width="2000"/>'
    page.evaluate("wrong => document.querySelector('main').innerHTML = wrong", wrong)
    look(page, found)
    context.close()
    assert [it.partition(":")[0] for it in found.axe["phone dark"] if "image-alt" in it] == ["image-alt"]
    assert set(found.wider) == {360, 1280}
    assert any("elsewhere.invalid" in it for it in found.complaints)


def test_a_report_is_one_sheet_of_paper(site: Site, reader: Callable[[str], httpx.Client], chromium: Browser) -> None:
    cookie = reader("whole").cookies["redwood_session"]
    context = fresh(chromium)
    context.add_cookies([{"name": "redwood_session", "value": cookie, "url": site.address}])
    page = context.new_page()
    margin: PdfMargins = {"top": "12mm", "right": "12mm", "bottom": "12mm", "left": "12mm"}
    sheets = {}
    for unit, pulse in (("harbour", "newest"), ("pilots", "newest"), ("harbour", "lenses")):
        page.goto(f"{site.address}/dashboard/report?pulse={site.pulses[pulse]}&unit={unit}")
        for format in ("A4", "Letter"):
            pdf = page.pdf(format=format, margin=margin)
            sheets[unit, pulse, format] = len(re.findall(rb"/Type\s*/Page\b", pdf))
    context.close()
    assert set(sheets.values()) == {1}, sheets


@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_step_of_answering_can_be_used_by_everybody(site: Site, chromium: Browser, language: str) -> None:
    found = Seen()
    context = fresh(chromium, locale=language)
    page = watched(context, site.address, found)
    page.goto(f"{site.address}/answer")
    look(page, found, "start")
    page.goto(f"{site.address}/answer#{site.tokens[{'en': 0, 'ar': 7}[language]]}")
    page.wait_for_selector("#answers fieldset")
    look(page, found, "statements")
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    page.press(f"input[name='item.{ASKED[0]}'][value='4']", "Space")
    page.click("#answers .sending button.primary")
    page.wait_for_selector("ol.review")
    look(page, found, "review")
    context.close()
    assert found == Seen()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_end_and_a_refusal_can_be_used_by_everybody(site: Site, chromium: Browser, language: str) -> None:
    found = Seen()
    context = fresh(chromium, locale=language)
    page = watched(context, site.address, found)
    with received(site) as gained:
        page.goto(f"{site.address}/answer#{site.tokens[{'en': 1, 'ar': 2}[language]]}")
        page.press(f"input[name='item.{ASKED[0]}'][value='4']", "Space")
        page.click("#answers .sending button.primary")
        page.click("ol.review ~ .sending button.primary")
        page.wait_for_selector(".ending ol.steps")
    assert len(gained) == 1
    look(page, found, "end")
    assert page.inner_text("h1") == all_words()[language]["done_title"]
    refused = watched(context, site.address, Seen())
    refused.goto(f"{site.address}/answer#{site.tokens[0][:-1]}.")
    refused.wait_for_selector(".ending h1")
    look(refused, found, "refusal")
    context.close()
    assert found == Seen()


def test_the_keyboard_alone_completes_and_what_arrives_is_what_was_chosen(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    page.goto(f"{site.address}/answer#{site.tokens[3]}")
    page.wait_for_selector("#answers fieldset")
    assert site.tokens[3] not in page.url
    with received(site) as gained:
        fill(page, {**CHOSEN, ASKED[1]: 1})
        go(page, "#answers .sending button.primary")
        page.wait_for_selector("ol.review")
        go(page, "button[formaction='/answer#statement-2']")
        page.wait_for_selector("#statement-2")
        assert page.evaluate("document.activeElement.name") == f"item.{ASKED[1]}"
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        go(page, "#answers .sending button.primary")
        page.wait_for_selector("ol.review")
        go(page, ".sending button.primary")
        page.wait_for_selector(".ending ol.steps")
    assert gained == [packed(site, CHOSEN)]
    context.close()


def test_the_keyboard_alone_completes_without_script(site: Site, chromium: Browser) -> None:
    context = fresh(chromium, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/answer")
    tab_to(page, "#token")
    page.keyboard.type(site.tokens[4])
    page.keyboard.press("Enter")
    page.wait_for_selector("#answers fieldset")
    with received(site) as gained:
        fill(page, CHOSEN)
        go(page, "#answers .sending button.primary")
        page.wait_for_selector("ol.review")
        go(page, ".sending button.primary")
        page.wait_for_selector(".ending ol.steps")
    assert gained == [packed(site, CHOSEN)]
    context.close()


def test_answers_sent_while_the_connection_is_lost_arrive_once_it_is_back(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()
    with received(site) as gained:
        at_the_review(page, site, site.tokens[5])
        context.set_offline(True)
        go(page, ".sending button.primary")
        page.wait_for_selector("#again:focus")
        context.set_offline(False)
        page.wait_for_selector(".ending ol.steps")
    assert gained == [packed(site, CHOSEN)]
    context.close()


def test_answers_whose_receipt_was_lost_are_counted_once(site: Site, chromium: Browser) -> None:
    context = fresh(chromium)
    page = context.new_page()

    def swallow(route: Route) -> None:
        route.fetch()  # it arrives, and nobody is told
        route.abort()

    before = len(read(site))
    with received(site) as gained:
        at_the_review(page, site, site.tokens[6])
        page.route("**/answer/send", swallow, times=1)
        go(page, ".sending button.primary")
        page.wait_for_selector("#again:focus")
        assert len(read(site)) == before + 1
        page.keyboard.press("Enter")
        page.wait_for_selector(".ending ol.steps")
    assert gained == [packed(site, CHOSEN)]
    context.close()
