from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import partial
from itertools import product
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from service.errors import InvalidResponse
from service.pages import answering
from service.pages.answering import Notice, amiss, questionnaire_page, review_page, waiting_page
from service.pages.assets import Asset, address, assets
from service.pages.choosing import stated
from service.pages.form import Filled
from service.pages.words import all_words

Document = dict[str, Any]
Elements = Callable[[str], Any]

TOKEN = "t" * 16 + "." + "s" * 43


def sent(page: Any) -> list[tuple[str | None, str | None]]:
    """What a browser posts when the form is sent as it stands."""
    return [
        (field["name"], field.get("value"))
        for field in page.all("input")
        if field["type"] == "hidden" or ("checked" in field and field["type"] == "radio")
    ]


@pytest.mark.parametrize("language", sorted(all_words()))
def test_every_page_speaks_every_language(language: str, document: Document, elements: Elements) -> None:
    words = all_words()[language]
    for render, said in (
        (answering.start_page, "start_title"),
        (answering.done_page, "done_lead"),
        (answering.refused_page, "refused_lead"),
        (answering.trouble_page, "trouble_title"),
        (lambda it: waiting_page(Filled(TOKEN, it), "/answer/send"), "try_again"),
        (lambda it: review_page(document | {"language": it}, Filled(TOKEN, it)), "review_lead"),
    ):
        page = elements(render(language))
        assert page.all("html") == [{"lang": language, "dir": "rtl" if language == "ar" else "ltr"}]
        assert words[said] in page.text
    asked = elements(questionnaire_page(document | {"language": language}, Filled(TOKEN, language)))
    assert words["privacy_threshold"].format(threshold=7) in asked.text
    assert asked.text.count(words["prefer_not"]) == 4
    assert words["length"].format(count=3, minutes=1) in asked.text


def chosen(page: Any) -> list[tuple[str | None, str | None]]:
    """The same without the groups in which nothing is."""
    return [(name, value) for name, value in sent(page) if value != "."]


def test_an_untouched_form_says_nothing(document: Document, elements: Elements) -> None:
    own = [("token", TOKEN), ("lang", "en")]
    assert sent(elements(questionnaire_page(document, Filled(TOKEN, "en")))) == own
    review = elements(review_page(document, Filled(TOKEN, "en")))
    assert sent(review) == [*own, *((name, ".") for name in ("item.WB1", "item.PS1", "item.CL1", "band.tenure"))]


def test_choices_made_before_stay_made_through_every_step(document: Document, elements: Elements) -> None:
    said = {"item.WB1": "1", "item.PS1": "-", "band.tenure": "2"}
    filled = Filled(TOKEN, "en", said)
    for page in (questionnaire_page(document, filled), review_page(document, filled), waiting_page(filled, "/answer")):
        assert chosen(elements(page)) == [("token", TOKEN), ("lang", "en"), *said.items()]


def test_what_is_no_choice_of_the_page_is_not_repeated(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"item.WB1": "77777", "item.marmalade": "1", "band.tenure": "88888"})
    for page in (questionnaire_page(document, filled), review_page(document, filled)):
        for value in ("77777", "88888", "marmalade"):
            assert value not in page
        assert chosen(elements(page)) == [("token", TOKEN), ("lang", "en")]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"item.WB1": "1", "item.PS1": "-", "band.tenure": "-"}, None),
        ({"item.WB1": "1", "item.PS1": ".", "band.tenure": "2"}, None),
        ({"item.WB1": "-", "band.tenure": "2"}, "nothing_answered"),
        ({"item.WB1": "."}, "nothing_answered"),
        ({}, "nothing_answered"),
        ({"item.WB1": "6"}, "not_understood"),
        ({"item.WB1": "01"}, "not_understood"),
        ({"item.WB1": "1", "item.marmalade": "1"}, "not_understood"),
        ({"item.WB1": "1", "band.tenure": "3"}, "not_understood"),
        ({"item.WB1": "1", "band.tenure": "0"}, "not_understood"),
        ({"item.WB1": "1", "band.marmalade": "-"}, "not_understood"),
    ],
)
def test_a_form_is_weighed_before_it_is_reviewed(
    said: dict[str, str], wrong: Notice | None, document: Document
) -> None:
    assert amiss(document, Filled(TOKEN, "en", said)) == wrong


