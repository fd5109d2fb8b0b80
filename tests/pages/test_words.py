from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from service.pages import words
from service.pages.answering import Notice
from service.pages.words import all_words, direction, preferred, spoken

TEMPLATES = Path(words.__file__).with_name("templates") / "answer"
LANGUAGES = ("en", "de", "es", "fr", "ar")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_five_languages_are_there() -> None:
    assert set(all_words()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_with_the_same_places(language: str) -> None:
    english, other = all_words()["en"], all_words()[language]
    assert list(other) == list(english)
    assert all(text.strip() for text in other.values())
    assert {key: places(text) for key, text in other.items()} == {key: places(text) for key, text in english.items()}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_nothing_is_left_in_english(language: str) -> None:
    english, other = all_words()["en"], all_words()[language]
    assert [key for key in english if english[key] == other[key]] == []


def test_templates_use_all_words_and_no_others() -> None:
    templates = [path.read_text("utf-8") for path in TEMPLATES.glob("*.html")]
    used = {key for template in templates for key in re.findall(r"words\.([a-z_]+)", template)}
    chosen_in_code = {"language_name", "prefer_not", "exposure_invited", "exposure_most", *get_args(Notice)}
    assert used | chosen_in_code == set(all_words()["en"])
    assert used & chosen_in_code == set()


def test_a_language_is_found_by_its_base_and_else_english() -> None:
    assert [spoken(asked) for asked in ("de-AT", "fr_CA", "AR", "it", "")] == ["de", "fr", "ar", "en", "en"]


def test_the_browsers_first_known_language_wins() -> None:
    assert preferred("it-IT,es-MX;q=0.9,en;q=0.8") == "es"
    assert preferred("") == "en"


def test_arabic_runs_from_right_to_left() -> None:
    assert [direction(language) for language in LANGUAGES] == ["ltr", "ltr", "ltr", "ltr", "rtl"]
