"""The respondent's pages: the code, the statements with their promise, the review, the end, and one refusal for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any, Literal, get_args

from service.pages.choosing import Field, asked_fields
from service.pages.duration import minutes
from service.pages.exposure import seen
from service.pages.filling import filled_up
from service.pages.form import LONGEST_TOKEN, Filled, full_size
from service.pages.right import right
from service.pages.templating import render
from service.pages.words import all_words, direction, spoken

Notice = Literal["nothing_answered", "not_understood"]
#: Where a form may be posted.
Step = Literal["/answer", "/answer/review", "/answer/send"]

#: Bytes kept free for the groups a respondent is counted in, and for a form that is to be sent again: these pages are
#: as long whatever the unit and however many groups were touched, but for the very largest.
_ROOM = 8192


def start_page(language: str) -> str:
    known = [(code, words["language_name"], direction(code)) for code, words in all_words().items()]
    return filled_up(_page("answer/start.html", spoken(language), known=known))


def done_page(language: str) -> str:
    return filled_up(_page("answer/done.html", spoken(language)))


def refused_page(language: str) -> str:
    return filled_up(_page("answer/refused.html", spoken(language)))


def trouble_page(language: str) -> str:
    return filled_up(_page("answer/trouble.html", spoken(language)))


def waiting_page(filled: Filled, step: Step) -> str:
    """The service cannot take the form now: the very same one to send again. Needs nothing that may be out of reach."""
    page = _page("answer/waiting.html", spoken(filled.language), hidden_fields=filled.fields(), step=step)
    return filled_up(page, _ROOM)


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
    page = _questionnaire(document, filled, notice, exposure)
    return filled_up(page, _longest_questionnaire(json.dumps(document)) + _room_for(exposure))


def review_page(document: Mapping[str, Any], filled: Filled) -> str:
    """Every statement with the words chosen for it, to be sent or changed. Keeps nothing: the form carries it all."""
    return filled_up(_asked("answer/review.html", document, filled), _longest_review(json.dumps(document)))


def amiss(document: Mapping[str, Any], filled: Filled) -> Notice | None:
    """What is wrong with a form before it is reviewed; None when it may be sent."""
    offered = {field.name: {choice.value for choice in field.choices} for field in asked_fields(document, filled)}
    if not all(value in offered.get(name, ()) for name, value in filled.choices.items()):
        return "not_understood"
    return None if any(answer is not None for answer in filled.answers.values()) else "nothing_answered"


def _questionnaire(
    document: Mapping[str, Any], filled: Filled, notice: Notice | None, exposure: Mapping[str, Any] | None
) -> str:
    return _asked(
        "answer/questionnaire.html",
        document,
        filled,
        notice=notice,
        known=[(it["code"], it["name"], it["dir"]) for it in document["languages"]],
        minutes=minutes(len(document["items"]), len(document["bands"])),
        seen=None if exposure is None else seen(exposure, all_words()[spoken(document["language"])]),
        right=right(document, filled),
    )


@lru_cache(maxsize=64)
def _longest_questionnaire(document: str) -> int:
    """Bytes of it at its longest, but for the groups: every group answered, either kind of token, either notice."""
    told = json.loads(document)
    said = {field.name: field.choices[0].value for field in asked_fields(told, Filled())}
    tokens = ("x" * LONGEST_TOKEN, "u1.".ljust(LONGEST_TOKEN, "x"))
    pages = (
        _questionnaire(told, Filled(token, told["language"], said), notice, None)
        for token in tokens
        for notice in get_args(Notice)
    )
    return max(len(page.encode()) for page in pages)


@lru_cache(maxsize=64)
def _longest_review(document: str) -> int:
    """Bytes of it at its longest, and some more: of every group the longest choice, and the words for none besides."""
    told = json.loads(document)
    words = all_words()[spoken(told["language"])]
    said = {field.name: _wordiest(field) for field in asked_fields(told, Filled())}
    page = _asked("answer/review.html", told, Filled("x" * LONGEST_TOKEN, told["language"], said))
    return len(page.encode()) + len(said) * len(words["unsaid"].encode()) + 2 * len(words["unsaid_count"].encode())


def _wordiest(field: Field) -> str:
    return max(field.choices, key=lambda it: 0 if it.unsaid else len(escape(it.label).encode())).value


def _room_for(exposure: Mapping[str, Any] | None) -> int:
    """Bytes for the groups of one unit: as a page they are at most twice as long as in JSON."""
    told = 0 if exposure is None else 2 * len(json.dumps(exposure["counted_in"]))
    return max(1, -(-told // _ROOM)) * _ROOM


def _asked(template: str, document: Mapping[str, Any], filled: Filled, **values: object) -> str:
    fields = asked_fields(document, filled)
    asked = len(document["items"])
    return _page(
        template,
        spoken(document["language"]),
        document=document,
        token=filled.token,
        statements=fields[:asked],
        bands=fields[asked:],
        size=full_size({field.name: field.width for field in fields}),
        **values,
    )


def _page(template: str, language: str, **values: object) -> str:
    words = all_words()[language]
    return render(template, words=words, language=language, direction=direction(language), **values)
