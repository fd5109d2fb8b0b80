from __future__ import annotations

from urllib.parse import urlencode

import pytest

from service.errors import InvalidResponse
from service.pages.form import Filled, answers_from_form, fields_of, token_in

SECRET = "marmalade"


def test_exactly_what_was_chosen_is_read() -> None:
    body = b"token=abc.def&lang=de&item.PS1=4&item.PS2=&item.E-1=-3&band.tenure=1+to+3+y&band.site="
    assert answers_from_form(fields_of(body)) == Filled(
        token="abc.def",
        language="de",
        answers={"PS1": 4, "PS2": None, "E-1": -3},
        bands={"tenure": "1 to 3 y", "site": ""},
    )


def test_a_form_read_and_posted_again_is_the_same_form() -> None:
    body = b"token=abc.def&lang=de&item.PS1=4&item.PS2=&item.E-1=-3&band.tenure=1+to+3+y&band.site="
    filled = answers_from_form(fields_of(body))
    assert urlencode(filled.fields()).encode() == body
    assert answers_from_form(filled.fields()) == filled


def test_what_she_prefers_not_to_say_is_not_stated() -> None:
    assert Filled(bands={"tenure": "1 to 3 y", "site": ""}).stated == {"tenure": "1 to 3 y"}


def test_a_language_button_wins_over_the_language_of_the_page() -> None:
    assert answers_from_form([("lang", "en"), ("token", "t"), ("switch", "ar")]).language == "ar"


def test_an_empty_form_is_an_empty_one() -> None:
    assert answers_from_form(fields_of(b"")) == Filled()


@pytest.mark.parametrize(
    "body",
    [
        b"item.PS1=4&item.PS1=5",
        b"item.PS1=marmalade",
        b"item.PS1=4.0",
        b"item.PS1=%D9%A4",  # an Arabic digit is a whole number to Python's int
        b"item.PS1=99999999999999999999",
        b"marmalade=1",
        b"marmalade",
        b"token=%FF",
        b"\xffmarmalade=1",
        b"&".join(b"item.%d=1" % number for number in range(521)),
    ],
)
def test_anything_else_is_refused_and_not_repeated(body: bytes) -> None:
    with pytest.raises(InvalidResponse) as caught:
        answers_from_form(fields_of(body))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("pasted", ["abc.def", " abc.def\n", "#abc.def", "https://pulse.example/answer#abc.def"])
def test_a_whole_link_is_as_good_as_its_token(pasted: str) -> None:
    assert token_in(pasted) == "abc.def"


def test_a_code_is_taken_as_paper_sets_it() -> None:
    assert token_in(" ab12 cd34.ef\u200b_\n gh-ij\u00a0k ") == "ab12cd34.ef_gh-ijk"
    assert token_in("https://here.example/answer#ab12 cd.ef") == "ab12cd.ef"
