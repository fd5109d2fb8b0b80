"""The set-up of a pulse as its form holds it, and the draft that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import Fault, InvalidPulse
from service.pages.manage.form import Form
from service.survey.classes_csv import parse_classes_csv
from service.survey.draft import Draft
from service.survey.draft_bands import MOST_BANDS
from service.survey.pulse import TOKEN_KINDS, Classes, Pool

#: The places of attributes in the form, and the pairs of them that a cross can be of.
PLACES = tuple(str(place) for place in range(1, MOST_BANDS + 1))
#: Longer than any name, id or number may be, so that one cut there is still told to be too long.
_MOST_GIVEN_BACK = 300
PAIRS = tuple((first, second) for first in PLACES for second in PLACES if first < second)

_ATTRIBUTES = {f"{name}.{place}" for name in ("band", "values") for place in PLACES}
_CHOICES = {"action", "all", "none", "unlinkable"}
ONCE = {"label", "instrument", "series", "threshold", "classes", "pools", *_CHOICES, *_ATTRIBUTES}
MANY = {"lens", "item", "cross", "listed"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One place for a band: its name and values as they were written."""

    place: str
    name: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """Everything the form says. `instrument` is an id and a version with a blank between, `listed` which instruments
    the items stood on the page for when `items` were ticked, `unlinkable` that no other tokens are taken."""

    label: str = ""
    instrument: str = "five-blocks"
    lenses: Sequence[str] = ()
    items: Sequence[str] = ()
    listed: Sequence[str] = ()
    series: str = ""
    threshold: str = ""
    attributes: Sequence[Attribute] = tuple(Attribute(place) for place in PLACES)
    crosses: Sequence[str] = ()
    classes: str = ""
    pools: str = ""
    unlinkable: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """What items come from."""
        return (self.instrument, *self.lenses)

    @property
    def named(self) -> list[Attribute]:
        """The attributes of which anything was written, in order."""
        return [it for it in self.attributes if it.name or it.values]

    @property
    def id(self) -> str:
        return self.instrument.partition(" ")[0]


def filled_in(form: Form) -> Filled:
    return Filled(
        label=_cut(form.text("label")),
        instrument=_cut(form.text("instrument")),
        lenses=tuple(map(_cut, form.chosen("lens"))),
        items=form.chosen("item"),
        listed=form.chosen("listed"),
        series=_cut(form.text("series")),
        threshold=_cut(form.text("threshold")),
        attributes=tuple(
            Attribute(place, _cut(form.text(f"band.{place}")), form.text(f"values.{place}")) for place in PLACES
        ),
        crosses=form.chosen("cross"),
        classes=form.text("classes"),
        pools=form.text("pools"),
        unlinkable=form.ticked("unlinkable"),
    )


def _cut(text: str) -> str:
    return text[:_MOST_GIVEN_BACK]


def draft_of(filled: Filled, form: Form) -> Draft:
    """The draft the form asks for; what cannot be one is noted in `form.faults`."""
    threshold = form.number("threshold")
    id, _, version = filled.instrument.partition(" ")
    names = {it.place: it.name.replace(" ", "_") for it in filled.named}
    if len(set(names.values())) < len(names):
        form.fault("bands", "must have different names")
    return Draft(
        label=filled.label,
        instrument=id,
        version=version or None,
        lenses=filled.lenses,
        items=filled.items,
        bands={names[it.place]: form.lines(f"values.{it.place}") for it in filled.named},
        threshold=threshold,
        series=filled.series or None,
        crosses=[_pair(cross, names, form) for cross in filled.crosses],
        classes=_classes(filled.classes, form),
        pools=_pools(form),
        tokens=("unlinkable",) if filled.unlinkable else TOKEN_KINDS,
    )


def by_field(faults: Sequence[Fault], filled: Filled) -> Mapping[str, list[str]]:
    """What is wrong, by the field it is shown at."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(_field(fault.where, filled), []).append(_said(fault))
    return found


def _field(where: str, filled: Filled) -> str:
    """The field of a place in a draft: `bands[1]` is the second attribute of which something was written."""
    name, _, rest = where.partition("[")
    if name == "bands" and rest and filled.named:
        return f"band.{filled.named[min(int(rest.partition(']')[0]), len(filled.named) - 1)].place}"
    if name.startswith("line "):
        return "classes"
    return {"policy.threshold": "threshold", "lenses": "instrument"}.get(name, name)


def _said(fault: Fault) -> str:
    """The rule, with the line of a field of several lines that breaks it."""
    if fault.where.startswith("line "):
        return f"{fault.where} {fault.why}"
    name, _, rest = fault.where.partition("[")
    if name == "pools" and rest:
        return f"line {int(rest.partition(']')[0]) + 1}{_part(fault.where)} {fault.why}"
    return fault.why


def _part(where: str) -> str:
    for part in ("id", "name", "units"):
        if f".{part}" in where:
            return f", {part},"
    return ""


def _pair(cross: str, names: Mapping[str, str], form: Form) -> tuple[str, ...]:
    pair = tuple(cross.split("-"))
    if pair not in PAIRS or not all(place in names for place in pair):
        form.fault("crosses", "must be of two attributes that are written above")
        return ()
    return tuple(names[place] for place in pair)


def _classes(text: str, form: Form) -> Classes:
    try:
        return parse_classes_csv(text) if text else {}
    except InvalidPulse as error:
        form.faults.extend(error.faults)
        return {}


def _pools(form: Form) -> list[Pool]:
    """One a line: id, name and units with `|` between, the units with a comma between."""
    found = []
    for number, line in enumerate(form.lines("pools"), 1):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 3:
            units = tuple(unit.strip() for unit in cells[2].split(",") if unit.strip())
            found.append(Pool(cells[0], cells[1], units))
        else:
            form.fault("pools", f"line {number} must be an id, a name and units, with | between")
    return found
