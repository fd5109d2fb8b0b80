"""A questionnaire page's form, read back strictly: exactly what was chosen, or a refusal that repeats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from service.errors import Fault, InvalidResponse

Fields = Sequence[tuple[str, str]]

#: A pulse asks at most 500 items and 16 bands; the form's own fields come on top.
_MOST_FIELDS = 520
#: Blanks and marks that are not to be seen: no token has any.
_BLANK = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]")
_WHOLE = re.compile(r"-?[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form said: `answers` by item id, None for 'prefer not to say'; `bands` by id, empty for the same."""

    token: str = ""
    language: str = ""
    answers: Mapping[str, int | None] = field(default_factory=dict)
    bands: Mapping[str, str] = field(default_factory=dict)

    @property
    def stated(self) -> dict[str, str]:
        return {band: value for band, value in self.bands.items() if value}

    def choices(self) -> Iterator[tuple[str, str]]:
        """Name and value of each group of buttons in which one was chosen."""
        for item, answer in self.answers.items():
            yield f"item.{item}", "" if answer is None else str(answer)
        for band, value in self.bands.items():
            yield f"band.{band}", value

    def fields(self) -> Fields:
        """The form as it would be posted again."""
        return [("token", self.token), ("lang", self.language), *self.choices()]


def fields_of(body: bytes) -> list[tuple[str, str]]:
    """An urlencoded body's fields in order. Raises InvalidResponse when it is none, or has too many."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise _broken("form", "is not the form of this page") from None


def answers_from_form(fields: Fields) -> Filled:
    """`item.<id>` holds a whole number or nothing, `band.<id>` a value or nothing; `token`, `lang` and `switch`.

    `switch`, a language button, wins over `lang`. Raises InvalidResponse for any other field and for a field
    sent twice: guessing which of two answers was meant would be answering for somebody.
    """
    if len({name for name, _ in fields}) != len(fields):
        raise _broken("form", "sends a field twice")
    sent = dict(fields)
    token, language = sent.pop("token", ""), sent.pop("lang", "")
    language = sent.pop("switch", language)
    answers = {name.removeprefix("item."): _answer(value) for name, value in sent.items() if name.startswith("item.")}
    bands = {name.removeprefix("band."): value for name, value in sent.items() if name.startswith("band.")}
    if len(answers) + len(bands) < len(sent):
        raise _broken("form", "has a field this page does not send")
    return Filled(token, language, answers, bands)


def token_in(pasted: str) -> str:
    """The token in what a person pasted or typed: a link, the part after its #, or the groups paper sets it in."""
    return _BLANK.sub("", pasted).rpartition("#")[2]


def _answer(value: str) -> int | None:
    if not value:
        return None
    if not _WHOLE.fullmatch(value):
        raise _broken("answers", "holds something that is no whole number")
    return int(value)


def _broken(where: str, why: str) -> InvalidResponse:
    return InvalidResponse([Fault(where, why)])
