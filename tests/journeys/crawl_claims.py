"""What replies say about groups of people: held against the release, and gathered into one union to be audited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, permutations
from typing import Any

from service.release.audit import Verdict, audit
from tests.journeys.crawl_people import ITEMS, OF_BLOCK, UNSCORED, Group, Truth
from tests.journeys.crawling import Row

CLOSE = 1e-9
#: Answers that every respondent must still be able to have given.
POSSIBLE = 3

_MEASURES = ("n", "score", "low", "high", "at_least", "at_most", "mean", "favourability", "distribution")
_NOTHING: Row = dict.fromkeys(_MEASURES)


def group_of(row: Row) -> Group:
    by, band = row.get("by"), row.get("band")
    return row["unit"], tuple(by.split(",")) if by else (), tuple(band.split(",")) if band else ()


def whole(figure: float) -> int:
    """A mean or a percentage turned back into a count."""
    assert abs(figure - round(figure)) < 1e-6, figure
    return round(figure)


@dataclass(frozen=True)
class Figure:
    """What is known of one item in one group."""

    n: int
    least: int
    most: int
    favourable: int | None = None
    counts: tuple[int, ...] | None = None

    @property
    def exact(self) -> bool:
        return self.least == self.most


@dataclass
class Union:
    """Everything said of one pulse, turned back into counts and sums. What is said twice must be the same."""

    people: dict[Group, int] = field(default_factory=dict)
    headcounts: dict[str, int] = field(default_factory=dict)
    items: dict[tuple[Group, str], Figure] = field(default_factory=dict)
    #: Groups of which a block's score is told: a combination of the figures of all its items.
    blocks: set[tuple[Group, str]] = field(default_factory=set)
    #: Groups that are joined out of several, with how many people there are in them.
    joined: dict[frozenset[int], int] = field(default_factory=dict)

    def count(self, group: Group, n: int) -> None:
        assert self.people.setdefault(group, n) == n, group

    def invited(self, unit: str, n: int) -> None:
        assert self.headcounts.setdefault(unit, n) == n, unit

    def figure(self, group: Group, item: str, figure: Figure) -> None:
        assert self.items.setdefault((group, item), figure) == figure, (group, item)

    def told(self, item: str) -> set[Group]:
        inside = {group for group, its in self.items if its == item}
        return inside | {group for group, block in self.blocks if block == ITEMS[item][0]}

    def known(self, item: str) -> dict[Group, Figure]:
        return {group: figure for (group, its), figure in self.items.items() if its == item}

    def take(self, table: str, row: Row) -> None:
        """A row of a table; those of another table than these say nothing of a group."""
        if row["status"] not in ("ok", "bound"):
            return
        if table == "participation":
            self.count(group_of(row), row["n"])
            self.invited(row["unit"], row["headcount"])
        elif table in ("heatmap", "trends") or (table == "results" and row["item"] is None):
            self.count(group_of(row), row["n"])
            self.blocks.add((group_of(row), row["block"]))
        elif table == "results":
            self.figure(group_of(row), row["item"], _figure(row))


def _figure(row: Row) -> Figure:
    _, _, low, high = ITEMS[row["item"]]
    n, counts = row["n"], row["distribution"]
    if row["item"] in UNSCORED:
        return Figure(n, 0, 0, counts=None if counts is None else tuple(counts))
    if row["status"] == "bound":
        least, most = (whole(n * (low + row[end] * (high - low) / 100)) for end in ("at_least", "at_most"))
        return Figure(n, least, most)
    total = whole(n * row["mean"])
    assert total == whole(n * (low + row["score"] * (high - low) / 100))
    share = row["favourability"]
    favourable = None if share is None else whole(n * share / 100)
    return Figure(n, total, total, favourable, None if counts is None else tuple(counts))


@dataclass(frozen=True)
class Published:
    """A release as its bytes say it."""

    document: Mapping[str, Any]

    @cached_property
    def union(self) -> Union:
        found = Union()
        for unit in self.document["units"]:
            if unit["status"] == "ok":
                found.invited(unit["id"], unit["headcount"])
                self._take(found, (unit["id"], (), ()), unit)
                for it in unit["slices"]:
                    self._take(found, (unit["id"], tuple(it["by"]), tuple(it["bands"])), it)
        return found

    @staticmethod
    def _take(found: Union, group: Group, document: Mapping[str, Any]) -> None:
        found.count(group, document["n"])
        for item, it in document["items"].items():
            if "n" in it:
                least, most = it.get("least", it.get("sum")), it.get("most", it.get("sum"))
                counts = it.get("counts")
                found.figure(
                    group,
                    item,
                    Figure(it["n"], least, most, it.get("favourable"), None if counts is None else tuple(counts)),
                )

    def moved(self, unit: str) -> Sequence[str]:
        return next(it.get("moved", ()) for it in self.document["units"] if it["id"] == unit)

    def expected(self, group: Group, block: str, item: str | None) -> Row:
        """The row of `results` without its interval, worked out from whole numbers."""
        items = OF_BLOCK[block] if item is None else [item]
        figures = [self.union.items.get((group, it)) for it in items]
        scored = [it for it in items if it not in UNSCORED]
        if any(figure is None for figure in figures):
            return {**_NOTHING, "status": "suppressed"}
        given = [figure for figure in figures if figure is not None]
        if not all(figure.n for figure in given):
            return {**_NOTHING, "status": "insufficient"}
        n = self.union.people[group] if item is None else given[0].n
        if not scored:
            return {**_NOTHING, "status": "ok", "n": n, "distribution": _listed(given[0].counts)}
        least, most = (
            sum(_score(it, figure.n, getattr(figure, end)) for it, figure in zip(items, given, strict=True))
            / len(items)
            for end in ("least", "most")
        )
        if not all(figure.exact for figure in given):
            return {**_NOTHING, "status": "bound", "n": n, "at_least": least, "at_most": most}
        favourable = [figure.favourable for figure in given]
        known = [count for count in favourable if count is not None]
        answers = sum(figure.n for figure in given)
        low, high = ITEMS[items[0]][2:]
        return {
            **_NOTHING,
            "status": "ok",
            "n": n,
            "score": least,
            "mean": low + least * (high - low) / 100,
            "favourability": 100 * sum(known) / answers if len(known) == len(given) else None,
            "distribution": None if item is None else _listed(given[0].counts),
        }


def _listed(counts: tuple[int, ...] | None) -> list[int] | None:
    return None if counts is None else list(counts)


def _score(item: str, n: int, total: int) -> float:
    low, high = ITEMS[item][2:]
    return 100 * (total - low * n) / (n * (high - low))


def same(got: Any, wanted: Any) -> bool:
    if isinstance(got, float) or isinstance(wanted, float):
        return got is not None and wanted is not None and abs(got - wanted) <= CLOSE * max(1.0, abs(wanted))
    return bool(got == wanted)


def check_row(table: str, row: Row, published: Mapping[str, Published]) -> None:
    """The row says what the release of its pulse says, and nothing of what that withholds."""
    assert row["pulse"] in published, f"{table} speaks of a pulse that is not released"
    release = published[row["pulse"]]
    if table == "participation":
        _check_participation(row, release)
    elif table == "trends":
        _check_trend(row, published)
    else:
        wanted = release.expected(group_of(row), row["block"], row.get("item"))
        _check_measures(row, wanted)


def _check_measures(row: Row, wanted: Row) -> None:
    assert row["status"] == wanted["status"], row
    for name in _MEASURES:
        if name in row and name not in ("low", "high"):
            assert same(row[name], wanted[name]), (name, row, wanted)
    if "low" in row:
        ends = [wanted[name] for name in ("score", "at_least", "at_most") if wanted[name] is not None]
        assert (row["low"] is None) == (row["high"] is None) == (not ends), row
        assert not ends or 0 <= row["low"] <= min(ends) <= max(ends) <= row["high"] <= 100, row
    if wanted["status"] not in ("ok", "bound"):
        assert all(row.get(name) is None for name in (*_MEASURES, "interval_basis")), row


def _check_participation(row: Row, release: Published) -> None:
    n, headcount = release.union.people.get(group_of(row)), release.union.headcounts.get(row["unit"])
    if n is None or headcount is None:
        assert (row["status"], row["n"], row["headcount"], row["rate"]) == ("suppressed", None, None, None), row
    else:
        assert (row["status"], row["n"], row["headcount"]) == ("ok", n, headcount), row
        assert same(row["rate"], 100 * n / headcount), row


def _check_sum(row: Row, release: Published) -> None:
    """A unit as it is now has in an earlier pulse the figures of whole units of that pulse, added up, or none."""
    if row["status"] in ("suppressed", "insufficient"):
        assert {row[name] for name in _MEASURES if name in row} == {None}, row
        return
    figures = release.union.items
    items = OF_BLOCK[row["block"]]
    units = [unit for unit, by, _ in release.union.people if not by]
    for several in (1, 2, 3):
        for made_of in combinations(units, several):
            parts = [[figures.get(((unit, (), ()), item)) for item in items] for unit in made_of]
            if sum(release.union.people[unit, (), ()] for unit in made_of) != row["n"] or any(
                None in it for it in parts
            ):
                continue
            added = [(sum(it.n for it in each), sum(it.least for it in each)) for each in zip(*parts, strict=True)]
            score = sum(_score(item, *it) for item, it in zip(items, added, strict=True)) / len(items)
            if row["status"] == "bound" or same(row["score"], score):
                return
    raise AssertionError(row)


def _check_trend(row: Row, published: Mapping[str, Published]) -> None:
    release = published[row["pulse"]]
    if row["view"] == "now":
        _check_sum(row, release)
        return
    wanted = release.expected(group_of(row), row["block"], None)
    if row["status"] == "suppressed" and wanted["status"] != "suppressed":
        assert release.moved(row["unit"]), row
        wanted = {**_NOTHING, "status": "suppressed"}
    _check_measures(row, wanted)
    change = [row[name] for name in ("change_low", "change", "change_high")]
    if row["change"] is None:
        assert {*change, row["minimum_detectable_change"]} == {None}, row
        return
    earlier = [it for it in published.values() if it.document["number"] < release.document["number"]]
    before = [it.expected(group_of(row), row["block"], None)["score"] for it in earlier]
    assert any(score is not None and same(row["change"], row["score"] - score) for score in before), row
    assert change == sorted(change), row


def check_intervals(rows: Sequence[Row], published: Mapping[str, Published]) -> None:
    """An interval tells of its group no more than n: half its width is one number of the pulse by the root of n."""
    widths: dict[tuple[str, str, str | None], list[float]] = {}
    for row in rows:
        if row["status"] == "ok" and row["score"] is not None and row["low"] > 0 and row["high"] < 100:
            union = published[row["pulse"]].union
            items = OF_BLOCK[row["block"]] if row.get("item") is None else [row["item"]]
            least = min(union.items[group_of(row), item].n for item in items)
            half = (row["high"] - row["low"]) / 2
            assert same((row["high"] + row["low"]) / 2, row["score"]), row
            widths.setdefault((row["pulse"], row["block"], row.get("item")), []).append(half * least**0.5)
    for measure, found in widths.items():
        assert max(found) - min(found) < 1e-7, measure


def check_truth(union: Union, truth: Truth) -> None:
    """What is said is so."""
    for group, n in union.people.items():
        assert n == truth.people(group), group
    for unit, n in union.headcounts.items():
        assert n == sum(truth.headcounts[below] for below in truth.subtree(unit)), unit
    for (group, item), figure in union.items.items():
        facts = truth.facts(group, item)
        assert figure.n == facts.n, (group, item)
        assert figure.least <= facts.total <= figure.most, (group, item)
        assert figure.counts in (None, facts.counts), (group, item)
        good = good_point(item) - ITEMS[item][2]
        assert figure.favourable in (None, sum(facts.counts[good:])), (group, item)


def good_point(item: str) -> int:
    low, high = ITEMS[item][2:]
    return low + -(-3 * (high - low) // 4)


def quality(union: Union, truth: Truth, block: str) -> tuple[frozenset[int], int]:
    """The cells and the number of the groups compared: units that show the whole block exactly, less those below."""
    shown = [
        unit
        for unit in truth.tree
        if all((it := union.items.get(((unit, (), ()), item))) is not None and it.exact for item in OF_BLOCK[block])
    ]
    found: set[int] = set()
    groups = 0
    for unit in shown:
        inside = truth.members((unit, (), ()))
        for below in shown:
            if below != unit and below in truth.subtree(unit):
                inside -= truth.members((below, (), ()))
        if inside and all(sum(truth.counts(item)[cell] for cell in inside) for item in OF_BLOCK[block]):
            found |= inside
            groups += 1
    return frozenset(found), groups


def audits(union: Union, truth: Truth) -> Iterator[tuple[str, Verdict]]:
    """The independent auditor on everything said: of respondents, of each item and of who was invited."""
    everybody = [*map(truth.members, union.people), *union.joined]
    yield "respondents", audit(truth.counts(None), everybody, truth.threshold)
    for item in ITEMS:
        counts, known = truth.counts(item), union.known(item)
        kinds = {
            "figures": union.told(item),
            "favourable counts": {group for group, it in known.items() if it.favourable is not None},
            "distributions": {group for group, it in known.items() if it.counts is not None},
        }
        for kind, groups in kinds.items():
            yield f"{kind} of {item}", audit(counts, map(truth.members, groups), truth.threshold)
    yield "participation", invited_verdict(union.headcounts, truth)


def invited_verdict(units: Sequence[str] | Mapping[str, int], truth: Truth) -> Verdict:
    place = {unit: at for at, unit in enumerate(truth.tree)}
    groups = [[place[below] for below in truth.subtree(unit)] for unit in units]
    return audit([truth.headcounts[unit] for unit in truth.tree], groups, truth.threshold)


def check_audits(union: Union, truth: Truth) -> None:
    unsafe = [(what, verdict) for what, verdict in audits(union, truth) if not verdict.safe]
    assert not unsafe, unsafe


def check_edges(union: Union, truth: Truth) -> None:
    """Nobody is left fewer than three answers: in any group, nor in what it leaves of a group around it."""
    for item in ITEMS:
        counts = truth.counts(item)
        known: dict[frozenset[int], Figure] = {}
        for group, figure in union.known(item).items():
            cells = frozenset(cell for cell in truth.members(group) if counts[cell])
            if cells:
                known[cells] = figure
        for figure in known.values():
            _check_one(item, figure, truth.threshold)
        for (inner, part), (outer, all_of) in permutations(known.items(), 2):
            if inner < outer:
                _check_pair(item, part, all_of, truth.threshold)


def _check_pair(item: str, part: Figure, all_of: Figure, threshold: int) -> None:
    _, _, low, high = ITEMS[item]
    n = all_of.n - part.n
    exact = part.exact and all_of.exact
    rest = Figure(
        n,
        max(low * n, all_of.least - part.most),
        min(high * n, all_of.most - part.least),
        _less(all_of.favourable, part.favourable) if exact else None,
        _apart(all_of.counts, part.counts),
    )
    inside = Figure(part.n, max(part.least, all_of.least - high * n), min(part.most, all_of.most - low * n))
    _check_one(item, Figure(n, 0, 0, counts=rest.counts) if item in UNSCORED else rest, threshold)
    _check_one(item, Figure(part.n, 0, 0) if item in UNSCORED else inside, threshold)


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def _apart(one: tuple[int, ...] | None, other: tuple[int, ...] | None) -> tuple[int, ...] | None:
    return None if one is None or other is None else tuple(a - b for a, b in zip(one, other, strict=True))


def _check_one(item: str, figure: Figure, threshold: int) -> None:
    n, counts = figure.n, figure.counts
    if n and counts is not None:
        assert n >= 2 * threshold, (item, figure)
        assert n - max(counts) >= 2, (item, figure)
    if n and item not in UNSCORED:
        assert _possible(item, figure) >= POSSIBLE, (item, figure)


def _possible(item: str, figure: Figure) -> int:
    """How many answers one of the group may have given, whoever knows all of what `figure` says."""
    _, _, low, high = ITEMS[item]
    good, others = good_point(item), figure.n - 1
    found = 0
    for answer in range(low, high + 1):
        floor, ceiling = low * others, high * others
        if figure.favourable is not None:
            theirs = figure.favourable - (answer >= good)
            if not 0 <= theirs <= others:
                continue
            floor, ceiling = good * theirs + low * (others - theirs), high * theirs + (good - 1) * (others - theirs)
        found += floor <= figure.most - answer and figure.least - answer <= ceiling
    return found
