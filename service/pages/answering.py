"""The respondent's pages: the code, the statements with their promise, the end, and one and the same refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.pages.exposure import seen, title
from service.pages.form import Filled
from service.pages.templating import render
from service.pages.words import all_words, direction, spoken

Notice = Literal["nothing_answered", "not_understood", "try_again"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button: what it sends, what it says, whether it is chosen."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One statement or band as a group of radio buttons; the last choice is always 'prefer not to say'."""

    name: str
    text: str
    choices: tuple[Choice, ...]


def start_page(language: str) -> str:
    return _page("answer/start.html", spoken(language))


def done_page(language: str) -> str:
    return _page("answer/done.html", spoken(language))


def refused_page(language: str) -> str:
    return _page("answer/refused.html", spoken(language))


def trouble_page(language: str) -> str:
    return _page("answer/trouble.html", spoken(language))


def questionnaire_page(
    document: Mapping[str, Any],
    filled: Filled,
    notice: Notice | None = None,
    exposure: Mapping[str, Any] | None = None,
) -> str:
    """`document` as GET /v1/pulses/{id}/questionnaire answers it, `exposure` as its sister does where the unit is
    known; choices already made stay made.

    Where the pages do not speak the instrument's language, theirs is English and each part says which it is.
    """
    language = document["language"]
    words = all_words()[spoken(language)]
    statements = [_statement(item, filled, words) for item in document["items"]]
    bands = [_band(band, filled, words) for band in document["bands"]]
    return _page(
        "answer/questionnaire.html",
        spoken(language),
        document=document,
        token=filled.token,
        statements=statements,
        bands=bands,
        notice=notice,
        seen=None if exposure is None else seen(exposure, words),
    )


def _page(template: str, language: str, **values: object) -> str:
    words = all_words()[language]
    return render(template, words=words, language=language, direction=direction(language), **values)


def _statement(item: Mapping[str, Any], filled: Filled, words: Mapping[str, str]) -> Field:
    scale = item["scale"]
    points = range(scale["low"], scale["high"] + 1)
    labels = scale["labels"] if len(scale["labels"]) == len(points) else [str(point) for point in points]
    options = [(str(point), label) for point, label in zip(points, labels, strict=True)]
    answer = filled.answers.get(item["id"])
    return Field(f"item.{item['id']}", item["text"], _choices(options, "" if answer is None else str(answer), words))


def _band(band: Mapping[str, Any], filled: Filled, words: Mapping[str, str]) -> Field:
    options = [(value, value) for value in band["values"]]
    chosen = filled.bands.get(band["id"], "")
    return Field(f"band.{band['id']}", title(band["id"]), _choices(options, chosen, words))


def _choices(options: Sequence[tuple[str, str]], chosen: str, words: Mapping[str, str]) -> tuple[Choice, ...]:
    """A value that is none of the options chooses 'prefer not to say': what was sent is never repeated."""
    known = chosen if chosen in dict(options) else ""
    offered = [*options, ("", words["prefer_not"])]
    return tuple(Choice(value, label, value == known) for value, label in offered)
