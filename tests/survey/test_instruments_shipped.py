"""The instruments that ship: complete in every language, keyed as the question bank says, and cleanly typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest

from service.survey.instrument import Instrument, Item, Scale
from service.survey.instrument_document import instrument_document, parse_instrument, shipped

LANGUAGES = {"en": "ltr", "de": "ltr", "es": "ltr", "fr": "ltr", "ar": "rtl"}
ANCHORS = {"WB1", "SB1", "PS1", "PC1", "CL1"}
REVERSED = {"WB3", "WB6", "SB4", "PS3", "PC3", "CL4", "IL11"}
BLOCKS = {
    "five-blocks": {
        block: [f"{letters}{number}" for number in range(1, 7)]
        for block, letters in {
            "wellbeing": "WB",
            "strengths": "SB",
            "safety": "PS",
            "conflict": "PC",
            "leadership": "CL",
        }.items()
    },
    "interdependence": {
        "interdependence": [f"IL{number}" for number in (1, 2, 3, 4, 7, 8, 9, 10, 11, 12)],
        "over-reliance": ["IL5"],
        "isolation": ["IL6"],
    },
    "coordination": {"coordination": ["CF1", "CF2", "CF3"]},
}
IN_ENGLISH = {
    "WB1": "My workload over the last two weeks has been manageable.",
    "WB6": "I am working at a pace I could not keep up for another three months.",
    "SB4": "People here stay stuck with tasks that suit them badly.",
    "PS1": "In this team I can say “I don’t understand” without embarrassment.",
    "PS4": "I can disagree with the most senior person in the room and pay no price for it.",
    "PC3": "Hard topics get discussed behind people’s backs here.",
    "CL1": "The person who leads my team gives me feedback I can use.",
    "CL6": "My team’s leader talks with me about what I want to get better at.",
    "IL5": "I end up carrying problems that belong to someone else.",
    "IL11": "Support here depends on what people get back for it.",
    "CF1": "How does most of your work connect with your teammates’ work?",
    "CF3": "The amount of coordination we do is:",
}
AGREEMENT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
#: A choice between kinds is answered by its label; the third question of coordination is a sentence its label ends.
ENDINGS = {"five-blocks": ".", "interdependence": ".", "coordination": "?؟:"}
ARABIC_PUNCTUATION = set(" .،؟:«»")

instruments = pytest.mark.parametrize("instrument", shipped().values(), ids=shipped())


def items() -> dict[str, Item]:
    return {item.id: item for instrument in shipped().values() for item in instrument.items}


def scales(instrument: Instrument) -> list[Scale]:
    return [instrument.scale, *(item.scale for item in instrument.items)]


def texts(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Every language and text a respondent or reader of results may meet."""
    yield from instrument.names.items()
    yield from instrument.time_frame.items()
    for texts in (*(block.names for block in instrument.blocks), *(item.texts for item in instrument.items)):
        yield from texts.items()
    for scale in scales(instrument):
        yield from ((code, label) for code, labels in scale.labels.items() for label in labels)


def test_these_instruments_ship_with_these_blocks_and_items() -> None:
    found = {
        instrument.id: {block.id: [item.id for item in instrument.items_of(block.id)] for block in instrument.blocks}
        for instrument in shipped().values()
    }
    assert found == BLOCKS
    assert {id: len(instrument.items) for id, instrument in shipped().items()} == {
        "five-blocks": 30,
        "interdependence": 12,
        "coordination": 3,
    }


@instruments
def test_the_five_are_blocks_and_all_else_is_a_lens(instrument: Instrument) -> None:
    assert {block.kind for block in instrument.blocks} == {"block" if instrument.id == "five-blocks" else "lens"}
    assert (instrument.version, instrument.evidence) == ("1", "unvalidated")
    assert instrument.source


def test_only_the_block_about_one_person_stays_within_its_team() -> None:
    within = {block.id for instrument in shipped().values() for block in instrument.blocks if not block.cross_team}
    assert within == {"leadership"}


def test_keys_anchors_and_what_has_no_mean() -> None:
    assert {id for id, item in items().items() if item.reverse} == REVERSED
    assert {id for id, item in items().items() if item.anchor} == ANCHORS
    assert {id for id, item in items().items() if not item.scored} == {"CF1", "CF2", "CF3"}


def test_the_poles_are_read_as_they_are_named() -> None:
    """More agreement is more of the pole, and neither pole is averaged with anything."""
    assert [(items()[id].block, items()[id].reverse) for id in ("IL5", "IL6")] == [
        ("over-reliance", False),
        ("isolation", False),
    ]


