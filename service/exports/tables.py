"""Findings become rows: one function a table, each in the order of its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from service.analytics.benchmark import Benchmarks, Gap
from service.analytics.participation import Participation
from service.analytics.scores import Score
from service.exports.score_columns import HEATMAP, PARTICIPATION, RESULTS
from service.exports.table import Table
from service.release.release import Release

_Names = dict[str, dict[str, str]]


def results_table(
    releases: Sequence[Release], scores: Iterable[Score], visible: Mapping[str, Collection[str]] | None = None
) -> Table:
    """`releases` name the units; each score's pulse must be among them. `visible` says, by pulse, which units may be
    held against: no figure of another one is to be subtracted from."""
    names = _names(releases)
    benchmarks = {release.pulse: Benchmarks(release) for release in releases}
    return replace(
        RESULTS,
        rows=[
            (
                score.pulse,
                score.unit,
                names[score.pulse][score.unit],
                score.block,
                score.item,
                ",".join(score.by) or None,
                ",".join(score.bands) or None,
                score.status,
                score.n,
                score.score,
                score.low,
                score.high,
                score.at_least,
                score.at_most,
                score.mean,
                score.favourability,
                score.counts,
                score.interval_basis,
                *_held_against(benchmarks[score.pulse], score, None if visible is None else visible[score.pulse]),
            )
            for score in scores
        ],
    )


def _held_against(benchmarks: Benchmarks, score: Score, visible: Collection[str] | None) -> tuple[float | None, ...]:
    """Who may not see the whole is not told its distance either: from whole and part the rest can be calculated."""
    found = benchmarks.of(score)
    above = benchmarks.release.unit[score.unit].parent
    return (
        found.minimum_detectable_change,
        *_gap(found.organisation if visible is None else None),
        *_gap(found.parent if visible is None or above in visible else None),
    )


def _gap(gap: Gap | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if gap is None else (gap.difference, gap.low, gap.high)


def heatmap_table(releases: Iterable[Release], cells: Collection[Score]) -> Table:
    """`releases` name the units and place them in the tree; each cell's pulse must be among them.

    The tree is that of the units in `cells`: a reader bound to a part of it learns no id from above.
    """
    places = {
        release.pulse: _places(release, {cell.unit for cell in cells if cell.pulse == release.pulse})
        for release in releases
    }
    return replace(
        HEATMAP,
        rows=[
            (
                cell.pulse,
                cell.unit,
                *places[cell.pulse][cell.unit],
                cell.block,
                cell.status,
                cell.n,
                cell.score,
                cell.low,
                cell.high,
                cell.at_least,
                cell.at_most,
            )
            for cell in cells
        ],
    )


def participation_table(releases: Iterable[Release], counts: Collection[Participation]) -> Table:
    """`releases` name the units; each count's pulse must be among them."""
    names = _names(releases)
    return _participation((row, names[row.pulse][row.unit]) for row in counts)


def participation_rows(counts: Iterable[Participation], names: Mapping[str, str]) -> Table:
    """For a pulse that has no release yet; `names` of its units by id."""
    return _participation((row, names[row.unit]) for row in counts)


def _participation(named: Iterable[tuple[Participation, str]]) -> Table:
    return replace(
        PARTICIPATION,
        rows=[(row.pulse, row.unit, name, row.status, row.n, row.headcount, row.rate) for row, name in named],
    )


def _names(releases: Iterable[Release]) -> _Names:
    return {release.pulse: {unit.id: unit.name for unit in release.units} for release in releases}


def _places(release: Release, inside: set[str]) -> dict[str, tuple[str, str | None, int]]:
    """Name, parent and depth of each unit inside, which are listed parents first."""
    places: dict[str, tuple[str, str | None, int]] = {}
    for unit in release.units:
        if unit.id in inside:
            parent = unit.parent if unit.parent in inside else None
            places[unit.id] = (unit.name, parent, 0 if parent is None else places[parent][2] + 1)
    return places
