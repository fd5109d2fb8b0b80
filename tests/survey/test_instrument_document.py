"""Instrument documents: any JSON is read or refused with every place, and what is read survives being written."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import InvalidInstrument
from service.survey.instrument import Instrument, Language
from service.survey.instrument_document import instrument_document, parse_instrument, with_lenses
from tests.survey.documents import SECRET, STEADY, any_json, instrument_documents, read_or_refused, spoilt

LITTLE: dict[str, Any] = {
    "id": "little",
    "version": "1",
    "names": {"en": "Little", "fr": "Petit"},
    "languages": [{"code": "en", "name": "English"}, {"code": "fr", "name": "Français", "dir": "ltr"}],
    "time_frame": {"en": "lately", "fr": "dernièrement"},
    "scale": {"low": 1, "high": 3, "labels": {"en": ["no", "so-so", "yes"]}},
    "blocks": [{"id": "one"}, {"id": "two", "kind": "lens", "name": "Two", "cross_team": False}],
    "items": [
        {"id": "A1", "block": "one", "texts": {"en": "It works.", "fr": "Ça marche\u202f!"}},
        {"id": "B1", "block": "two", "texts": {"en": "How?", "fr": "Comment ?"}, "scale": {"low": 0, "high": 10}},
    ],
}
SHORT = {
    "id": "short",
    "version": "1",
    "scale": {"low": 1, "high": 5},
    "items": [{"id": "S2", "block": "b", "text": "Second."}, {"id": "S1", "block": "a", "text": "First."}],
}


def places(document: object) -> list[str]:
    with pytest.raises(InvalidInstrument) as caught:
        parse_instrument(document)
    assert SECRET not in str(caught.value)
    return [fault.where for fault in caught.value.faults]


def changed(path: str, value: object, base: dict[str, Any] = LITTLE) -> dict[str, Any]:
    """The base with the value at a path such as `items.0.id` put in; `...` takes it away."""
    document = copy.deepcopy(base)
    holder: Any = document
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return document


def numbered(**changes: Any) -> list[dict[str, Any]]:
    texts = {"en": "It works.", "fr": "Ça marche."}
    return [{"id": f"I{n}", "block": "one", "texts": texts, **changes} for n in range(201)]


def test_a_whole_document_is_read() -> None:
    read = parse_instrument(LITTLE)
    assert read.languages == (Language("en", "English", "ltr"), Language("fr", "Français", "ltr"))
    assert [block.names for block in read.blocks] == [{"en": "one"}, {"en": "Two"}]
    assert (read.blocks[1].kind, read.blocks[1].cross_team) == ("lens", False)
    assert read.items[0].scale is read.scale
    assert (read.items[1].scale.points, read.items[1].scale.labels) == (11, {})
    assert (read.items[0].reverse, read.items[0].anchor, read.items[0].scored) == (False, False, True)
    assert (read.evidence, read.source) == ("unvalidated", "")


def test_what_is_left_out_follows_from_the_items() -> None:
    read = parse_instrument(SHORT)
    assert read.names == {"en": "short"}
    assert read.languages == (Language("en", "en"),)
    assert [(block.id, block.kind, block.names) for block in read.blocks] == [
        ("b", "block", {"en": "b"}),
        ("a", "block", {"en": "a"}),
    ]
    assert parse_instrument({**SHORT, "blocks": ["a", "b"]}).blocks == read.blocks[::-1]
    assert parse_instrument({**SHORT, "name": "Short"}).names == {"en": "Short"}


def test_an_item_carries_its_scale_only_when_it_differs() -> None:
    written = instrument_document(parse_instrument(LITTLE))
    assert ["scale" in item for item in written["items"]] == [False, True]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("items.1.id", "A1", "items[1].id"),
        ("blocks.1.id", "one", "blocks[1].id items[1].block"),
        ("languages.1.code", "en", "languages[1].code names time_frame items[0].texts items[1].texts"),
        ("items.1.block", "three", "items[1].block blocks[1]"),
        ("items.1.block", "one", "blocks[1]"),
        ("scale.high", 1, "scale"),
        ("scale.high", 0, "scale"),
        ("scale.high", 12, "scale"),
        ("scale.high", 101, "scale.high"),
        ("scale.low", -1, "scale.low"),
        ("scale.low", True, "scale.low"),
        ("scale.low", 1.0, "scale.low"),
        ("scale.low", float("nan"), "scale.low"),
        ("scale.low", 10**400, "scale.low"),
        ("scale.low", ..., "scale.low"),
        ("scale.labels.en", ["no", "yes"], "scale.labels[0]"),
        ("scale.labels.en.1", "", "scale.labels[0][1]"),
        ("scale.labels.de", ["1", "2", "3"], "scale.labels"),
        ("items.1.scale.labels", {"de": list("abcdefghijk")}, "items[1].scale.labels"),
        ("items.1.scale.labels", {"en": ["one"]}, "items[1].scale.labels[0]"),
        ("items.1.scale", None, "items[1].scale"),
        ("items.0.texts.fr", ..., "items[0].texts"),
        ("items.0.texts.de", "Es geht.", "items[0].texts"),
        ("items.0.texts", {}, "items[0].texts"),
        ("items.0.texts", ..., "items[0].texts"),
        ("items.0.texts.fr", "a\nb", "items[0].texts[1]"),
        ("items.0.texts.fr", "a\ud800", "items[0].texts[1]"),
        ("items.0.texts.fr", "a\ue000", "items[0].texts[1]"),
        ("items.0.texts.fr", " \u200f\u202f", "items[0].texts[1]"),
        ("items.0.texts.fr", "x" * 501, "items[0].texts[1]"),
        ("items.0.texts.fr", 5, "items[0].texts[1]"),
        ("items.0.text", "Twice.", "items[0].texts"),
        ("items.0.texts.hush-4711", "x", "items[0].texts"),
        ("items.0.id", "-", "items[0].id"),
        ("items.0.id", "a" * 65, "items[0].id"),
        ("items.0.id", "a\n", "items[0].id"),
        ("items.0.id", "é", "items[0].id"),
        ("items.0.reverse", 1, "items[0].reverse"),
        ("items.0.anchor", "true", "items[0].anchor"),
        ("items.0.scored", None, "items[0].scored"),
        ("items.0.hush-4711", 1, "items[0]"),
        ("items.0", SECRET, "items[0]"),
        ("items", [], "items"),
        ("items", ..., "items"),
        ("items", numbered(), "items"),
        ("blocks", [], "blocks"),
        ("blocks", [*LITTLE["blocks"], "hush/4711"], "blocks[2]"),
        ("blocks.0.kind", "module", "blocks[0].kind"),
        ("blocks.0.cross_team", 0, "blocks[0].cross_team"),
        ("blocks.0.names", {"de": "Eins"}, "blocks[0].names"),
        ("languages", [], "languages"),
        ("languages.0.dir", "up", "languages[0].dir"),
        ("languages.0.code", "english", "languages[0].code"),
        ("languages.0.name", "", "languages[0].name"),
        ("names", {"de": "Klein"}, "names"),
        ("names", {}, "names"),
        ("time_frame", {"de": "neulich"}, "time_frame"),
        ("id", 7, "id"),
        ("id", ..., "id"),
        ("version", 1, "version"),
        ("evidence", "", "evidence"),
        ("source", None, "source"),
        ("hush-4711", 1, "instrument"),
    ],
)
def test_a_fault_is_refused_at_its_places_and_nowhere_else(path: str, value: object, where: str) -> None:
    assert set(places(changed(path, value))) == set(where.split())


def test_every_fault_is_told_at_once() -> None:
    document = changed("items.1.id", "A1", changed("scale.low", None, changed("version", ..., LITTLE)))
    assert places(document) == ["scale.low", "version", "items[1].id"]


def test_as_many_as_may_be_are_read_and_one_more_is_not() -> None:
    items = numbered()
    assert len(parse_instrument(changed("items", items[:200], changed("blocks", ..., LITTLE))).items) == 200
    many = [{**item, "block": f"b{index}"} for index, item in enumerate(items[:41])]
    assert len(parse_instrument(changed("items", many[:40], changed("blocks", ..., LITTLE))).blocks) == 40
    assert places(changed("items", many, changed("blocks", ..., LITTLE))) == ["blocks"]


@pytest.mark.parametrize(
    "text", ["N’est-ce pas\u00a0?", "Oui\u202f!", "\u200fنعم\u200e.", "\u2067نعم\u2069", "👩\u200d💻 it"]
)
def test_marks_that_real_texts_need_are_printable(text: str) -> None:
    assert parse_instrument(changed("items.0.texts.fr", text)).items[0].texts["fr"] == text


@STEADY
@given(any_json)
def test_any_json_is_read_or_refused(document: object) -> None:
    assert places(document)


@STEADY
@given(spoilt(instrument_documents()))
def test_a_spoilt_document_is_read_or_refused_without_repeating_it(document: Any) -> None:
    read = read_or_refused(parse_instrument, document, InvalidInstrument)
    assert read is None or parse_instrument(instrument_document(read)) == read


@STEADY
@given(instrument_documents())
def test_what_is_written_reads_back_equal(document: dict[str, Any]) -> None:
    read = parse_instrument(document)
    written = instrument_document(read)
    assert parse_instrument(written) == read
    assert parse_instrument(json.loads(json.dumps(written))) == read
    assert json.loads(json.dumps(written)) == written


def test_lenses_come_after_in_the_languages_all_have() -> None:
    joined = with_lenses(parse_instrument(LITTLE), [parse_instrument(SHORT)])
    assert [item.id for item in joined.items] == ["A1", "B1", "S2", "S1"]
    assert [block.id for block in joined.blocks] == ["one", "two", "b", "a"]
    assert [language.code for language in joined.languages] == ["en"]
    assert joined.time_frame == {"en": "lately"}
    assert all(item.texts.keys() == {"en"} for item in joined.items)
    assert [item.scale.high for item in joined.items] == [3, 10, 5, 5]
    assert (joined.id, joined.version) == ("little", "1")


def test_no_text_gets_lost_with_its_language() -> None:
    french = changed("items.0.text", ..., changed("items.0.texts", {"fr": "Un."}, SHORT))
    french["items"] = french["items"][:1]
    english_name = changed("names", {"en": "Little"}, changed("time_frame", {"en": "lately"}))
    joined = with_lenses(parse_instrument(english_name), [parse_instrument(french)])
    assert (joined.names, joined.time_frame) == ({"fr": "Little"}, {"fr": "lately"})


def test_no_lenses_change_nothing() -> None:
    assert with_lenses(parse_instrument(LITTLE), []) == parse_instrument(LITTLE)


@pytest.mark.parametrize(
    "lens",
    [
        changed("items.0.id", "A1", SHORT),
        changed("items.0.block", "one", SHORT),
        changed("items", [{"id": "D", "block": "d", "texts": {"de": "Eins."}}], SHORT),
        changed("items", [{"id": f"X{n}", "block": "x", "text": "It works."} for n in range(199)], SHORT),
        changed("items", [{"id": f"X{n}", "block": f"x{n}", "text": "It works."} for n in range(39)], SHORT),
    ],
    ids=["item", "block", "language", "items", "blocks"],
)
def test_a_lens_that_does_not_fit_is_named(lens: dict[str, Any]) -> None:
    fits = {**SHORT, "items": [{"id": "F", "block": "f", "text": "Fits."}]}
    base = changed("items.1.scale", {"low": 0, "high": 4})
    assert len(with_lenses(parse_instrument(base), [parse_instrument(fits)]).items) == 3
    with pytest.raises(InvalidInstrument) as caught:
        with_lenses(parse_instrument(base), [parse_instrument(fits), parse_instrument(lens)])
    assert [fault.where for fault in caught.value.faults] == ["lenses[1]"]


@settings(STEADY, max_examples=60)
@given(st.lists(instrument_documents().map(parse_instrument), min_size=1, max_size=3))
def test_what_is_joined_can_be_kept(instruments: list[Instrument]) -> None:
    joined = read_or_refused(lambda each: with_lenses(each[0], each[1:]), instruments, InvalidInstrument)
    assert joined is None or parse_instrument(instrument_document(joined)) == joined


def test_only_the_lens_that_ends_the_shared_languages_is_named() -> None:
    def lens(id: str, language: str) -> Instrument:
        return parse_instrument({**SHORT, "items": [{"id": id, "block": id, "texts": {language: "It works."}}]})

    with pytest.raises(InvalidInstrument) as caught:
        with_lenses(parse_instrument(LITTLE), [lens("D", "de"), lens("E", "en")])
    assert [fault.where for fault in caught.value.faults] == ["lenses[0]"]
