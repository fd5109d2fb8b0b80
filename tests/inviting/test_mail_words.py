"""Letters by e-mail say all they promise, in every language the answer pages speak."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest

from service.pages.paper.mail import mail, mail_words
from service.pages.words import all_words
from service.survey.instrument_document import shipped
from service.survey.pulse import Pulse, State

TOKEN = "a" * 16 + "." + "B" * 43


def pulse(items: int = 5) -> Pulse:
    instrument = shipped()["five-blocks"]
    asked = tuple(item.id for item in instrument.items)[:items]
    return Pulse("a" * 16, "org", "Spring", "five-blocks", instrument, asked, (), 7, State.OPEN)


def written(language: str, **changed: Any) -> Any:
    options: dict[str, Any] = {"reminds": False, "until": None} | changed
    return mail(pulse(), "Harbour\r\n& Sons", "https://pulse.example", TOKEN, language, **options)


def test_every_language_of_the_pages_says_everything() -> None:
    words = mail_words()
    assert words.keys() == all_words().keys()
    fields = {key: sorted(_fields(text)) for key, text in words["en"].items()}
    for said in words.values():
        assert {key: sorted(_fields(text)) for key, text in said.items()} == fields
        assert all(text.strip() == text and text for text in said.values())


def _fields(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


@pytest.mark.parametrize("language", list(all_words()))
def test_a_letter_says_all_it_must(language: str) -> None:
    words = mail_words()[language]
    first, again = written(language, until=date(2031, 5, 7)), written(language, reminds=True)
    for said in ("voluntary", "promise", "nameless", "destroyed", "limit", "plain"):
        assert words[said] in first.text
        assert words[said] in again.text
    assert (first.language, first.subject, again.subject) == (language, words["subject"], words["again"])
    assert f"\nhttps://pulse.example/answer#{TOKEN}\n" in first.text
    assert "2031-05-07" in first.text
    assert "2031" not in again.text
    assert words["reminding"] in again.text
    assert words["reminding"] not in first.text
    assert "Harbour & Sons" in first.text
    assert words["together"].format(threshold=7) in first.text
    assert "{" not in first.text + again.text


@pytest.mark.parametrize(
    ("wanted", "language"), [("de-AT", "de"), ("AR", "ar"), ("fr_CA", "fr"), ("nl", "en"), ("", "en"), ("--", "en")]
)
def test_the_language_is_the_one_wanted_or_english(wanted: str, language: str) -> None:
    assert written(wanted).language == language
