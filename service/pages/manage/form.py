"""A manager's form, read strictly: the fields its page has and no others, each no oftener than the page sends it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from service.errors import Fault, InvalidQuery
from service.pages.form import Fields

#: Controls other than tab and ends of lines.
_UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: More digits than any number on these pages has; Python takes seconds over one of thousands.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent, by the names of fields. A reader that meets a fault notes it in `faults`, under the field's name,
    and answers with something empty, so that one look at the page mends all. No fault repeats a value."""

    sent: Mapping[str, tuple[str, ...]]
    faults: list[Fault] = field(default_factory=list)

    def whole_text(self, name: str) -> str:
        """The value as it was written, with plain ends of lines; "" where the field was not sent."""
        return self.sent.get(name, ("",))[0].replace("\r\n", "\n").replace("\r", "\n")

    def text(self, name: str) -> str:
        """The same, trimmed."""
        return self.whole_text(name).strip()

    def lines(self, name: str) -> list[str]:
        """The lines that hold something, trimmed."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def chosen(self, name: str) -> tuple[str, ...]:
        """Every value of a field that is sent once for each thing chosen."""
        return self.sent.get(name, ())

    def ticked(self, name: str) -> bool:
        """Whether a box with the value `yes` was ticked."""
        return self.text(name) == "yes"

    def choice(self, name: str, *words: str) -> str:
        """One of `words`; the first where nothing was chosen."""
        value = self.text(name) or words[0]
        if value in words:
            return value
        self.fault(name, "must be one of those offered")
        return words[0]

    def number(self, name: str) -> int | None:
        """None where nothing was written."""
        value = self.text(name)
        if value.isascii() and value.isdigit() and len(value) <= _DIGITS:
            return int(value)
        if value:
            self.fault(name, "must be a whole number")
        return None

    def day(self, name: str, default: date) -> date:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else default
        except ValueError:
            self.fault(name, "must be a day as 2026-01-31")
            return default

    def fault(self, name: str, why: str) -> None:
        self.faults.append(Fault(name, why))


def unwritten(text: str) -> bool:
    """Whether it holds characters that no page lets anybody write."""
    return _UNWRITTEN.search(text) is not None


def written(text: str) -> str:
    """The text without them."""
    return _UNWRITTEN.sub("", text)


def form_of(fields: Fields, *, once: Collection[str], many: Collection[str] = (), rough: Collection[str] = ()) -> Form:
    """The form of a page whose fields are `once` and, as often as wanted, `many`.

    Raises InvalidQuery for a field the page does not have, for one of `once` sent twice, and for characters that no
    page lets anybody write: such a form was made by no page of ours, so there is none to show it on. In the fields
    `rough`, where files are pasted, such characters are left to the page to tell.
    """
    sent: dict[str, tuple[str, ...]] = {}
    for name, value in fields:
        if name not in once and name not in many:
            raise _refused("has a field this page does not send")
        if name in sent and name not in many:
            raise _refused("sends a field twice")
        if name not in rough and unwritten(value):
            raise _refused("holds characters that cannot be written")
        sent[name] = (*sent.get(name, ()), value)
    return Form(sent)


def _refused(why: str) -> InvalidQuery:
    return InvalidQuery([Fault("form", why)])
