"""The rules for how results will be read by band: bands, crosses, classes and pools, as far as no roster is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.errors import Fault
from service.survey.pulse import Classes, Pool
from service.survey.roster_rules import LONGEST_NAME, MOST_PEOPLE
from service.survey.wording import ID_RULE, is_id, is_text, text_rule

#: Beyond them a pulse could say nothing about anybody: its classes would all be too small.
MOST_BANDS, MOST_VALUES, MOST_CROSSES = 4, 12, 3
LONGEST_VALUE = 200

Bands = Mapping[str, Sequence[str]]


def band_faults(bands: Bands) -> Iterator[Fault]:
    if len(bands) > MOST_BANDS:
        yield Fault("bands", f"must be at most {MOST_BANDS}")
    for index, (band, values) in enumerate(bands.items()):
        where = f"bands[{index}]"
        if not is_id(band):
            yield Fault(where, ID_RULE)
        if not 2 <= len(values) <= MOST_VALUES or len(set(values)) != len(values):
            yield Fault(where, f"must have 2 to {MOST_VALUES} different values")
        if not all(is_text(value, LONGEST_VALUE) for value in values):
            yield Fault(where, f"must have values each of which {text_rule(LONGEST_VALUE)}")
        elif any("," in value for value in values):
            yield Fault(where, "must have values without a comma, which stands between the values of a cross")


def cross_faults(crosses: Sequence[Sequence[str]], bands: Bands) -> Iterator[Fault]:
    if len(crosses) > MOST_CROSSES:
        yield Fault("crosses", f"must be at most {MOST_CROSSES}")
    earlier: set[frozenset[str]] = set()
    for index, cross in enumerate(crosses):
        pair = frozenset(cross)
        if not len(cross) == len(pair) == 2 or not pair <= bands.keys():
            yield Fault(f"crosses[{index}]", "must be a pair of two different bands of this pulse")
        elif pair in earlier:
            yield Fault(f"crosses[{index}]", "is a pair that stands there already, in this order or the other")
        earlier.add(pair)


def class_faults(classes: Classes, bands: Bands) -> Iterator[Fault]:
    """A place is numbered, `classes[unit][band][value]`, in the order sent: its names are what was sent."""
    for index, (unit, stated) in enumerate(classes.items()):
        if not is_id(unit):
            yield Fault(f"classes[{index}]", ID_RULE)
        for place, (band, counts) in enumerate(stated.items()):
            where = f"classes[{index}][{place}]"
            if band in bands:
                yield from _count_faults(where, counts, bands[band])
            else:
                yield Fault(where, "is of no band of this pulse")


def pool_faults(pools: Sequence[Pool]) -> Iterator[Fault]:
    ids: set[str] = set()
    pooled: set[str] = set()
    for index, pool in enumerate(pools):
        where = f"pools[{index}]"
        if not is_id(pool.id):
            yield Fault(f"{where}.id", ID_RULE)
        elif pool.id in ids:
            yield Fault(f"{where}.id", "is the id of an earlier pool")
        if not is_text(pool.name, LONGEST_NAME):
            yield Fault(f"{where}.name", text_rule(LONGEST_NAME))
        if len(pool.units) < 2:
            yield Fault(f"{where}.units", "must be at least two")
        ids.add(pool.id)
        for place, unit in enumerate(pool.units):
            if unit in pooled:
                yield Fault(f"{where}.units[{place}]", "is pooled already: a unit is in one pool, once")
            pooled.add(unit)


def _count_faults(where: str, counts: Mapping[str, int], values: Sequence[str]) -> Iterator[Fault]:
    for place, (value, count) in enumerate(counts.items()):
        if value not in values:
            yield Fault(f"{where}[{place}]", "is of no value of its band")
        if type(count) is not int or not 0 <= count <= MOST_PEOPLE:
            yield Fault(f"{where}[{place}]", f"must be a whole number from 0 to {MOST_PEOPLE}")
