from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.pages import answering
from service.pages.answering import Notice, amiss, questionnaire_page, review_page, waiting_page
from service.pages.assets import address, assets
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


def test_an_untouched_form_says_nothing(document: Document, elements: Elements) -> None:
    for page in (questionnaire_page(document, Filled(TOKEN, "en")), review_page(document, Filled(TOKEN, "en"))):
        assert sent(elements(page)) == [("token", TOKEN), ("lang", "en")]


def test_choices_made_before_stay_made_through_every_step(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"WB1": 1, "PS1": None}, {"tenure": "1 to 3 years"})
    chosen = [("token", TOKEN), ("lang", "en"), ("item.WB1", "1"), ("item.PS1", ""), ("band.tenure", "1 to 3 years")]
    for page in (questionnaire_page(document, filled), review_page(document, filled), waiting_page(filled, "/answer")):
        assert sent(elements(page)) == chosen


def test_what_is_no_choice_of_the_page_is_not_repeated(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"WB1": 77_777, "marmalade": 1}, {"tenure": "marmalade"})
    for page in (questionnaire_page(document, filled), review_page(document, filled)):
        assert "77777" not in page
        assert "marmalade" not in page
        assert sent(elements(page)) == [("token", TOKEN), ("lang", "en")]


@pytest.mark.parametrize(
    ("answers", "bands", "wrong"),
    [
        ({"WB1": 1, "PS1": None}, {"tenure": ""}, None),
        ({"WB1": None}, {"tenure": "1 to 3 years"}, "nothing_answered"),
        ({}, {}, "nothing_answered"),
        ({"WB1": 6}, {}, "not_understood"),
        ({"WB1": 1, "marmalade": 1}, {}, "not_understood"),
        ({"WB1": 1}, {"tenure": "marmalade"}, "not_understood"),
        ({"WB1": 1}, {"marmalade": ""}, "not_understood"),
    ],
)
def test_a_form_is_weighed_before_it_is_reviewed(
    answers: dict[str, int | None], bands: dict[str, str], wrong: Notice | None, document: Document
) -> None:
    assert amiss(document, Filled(TOKEN, "en", answers, bands)) == wrong


def test_the_review_says_what_was_chosen_and_what_was_not(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"WB1": 1, "PS1": None}, {"tenure": "1 to 3 years"})
    page = elements(review_page(document, filled))
    order = ["WB1 <of>", "Strongly disagree", "PS1 <of>", "Not said", "CL1 <of>", "Not said", "Tenure", "1 to 3 years"]
    places = [page.text.index(order[0])]
    for said in order[1:]:
        places.append(page.text.index(said, places[-1] + 1))
    assert page.text.count("Not said") == 2 + 1
    assert all_words()["en"]["unsaid_count"].format(count=2, of=3) in page.text
    assert "Not said: " not in elements(review_page(document, Filled(TOKEN, "en", {"WB1": 1, "PS1": 2, "CL1": 3}))).text


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
    assert values == [*map(str, range(11)), ""]


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
    review = elements(review_page(document, Filled(TOKEN, "en", {"WB1": 1})))
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
    asked = questionnaire_page(document | {"language": "it"}, Filled(TOKEN, "it", {"WB1": 1}))
    review = review_page(document | {"language": "it"}, Filled(TOKEN, "it", {"WB1": 1}))
    for page in (asked, review):
        assert '<html lang="en" dir="ltr">' in page
        assert re.search(r'lang="it">Statement WB1', page)
        assert re.search(r'lang="it">Strongly disagree', page)
        assert 'name="lang" value="it"' in page
    assert "<span>Prefer not to say" in asked


def test_a_lost_connection_has_its_words_ready_and_the_script_keeps_nothing(document: Document) -> None:
    script = assets()["answer.js"].content.decode()
    for page in (questionnaire_page(document, Filled(TOKEN, "en")), review_page(document, Filled(TOKEN, "en"))):
        assert f'<script src="{address("answer.js")}" defer>' in page
        for id in ("lost", "lost-words", "again", "answers"):
            assert f'id="{id}"' in page
            assert f'"{id}"' in script or f"#{id} " in script
    assert not re.search(r"Storage|indexedDB|cookie|serviceWorker|caches", script)


def test_ten_statements_are_few_bytes(document: Document) -> None:
    item = document["items"][0]
    ten = document | {"items": [item | {"id": f"WB{number}"} for number in range(10)]}
    page = questionnaire_page(ten, Filled(TOKEN, "en"))
    files = sum(len(assets()[name].content) for name in ("answering.css", "answer.js", "redwood.svg"))
    assert len(page.encode()) + files < 60_000
