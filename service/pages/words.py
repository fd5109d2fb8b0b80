"""What the respondent's pages say, in every language they speak."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Words = Mapping[str, str]

FALLBACK = "en"
_RIGHT_TO_LEFT = frozenset({"ar"})


@cache
def all_words() -> Mapping[str, Words]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def spoken(language: str) -> str:
    """The language the pages answer in: the one asked for, its base (`de` for `de-AT`), or English."""
    known = all_words()
    base = language.replace("_", "-").lower().split("-")[0]
    return base if base in known else FALLBACK


def direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def preferred(accept_language: str) -> str:
    """The first of a browser's languages that the pages speak; English when there is none.

    Quality values are ignored: browsers send languages in the reader's order already.
    """
    for part in accept_language.split(","):
        base = part.split(";")[0].strip().lower().split("-")[0]
        if base in all_words():
            return base
    return FALLBACK
