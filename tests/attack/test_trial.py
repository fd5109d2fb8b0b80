"""The trial at close: what the gate withheld is published after all, and the auditors who know who answered see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from random import Random

import numpy as np
import pytest

from service.release import columns
from service.release.gate import Counted, Gated, gated, plan
from service.release.policy import Policy
from service.release.release import ItemFigures, PublicUnit, Release, Slice
from service.release.report import Report
from service.release.tree import atoms
from service.release.trial import tried
from service.survey.pulse import Band, Pulse, State
from service.survey.roster import Roster, Unit, arranged
from service.tally.count import respondents
from service.tally.partial import Asked, partial
from service.tally.tally import tally
from tests.attack.banded import INSTRUMENT
from tests.attack.exhaustive import least

BANDS = (Band("tenure", ("new", "old")), Band("site", ("north", "south")))
#: A group: its unit, and of a slice its band and value.
Group = tuple[str, str, str]
AUDITORS = {"certificate", "combinations"}


@dataclass(frozen=True)
class Person:
    """`tenure` and `site` are positions from 1, 0 where not stated; `answer` is 0 where none was given."""

    unit: str
    tenure: int
    site: int
    answer: int


@dataclass(frozen=True)
class Organisation:
    roster: Roster
    people: tuple[Person, ...]

    def inside(self, group: Group) -> list[int]:
        unit, band, value = group
        units = {it.id for it in self.roster.subtree(unit)}
        return [
            at
            for at, person in enumerate(self.people)
            if person.unit in units and (not band or self._value(person, band) == value)
        ]

    def groups(self) -> Iterator[Group]:
        for unit in self.roster.units:
            yield unit.id, "", ""
            for band in BANDS:
                yield from ((unit.id, band.id, value) for value in band.values)

    def figures(self, group: Group) -> ItemFigures:
        given = [self.people[at].answer for at in self.inside(group) if self.people[at].answer]
        return ItemFigures(len(given), sum(given), sum(given))

    @staticmethod
    def _value(person: Person, band: str) -> str | None:
        stated = person.tenure if band == "tenure" else person.site
        values = next(it.values for it in BANDS if it.id == band)
        return values[stated - 1] if stated else None


def drawn(seed: int, parents: dict[str, str | None], missing: float = 0.1) -> Organisation:
    chance = Random(seed)
    # A leaning of its own for each unit, so that sums come near the ends now and then.
    people = [
        Person(
            unit,
            chance.choice((1, 1, 1, 2, 2, 2, 0)),
            chance.choice((1, 2)),
            0 if chance.random() < missing else chance.choice(leaning),
        )
        for unit in parents
        for leaning in [chance.choice(((1, 2, 3, 4, 5), (4, 5), (1, 2)))]
        for _ in range(chance.randint(2, 9) if unit != "all" else 0)
    ]
    return Organisation(arranged(Unit(id, id, up, 30) for id, up in parents.items()), tuple(people))


SIDES = {"all": None, "a": "all", "b": "all"}


def closed(it: Organisation, threshold: int = 4) -> Gated:
    """As at close."""
    day = date(2026, 3, 2)
    pulse = Pulse(
        "p", "o", "Spring", "s", INSTRUMENT, ("B1",), BANDS, threshold, State.CLOSED, day, day, 1
    )  # fmt: skip
    units = np.array([it.roster.position[person.unit] for person in it.people], np.int64)
    bands = np.array([[person.tenure, person.site] for person in it.people], np.uint8)
    answers = np.array([[person.answer] for person in it.people], np.uint8)
    policy = Policy(threshold)
    shown = plan(it.roster, respondents(units, len(it.roster.units)), policy)
    size = len(it.roster.units)
    values = tuple(len(band.values) for band in BANDS)
    asked = Asked((5,), (True,), values, np.arange(size), atoms(it.roster.parents, shown))
    counted = tally(partial(units, answers, bands, asked), asked, policy.pool)
    return gated(Counted(pulse, "", day, day, 1, it.roster), shown, counted)


def published(release: Release, item: bool) -> list[Group]:
    """The groups a release shows, or those it shows the item of."""
    found: list[Group] = []
    for unit in release.units:
        if unit.figures is not None:
            found += [(unit.id, "", "")] * (not item or "B1" in unit.figures.items)
            found += [(unit.id, it.by[0], it.bands[0]) for it in unit.figures.slices if not item or "B1" in it.items]
    return found


def fewest(it: Organisation, groups: list[Group], item: bool, threshold: int = 4) -> int | None:
    """The fewest people that a combination of these groups is about, if too few: by trying everything on people."""
    counts = [int(not item or person.answer > 0) for person in it.people]
    return least(counts, [it.inside(group) for group in groups], threshold)


def with_group(release: Release, it: Organisation, group: Group, *, item: bool) -> Release:
    """The release with one more group shown, with the item or without."""
    unit_id, band, value = group
    place = it.roster.position[unit_id]
    unit, n = release.units[place], len(it.inside(group))
    items = {"B1": it.figures(group)} if item else {}
    if not band:
        model = release.units[0].figures
        figures = replace(model, n=n, headcount=it.roster.totals[place], items=items, slices=())
    else:
        others = [each for each in unit.figures.slices if each.bands != (value,)]
        order = [each for declared in BANDS for each in declared.values]
        slices = sorted((*others, Slice((band,), (value,), n, items)), key=lambda each: order.index(each.bands[0]))
        figures = replace(unit.figures, slices=tuple(slices))
    units = list(release.units)
    units[place] = PublicUnit(unit.id, unit.name, unit.parent, figures)
    return replace(release, units=tuple(units))


def names(report: Report) -> set[str]:
    return set(report.failed)


@pytest.fixture(scope="module")
def organisations() -> list[tuple[Organisation, Gated]]:
    found = [drawn(seed, SIDES, 0.2) for seed in range(60)]
    return [(it, closed(it)) for it in found if len(it.people) >= 10]


def test_what_the_gate_shows_passes_every_attempt(organisations: list[tuple[Organisation, Gated]]) -> None:
    for it, made in organisations:
        assert names(tried(made)) == set(), it
    assert len(organisations) > 30
    assert sum(len(published(made.release, True)) for _, made in organisations) > 2 * len(organisations)


def planted(it: Organisation, made: Gated, kind: str) -> Iterator[tuple[Release, int | None]]:
    """Each single thing of the kind that was withheld, shown; and the fewest a combination is about then."""
    item = kind == "item of a slice"
    shown = published(made.release, item)
    units = {unit for unit, band, _ in published(made.release, False) if not band}
    for group in it.groups():
        if group in shown or bool(group[1]) != (kind != "unit") or not it.inside(group):
            continue
        if kind != "unit" and group[0] not in units:
            continue
        if item and (group not in published(made.release, False) or not it.figures(group).n):
            continue
        yield with_group(made.release, it, group, item=item), fewest(it, [*shown, group], item)


@pytest.mark.parametrize(("kind", "at_least"), [("slice", 60), ("unit", 10), ("item of a slice", 15)])
def test_both_auditors_find_what_was_withheld_exactly_where_trying_everything_does(
    kind: str, at_least: int, organisations: list[tuple[Organisation, Gated]]
) -> None:
    unsafe = 0
    for it, made in organisations:
        for release, few in planted(it, made, kind):
            failed = names(tried(replace(made, release=release))) & AUDITORS
            assert failed == (set() if few is None else AUDITORS), (it, few)
            unsafe += few is not None
    assert unsafe >= at_least


def test_only_the_auditors_see_what_takes_four_figures_to_work_out() -> None:
    """Two tables of two by two, of which no group, rest or difference of two is small: one corner each way is."""
    corners = {(1, 1): 2, (1, 2): 6, (2, 1): 6, (2, 2): 1}
    people = [Person("all", tenure, site, 1 + at % 5) for (tenure, site), n in corners.items() for at in range(n)]
    it = Organisation(arranged([Unit("all", "all", None, 30)]), tuple(people))
    release = closed(it).release
    for group in list(it.groups())[1:]:
        release = with_group(release, it, group, item=True)
    assert fewest(it, list(it.groups()), item=False) == 3
    assert names(tried(replace(closed(it), release=release))) >= AUDITORS
    assert not names(tried(replace(closed(it), release=release))) & {"overlap", "subtraction", "equations"}


def possible(it: Organisation, made: Gated) -> list[set[int]]:
    """What each person may have answered, by every whole-number solution of the published sums."""
    kinds = sorted({(p.unit, p.tenure, p.site) for p in it.people if p.answer})
    members = [[at for at, p in enumerate(it.people) if p.answer and (p.unit, p.tenure, p.site) == k] for k in kinds]
    n = np.array([len(inside) for inside in members])
    sums = np.array(list(product(*(range(count, 5 * count + 1) for count in n))))
    for group in published(made.release, True):
        inside = set(it.inside(group))
        shown = shown_item(made.release, group)
        total = sums[:, [at for at, cell in enumerate(members) if cell[0] in inside]].sum(axis=1)
        sums = sums[(shown.least <= total) & (total <= shown.most)]
    return [
        {
            answer
            for answer in range(1, 6)
            if ((count - 1 <= sums[:, at] - answer) & (sums[:, at] - answer <= 5 * (count - 1))).any()
        }
        for at, count in enumerate(n)
    ]


def shown_item(release: Release, group: Group) -> ItemFigures:
    figures = release.unit[group[0]].figures
    if not group[1]:
        return figures.items["B1"]
    return next(it for it in figures.slices if it.bands == (group[2],)).items["B1"]


def divided(seed: int) -> Organisation:
    """One unit whose people answer by tenure, or by site, nearly all alike."""
    chance = Random(seed)
    side = chance.choice("tsx")
    people = []
    for tenure, site in product((1, 2), repeat=2):
        alike = chance.choice(((5, 5, 5, 4), (1, 1, 1, 2), (1, 5)))
        if side != "x":
            alike = ((5, 5, 5, 4), (1, 1, 1, 2))[(tenure if side == "t" else site) - 1]
        people += [
            Person("all", tenure, site, chance.choice(alike)) for _ in range(chance.choice((0, 1, 1, 2, 3, 4, 5)))
        ]
    return Organisation(arranged([Unit("all", "all", None, 30)]), tuple(people))


def careless(it: Organisation, monkeypatch: pytest.MonkeyPatch) -> Gated:
    """What a gate would let through that does not look how far sums let answers range."""
    with monkeypatch.context() as patch:
        patch.setattr(columns, "told_on", lambda _: (0, []))
        return closed(it)


@pytest.mark.parametrize("seed", [11, 556, 583, 628])
def test_somebody_hemmed_in_by_several_sums_is_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No group, rest or difference of two is near an end, and nothing is about few people: all are large and lawful."""
    it = divided(seed)
    made = careless(it, monkeypatch)
    assert min(map(len, possible(it, made))) < 3
    assert names(tried(made)) == {"range"}
    assert min(map(len, possible(it, closed(it)))) >= 3
    assert names(tried(closed(it))) == set()


def test_where_everybody_keeps_three_answers_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sliced = 0
    for seed in range(60):
        it = divided(seed)
        made = careless(it, monkeypatch)
        if seed != 11 and any(band for _, band, _ in published(made.release, True)):
            assert min(map(len, possible(it, made))) >= 3, seed
            assert names(tried(made)) == set(), seed
            sliced += 1
    assert sliced > 15
