"""What a block is in one pulse, and its score in one unit."""

from __future__ import annotations

from collections.abc import Sequence

from service.analytics.status import Status
from service.release.release import ItemFigures, PublicUnit, Release
from service.survey.instrument import Item

Items = tuple[Item, ...]


def scored_blocks(release: Release) -> dict[str, Items]:
    """Each block's asked and scored items, in the instrument's order; blocks without any are left out."""
    found = {
        block.id: tuple(item for item in release.asked if item.block == block.id and item.scored)
        for block in release.instrument.blocks
    }
    return {block: items for block, items in found.items() if items}


def shown(unit: PublicUnit, items: Items) -> list[ItemFigures] | None:
    """The figures of all these items in the unit; None when the release withholds any of them."""
    if unit.figures is None:
        return None
    published = unit.figures.items
    try:
        return [published[item.id] for item in items]
    except KeyError:
        return None


def status_of(figures: Sequence[ItemFigures] | None) -> Status:
    if figures is None:
        return "suppressed"
    return "ok" if all(figure.n for figure in figures) else "insufficient"


def item_score(item: Item, figure: ItemFigures) -> float:
    """100 (mean - low) / (high - low): 0 when everybody chose the lowest point, 100 the highest.

    The difference is taken between whole numbers, so that the ends of the scale come out exactly.
    """
    return 100 * (figure.total - item.scale.low * figure.n) / (figure.n * (item.scale.points - 1))


def block_score(items: Items, figures: Sequence[ItemFigures]) -> float:
    """The unweighted mean of the items' scores, 0 to 100.

    When everybody answers every item this is the mean of the persons' means. Where answers are missing it is
    not, on purpose: beside the item figures, a mean weighted by persons would give away what the one who
    skipped an item answered to the others.
    """
    return sum(map(item_score, items, figures)) / len(items)


def favourability(figures: Sequence[ItemFigures]) -> float | None:
    """Percent of all answers to these items that are favourable; None where any item's count is withheld."""
    favourable = n = 0
    for figure in figures:
        if figure.favourable is None:
            return None
        favourable += figure.favourable
        n += figure.n
    return 100 * favourable / n
