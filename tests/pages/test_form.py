from __future__ import annotations

from urllib.parse import urlencode

import pytest

from service.errors import InvalidResponse
from service.pages.form import Filled, answers_from_form, choice, fields_of, full_size, token_in, unsaid, untouched

SECRET = "marmalade"


BODY = b"token=abc.def&lang=de&item.PS1=4&item.PS2=-&item.PS3=.&item.E-1=-3&item.E-2=03&band.tenure=2&band.site=-"


def test_exactly_what_was_chosen_is_read() -> None:
    filled = answers_from_form(fields_of(BODY))
    assert (filled.token, filled.language) == ("abc.def", "de")
    assert filled.answers == {"PS1": 4, "PS2": None, "E-1": -3, "E-2": 3}
    assert filled.places == {"tenure": 2}
    assert "item.PS3" not in filled.choices


def test_a_form_read_and_posted_again_is_the_same_form() -> None:
    filled = answers_from_form(fields_of(BODY))
    assert urlencode(filled.fields()).encode() == BODY
    assert answers_from_form(filled.fields()) == filled


def test_what_fills_it_up_is_not_read() -> None:
    filled = answers_from_form(fields_of(BODY))
    assert answers_from_form(fields_of(BODY + b"&pad=" + b"0" * 4000)) == filled


@pytest.mark.parametrize("point", [-3, 0, 3, 10])
def test_every_choice_of_a_group_is_as_long_as_every_other(point: int) -> None:
    values = [choice(point, 2), unsaid(2), untouched(2)]
    assert {len(urlencode({"item.WB1": value})) for value in values} == {len("item.WB1=") + 2}
    assert answers_from_form([("item.WB1", choice(point, 2))]).answers == {"WB1": point}
    assert answers_from_form([("item.WB1", unsaid(2))]).answers == {"WB1": None}
    assert answers_from_form([("item.WB1", untouched(2))]).answers == {}


def test_a_form_is_filled_up_to_more_than_any_of_its_pulse_is_long() -> None:
    groups = {f"item.WB{number}": 2 for number in range(100)} | {"band.Länge": 1}
    longest = {
        "token": "x" * 600,
        "lang": "de",
        "switch": "ar",
        **{name: "." * width for name, width in groups.items()},
    }
    assert full_size({"item.WB1": 1}) == 4096
    assert full_size(groups) == 4096
    assert len(urlencode(longest)) < full_size(groups)
    assert full_size({f"item.WB{number}": 1 for number in range(500)}) == 8192


@pytest.mark.parametrize(("token", "own"), [("u1.aaaa.bm9ydGg.AAAA.AAAA", True), ("a" * 16 + "." + "s" * 43, False)])
def test_an_unlinkable_token_is_told_from_a_code(token: str, own: bool) -> None:
    assert Filled(token).unlinkable is own


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
        b"item.PS1=",
        b"item.PS1=-.",
        b"item.PS1=4-",
        b"band.tenure=1+to+3+y",
        b"pad=0&pad=0",
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
