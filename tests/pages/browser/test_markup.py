"""What every page that can be reached is made of: found by following links, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx
import pytest

from tests.pages.browser.crawl import Crawled, Elements, crawled, kind, links
from tests.pages.browser.organisation import Site

#: Pages that a link must lead to.
EXPECTED = {
    "/answer",
    "/attack-report",
    "/dashboard",
    "/dashboard/archetypes",
    "/dashboard/changes",
    "/dashboard/drivers",
    "/dashboard/forecast",
    "/dashboard/lenses",
    "/dashboard/quality",
    "/dashboard/report",
    "/dashboard/sign-in",
    "/dashboard/unit",
    "/dashboard/units",
    "/docs",
    "/manage",
    "/manage/people",
    "/manage/pulse",
    "/manage/pulse/close",
    "/manage/pulse/invite",
    "/manage/pulse/release",
    "/manage/pulses/new",
    "/manage/roster",
    "/manage/schedules",
}
#: Attributes that name other elements of the page by their ids.
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details", "for", "list")
MOST = 150_000
_ADDRESSES = ("href", "src", "action", "formaction", "poster", "srcset", "data")

Pages = dict[str, str]


@pytest.fixture(scope="module")
def pages(site: Site, whole: Crawled, reader: Callable[[str], httpx.Client]) -> Pages:
    """Every page reached, those that answer a form, the respondent's in both directions of writing, and refusals."""
    found = {address: reply.text for address, reply in whole.pages.items()}
    roster = {"text": "id,name,parent,headcount\nharbour,Harbour <of>,,9\n", "action": "check"}
    found["POST /manage/roster"] = reader("whole").post("/manage/roster", data=roster).text
    ways = {"from": "attributes", "level": "department", "root_id": "harbour", "root_name": "Harbour <of>"}
    found["POST /manage/people"] = reader("whole").post("/manage/people", data=ways).text
    found["POST /manage/people faults"] = reader("whole").post("/manage/people", data={"from": "attributes"}).text
    for name, file in (("", "mail,department\na@x.example,Quay <of>\n"), (" faults", "mail,<of>\na\n")):
        reply = reader("whole").post("/manage/people/file", files={"file": file.encode()})
        found[f"POST /manage/people/file{name}"] = reply.text
    with httpx.Client(base_url=site.address) as client:
        for language in ("en", "ar"):
            said = {"token": site.tokens[0], "lang": language}
            found[f"POST /answer {language}"] = client.post("/answer", data=said).text
            found[f"POST /answer/send {language}"] = client.post("/answer/send", data=said).text
            found[f"GET /answer {language}"] = client.get("/answer", headers={"Accept-Language": language}).text
        found["POST /answer unknown"] = client.post("/answer", data={"token": "none", "lang": "fr"}).text
        review = {"token": site.tokens[0], "lang": "ar", "item.WB1": "2"}
        found["POST /answer/review"] = client.post("/answer/review", data=review).text
        found["POST sign-in refused"] = client.post("/dashboard/sign-in", data={"key": "none"}).text
    return found


def broken(found: Crawled) -> dict[str, tuple[int, str]]:
    """Links that lead nowhere: what was answered, and where they stand."""
    return {
        address: (reply.status_code, found.from_page[address])
        for address, reply in (found.pages | found.files).items()
        if reply.status_code != 200
    }


def test_every_link_leads_somewhere(whole: Crawled) -> None:
    assert broken(whole) == {}


def test_every_page_there_is_can_be_reached(whole: Crawled) -> None:
    assert {kind(address) for address in whole.pages} >= EXPECTED


@pytest.mark.parametrize("key", ["results", "manage", "bound"])
def test_no_key_is_offered_what_it_may_not_read(site: Site, reader: Callable[[str], httpx.Client], key: str) -> None:
    assert broken(crawled(reader(key), ["/manage" if key == "manage" else "/dashboard"])) == {}


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(pages: Pages) -> None:
    assert [(address, fault) for address, page in pages.items() for fault in _foreign(page)] == []


def _foreign(page: str) -> Iterator[str]:
    for tag, attributes in Elements(page).found:
        if tag in {"style", "iframe", "object", "embed", "base"}:
            yield tag
        if tag == "script" and not (attributes.get("src") or "").startswith("/static/"):
            yield "inline script"
        yield from (f"{tag} {name}" for name in attributes if name == "style" or name.startswith("on"))
        said = (attributes.get(name) or "/" for name in _ADDRESSES)
        yield from (f"{tag} {it}" for it in said if not re.match(r"[/#?](?!/)", it))


def test_every_page_has_a_language_a_title_one_heading_and_one_main(pages: Pages) -> None:
    for address, page in pages.items():
        found = Elements(page)
        (root,) = found.all("html")
        assert root["lang"], address
        assert root["dir"] == ("rtl" if root["lang"] == "ar" else "ltr"), address
        assert {tag: len(found.all(tag)) for tag in ("h1", "main", "body")} == {"h1": 1, "main": 1, "body": 1}, address
        assert re.search(r"<title>[^<]*\w[^<]* · Redwood</title>", page), address


def test_headings_leave_no_level_out(pages: Pages) -> None:
    for address, page in pages.items():
        levels = [int(tag[1]) for tag, _ in Elements(page).found if re.fullmatch(r"h[1-6]", tag)]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), (address, levels)


def test_ids_are_unique_and_whatever_is_referred_to_is_there(pages: Pages) -> None:
    for address, page in pages.items():
        found = [attributes for _, attributes in Elements(page).found]
        ids = [it["id"] for it in found if "id" in it]
        assert len(ids) == len(set(ids)), (address, sorted(id for id in ids if ids.count(id) > 1))
        named = {id for it in found for name in REFERENCES for id in (it.get(name) or "").split()}
        named |= {(it.get("href") or "")[1:] for it in found if (it.get("href") or "").startswith("#")}
        assert named - {""} <= set(ids), (address, named - set(ids))


def test_every_choice_and_field_has_a_label(pages: Pages) -> None:
    """Wrapped in one, or named by one elsewhere; axe looks at the names themselves where there is a browser."""
    for address, page in pages.items():
        found = Elements(page)
        ids = {it.get("for") for it in found.all("label")}
        for field in (*found.all("input"), *found.all("select"), *found.all("textarea")):
            unseen = field.get("type") == "hidden" or "hidden" in field
            named = unseen or field.get("aria-label") or field.get("aria-labelledby")
            assert named or field.get("id") in ids or _wrapped(page, field["name"] or ""), (address, field)


def _wrapped(page: str, name: str) -> bool:
    labels = re.findall(r"<label\b[^>]*>.*?</label>", page, re.DOTALL)
    return any(f'name="{name}"' in label for label in labels)


def test_no_page_is_heavy(pages: Pages) -> None:
    sizes = {address: len(page.encode()) for address, page in pages.items()}
    assert {address: size for address, size in sizes.items() if size > MOST} == {}


def test_names_are_text_and_never_markup(pages: Pages) -> None:
    for address, page in pages.items():
        assert "<of>" not in page, address
        assert "<& " not in page, address
        assert "&amp;lt;" not in page, address


def test_no_link_carries_a_secret(site: Site, pages: Pages) -> None:
    secrets = (*site.keys.values(), *site.tokens)
    for address, page in pages.items():
        assert not [link for link in links(page) if any(secret in link for secret in secrets)], address
        assert not any(key in page for key in site.keys.values()), address
