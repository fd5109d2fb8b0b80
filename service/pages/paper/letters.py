"""Invitations on paper: a letter a person, or a poster with strips to tear off, each with its own single-use code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.pages.dashboard.frame import Around
from service.pages.duration import minutes
from service.pages.paper.qr import Symbol, symbol
from service.pages.templating import render
from service.pages.words import FALLBACK, Words, direction
from service.survey.instrument import Language
from service.survey.pulse import Pulse

#: As many as one page holds in its 150 kB in every language, with the longest of names and addresses.
MOST_LETTERS = 18
MOST_STRIPS = 24
STRIPS_A_POSTER = 12
#: Characters of a code that stand together, for an eye that types it.
_GROUP = 10

#: What a link may begin with: a longer one makes a code that small prints of it cannot hold.
LONGEST_ORIGIN = 72
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Code:
    """One invitation as it is drawn and, in `groups` that only look apart, as it is typed."""

    drawn: Symbol
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What was issued for one unit of a pulse: `left` is how many of its people still have no invitation."""

    pulse: Pulse
    unit: str
    origin: str
    language: str
    tokens: Sequence[str]
    left: int


@cache
def letter_words() -> Mapping[str, Words]:
    return tomllib.loads(Path(__file__).with_name("letters.toml").read_text("utf-8"))


def languages(pulse: Pulse) -> list[Language]:
    """Those of the pulse's instrument that the answer pages speak, and English where there is none."""
    known = [it for it in pulse.instrument.languages if it.code in letter_words()]
    return known or [Language(FALLBACK, "English")]


def origin_of(text: str) -> str | None:
    """The scheme, host and port of the address under which phones reach the service; None when it is no such."""
    text = text.strip().removesuffix("/")
    return text if len(text) <= LONGEST_ORIGIN and _ORIGIN.fullmatch(text) else None


def link(origin: str, token: str) -> str:
    """The token stands after the #, which no browser sends and no log keeps."""
    return f"{origin}/answer#{token}"


def letters_page(around: Around, batch: Batch) -> str:
    return _page("paper/letters.html", around, batch, codes=[_code(batch, token) for token in batch.tokens])


def poster_page(around: Around, batch: Batch) -> str:
    codes = [_code(batch, token) for token in batch.tokens]
    posters = [codes[at : at + STRIPS_A_POSTER] for at in range(0, len(codes), STRIPS_A_POSTER)]
    return _page("paper/poster.html", around, batch, posters=posters)


def _page(template: str, around: Around, batch: Batch, **values: object) -> str:
    words = letter_words()[batch.language]
    length = words["short" if minutes(len(batch.pulse.items), len(batch.pulse.bands)) == 1 else "long"]
    return render(
        template,
        around=around,
        batch=batch,
        words=words,
        length=length,
        runs=direction(batch.language),
        door=f"{batch.origin}/answer",
        **values,
    )


def _code(batch: Batch, token: str) -> Code:
    groups = tuple(token[at : at + _GROUP] for at in range(0, len(token), _GROUP))
    return Code(symbol(link(batch.origin, token)), groups)
