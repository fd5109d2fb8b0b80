"""What a questionnaire offers to choose from, as groups of radio buttons, and what a form's choices stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.errors import Fault, InvalidResponse
from service.pages.exposure import title
from service.pages.form import Filled, choice, unsaid, untouched
from service.pages.words import Words, all_words, spoken


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button: what it sends, what it says, whether it is chosen, whether it is 'prefer not to say'."""

    value: str
    label: str
    checked: bool
    unsaid: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One statement or band as a group of radio buttons, none chosen at first; the last one is 'prefer not to say'."""

    name: str
    text: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.checked), None)

    @property
    def said(self) -> str:
        """What is chosen in words; empty when nothing is, or when she prefers not to say."""
        chosen = self.chosen
        return chosen.label if chosen is not None and not chosen.unsaid else ""

    @property
    def width(self) -> int:
        """Characters of every choice alike."""
        return len(self.choices[0].value)

    @property
    def sent(self) -> str:
        """What a form without a script sends, whatever is chosen: as long as any other."""
        return untouched(self.width) if self.chosen is None else self.chosen.value


def asked_fields(document: Mapping[str, Any], filled: Filled) -> list[Field]:
    """The statements, then the bands."""
    words = all_words()[spoken(document["language"])]
    statements = [_statement(item, filled.said, words) for item in document["items"]]
    return statements + [_band(band, filled.said, words) for band in document["bands"]]


def _statement(item: Mapping[str, Any], sent: Mapping[str, str], words: Words) -> Field:
    scale, name = item["scale"], f"item.{item['id']}"
    points = range(scale["low"], scale["high"] + 1)
    labels = scale["labels"] if len(scale["labels"]) == len(points) else [str(point) for point in points]
    return Field(name, item["text"], _choices(points, labels, sent.get(name), words))


def _band(band: Mapping[str, Any], sent: Mapping[str, str], words: Words) -> Field:
    """Its values by their places: a value's text would tell by its length which one it is."""
    name = f"band.{band['id']}"
    places = range(1, len(band["values"]) + 1)
    return Field(name, title(band["id"]), _choices(places, band["values"], sent.get(name), words))


def _choices(points: range, labels: Sequence[str], chosen: str | None, words: Words) -> tuple[Choice, ...]:
    """A value that is none of the options chooses nothing: what was sent is never repeated."""
    width = max(len(str(points[0])), len(str(points[-1])))
    offered = [(choice(point, width), label) for point, label in zip(points, labels, strict=True)]
    last = unsaid(width)
    said = tuple(Choice(value, label, value == chosen) for value, label in offered)
    return (*said, Choice(last, words["prefer_not"], last == chosen, unsaid=True))


def stated(document: Mapping[str, Any], filled: Filled) -> dict[str, str]:
    """The bands' values where the form has places. Raises InvalidResponse for a place that is not offered."""
    offered = {band["id"]: band["values"] for band in document["bands"]}
    try:
        return {band: _at(offered[band], place) for band, place in filled.places.items()}
    except LookupError:
        raise InvalidResponse([Fault("bands", "names what this page does not offer")]) from None


def _at(values: Sequence[str], place: int) -> str:
    if place < 1:
        raise LookupError
    return values[place - 1]
