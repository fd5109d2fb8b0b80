"""A questionnaire page's form, read back strictly: exactly what was chosen, or a refusal that repeats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote_plus

from service.errors import Fault, InvalidResponse

Fields = Sequence[tuple[str, str]]

#: A pulse asks at most 500 items and 16 bands; the form's own fields come on top.
_MOST_FIELDS = 520
#: Blanks and marks that are not to be seen: no token has any.
_BLANK = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]")
_WHOLE = re.compile(r"-?[0-9]{1,6}")
#: 'Prefer not to say', and a group in which nothing is chosen: as long as any other choice of their group, and no
#: numbers. The form's encoding leaves them as they are.
_UNSAID, _UNTOUCHED = re.compile("-+"), re.compile("[.]+")
#: A form with a script is filled up to a multiple of this, so that its length tells nothing of what is in it.
_STEP = 4096
#: Bytes of the longest token there is.
LONGEST_TOKEN = 600
#: Of the form's own names and language.
_OWN = 100


def choice(point: int, width: int) -> str:
    """What a form sends for a point of a scale or the place of a band's value: `width` characters, as for any other."""
    return str(point).zfill(width)


def unsaid(width: int) -> str:
    return "-" * width


def untouched(width: int) -> str:
    return "." * width


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form said: by name of the group (`item.<id>`, `band.<id>`) the choice as it was sent."""

    token: str = ""
    language: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> dict[str, str]:
        """Of the groups in which one was chosen."""
        return {name: value for name, value in self.said.items() if not _UNTOUCHED.fullmatch(value)}

    @property
    def answers(self) -> dict[str, int | None]:
        """By item id the point of its scale, None for 'prefer not to say'."""
        return {id: None if _UNSAID.fullmatch(value) else int(value) for id, value in self._chosen("item.")}

    @property
    def places(self) -> dict[str, int]:
        """By band id the place of the stated value among those that are offered, from 1."""
        return {id: int(value) for id, value in self._chosen("band.") if not _UNSAID.fullmatch(value)}

    @property
    def unlinkable(self) -> bool:
        """Whether it carries a token of the respondent's own instead of an invitation."""
        return self.token.startswith("u1.")

    def fields(self) -> Fields:
        """The form as it would be posted again."""
        return [("token", self.token), ("lang", self.language), *self.said.items()]

    def _chosen(self, kind: str) -> Iterator[tuple[str, str]]:
        return ((name.removeprefix(kind), value) for name, value in self.choices.items() if name.startswith(kind))


def full_size(groups: Mapping[str, int]) -> int:
    """Bytes that every form of a pulse is filled up to: `groups` are the widths of its choices, by name."""
    longest = sum(len(quote_plus(name)) + width + len("&=") for name, width in groups.items())
    return -(-(longest + LONGEST_TOKEN + _OWN) // _STEP) * _STEP


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
    """`item.<id>` holds a whole number or 'prefer not to say', `band.<id>` a place or the same; `token`, `lang`,
    `switch`, and `pad`, which is not read.

    `switch`, a language button, wins over `lang`. Raises InvalidResponse for any other field and for a field
    sent twice: guessing which of two answers was meant would be answering for somebody.
    """
    if len({name for name, _ in fields}) != len(fields):
        raise _broken("form", "sends a field twice")
    sent = dict(fields)
    token, language, _ = sent.pop("token", ""), sent.pop("lang", ""), sent.pop("pad", "")
    language = sent.pop("switch", language)
    for name, value in sent.items():
        if not name.startswith(("item.", "band.")):
            raise _broken("form", "has a field this page does not send")
        if not any(shape.fullmatch(value) for shape in (_WHOLE, _UNSAID, _UNTOUCHED)):
            raise _broken("form", "holds something that is no choice")
    return Filled(token, language, sent)


def token_in(pasted: str) -> str:
    """The token in what a person pasted or typed: a link, the part after its #, or the groups paper sets it in."""
    return _BLANK.sub("", pasted).rpartition("#")[2]


def _broken(where: str, why: str) -> InvalidResponse:
    return InvalidResponse([Fault(where, why)])
