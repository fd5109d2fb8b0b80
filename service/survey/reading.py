"""Reading a JSON document to its end whatever it holds: every fault is noted with its place, and nothing is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from service.errors import Fault
from service.survey.wording import ID_RULE, LANGUAGE_RULE, is_id, is_language, is_text, text_rule


class _Absent(Enum):
    ABSENT = "absent"


Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its place; `faults` is shared by all nodes of the document.

    A reader that meets a fault notes it and answers with something empty, so that reading goes on. Neither
    values nor the names of unknown fields are ever part of a fault.
    """

    value: object
    where: str
    faults: list[Fault]

    @property
    def absent(self) -> bool:
        return self.value is _Absent.ABSENT

    def fault(self, why: str) -> None:
        self.faults.append(Fault(self.where, "is missing" if self.absent else why))

    def fields(self, *known: str, top: bool = False) -> dict[str, Node]:
        """A node for each known field, absent or not; fields at the top are placed by their name alone."""
        value, faults = self.value, self.faults
        if not isinstance(value, dict):
            self.fault("must be an object")
            value, faults = {}, []  # said once: that its fields are missing too is no news
        elif not value.keys() <= set(known):
            self.fault(f"must have no fields but {', '.join(known)}")
        prefix = "" if top else f"{self.where}."
        return {name: Node(value.get(name, _Absent.ABSENT), prefix + name, faults) for name in known}

    def entries(self, least: int, most: int) -> list[Node]:
        value = self.value
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.fault(f"must be a list of {least if least == most else f'{least} to {most}'} entries")
            return []
        return [Node(entry, f"{self.where}[{index}]", self.faults) for index, entry in enumerate(value)]

    def by_language(self, least: int, most: int) -> dict[str, Node]:
        """A node for each language. Their places are positions, for a key is as much submitted as a value."""
        value = self.value
        if not isinstance(value, dict) or not least <= len(value) <= most:
            self.fault(f"must be an object of {least} to {most} languages")
            return {}
        if not all(map(is_language, value)):
            self.fault(f"must have only keys of which each {LANGUAGE_RULE}")
        nodes = (Node(each, f"{self.where}[{index}]", self.faults) for index, each in enumerate(value.values()))
        return {code: node for code, node in zip(value, nodes, strict=True) if is_language(code)}

    def id(self) -> str:
        if is_id(self.value):
            return str(self.value)
        self.fault(ID_RULE)
        return ""

    def language(self) -> str:
        if is_language(self.value):
            return str(self.value)
        self.fault(LANGUAGE_RULE)
        return ""

    def text(self, most: int, default: str | None = None) -> str:
        """A text of 1 to `most` printable characters; `default`, if there is one, when absent."""
        if is_text(self.value, most):
            return str(self.value)
        if self.absent and default is not None:
            return default
        self.fault(text_rule(most))
        return ""

    def whole(self, low: int, high: int) -> int | None:
        """A whole number of the range. A truth value is none, though Python counts it among them."""
        if type(self.value) is int and low <= self.value <= high:
            return self.value
        self.fault(f"must be a whole number from {low} to {high}")
        return None

    def flag(self, default: bool) -> bool:
        if isinstance(self.value, bool):
            return self.value
        if not self.absent:
            self.fault("must be true or false")
        return default

    def choice(self, words: Sequence[Word]) -> Word:
        """One of `words`; the first when absent."""
        for word in words:
            if self.value == word:
                return word
        if not self.absent:
            self.fault(f"must be one of {', '.join(words)}")
        return words[0]
