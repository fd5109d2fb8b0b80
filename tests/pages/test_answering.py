from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from service.pages import answering
from service.pages.answering import Notice, questionnaire_page
from service.pages.form import Filled
from service.pages.words import all_words

Document = dict[str, Any]
Elements = Callable[[str], Any]

TOKEN = "t" * 16 + "." + "s" * 43


def sent(page: Any) -> list[tuple[str | None, str | None]]:
    """What a browser posts when the form is sent untouched."""
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
    ):
        page = elements(render(language))
        assert page.all("html") == [{"lang": language, "dir": "rtl" if language == "ar" else "ltr"}]
        assert words[said] in page.text
    asked = elements(questionnaire_page(document | {"language": language}, Filled(TOKEN, language)))
    assert words["privacy_threshold"].format(threshold=7) in asked.text
    assert asked.text.count(words["prefer_not"]) == 4


def test_an_untouched_form_says_nothing(document: Document, elements: Elements) -> None:
    page = elements(questionnaire_page(document, Filled(TOKEN, "en")))
    assert sent(page) == [
        ("token", TOKEN),
        ("lang", "en"),
        ("item.WB1", ""),
        ("item.PS1", ""),
        ("item.CL1", ""),
        ("band.tenure", ""),
    ]


def test_choices_made_before_stay_made(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"WB1": 1, "PS1": None, "CL1": 5}, {"tenure": "1 to 3 years"})
    page = elements(questionnaire_page(document, filled))
    assert sent(page)[2:] == [
        ("item.WB1", "1"),
        ("item.PS1", ""),
        ("item.CL1", "5"),
        ("band.tenure", "1 to 3 years"),
    ]


def test_what_is_no_choice_of_the_page_is_not_repeated(document: Document, elements: Elements) -> None:
    filled = Filled(TOKEN, "en", {"WB1": 77_777, "marmalade": 1}, {"tenure": "marmalade"})
    page = questionnaire_page(document, filled)
    assert "77777" not in page
    assert "marmalade" not in page
    assert sent(elements(page))[2] == ("item.WB1", "")


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


def test_enter_presses_nothing(document: Document, elements: Elements) -> None:
    first = elements(questionnaire_page(document, Filled(TOKEN, "en"))).all("button")[0]
    assert "disabled" in first
    assert "hidden" in first


def test_languages_are_offered_by_posting_the_form_again(document: Document, elements: Elements) -> None:
    buttons = [it for it in elements(questionnaire_page(document, Filled(TOKEN, "en"))).all("button") if "name" in it]
    assert [(it["name"], it["value"], it["dir"], it["formaction"]) for it in buttons] == [
        ("switch", "en", "ltr", "/answer"),
        ("switch", "ar", "rtl", "/answer"),
    ]


@pytest.mark.parametrize("notice", ["nothing_answered", "not_understood", "try_again"])
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