def test_a_band_is_stated_by_its_place_and_no_other_is_guessed(document: Document) -> None:
    assert stated(document, Filled(said={"band.tenure": "2"})) == {"tenure": "1 to 3 years"}
    assert stated(document, Filled(said={"band.tenure": "-"})) == {}
    for place in ("0", "3", "-1", "99"):
        with pytest.raises(InvalidResponse):
            stated(document, Filled(said={"band.tenure": place}))
    with pytest.raises(InvalidResponse):
        stated(document, Filled(said={"band.marmalade": "1"}))


def test_whatever_is_chosen_what_is_sent_is_as_long(document: Document, elements: Elements) -> None:
    """Without a script too: the review's form carries every group, and a byte for each choice."""
    values = {"item.WB1": "12345-.", "item.PS1": "12345-.", "item.CL1": "12345-.", "band.tenure": "12-."}
    draw = Random(5).choice
    lengths = set()
    for _ in range(20):
        filled = Filled(TOKEN, "en", {name: draw(them) for name, them in values.items()})
        lengths.add(len(urlencode(sent(elements(review_page(document, filled))))))
        lengths.add(len(urlencode(filled.fields())))
    assert len(lengths) == 1
    long = document["items"][0] | {"scale": {"low": -5, "high": 10, "labels": []}}
    page = elements(questionnaire_page(document | {"items": [long]}, Filled(TOKEN, "en")))
    assert {len(it["value"]) for it in page.all("input") if it["name"] == "item.WB1"} == {2}


def test_every_form_says_how_long_it_is_to_be(document: Document, elements: Elements) -> None:
    for page in (questionnaire_page(document, Filled(TOKEN, "en")), review_page(document, Filled(TOKEN, "en"))):
        assert [it["data-size"] for it in elements(page).all("form")] == ["4096"]


def test_the_review_says_what_was_chosen_and_what_was_not(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"item.WB1": "1", "item.PS1": "-", "band.tenure": "2"})
    page = elements(review_page(document, filled))
    order = ["WB1 <of>", "Strongly disagree", "PS1 <of>", "Not said", "CL1 <of>", "Not said", "Tenure", "1 to 3 years"]
    places = [page.text.index(order[0])]
    for said in order[1:]:
        places.append(page.text.index(said, places[-1] + 1))
    assert page.text.count("Not said") == 2 + 1
    assert all_words()["en"]["unsaid_count"].format(count=2, of=3) in page.text
    said = {"item.WB1": "1", "item.PS1": "2", "item.CL1": "3"}
    assert "Not said: " not in elements(review_page(document, Filled(TOKEN, "en", said))).text


def test_each_line_of_the_review_leads_back_to_its_statement(document: Document, elements: Elements) -> None:
    asked = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    review = elements(review_page(document, Filled(TOKEN, "en")))
    places = [it["id"] for it in asked.all("fieldset")]
    assert places == ["statement-1", "statement-2", "statement-3", "about-1"]
    back = [it["formaction"] for it in review.all("button") if "formaction" in it]
    assert back == [*(f"/answer#{place}" for place in places), "/answer"]
    assert [it["action"] for it in review.all("form")] == ["/answer/send"]


