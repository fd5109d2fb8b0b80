"""What the dashboard shows one reader: findings from releases, of the units the reader's key reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from service.analytics.block import scored_blocks
from service.analytics.heatmap import heatmap, side_by_side
from service.analytics.participation import Participation, participation
from service.analytics.points import TrendPoint, trend_points
from service.analytics.scores import Score
from service.analytics.slices import slices
from service.errors import NotFound
from service.operations.access import Principal
from service.operations.report import Library, Query, visible_units
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One release as one key sees it: `releases` by closing day, `visible` the ids of units, `unit` and `block`
    what the trend is about, `blocks` all that can be chosen; `slices` are of `unit`, by each family of bands;
    `points` None where the key may not read trends."""

    releases: tuple[Release, ...]
    release: Release
    visible: frozenset[str]
    unit: str
    block: str
    blocks: tuple[str, ...]
    scores: tuple[Score, ...]
    slices: tuple[Score, ...]
    points: tuple[TrendPoint, ...] | None
    parts: tuple[Participation, ...]


def dashboard(
    library: Library, principal: Principal, *, pulse: str | None, unit: str | None, block: str | None
) -> Dashboard | None:
    """The newest release unless `pulse` says another; its topmost unit and first block unless said.

    None when nothing this key may see is released. Raises NotAllowed without the scope `results`, and NotFound for
    a pulse, unit or block that no release has or the key may not see. A unit or block that only another pulse has
    becomes the first of this one: choosing another pulse must not end in an error.
    """
    principal.require("results")
    released = library.releases(principal, Query())
    visible = {it.pulse: visible_units(principal, it) for it in released}
    releases = [it for it in released if visible[it.pulse] and scored_blocks(it)]
    if not releases:
        return None
    release = _release(releases, pulse)
    seen = visible[release.pulse]
    blocks = tuple(scored_blocks(release))
    unit = _known("unit", unit, [it.id for it in release.units if it.id in seen], visible.values())
    block = _known("block", block, blocks, [scored_blocks(it) for it in releases])
    return Dashboard(
        releases=tuple(releases),
        release=release,
        visible=frozenset(seen),
        unit=unit,
        block=block,
        blocks=blocks,
        scores=tuple(heatmap(release, units=seen)),
        slices=tuple(_slices(release, unit)),
        points=_points(principal, releases, release.series, unit, block),
        parts=tuple(participation(release, units=seen)),
    )


def _release(releases: Sequence[Release], pulse: str | None) -> Release:
    if pulse is None:
        return releases[-1]
    for release in releases:
        if release.pulse == pulse:
            return release
    raise NotFound("released pulse")


def _known(what: str, wanted: str | None, here: Sequence[str], anywhere: Collection[Collection[str]]) -> str:
    if wanted is not None and not any(wanted in ids for ids in anywhere):
        raise NotFound(what)
    return wanted if wanted is not None and wanted in here else here[0]


def _slices(release: Release, unit: str) -> Iterator[Score]:
    for family in release.families:
        yield from slices(release, family, units={unit}, blocks=side_by_side(release), level="block")


def _points(
    principal: Principal, releases: Sequence[Release], series: str, unit: str, block: str
) -> tuple[TrendPoint, ...] | None:
    """Only releases in which the key may see the unit count: subtrees move with the roster."""
    if "analytics" not in principal.scopes:
        return None
    along = [it for it in releases if it.series == series and unit in visible_units(principal, it)]
    return tuple(trend_points(along, units={unit}, blocks={block}))
