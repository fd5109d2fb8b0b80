"""The respondent's pages: the code, the statements with their promise, the review, the end, and one refusal for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from service.pages.choosing import asked_fields
from service.pages.duration import minutes
from service.pages.exposure import seen
from service.pages.form import Filled, full_size
from service.pages.right import right
from service.pages.templating import render
from service.pages.words import all_words, direction, spoken

Notice = Literal["nothing_answered", "not_understood"]
#: Where a form may be posted.
Step = Literal["/answer", "/answer/review", "/answer/send"]


def start_page(language: str) -> str:
    known = [(code, words["language_name"], direction(code)) for code, words in all_words().items()]
    return _page("answer/start.html", spoken(language), known=known)


def done_page(language: str) -> str:
    return _page("answer/done.html", spoken(language))


def refused_page(language: str) -> str:
    return _page("answer/refused.html", spoken(language))


def trouble_page(language: str) -> str:
    return _page("answer/trouble.html", spoken(language))


def waiting_page(filled: Filled, step: Step) -> str:
    """The service cannot take the form now: the very same one to send again. Needs nothing that may be out of reach."""
    return _page("answer/waiting.html", spoken(filled.language), hidden_fields=filled.fields(), step=step)


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


def review_page(document: Mapping[str, Any], filled: Filled) -> str:
    """Every statement with the words chosen for it, to be sent or changed. Keeps nothing: the form carries it all."""
    return _asked("answer/review.html", document, filled)


def amiss(document: Mapping[str, Any], filled: Filled) -> Notice | None:
    """What is wrong with a form before it is reviewed; None when it may be sent."""
    offered = {field.name: {choice.value for choice in field.choices} for field in asked_fields(document, filled)}
    if not all(value in offered.get(name, ()) for name, value in filled.choices.items()):
        return "not_understood"
    return None if any(answer is not None for answer in filled.answers.values()) else "nothing_answered"


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