def test_each_statement_is_a_group_with_a_legend_and_labelled_choices(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    assert len(page.all("fieldset")) == len(page.all("legend")) == 4
    assert len(page.all("label")) == len([it for it in page.all("input") if it["type"] == "radio"]) == 3 * 6 + 3
    assert "Strongly disagree" in page.text
    assert 'Statement WB1 <of> "wellbeing"' in page.text


def test_points_without_words_are_numbered(document: Document, elements: Elements) -> None:
    item = document["items"][0] | {"scale": {"low": 0, "high": 10, "labels": []}}
    page = elements(questionnaire_page(document | {"items": [item]}, Filled(TOKEN, "en")))
    values = [it["value"] for it in page.all("input") if it["name"] == "item.WB1"]
    assert values == [*(f"{point:02}" for point in range(11)), "--"]


def test_enter_goes_on_a_step_and_neither_sends_nor_changes_the_language(
    document: Document, elements: Elements
) -> None:
    """A form's first submit button is the one Enter presses, wherever on the page it stands."""
    for page, step in (
        (answering.start_page("de"), "/answer"),
        (questionnaire_page(document, Filled(TOKEN, "en")), "/answer/review"),
    ):
        assert elements(page).all("button")[0] == {"type": "submit", "form": "answers", "hidden": None}
        assert [(it["id"], it["action"]) for it in elements(page).all("form")] == [("answers", step)]
    review = elements(review_page(document, Filled(TOKEN, "en", {"item.WB1": "1"})))
    assert {it["type"] for it in review.all("input")} == {"hidden"}


def test_languages_are_offered_by_posting_the_form_again(document: Document, elements: Elements) -> None:
    buttons = [it for it in elements(questionnaire_page(document, Filled(TOKEN, "en"))).all("button") if "name" in it]
    assert [(it["name"], it["value"], it["dir"], it["formaction"]) for it in buttons] == [
        ("switch", "en", "ltr", "/answer"),
        ("switch", "ar", "rtl", "/answer"),
    ]


@pytest.mark.parametrize("notice", ["nothing_answered", "not_understood"])
def test_what_went_wrong_is_announced(notice: Notice, document: Document) -> None:
    page = questionnaire_page(document, Filled(TOKEN, "en"), notice)
    assert 'role="alert"' in page
    assert all_words()["en"][notice][:30] in page


def test_the_refusal_is_one_page_for_all() -> None:
    assert TOKEN not in answering.refused_page("en")
    assert answering.refused_page("it") == answering.refused_page("en")


@pytest.mark.parametrize("language", sorted(all_words()))
def test_before_the_first_statement_it_says_who_will_see_what(
    language: str, document: Document, exposure: Document, elements: Elements
) -> None:
    words = all_words()[language]
    said = elements(questionnaire_page(document | {"language": language}, Filled(TOKEN, language), None, exposure)).text
    before = said[: said.index("Statement WB1")]
    assert before.index("<quay>") < before.index("<all>")
    assert before.count(words["exposure_invited"].format(count=70)) == 1
    assert before.count(words["exposure_most"].format(count=13)) == 1
    assert "Time here" in before
    assert words["readers_open"].format(threshold=7) in before


def test_where_no_group_can_be_named_it_says_so(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en"), None, {"counted_in": []}))
    assert all_words()["en"]["exposure_nowhere"].format(threshold=7) in page.text
    assert all_words()["en"]["exposure_lead"] not in page.text


def test_of_an_unknown_unit_only_the_readers_are_told(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    assert all_words()["en"]["readers_after"] in page.text
    assert all_words()["en"]["exposure_nowhere"].format(threshold=7) not in page.text
    assert all_words()["en"]["exposure_lead"] not in page.text


def test_where_the_pages_do_not_speak_the_instruments_language_each_part_says_which_it_is(document: Document) -> None:
    asked = questionnaire_page(document | {"language": "it"}, Filled(TOKEN, "it", {"item.WB1": "1"}))
    review = review_page(document | {"language": "it"}, Filled(TOKEN, "it", {"item.WB1": "1"}))
    for page in (asked, review):
        assert '<html lang="en" dir="ltr">' in page
        assert re.search(r'lang="it">Statement WB1', page)
        assert re.search(r'lang="it">Strongly disagree', page)
        assert 'name="lang" value="it"' in page
    assert "<span>Prefer not to say" in asked


def test_a_lost_connection_has_its_words_ready(document: Document) -> None:
    script = assets()["answer.js"].content.decode()
    for page in (questionnaire_page(document, Filled(TOKEN, "en")), review_page(document, Filled(TOKEN, "en"))):
        assert f'<script src="{address("answer.js")}" defer>' in page
        for id in ("lost", "lost-words", "again", "answers"):
            assert f'id="{id}"' in page
            assert f'"{id}"' in script or f"#{id} " in script


def test_the_script_keeps_what_the_token_hangs_on_and_nothing_else() -> None:
    script = assets()["answer.js"].content.decode()
    assert not re.search(r"sessionStorage|indexedDB|cookie|serviceWorker|caches", script)
    assert script.count("setItem") == 1
    assert re.search(r"setItem\(DRAWER \+ name, text\)", script)


# The right to answer

OWN = "u1." + "t" * 16 + ".bm9ydGg." + "n" * 43 + "." + "o" * 86
MODULE = Asset(b"export {}", "text/javascript; charset=utf-8")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if bin/browser had built the module, whether it has or not."""
    _with_files(monkeypatch, assets() | {"unlinkable.js": MODULE})


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_files(monkeypatch, {name: it for name, it in assets().items() if name != "unlinkable.js"})


def _with_files(monkeypatch: pytest.MonkeyPatch, files: dict[str, Asset]) -> None:
    for module in ("assets", "right"):
        monkeypatch.setattr(f"service.pages.{module}.assets", lambda: files)


def taking(document: Document, *kinds: str) -> Document:
    tokens = document["privacy"]["tokens"] | {"kinds": list(kinds)}
    return document | {"privacy": document["privacy"] | {"tokens": tokens}}


def seen(page: Any) -> list[str]:
    """What of the token is in sight before any script has run."""
    return [it["data-holds"] for it in page.all("p") if "data-holds" in it and "hidden" not in it]


@pytest.mark.usefixtures("built")
def test_the_script_is_told_what_to_make_a_token_with(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    (form,) = page.all("form")
    assert form["data-module"] == f"/static/unlinkable.js?v={MODULE.version}"
    assert form["data-fingerprint"] == "0a1b2c3d" * 8
    assert "data-plain" in form
    assert seen(page) == ["plain"]
    assert {it["id"] for it in page.all("template")} == {"lost-words", "refused-words", "forged-words"}


@pytest.mark.usefixtures("built")
def test_whoever_has_her_own_token_makes_no_other(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(OWN, "en")))
    assert "data-module" not in page.all("form")[0]
    assert seen(page) == ["unlinkable", "unlinkable later"]
    assert chosen(page) == [("token", OWN), ("lang", "en")]


@pytest.mark.usefixtures("unbuilt")
def test_without_the_module_the_code_is_sent_and_the_page_says_so(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    assert "data-module" not in page.all("form")[0]
    assert seen(page) == ["plain"]
    assert all_words()["en"]["review_button"] in page.text


@pytest.mark.usefixtures("built")
def test_where_only_codes_are_taken_nothing_else_is_tried(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(taking(document, "plain"), Filled(TOKEN, "en")))
    assert "data-module" not in page.all("form")[0]
    assert seen(page) == ["plain"]
    assert all_words()["en"]["fingerprint_title"] not in page.text


@pytest.mark.parametrize("language", sorted(all_words()))
@pytest.mark.usefixtures("unbuilt")
def test_where_only_unlinkable_tokens_are_taken_no_form_is_offered_without_one(
    language: str, document: Document, elements: Elements
) -> None:
    only = taking(document, "unlinkable") | {"language": language}
    page = elements(questionnaire_page(only, Filled(TOKEN, language)))
    words = all_words()[language]
    assert seen(page) == ["none"]
    for said in ("cannot_text", "cannot_help", "token_only"):
        assert words[said] in page.text
    assert {it["type"] for it in page.all("input")} == {"hidden"}
    assert {it["formaction"] for it in page.all("button")} == {"/answer"}
    own = elements(questionnaire_page(only, Filled(OWN, language)))
    assert words["cannot_text"] not in own.text
    assert words["review_button"] in own.text


@pytest.mark.usefixtures("built")
def test_where_only_unlinkable_tokens_are_taken_the_statements_wait_for_the_script(document: Document) -> None:
    page = questionnaire_page(taking(document, "unlinkable"), Filled(TOKEN, "en"))
    assert "data-plain" not in page
    before, _, after = page.partition('<template id="whole">')
    assert 'type="radio"' not in before
    assert after.index('type="radio"') < after.index("</form>")
    assert '<div id="cannot"' in before


def test_the_whole_fingerprint_is_shown_in_groups_to_compare(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    assert " ".join(["0a1b 2c3d"] * 8) in page.text


# One size

Page = Callable[[Filled], str]


def labelled(document: Document, *labels: str) -> Document:
    """Its statements to be answered with these words."""
    items = [it | {"scale": it["scale"] | {"labels": list(labels)}} for it in document["items"]]
    return document | {"items": items}


def sizes(page: Page, language: str, groups: list[str], token: str = TOKEN) -> set[tuple[int, int]]:
    """Bytes of a page filled up, and of what it says, for each choice of the groups there is."""
    values = {"item": "12345-.", "band": "12-."}
    every = [
        Filled(token, language, dict(zip(groups, said, strict=True)))
        for said in product(*(values[group[:4]] for group in groups))
    ]
    pages = [page(filled) for filled in every]
    return {(len(it.encode()), len(it.partition("<!-- ")[0].encode())) for it in pages}


@pytest.mark.parametrize("bands", [True, False])
@pytest.mark.parametrize("language", sorted(all_words()))
def test_the_review_is_as_long_whatever_was_chosen(language: str, bands: bool, document: Document) -> None:
    told = document | {"language": language} | ({} if bands else {"bands": []})
    groups = ["item.WB1", "band.tenure"] if bands else ["item.WB1", "item.CL1"]
    for asked in (told, labelled(told, *"12345"), labelled(told, "no", "<&>", "ن" * 9, "x" * 999, "y" * 4999)):
        found = sizes(lambda it, asked=asked: review_page(asked, it), language, groups)
        found |= sizes(lambda it, asked=asked: review_page(asked, it), language, groups[:1], OWN)
        assert len({filled for filled, _ in found}) == 1
        assert len({own for _, own in found}) > 1  # or nothing is shown by it
        assert {filled % 4096 for filled, _ in found} == {0}


@pytest.mark.parametrize("kinds", [("unlinkable", "plain"), ("unlinkable",), ("plain",)])
@pytest.mark.parametrize("language", sorted(all_words()))
def test_the_statements_are_as_long_whoever_asks_and_whatever_was_chosen(
    language: str, kinds: tuple[str, ...], document: Document, exposure: Document
) -> None:
    asked = taking(document, *kinds) | {"language": language}
    notices: tuple[Notice | None, ...] = (None, "nothing_answered", "not_understood")
    found = set()
    for notice, groups, token in product(notices, (None, exposure, {"counted_in": []}), (TOKEN, OWN)):
        page = partial(questionnaire_page, asked, notice=notice, exposure=groups)
        found |= sizes(page, language, ["band.tenure"], token)
    assert len({filled for filled, _ in found}) == 1
    assert len({own for _, own in found}) > 1


def test_only_a_unit_in_more_groups_than_others_have_room_for_shows_by_length(document: Document) -> None:
    """And whatever she chooses shows by none."""
    group = {"by": ["tenure"], "bands": ["مسافة"], "unit": "quay", "name": "<&>" * 60, "invited": 13, "exact": False}
    lengths = []
    for many in (1, 3, 90):
        page = partial(questionnaire_page, document, exposure={"counted_in": [group] * many})
        (length,) = {filled for filled, _ in sizes(page, "en", ["band.tenure"])}
        lengths.append(length)
    assert lengths[0] == lengths[1] < lengths[2]


def test_the_end_is_as_long_as_a_refusal_in_every_language() -> None:
    ends = (answering.start_page, answering.done_page, answering.refused_page, answering.trouble_page)
    assert {len(end(language).encode()) for end in ends for language in all_words()} == {4096}
    waiting = {
        len(waiting_page(Filled(token, language, said), "/answer/review").encode())
        for token, language in product((TOKEN, OWN), all_words())
        for said in ({}, {f"item.WB{number}": "1" for number in range(50)})
    }
    assert len(waiting) == 1


def test_what_fills_a_page_up_is_met_by_nobody_and_no_proxy_takes_it_out(document: Document) -> None:
    page = review_page(document, Filled(TOKEN, "en"))
    said, end, filler = page.partition("</html>\n")
    assert end
    comment = re.fullmatch("<!-- ([A-Za-z0-9+/]+=*) -->\n", filler)
    assert comment is not None
    assert len(zlib.compress(comment[1].encode(), 9)) > 0.75 * len(comment[1])
    assert "<!--" not in said
    assert page == review_page(document, Filled(TOKEN, "en"))


def test_a_hundred_statements_are_bytes_enough(document: Document) -> None:
    items = [document["items"][0] | {"id": f"WB{number}", "text": "ن" * 80} for number in range(100)]
    asked = labelled(document | {"items": items, "language": "ar"}, *["أوافق إلى حد ما"] * 5)
    said = {f"item.WB{number}": "1" for number in range(100)}
    assert len(questionnaire_page(asked, Filled(TOKEN, "ar", said)).encode()) < 150_000


def test_ten_statements_are_few_bytes(document: Document) -> None:
    item = document["items"][0]
    ten = document | {"items": [item | {"id": f"WB{number}"} for number in range(10)]}
    page = questionnaire_page(ten, Filled(TOKEN, "en"))
    files = sum(len(assets()[name].content) for name in ("answering.css", "answer.js", "redwood.svg"))
    assert len(page.encode()) + files < 60_000
