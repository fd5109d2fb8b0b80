"""What a block is in one pulse, and its score in one unit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from service.analytics.status import Status
from service.release.release import ItemFigures, PublicUnit, Release, Slice, UnitFigures
from service.survey.instrument import Item

Items = tuple[Item, ...]
Shown = TypeVar("Shown")
#: What is released of one group of people; None where the whole group is withheld.
Figures = UnitFigures | Slice | None


def scored_blocks(release: Release) -> dict[str, Items]:
    """Each block's asked and scored items, in the instrument's order; blocks without any are left out."""
    found = {
        block.id: tuple(item for item in release.asked if item.block == block.id and item.scored)
        for block in release.instrument.blocks
    }
    return {block: items for block, items in found.items() if items}


def shown(group: Figures, items: Items) -> list[ItemFigures] | None:
    """The figures of all these items in the group; None when the release withholds any of them."""
    if group is None:
        return None
    try:
        return [group.items[item.id] for item in items]
    except KeyError:
        return None


def exact(group: Figures, items: Items) -> list[ItemFigures] | None:
    """As `shown`, but None also when any of the items is only bounded."""
    figures = shown(group, items)
    return None if figures is None or any(figure.total is None for figure in figures) else figures


def topmost(release: Release, shows: Callable[[PublicUnit], Shown | None]) -> Iterator[Shown]:
    """What `shows` says of each unit of which it says something, but of none below such a one: they share nobody, and
    together are everybody of whom it is said."""
    covered: set[str] = set()
    for unit in release.units:
        if unit.parent in covered:
            covered.add(unit.id)
        elif (found := shows(unit)) is not None:
            covered.add(unit.id)
            yield found


def lowest(release: Release, units: Collection[str]) -> list[str]:
    """Those of the units with none of them anywhere below, in the roster's order: they share nobody. Parents stand
    before children in a release, so that what is below is known backwards."""
    above: set[str | None] = set()
    found = []
    for unit in reversed(release.units):
        if unit.id in units and unit.id not in above:
            found.append(unit.id)
        if unit.id in units or unit.id in above:
            above.add(unit.parent)
    return found[::-1]


def status_of(figures: Sequence[ItemFigures] | None) -> Status:
    if figures is None:
        return "suppressed"
    if not all(figure.n for figure in figures):
        return "insufficient"
    return "bound" if any(figure.total is None for figure in figures) else "ok"


def item_range(item: Item, figure: ItemFigures) -> tuple[float, float]:
    """100 (mean - low) / (high - low) at the least and at the most the sum can be: 0 when everybody chose the
    lowest point, 100 the highest. Where the sum is shown both are the score.

    The difference is taken between whole numbers, so that the ends of the scale come out exactly.
    """
    none, all = item.scale.low * figure.n, figure.n * (item.scale.points - 1)
    return 100 * (figure.least - none) / all, 100 * (figure.most - none) / all


def block_range(items: Items, figures: Sequence[ItemFigures]) -> tuple[float, float]:
    """The unweighted mean of the items' scores, 0 to 100, at the least and at the most; alike where all are shown.

    When everybody answers every item this is the mean of the persons' means. Where answers are missing it is
    not, on purpose: beside the item figures, a mean weighted by persons would give away what the one who
    skipped an item answered to the others.
    """
    ranges = list(map(item_range, items, figures))
    return sum(least for least, _ in ranges) / len(items), sum(most for _, most in ranges) / len(items)


def favourability(figures: Sequence[ItemFigures]) -> float | None:
    """Percent of all answers to these items that are favourable; None where any item's count is withheld."""
    favourable = n = 0
    for figure in figures:
        if figure.favourable is None:
            return None
        favourable += figure.favourable
        n += figure.n
    return 100 * favourable / n
