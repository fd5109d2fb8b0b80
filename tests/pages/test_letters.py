"""Invitations on paper: what is drawn is the link, the link keeps its code after the #, and every language says all."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import segno

from service.pages.dashboard.frame import Around
from service.pages.paper.letters import (
    LONGEST_ORIGIN,
    MOST_LETTERS,
    MOST_STRIPS,
    STRIPS_A_POSTER,
    Batch,
    languages,
    letter_words,
    letters_page,
    link,
    origin_of,
    poster_page,
)
from service.pages.paper.qr import QUIET, symbol
from service.pages.words import all_words
from service.survey.instrument_document import shipped
from service.survey.pulse import Pulse, State
from service.tokens import plain

#: What a page may weigh.
LIMIT = 150_000
ORIGIN = "https://pulse.example"
AROUND = Around("Harbour & <Sons>", "/manage", frozenset({"manage"}), bound=False, chosen={})


def pulse(label: str = "Spring <pulse>") -> Pulse:
    instrument = shipped()["five-blocks"]
    asked = tuple(item.id for item in instrument.items)
    return Pulse("a" * 16, "org", label, "five-blocks", instrument, asked, (), 7, State.DRAFT)


def batch(count: int = 2, **changed: Any) -> Batch:
    tokens = [plain.issue("a" * 16) for _ in range(count)]
    return replace(Batch(pulse(), "Crane & <team>", ORIGIN, "en", tokens, 3), **changed)


def dark(path: str) -> set[tuple[int, int]]:
    """The modules a path strokes, as a pen would go: `M` and `m` lift it, `h` draws to the right."""
    x = y = 0.0
    found: set[tuple[int, int]] = set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        said = [float(it) for it in numbers.split()]
        if command == "h":
            found |= {(int(x) + step, int(y)) for step in range(int(said[0]))}
            x += said[0]
        else:
            x, y = (said[0], said[1]) if command == "M" else (x + said[0], y + said[1])
    return found


@pytest.mark.parametrize("origin", ["http://a", ORIGIN, "https://" + "b" * (LONGEST_ORIGIN - 8)])
def test_what_is_drawn_is_the_link(origin: str) -> None:
    address = link(origin, plain.issue("a" * 16))
    drawn = symbol(address)
    matrix = segno.make(address, error="m", micro=False).matrix
    assert drawn.side == len(matrix) + 2 * QUIET
    assert dark(drawn.path) == {
        (x + QUIET, y + QUIET) for y, row in enumerate(matrix) for x, module in enumerate(row) if module
    }


def test_the_code_stands_only_after_the_hash() -> None:
    token = plain.issue("a" * 16)
    before, after = link(ORIGIN, token).split("#")
    assert (before, after) == (f"{ORIGIN}/answer", token)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (" https://pulse.example/ ", "https://pulse.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("HTTPS://Pulse.Example", "HTTPS://Pulse.Example"),
        ("", None),
        ("pulse.example", None),
        ("ftp://pulse.example", None),
        ("javascript://pulse.example", None),
        ("https://someone@pulse.example", None),
        ("https://pulse.example/answer", None),
        ("https://pulse.example?key=1", None),
        ("https://pulse.example#", None),
        ("https://pulse example", None),
        ("https://pulse.example:123456", None),
        ("https://-", None),
        ("https://" + "b" * LONGEST_ORIGIN, None),
    ],
)
def test_links_begin_with_a_scheme_a_host_and_nothing_else(text: str, origin: str | None) -> None:
    assert origin_of(text) == origin


def test_every_language_of_the_answer_pages_says_everything() -> None:
    every = letter_words()
    assert set(every) == set(all_words())
    for words in every.values():
        assert set(words) == set(every["en"])
        assert all(text.strip() for text in words.values())
        for key, text in every["en"].items():
            assert _braces(words[key]) == _braces(text)


def _braces(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_letters_come_in_the_languages_of_the_instrument_that_the_answer_pages_speak() -> None:
    asked = pulse()
    assert [it.code for it in languages(asked)] == ["en", "de", "es", "fr", "ar"]
    klingon = tuple(replace(it, code="tlh") for it in asked.instrument.languages[:1])
    only = replace(asked, instrument=replace(asked.instrument, languages=klingon))
    assert [it.code for it in languages(only)] == ["en"]


def test_a_letter_a_person_and_each_with_its_own_code_twice(elements: Callable[[str], Any]) -> None:
    issued = batch(3)
    page = letters_page(AROUND, issued)
    found = elements(page)
    assert len(found.all("article")) == 3
    drawn = [it["d"] for it in found.all("path") if (it["d"] or "").startswith("M4 4.5")]
    assert drawn == [symbol(link(ORIGIN, token)).path for token in issued.tokens]
    for token in issued.tokens:
        assert found.text.count(token) == 1
        assert f'"{token}' not in page
    # A letter that could be told from its neighbour by more than its code would be a list of who got which.
    plainly = page
    for token, path in zip(issued.tokens, drawn, strict=True):
        plainly = plainly.replace(path or "", "").replace(_typed(token), "")
    letters = plainly.split("<article")[1:]
    assert len({it.split("</article>")[0] for it in letters}) == 1


def _typed(token: str) -> str:
    return "".join(f"<b>{token[at : at + 10]}</b>" for at in range(0, len(token), 10))


def test_names_are_text_on_paper() -> None:
    for page in (letters_page(AROUND, batch()), poster_page(AROUND, batch())):
        assert "<bdi>Crane &amp; &lt;team&gt;</bdi>" in page
        assert "<bdi>Harbour &amp; &lt;Sons&gt;</bdi>" in page
        assert "<team>" not in page


def test_paper_reads_the_way_its_language_does(elements: Callable[[str], Any]) -> None:
    for language, way in (("ar", "rtl"), ("de", "ltr")):
        for made in (letters_page, poster_page):
            found = elements(made(AROUND, batch(language=language)))
            (papers,) = [it for it in found.all("div") if it.get("class") == "papers"]
            assert (papers["lang"], papers["dir"]) == (language, way)
            # Around the paper stands the manager's page, which is in English.
            assert found.all("html")[0] == {"lang": "en", "dir": "ltr"}
            assert letter_words()[language]["promise"] in found.text


def test_a_poster_has_so_many_strips_and_then_another(elements: Callable[[str], Any]) -> None:
    found = elements(poster_page(AROUND, batch(STRIPS_A_POSTER + 1)))
    assert len(found.all("article")) == 2
    assert len([it for it in found.all("svg") if it.get("class") == "code"]) == STRIPS_A_POSTER + 1


@pytest.mark.parametrize("language", sorted(letter_words()))
def test_the_fullest_page_stays_small(language: str) -> None:
    widest = "\N{ARABIC LETTER MEEM}" * 200
    most: dict[str, Any] = {
        "pulse": pulse(widest),
        "unit": widest,
        "origin": "https://" + "b" * (LONGEST_ORIGIN - 8),
        "language": language,
    }
    around = replace(AROUND, organisation=widest)
    assert len(letters_page(around, batch(MOST_LETTERS, **most)).encode()) < LIMIT
    assert len(poster_page(around, batch(MOST_STRIPS, **most)).encode()) < LIMIT
