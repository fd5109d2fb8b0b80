"""What an id, a text and a language code may look like, wherever in a document they stand."""

from __future__ import annotations

import re
import unicodedata

#: Characters of an id.
LONGEST_ID = 64
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_ID - 1}}}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
#: Controls, surrogates, private use, unassigned. Marks of direction and no-break spaces are part of many texts.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})

ID_RULE = "must be an id of letters, digits, '.', '_' or '-', at most 64, that starts with a letter or digit"
LANGUAGE_RULE = "must be a language code such as en or pt-BR"


def is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_language(value: object) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def is_text(value: object, most: int) -> bool:
    """Whether `value` is 1 to `most` printable characters, at least one of them to be seen."""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        return False
    # Almost every text takes the first way, which is some twenty times faster.
    return value.isprintable() or _readable([unicodedata.category(character) for character in value])


def text_rule(most: int) -> str:
    return f"must be 1 to {most} printable characters"


def _readable(categories: list[str]) -> bool:
    return _UNPRINTABLE.isdisjoint(categories) and any(category[0] not in "CZ" for category in categories)
