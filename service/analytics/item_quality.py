"""Whether each item pulls its weight in its block, and whether people still have room to answer differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from service.analytics.block import Items, scored_blocks, topmost
from service.analytics.measurement.one_way import one_way
from service.analytics.measurement.reliability import reliability
from service.analytics.quality_moments import Moments, moments
from service.analytics.scatter import scatter
from service.analytics.status import Status
from service.release.release import PublicUnit, Release

Verdict = Literal["fine", "weak", "ceiling", "floor", "insufficient"]

#: Nunnally and Bernstein (1994) ask this of an item's correlation with the rest of its block.
LEAST_REST_R = 0.3
#: With this share of answers at one end, the item tells the other half of people apart at most.
CROWDED = 0.5


@dataclass(frozen=True, slots=True)
class ItemQuality:
    """One scored item in one pulse, over all published respondents; figures None unless `status` is "ok".

    `n` answered it; `mean` 0 to 100 and `sd` in the same points. `item_rest_r` with the sum of the block's other
    items, and `alpha_if_dropped`, the block's alpha without it: None in a block of one item (of two, for the
    latter). `icc1` as in BlockQuality, of this item. `floor` and `ceiling`: shares (0 to 1) of answers at the
    lowest and the highest point, among units that show them; None where none does.

    `verdict`: "weak" below a correlation of .3, else "ceiling" or "floor" with half of the answers at that end, else
    "fine".
    """

    pulse: str
    block: str
    item: str
    status: Status
    verdict: Verdict
    n: int | None = None
    mean: float | None = None
    sd: float | None = None
    item_rest_r: float | None = None
    alpha_if_dropped: float | None = None
    icc1: float | None = None
    floor: float | None = None
    ceiling: float | None = None


def item_quality(release: Release) -> Iterator[ItemQuality]:
    """In the instrument's order; "insufficient" as BlockQuality is."""
    within = scatter(release)
    for block, items in scored_blocks(release).items():
        found = moments(release, items, within)
        if found is None:
            yield from (ItemQuality(release.pulse, block, item.id, "insufficient", "insufficient") for item in items)
        else:
            yield from _block(release, block, items, found)


def _block(release: Release, block: str, items: Items, found: Moments) -> Iterator[ItemQuality]:
    total = found.total()
    consistency = reliability(total)
    for at, item in enumerate(items):
        answered = found.answered[:, at]
        floor, ceiling = _ends(release, item.id)
        yield ItemQuality(
            release.pulse,
            block,
            item.id,
            "ok",
            _verdict(consistency.item_rest_r[at], floor, ceiling),
            int(answered.sum()),
            float(answered @ found.score[:, at] / answered.sum()),
            float(total[at, at]) ** 0.5,
            consistency.item_rest_r[at],
            consistency.alpha_if_dropped[at],
            one_way(found.item_groups(at)).icc1,
            floor,
            ceiling,
        )


def _verdict(item_rest_r: float | None, floor: float | None, ceiling: float | None) -> Verdict:
    if item_rest_r is not None and item_rest_r < LEAST_REST_R:
        return "weak"
    if ceiling is not None and ceiling >= CROWDED:
        return "ceiling"
    return "floor" if floor is not None and floor >= CROWDED else "fine"


def _ends(release: Release, item: str) -> tuple[float | None, float | None]:
    """Over the topmost units that show the item's distribution: nobody is in two of them."""
    counts = list(topmost(release, lambda unit: _counts(unit, item)))
    answers = sum(map(sum, counts))
    if not answers:
        return None, None
    return sum(each[0] for each in counts) / answers, sum(each[-1] for each in counts) / answers


def _counts(unit: PublicUnit, item: str) -> tuple[int, ...] | None:
    figure = None if unit.figures is None else unit.figures.items.get(item)
    return None if figure is None else figure.counts
