"""What a reader's page is about: the release, unit and block chosen among those the reader's key reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from service.analytics.block import scored_blocks
from service.errors import NotFound
from service.operations.access import Principal
from service.operations.asked import Query, visible_units
from service.operations.report import Library
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class Chosen:
    """One release as one key sees it: `releases` by closing day, `seen` the ids of visible units by pulse, `unit` and
    `block` those chosen, `blocks` all that can be."""

    releases: tuple[Release, ...]
    release: Release
    seen: Mapping[str, Collection[str]]
    unit: str
    block: str
    blocks: tuple[str, ...]


def chosen(
    library: Library, principal: Principal, *, pulse: str | None, unit: str | None, block: str | None
) -> Chosen | None:
    """The newest release unless `pulse` says another; its topmost unit and first block unless said.

    None when nothing this key may see is released. Raises NotAllowed without the scope `results`, and NotFound for
    a pulse, unit or block that no release has or the key may not see. A unit or block that only another pulse has
    becomes the first of this one: choosing another pulse must not end in an error.
    """
    principal.require("results")
    released = library.releases(principal, Query())
    seen = {it.pulse: visible_units(principal, it) for it in released}
    releases = [it for it in released if seen[it.pulse] and scored_blocks(it)]
    if not releases:
        return None
    release = _release(releases, pulse)
    blocks = tuple(scored_blocks(release))
    return Chosen(
        releases=tuple(releases),
        release=release,
        seen=seen,
        unit=_known("unit", unit, [it.id for it in release.units if it.id in seen[release.pulse]], seen.values()),
        block=_known("block", block, blocks, [scored_blocks(it) for it in releases]),
        blocks=blocks,
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
