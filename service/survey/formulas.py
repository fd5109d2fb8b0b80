"""Text that a spreadsheet would run as a formula, made text again: one rule for every CSV that is handed out."""

from __future__ import annotations

import re

#: What a spreadsheet begins a formula with; the wide ones are taken for the others where people write in them.
_BEGINS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
#: At the start of a cell, whatever stands before it that a spreadsheet may leave out.
_FIRST = re.compile(rf"[\t\r\n]|[\s\"]*[{_BEGINS}]")
#: Further on: whoever opens the file with another separator than it was written with begins a cell there.
_LATER = re.compile(rf"(?<=[^\s\"])([,;|\t\r\n\"]+)(?=[{_BEGINS}])")

#: What `harmless` put there.
_PUT_FIRST = re.compile(rf"'(?=[\t\r\n]|[\s\"]*[{_BEGINS}])")
_PUT_LATER = re.compile(rf"(?<=[,;|\t\r\n\"])'(?=[{_BEGINS}])")


def harmless(text: str) -> str:
    """The text with an apostrophe before whatever could begin a formula; most text as it is."""
    later = _LATER.sub(r"\1'", text)
    return f"'{later}" if _FIRST.match(text) else later


def as_meant(text: str) -> str:
    """What `harmless` was given, of what it made: for files that are handed out to be handed in again."""
    later = _PUT_LATER.sub("", text)
    return later[1:] if _PUT_FIRST.match(text) else later
