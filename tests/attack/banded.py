"""A release with slices written by hand, safe until somebody answers otherwise or something else is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from service.release import codec
from service.release.attack import attack
from service.release.release import ItemFigures, PublicUnit, Release, Slice, UnitFigures
from service.survey.instrument import Block, Instrument, Item, Language, Scale
from service.survey.pulse import Band

FIVE = Scale(1, 5, {"en": ("1", "2", "3", "4", "5")})
INSTRUMENT = Instrument(
    "hand",
    "1",
    {"en": "By hand"},
    (Language("en", "English"),),
    {"en": "lately"},
    FIVE,
    (Block("B", "block", {"en": "Block"}),),
    (Item("B1", "B", {"en": "One."}, FIVE),),
)
BANDS = (Band("tenure", ("new", "mid", "old")), Band("site", ("north", "south")))
FAMILIES = (("tenure",), ("site",))
THRESHOLD = 4
#: The floor `m` is hidden, so that the slices of `b` lie in those of `all` and in none nearer.
PARENTS = {"all": None, "a": "all", "a1": "a", "m": "all", "b": "m"}

#: Directly in each unit, by tenure and site: a digit is a person's answer, 0 somebody who gave none.
People = Mapping[tuple[str, str, str], str]
PEOPLE: People = {
    ("a", "new", "north"): "1234",
    ("a", "mid", "south"): "2345",
    ("a", "old", "north"): "12345",
    ("a1", "new", "north"): "12345",
    ("a1", "mid", "south"): "23451",
    ("m", "new", "south"): "15432",
    ("m", "mid", "north"): "5432",
    ("m", "old", "south"): "54321",
    ("b", "new", "south"): "12345",
    ("b", "mid", "north"): "43215",
    ("b", "old", "north"): "3214",
}
#: The slices shown of each unit; `old` is left out wherever `new` and `mid` are.
SHOWN: Mapping[str, Collection[str]] = {
    "all": ("new", "mid", "north"),
    "a": ("new", "mid", "north"),
    "a1": ("new",),
    "b": ("new", "mid"),
}


def _inside(unit: str, above: str) -> bool:
    up: str | None = unit
    while up is not None and up != above:
        up = PARENTS[up]
    return up is not None


def _answers(people: People, unit: str, value: str | None = None) -> str:
    return "".join(
        given for (at, *bands), given in people.items() if _inside(at, unit) and (value is None or value in bands)
    )


def figures_of(answers: str) -> dict[str, ItemFigures]:
    """The exact sum of those who answered."""
    given = [int(answer) for answer in answers if answer != "0"]
    return {"B1": ItemFigures(len(given), sum(given), sum(given))}


def slice_of(people: People, unit: str, value: str) -> Slice:
    by = next((band.id,) for band in BANDS if value in band.values)
    answers = _answers(people, unit, value)
    return Slice(by, (value,), len(answers), figures_of(answers))


def release_of(changed: People | None = None, shown: Mapping[str, Collection[str]] | None = None) -> Release:
    """The safe release, or what it would be had these people answered, or these slices of units been shown."""
    people, slices = {**PEOPLE, **(changed or {})}, {**SHOWN, **(shown or {})}

    def figures(unit: str) -> UnitFigures:
        answers = _answers(people, unit)
        inside = tuple(slice_of(people, unit, value) for value in slices[unit])
        silent = 4 * sum(_inside(below, unit) for below in PARENTS)
        return UnitFigures(len(answers), len(answers) + silent, figures_of(answers), inside)

    units = tuple(
        PublicUnit(unit, unit, parent, figures(unit) if unit in slices else None) for unit, parent in PARENTS.items()
    )
    day = date(2026, 3, 2)
    return Release("p", "Spring", "s", INSTRUMENT, ("B1",), THRESHOLD, "", day, day, 1, units, None, BANDS, FAMILIES)


def with_figures(release: Release, id: str, **changes: object) -> Release:
    """One unit's figures otherwise."""
    units = (replace(it, figures=replace(it.figures, **changes)) if it.id == id else it for it in release.units)
    return replace(release, units=tuple(units))


def bounded(release: Release, id: str, least: int, most: int) -> Release:
    """A bound where the unit's sum would tell, and no slices of it."""
    n = release.unit[id].figures.n
    return with_figures(release, id, items={"B1": ItemFigures(n, least, most)}, slices=())


def failed(release: Release, *earlier: Release) -> set[str]:
    return set(attack(codec.encode(release), earlier).failed)
