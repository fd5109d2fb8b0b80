"""Archetypes of teams: what was found and how surely, as a map, profiles and memberships; each verdict in its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.analytics.clusters.plane import Direction, Plane, plane
from service.errors import NotFound
from service.exports.table import Table
from service.pages import heat
from service.pages.charts import map as maps
from service.pages.charts import profiles
from service.pages.dashboard import archetype_words
from service.pages.dashboard.archetype_tables import Archetype, Finding, Member, by_name, finding, members
from service.pages.dashboard.frame import Frame
from service.pages.templating import render
from service.release.release import Release

#: Memberships on one page: a thousand would weigh more than a page may.
_ROWS = 250
#: Teams with a whole profile that are needed before anything is said.
_NEEDED = 30
#: A block is named for a direction from this part of the greatest loading on.
_NAMED, _MOST_NAMED = 0.5, 2


@dataclass(frozen=True, slots=True)
class Portrait:
    """One archetype with its profile drawn."""

    archetype: Archetype
    svg: str
    clear: int


def archetypes_page(frame: Frame, clusters: Table, archetypes: Table, sheet: int = 1) -> str:
    """For a key that sees the whole; `sheet` counts the pages of memberships from 1."""
    frame = replace(frame, asks=("pulse",))
    found, teams = finding(archetypes), members(clusters)
    seen = None if found.verdict == "insufficient" else plane(frame.release, {it.unit for it in teams})
    drawn = None if seen is None else _map(frame.release, seen, found, teams)
    return render(
        "dashboard/archetypes.html",
        frame=frame,
        around=frame.around,
        found=found,
        heading=archetype_words.heading(found),
        words=archetype_words.VERDICTS[found.verdict],
        evidence=archetype_words.evidence(found),
        map=drawn,
        map_svg="" if drawn is None else _drawn(drawn),
        plane=seen,
        directions=[] if seen is None else [_loadings(frame.release, it) for it in seen.directions],
        portraits=_portraits(frame.release, found, teams),
        names=[heat.block_name(frame.release, block) for block in _blocks(found)],
        placed=0 if seen is None else len(seen.places),
        found_in=len(teams),
        needed=_NEEDED,
        known=_known(frame.release, teams) if found.verdict == "insufficient" else 0,
        **_listed(teams, sheet),
    )


def own_archetypes_page(frame: Frame, clusters: Table, sheet: int = 1) -> str:
    """For a key bound to a part: its own teams' memberships in words, nothing that is told from the others."""
    frame, teams = replace(frame, asks=("pulse",)), members(clusters)
    verdict = str(clusters.rows[0][clusters.position("verdict")]) if clusters.rows else "insufficient"
    return render(
        "dashboard/archetypes_own.html",
        frame=frame,
        around=frame.around,
        words=archetype_words.VERDICTS[verdict],
        labels=sorted({(it.letter, it.kind, it.label) for it in teams if it.letter}),
        **_listed(teams if verdict in ("structure", "level_only") else [], sheet),
    )


def map_picture(frame: Frame, clusters: Table, archetypes: Table) -> str:
    """The map alone. Raises NotFound where there is none to draw."""
    found, teams = finding(archetypes), members(clusters)
    seen = None if found.verdict == "insufficient" else plane(frame.release, {it.unit for it in teams})
    if seen is None:
        raise NotFound("picture")
    return _drawn(_map(frame.release, seen, found, teams))


def profiles_picture(frame: Frame, archetypes: Table) -> str:
    """All archetypes one below the other. Raises NotFound where there are none."""
    shapes = [_shape(frame.release, it) for it in finding(archetypes).archetypes]
    if not shapes:
        raise NotFound("picture")
    return _profiles(profiles.profiles(shapes))


def _map(release: Release, seen: Plane, found: Finding, teams: Sequence[Member]) -> maps.Map:
    kinds = {it.letter: (it.kind, it.profile) for it in found.archetypes}
    marks = [maps.Team(it.unit, it.name, it.kind, bool(kinds) and not it.clear) for it in teams]
    across, up = (towards(release, it) for it in seen.directions)
    return maps.team_map(seen, marks, kinds, (across, up))


def towards(release: Release, direction: Direction) -> tuple[str, ...]:
    """What a team has more of that stands further along."""
    most = max(abs(weight) for weight in direction.loadings.values())
    strong = {block: weight for block, weight in direction.loadings.items() if abs(weight) >= _NAMED * most}
    if len(strong) == len(direction.loadings) > 1 and min(strong.values()) > 0:
        return ("higher in every block",)
    chosen = sorted(strong, key=lambda block: -abs(strong[block]))[:_MOST_NAMED]
    return tuple(
        f"{'more' if strong[block] > 0 else 'less'} {heat.block_name(release, block)}"
        for block in sorted(chosen, key=lambda block: -strong[block])
    )


def _drawn(chart: maps.Map) -> str:
    return render("charts/map.svg", chart=chart, size=maps.WIDTH, top=maps.TOP)


def _loadings(release: Release, direction: Direction) -> list[tuple[str, float]]:
    return [(heat.block_name(release, block), weight) for block, weight in direction.loadings.items()]


def _portraits(release: Release, found: Finding, teams: Sequence[Member]) -> list[Portrait]:
    shapes = [_shape(release, it) for it in found.archetypes]
    scale = profiles.scale_of(shapes)
    clear = [sum(team.letter == it.letter and team.clear for team in teams) for it in found.archetypes]
    return [
        Portrait(it, _profiles(profiles.profiles([shape], scale)), count)
        for it, shape, count in zip(found.archetypes, shapes, clear, strict=True)
    ]


def _blocks(found: Finding) -> list[str]:
    return list(found.archetypes[0].profile) if found.archetypes else []


def _shape(release: Release, archetype: Archetype) -> profiles.Shape:
    return profiles.Shape(archetype.letter, archetype.kind, by_name(release, archetype))


def _profiles(chart: profiles.Profiles) -> str:
    known = {"size": profiles.WIDTH, "middle": profiles.MIDDLE, "shapes": maps.SHAPES}
    return render("charts/profiles.svg", chart=chart, **known)


def _known(release: Release, teams: Sequence[Member]) -> int:
    """Teams of which this pulse shows a whole profile; none where it shows fewer than make a plane."""
    seen = plane(release, {it.unit for it in teams})
    return 0 if seen is None else len(seen.places)


def _listed(teams: Sequence[Member], sheet: int) -> dict[str, object]:
    """The memberships on one sheet, and which sheets there are."""
    sheets = max(1, -(-len(teams) // _ROWS))
    sheet = min(max(sheet, 1), sheets)
    rows = teams[_ROWS * (sheet - 1) : _ROWS * sheet]
    return {"members": rows, "sheet": sheet, "sheets": sheets, "shapes": maps.SHAPES}