def test_the_english_is_that_of_the_question_bank() -> None:
    assert {id: items()[id].texts["en"] for id in IN_ENGLISH} == IN_ENGLISH


@instruments
def test_everything_is_in_every_language(instrument: Instrument) -> None:
    assert {language.code: language.dir for language in instrument.languages} == LANGUAGES
    named = [instrument.names, instrument.time_frame, *(block.names for block in instrument.blocks)]
    for by_language in (*named, *(item.texts for item in instrument.items), *(it.labels for it in scales(instrument))):
        assert list(by_language) == list(LANGUAGES)


@instruments
def test_every_point_of_a_scale_has_a_label_of_its_own(instrument: Instrument) -> None:
    for scale in scales(instrument):
        assert {len(set(labels)) for labels in scale.labels.values()} == {scale.points}


@pytest.mark.parametrize("id", ["five-blocks", "interdependence"])
def test_statements_are_answered_on_one_agreement_scale(id: str) -> None:
    instrument = shipped()[id]
    assert {item.scale.labels["en"] for item in instrument.items} == {AGREEMENT}
    assert instrument.scale == shipped()["five-blocks"].scale
    assert (instrument.scale.low, instrument.scale.high) == (1, 5)


def test_coordination_has_choices_of_its_own() -> None:
    ranges = {item.id: (item.scale.low, item.scale.high) for item in shipped()["coordination"].items}
    assert ranges == {"CF1": (1, 3), "CF2": (1, 3), "CF3": (1, 5)}
    assert items()["CF1"].scale.labels["en"][0] == "Each does a separate part and the parts add up"
    assert items()["CF2"].scale.labels["en"] == ("Shared standards", "Plans and schedules", "Talking and adjusting")
    assert items()["CF3"].scale.labels["en"][::4] == ("Far too little", "Far too much")


def test_no_text_of_an_item_is_there_twice() -> None:
    """A text copied from its neighbour, or left in English, would be one of another item or language."""
    every = [text for item in items().values() for text in item.texts.values()]
    assert len(every) == len(set(every)) == 45 * len(LANGUAGES)


@instruments
def test_no_name_is_left_in_another_language(instrument: Instrument) -> None:
    for names in (instrument.names, instrument.time_frame, *(block.names for block in instrument.blocks)):
        assert len(set(names.values())) == len(LANGUAGES)
    for scale in scales(instrument):
        assert len(set(scale.labels.values())) == len(LANGUAGES)


@instruments
def test_spaces_and_quotation_marks_are_clean(instrument: Instrument) -> None:
    for code, text in texts(instrument):
        assert text == text.strip(), text
        assert not re.search(r"\s\s", text), text
        assert not re.search("['\"`´]", text), text
        assert unicodedata.normalize("NFC", text) == text or code == "ar", text


@instruments
def test_items_end_as_sentences_and_labels_do_not(instrument: Instrument) -> None:
    for item in instrument.items:
        for text in item.texts.values():
            assert text[-1] in ENDINGS[instrument.id], text
    for scale in scales(instrument):
        for label in (label for labels in scale.labels.values() for label in labels):
            assert label[-1].isalpha() or unicodedata.combining(label[-1]), label


@instruments
def test_arabic_is_written_in_arabic_alone(instrument: Instrument) -> None:
    arabic = [text for code, text in texts(instrument) if code == "ar"]
    for text in arabic:
        rest = set(text) - ARABIC_PUNCTUATION
        assert all(unicodedata.name(character).startswith("ARABIC") for character in rest), text
    latin = "".join(text for code, text in texts(instrument) if code != "ar")
    assert "ARABIC" not in {unicodedata.name(character).split()[0] for character in latin}


@instruments
def test_each_language_keeps_its_punctuation(instrument: Instrument) -> None:
    for code, text in texts(instrument):
        if code == "fr":
            assert not re.search("(?<![\u00a0\u202f])[:;?!»]|«(?!\u00a0)", text), text
        elif code == "es":
            assert text.count("?") == text.count("¿"), text
        elif code == "ar":
            assert not set(text) & set("?,;"), text
        assert code == "fr" or not set(text) & {"\u00a0", "\u202f"}, text


@instruments
def test_a_shipped_instrument_survives_being_written(instrument: Instrument) -> None:
    assert parse_instrument(instrument_document(instrument)) == instrument
