"""The pages over HTTP, as the two people who use them meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest

from service.api.routes.pages import site
from service.errors import Overloaded, RedwoodError, Unavailable
from service.pages.words import all_words
from tests.pages.through import get, post
from tests.tokens.asking import token_of

#: The pages have no SQL of their own: one test asks both databases.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ITEMS = ["WB1", "PS1", "CL1"]
TEAMS = {"north": 9, "south": 8}
#: The second value of the band, and 'prefer not to say'.
SAID = {"item.WB1": "2", "item.PS1": "5", "item.CL1": "-", "band.tenure": "2"}
STEPS = ("/answer", "/answer/review", "/answer/send")

Tokens = dict[str, list[str]]


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    units = [
        {"id": "works", "name": "The works", "parent": None, "headcount": 0},
        *({"id": id, "name": id.title(), "parent": "works", "headcount": n} for id, n in TEAMS.items()),
    ]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok(
        "POST",
        "/v1/pulses",
        {"instrument": "five-blocks", "items": ITEMS, "bands": {"tenure": ["0-1y", "1-3y"]}, "label": "Spring"},
    )
    invited = doors.ok("POST", f"/v1/pulses/{pulse['id']}/invitations")["invitations"]
    tokens = {entry["unit"]: entry["tokens"] for entry in invited}
    draft = post(doors, "/answer", token=tokens["north"][0])
    doors.ok("POST", f"/v1/pulses/{pulse['id']}/open")
    return SimpleNamespace(id=pulse["id"], tokens=tokens, draft=draft)


@pytest.fixture
def released(doors: Any, opened: SimpleNamespace) -> SimpleNamespace:
    for tokens in opened.tokens.values():
        for token in tokens:
            assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    return opened


def test_no_form_of_another_site_is_taken(doors: Any) -> None:
    routers = [part.router for part in vars(site).values() if isinstance(part, ModuleType) and hasattr(part, "router")]
    paths = {route.path for router in routers for route in router.routes if "POST" in route.methods}
    kept = {path for path in paths if not path.startswith("/answer")}
    assert {"/dashboard/sign-in", "/dashboard/sign-out", "/manage/roster", "/dashboard/forecast"} <= kept
    for path in sorted(kept):
        for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
            reply = doors.run(doors.client.post(path, data={}, headers=foreign))
            assert (reply.status_code, "set-cookie" in reply.headers) == (403, False), path
            assert "came from another address" in reply.text


def chosen(page: Any) -> dict[str, str]:
    """What a browser would post of the choices on a page."""
    return {
        it["name"]: it["value"]
        for it in page.all("input")
        if it["name"][:5] in {"item.", "band."} and (it["type"] == "hidden" or "checked" in it)
    }


def is_a_strict_page(reply: httpx.Response) -> None:
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'"
    )
    assert reply.headers["referrer-policy"] == "no-referrer"


@ON_SQLITE
def test_a_person_answers_once_and_may_send_twice(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["north"][0]
    start = get(doors, "/answer")
    asked = post(doors, "/answer", token=f" http://redwood/answer#{token} ")
    names = {it["name"] for it in elements(asked.text).all("input") if it["type"] == "radio"}
    assert names == SAID.keys()
    assert chosen(elements(asked.text)) == {}
    sent = {"token": token, "lang": "en", **SAID}
    review = post(doors, "/answer/review", **sent)
    assert chosen(elements(review.text)) == SAID
    done, again = (post(doors, "/answer/send", **sent) for _ in range(2))
    changed = post(doors, "/answer/send", **{**sent, "item.PS1": "1"})
    replies = (start, asked, review, done, again, changed)
    assert [it.status_code for it in replies] == [200, 200, 200, 200, 200, 403]
    for said in ("done_title", "done_lead", "next_open", "next_closed", "next_released"):
        assert all_words()["en"][said] in unescape(done.text)
    for reply in replies:
        is_a_strict_page(reply)
        assert "set-cookie" not in reply.headers
    assert token not in done.text + changed.text


@ON_SQLITE
def test_the_review_keeps_nothing_and_changing_keeps_what_was_chosen(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["north"][0]
    seen = [post(doors, "/answer/review", token=token, lang="en", **SAID) for _ in range(2)]
    assert seen[0].text == seen[1].text
    back = post(doors, "/answer", token=token, lang="en", **SAID)
    assert chosen(elements(back.text)) == SAID
    others = {"item.WB1": "4", "item.PS1": "-", "band.tenure": "-"}
    assert post(doors, "/answer/review", token=token, lang="en", **others).status_code == 200
    assert post(doors, "/answer/send", token=token, lang="en", **others).status_code == 200
    assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 403


@ON_SQLITE
def test_no_reply_tells_by_its_length_what_was_chosen_or_whether_it_was_taken(
    doors: Any, opened: SimpleNamespace
) -> None:
    north, south = opened.tokens["north"], opened.tokens["south"]
    people = (
        (north[0], "1", "1"),
        (own_token(doors, north[1]), "2", "-"),
        (south[0], "-", "2"),
        (own_token(doors, south[1]), "4", "2"),
    )
    for path in STEPS:
        replies = [
            post(doors, path, token=token, lang="en", **{"item.WB1": choice, "item.PS1": last, "band.tenure": band})
            for last in "35"  # sent once more and changed it is refused
            for token, choice, band in people
        ]
        refused = 403 if path == "/answer/send" else 200
        assert [it.status_code for it in replies] == [200] * 4 + [refused] * 4
        assert len({len(it.content) for it in replies}) == 1, path


def own_token(doors: Any, invitation: str) -> str:
    return token_of(lambda *call: doors.run(doors.client.request(*call[:2], json=call[2])), invitation)


@ON_SQLITE
def test_a_token_of_her_own_goes_through_every_step_and_once(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    invitation, other = opened.tokens["north"][:2]
    token = own_token(doors, invitation)
    asked = post(doors, "/answer", token=token, lang="en")
    assert asked.text.index("North") < asked.text.index('name="item.WB1"')
    assert all_words()["en"]["token_unlinkable"] in asked.text
    review = post(doors, "/answer/review", token=token, lang="en", **SAID)
    assert chosen(elements(review.text)) == SAID
    replies = [post(doors, "/answer/send", token=token, lang="en", pad="0" * 99, **SAID) for _ in range(2)]
    changed = post(doors, "/answer/send", token=token, lang="en", **{**SAID, "item.PS1": "1"})
    used = post(doors, "/answer/send", token=invitation, lang="en", **SAID)
    forged = post(doors, "/answer/send", token=own_token(doors, other)[:-4] + "AAAA", lang="en", **SAID)
    assert [it.status_code for it in (asked, review, *replies, changed, used, forged)] == [200] * 4 + [403] * 3
    assert changed.text == used.text == forged.text == opened.draft.text


@ON_SQLITE
def test_a_strict_pulse_takes_no_code_at_any_step(doors: Any, opened: SimpleNamespace) -> None:
    body = {
        "instrument": "five-blocks",
        "items": ITEMS,
        "bands": {"tenure": ["0-1y", "1-3y"]},
        "tokens": ["unlinkable"],
    }
    pulse = doors.ok("POST", "/v1/pulses", body)
    tokens = doors.ok("POST", f"/v1/pulses/{pulse['id']}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse['id']}/open")
    asked = post(doors, "/answer", token=tokens[0], lang="en")
    review = post(doors, "/answer/review", token=tokens[0], lang="en", **SAID)
    sent = post(doors, "/answer/send", token=tokens[0], lang="en", **SAID)
    assert [it.status_code for it in (asked, review, sent)] == [200, 422, 403]
    for page in (asked, review):
        assert all_words()["en"]["cannot_text"] in page.text
        assert page.text.partition("<template")[0].count('type="radio"') == 0
    own = own_token(doors, tokens[0])
    assert all_words()["en"]["cannot_text"] not in post(doors, "/answer/review", token=own, lang="en", **SAID).text
    assert post(doors, "/answer/send", token=own, lang="en", **SAID).status_code == 200


@ON_SQLITE
def test_who_asks_for_the_address_of_a_step_begins_anew(doors: Any) -> None:
    for step in STEPS[1:]:
        reply = get(doors, step)
        assert (reply.status_code, reply.headers["location"]) == (303, "/answer")


@ON_SQLITE
def test_what_was_chosen_is_what_is_released(doors: Any, released: SimpleNamespace) -> None:
    rows = doors.rows(f"/v1/results?pulse={released.id}&unit=works")
    found = {row["item"]: row for row in rows}
    assert (found["WB1"]["status"], found["WB1"]["mean"]) == ("ok", 2)
    # Everybody chose the highest point, and nobody is told so of everybody.
    assert (found["PS1"]["status"], found["PS1"]["mean"], found["PS1"]["at_most"]) == ("bound", None, 100)
    assert 75 < found["PS1"]["at_least"] < 100


@ON_SQLITE
def test_every_refusal_is_the_same_page(doors: Any, opened: SimpleNamespace) -> None:
    token, spent = opened.tokens["north"][:2]
    post(doors, "/answer/send", token=spent, lang="en", **{"item.WB1": "1"})
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    said = {"lang": "en", **SAID}
    refusals = [
        opened.draft,
        post(doors, "/answer", token=""),
        post(doors, "/answer", token="<b>marmalade</b>"),
        post(doors, "/answer", token="a" * 16 + "." + "b" * 43),
        post(doors, "/answer/send", token=wrong, **said),
        post(doors, "/answer/send", token=spent, **said),
        post(doors, "/answer/send", **said),
        post(doors, "/answer/review", **said),
        post(doors, "/answer/review", token="a" * 16 + "." + "b" * 43, **said),
    ]
    assert {(it.status_code, it.text) for it in refusals} == {(403, refusals[0].text)}
    assert "marmalade" not in refusals[0].text


@ON_SQLITE
def test_the_page_names_the_groups_and_a_spent_code_shows_the_same(doors: Any, opened: SimpleNamespace) -> None:
    """The page must not tell whoever keeps the codes which of them have been used."""
    token, other = opened.tokens["north"][:2]
    before = post(doors, "/answer", token=token, lang="en").text
    assert before.index("North") < before.index("The works") < before.index('name="item.WB1"')
    assert all_words()["en"]["exposure_invited"].format(count=9) in before
    assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200
    assert post(doors, "/answer", token=token, lang="en").text == before
    assert post(doors, "/answer", token=other, lang="en").text == before.replace(token, other)
    assert post(doors, "/answer/send", token=other, lang="en", **SAID).status_code == 200


@ON_SQLITE
def test_a_code_nobody_was_given_names_no_group(doors: Any, opened: SimpleNamespace) -> None:
    token = opened.tokens["north"][0]
    unknown = post(doors, "/answer", token=token[:-43] + "A" * 43, lang="en")
    assert unknown.status_code == 200
    assert all_words()["en"]["exposure_lead"] not in unknown.text
    assert all_words()["en"]["readers_before"] in unknown.text


@ON_SQLITE
def test_the_review_of_a_spent_code_is_that_of_another(doors: Any, opened: SimpleNamespace) -> None:
    spent, other = opened.tokens["north"][:2]
    assert post(doors, "/answer/send", token=spent, lang="en", **SAID).status_code == 200
    reviews = [post(doors, "/answer/review", token=token, lang="en", **SAID).text for token in (spent, other)]
    assert reviews[0].replace(spent, other) == reviews[1]


@ON_SQLITE
def test_a_closed_pulse_refuses_every_step_alike(doors: Any, opened: SimpleNamespace) -> None:
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    replies = [post(doors, step, token=opened.tokens["north"][0], lang="en", **SAID) for step in STEPS]
    assert {(it.status_code, it.text) for it in replies} == {(403, opened.draft.text)}


@ON_SQLITE
@pytest.mark.parametrize("step", STEPS[1:])
def test_nothing_answered_keeps_the_form_and_says_so(
    step: str, doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["south"][0]
    reply = post(doors, step, token=token, lang="en", **{"item.WB1": "-", "band.tenure": "2"})
    assert reply.status_code == 422
    assert all_words()["en"]["nothing_answered"] in reply.text
    page = elements(reply.text)
    assert chosen(page) == {"item.WB1": "-", "band.tenure": "2"}
    assert {it["value"] for it in page.all("input") if it["name"] == "token"} == {token}


@ON_SQLITE
@pytest.mark.parametrize("step", STEPS[1:])
@pytest.mark.parametrize("tampered", [{"item.WB1": "4444"}, {"item.marmalade": "1"}, {"band.tenure": "7777"}])
def test_what_the_page_never_offered_is_neither_kept_nor_repeated(
    tampered: dict[str, str], step: str, doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["south"][0]
    reply = post(doors, step, token=token, lang="en", **SAID | tampered)
    assert reply.status_code == 422
    assert all_words()["en"]["not_understood"] in reply.text
    # Any four digits may stand in a fingerprint, or in what makes every page as long as the next.
    said = re.sub(r"<code.*?</code>|<!--.*?-->", "", reply.text, flags=re.DOTALL)
    assert len(said) > len(reply.text) // 2
    for value in ("4444", "7777", "marmalade"):
        assert value not in said
    assert chosen(elements(reply.text)) == {name: value for name, value in SAID.items() if name not in tampered}
    assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize("error", [Overloaded, Unavailable])
def test_a_busy_service_keeps_the_form_to_send_again(
    error: type[RedwoodError],
    doors: Any,
    opened: SimpleNamespace,
    elements: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(_: object) -> bool:
        raise error

    token = opened.tokens["south"][0]
    with monkeypatch.context() as patched:
        patched.setattr(doors.parts.collector, "submit", busy)
        reply = post(doors, "/answer/send", token=token, lang="de", **SAID)
    assert reply.status_code == 503
    is_a_strict_page(reply)
    assert all_words()["de"]["try_again"] in reply.text
    again = elements(reply.text)
    assert chosen(again) == SAID
    fields = {it["name"]: it["value"] for it in again.all("input")}
    sent = post(doors, again.all("form")[0]["action"], **fields)
    assert (sent.status_code, fields["token"]) == (200, token)
    assert all_words()["de"]["done_title"] in sent.text


@ON_SQLITE
@pytest.mark.parametrize("step", STEPS[:2])
def test_a_step_the_database_cannot_answer_now_may_be_taken_again(
    step: str, doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr("service.api.routes.pages.answer.questionnaire", away)
    reply = post(doors, step, token=opened.tokens["south"][0], lang="en", **SAID)
    assert reply.status_code == 503
    assert elements(reply.text).all("form")[0]["action"] == step
    assert chosen(elements(reply.text)) == SAID


@ON_SQLITE
def test_choosing_a_language_keeps_what_was_chosen(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    reply = post(doors, "/answer", token=opened.tokens["north"][0], lang="en", switch="de", **SAID)
    assert '<html lang="de" dir="ltr">' in reply.text
    assert chosen(elements(reply.text)) == SAID


@ON_SQLITE
def test_an_unknown_language_is_english_at_every_step(doors: Any, opened: SimpleNamespace) -> None:
    for step in STEPS:
        reply = post(doors, step, token=opened.tokens["north"][0], lang="marmalade", **SAID)
        assert reply.status_code == 200
        assert '<html lang="en" dir="ltr">' in reply.text
        assert "marmalade" not in reply.text


@ON_SQLITE
def test_a_language_may_be_chosen_before_there_is_a_code(doors: Any) -> None:
    reply = post(doors, "/answer", token="", lang="en", switch="ar")
    assert reply.status_code == 200
    assert '<html lang="ar" dir="rtl">' in reply.text
    assert 'name="lang" value="ar"' in reply.text


@ON_SQLITE
def test_pages_before_the_token_speak_the_browsers_language(doors: Any) -> None:
    assert 'lang="ar" dir="rtl"' in get(doors, "/answer", **{"Accept-Language": "ar-EG,en;q=0.5"}).text
    refused = doors.run(doors.client.post("/answer", content=b"token=x", headers={"Accept-Language": "fr"}))
    assert 'lang="fr" dir="ltr"' in refused.text


@ON_SQLITE
@pytest.mark.parametrize("body", [b"\xff\xfe", b"marmalade", b"token=" + b"x" * 20_000])
def test_what_is_no_form_of_ours_is_refused_with_a_page(doors: Any, body: bytes) -> None:
    reply = doors.run(doors.client.post("/answer/send", content=body))
    assert reply.status_code in {413, 422}
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text


@ON_SQLITE
def test_files_are_kept_for_good_under_their_own_hash(doors: Any) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', get(doors, "/answer").text)
    assert {address.split("?")[0] for address in addresses} == {
        "/static/answering.css",
        "/static/redwood.svg",
        "/static/answer.js",
    }
    for address in addresses:
        assert get(doors, address).headers["cache-control"] == "public, max-age=31536000, immutable"
        assert get(doors, address.split("?")[0]).headers["cache-control"] == "no-cache"
    assert get(doors, "/static/answer.js").headers["content-type"].startswith("text/javascript")
    assert get(doors, "/static/..%2Fwords.toml").status_code == 404


@ON_SQLITE
def test_the_reference_names_every_call_and_no_page(doors: Any) -> None:
    page = get(doors, "/docs")
    is_a_strict_page(page)
    paths = doors.ok("GET", "/openapi.json")["paths"]
    assert "/v1/results" in paths
    assert not {"/answer", "/dashboard", "/docs", "/"} & set(paths)
    for path in paths:
        assert f"<code>{path}</code>" in page.text
    assert get(doors, "/").headers["location"] == "/dashboard"
