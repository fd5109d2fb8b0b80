from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

import numpy as np
import pytest

from service.analytics.clusters.clustering import Verdict
from service.analytics.clusters.plane import plane
from service.errors import NotFound
from service.exports.group_columns import ARCHETYPES, CLUSTERS
from service.exports.table import Table
from service.pages.charts import map as maps
from service.pages.charts.profiles import Shape, profiles
from service.pages.charts.taken import standalone
from service.pages.dashboard import archetype_words
from service.pages.dashboard.archetype_tables import finding, kinds_of, members
from service.pages.dashboard.archetypes import archetypes_page, map_picture, own_archetypes_page, profiles_picture
from service.pages.dashboard.frame import Frame
from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, UnitFigures
from tests.pages.through import plain

#: Sums of twelve people in the two blocks that stand side by side, by team; t6 is withheld.
SUMS = {"t0": (40, 30), "t1": (41, 29), "t2": (30, 40), "t3": (29, 42), "t4": (48, 48), "t5": (20, 21)}
NAMES = {"A": "Near the organisation's mean over all blocks", "B": "Well above the organisation's mean"}
FOUND = {
    "structure": (6, 3, 2, 0.01, 0.93, 0.2),
    "level_only": (6, 1, 2, 0.02, 0.7, 0.97),
    "no_structure": (6, 2, 1, 0.34, None, None),
    "insufficient": (0, 0, 0, None, None, None),
}


@pytest.fixture
def teams(releases: tuple[Release, ...]) -> Release:
    units = [
        PublicUnit("all", "Harbour & Sons", None, None),
        *(
            PublicUnit(
                id,
                f"Team <{id}>",
                "all",
                UnitFigures(12, 14, {it: ItemFigures(12, n, n, 3) for it, n in zip(("WB1", "PS1"), sums, strict=True)}),
            )
            for id, sums in SUMS.items()
        ),
        PublicUnit("t6", "Team <t6>", "all", None),
    ]
    pooled = PooledMoments(("WB1", "PS1", "CL1"), 72, 6, np.eye(3) * 66)
    return replace(releases[-1], units=tuple(units), pooled=pooled, closed_on=date(2024, 10, 15))


@pytest.fixture
def frame(framed: Callable[..., Frame], teams: Release) -> Frame:
    return framed("/dashboard/archetypes", releases=(teams,), release=teams, visible=frozenset(teams.unit), unit="all")


def clusters(verdict: str, release: Release) -> Table:
    """t0 and t1 are surely A, t2 hardly, t3 between, t4 and t5 B, t6 withheld."""
    of = {"t0": ("A", 0.99), "t1": ("A", 0.9), "t2": ("A", 0.75), "t3": ("", 0.55), "t4": ("B", 1.0), "t5": ("B", 0.9)}
    rows: list[tuple[Any, ...]] = []
    for unit in release.units[1:]:
        letter, likely = of.get(unit.id, ("", None)) if verdict in ("structure", "level_only") else ("", None)
        status = "suppressed" if unit.figures is None else "ok" if letter else "unclear" if likely else "insufficient"
        label = NAMES.get(letter)
        rows.append((release.pulse, unit.id, unit.name, status, verdict, letter or None, label, likely, "clusters-1"))
    return replace(CLUSTERS, rows=rows)


def archetypes(verdict: str) -> Table:
    said = ("third", verdict, *FOUND[verdict])
    if FOUND[verdict][2] < 2:
        return replace(ARCHETYPES, rows=[(*said, None, None, None, None, None, "clusters-1")])
    shapes = {"A": (4.0, {"wellbeing": -6.0, "safety": 3.0}), "B": (2.0, {"wellbeing": 12.4, "safety": -9.0})}
    rows = [
        (*said, letter, NAMES[letter], size, block, points, "clusters-1")
        for letter, (size, profile) in shapes.items()
        for block, points in profile.items()
    ]
    return replace(ARCHETYPES, rows=rows)


def shown(frame: Frame, verdict: str) -> str:
    return archetypes_page(frame, clusters(verdict, frame.release), archetypes(verdict))


def test_each_verdict_has_a_page_in_its_own_words(frame: Frame) -> None:
    assert set(archetype_words.VERDICTS) == set(get_args(Verdict))
    pages = {verdict: shown(frame, verdict) for verdict in get_args(Verdict)}
    for part in ("heading", "lead", "use"):
        words = {verdict: getattr(archetype_words.VERDICTS[verdict], part) for verdict in pages}
        assert len(set(words.values())) == 4
        if part != "heading":
            assert all(words[verdict] in plain(page) for verdict, page in pages.items())
    headings = {re.search(r"</span>(.*?)</h1>", page)[1] for page in pages.values()}  # type: ignore[index]
    assert len(headings) == 4
    assert "Teams fall into two archetypes" in headings


def test_no_structure_is_a_cloud_without_borders_or_letters(frame: Frame) -> None:
    page = shown(frame, "no_structure")
    assert page.count('<path class="none"') == 6
    assert "kind-1" not in page
    assert 'class="letter"' not in page
    assert "in 34 of 100 tries" in plain(page)
    assert "Team by team" not in page


@pytest.mark.parametrize(
    ("p_value", "stability", "words"),
    [(None, None, "one group describes"), (0.3, None, "in 30 of 100"), (0.01, 0.42, "other groups each time")],
)
def test_each_way_to_no_structure_says_what_it_rests_on(
    p_value: float | None, stability: float | None, words: str
) -> None:
    found = replace(finding(archetypes("no_structure")), p_value=p_value, stability=stability)
    assert words in " ".join(answer for _, answer in archetype_words.evidence(found))


def test_teams_stand_on_the_map_by_how_surely_they_are_of_a_kind(frame: Frame) -> None:
    page = shown(frame, "structure")
    drawing = page[page.index('<svg class="map"') : page.index("</svg>", page.index('<svg class="map"'))]
    looks = re.findall(r'<path class="([^"]*)" d="M[^"]*"><title>([^<]*)', drawing)
    assert looks == [
        ("kind-1", "Team &lt;t0&gt;"),
        ("kind-1", "Team &lt;t1&gt;"),
        ("kind-1 faint", "Team &lt;t2&gt;"),
        ("none faint", "Team &lt;t3&gt;"),
        ("kind-2", "Team &lt;t4&gt;"),
        ("kind-2", "Team &lt;t5&gt;"),
    ]
    assert re.findall(r'class="letter"[^>]*>(\w)', drawing) == ["A", "B"]
    assert "t6" not in drawing
    assert "1 has no place" in plain(page)


def test_the_suppressed_team_is_in_the_table_without_a_figure(frame: Frame) -> None:
    page = shown(frame, "structure")
    rows = [plain(row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert "Team &lt;t2&gt; A 75 %, not sure" in rows
    assert "Team &lt;t3&gt; between 55 % at most" in rows
    assert "Team &lt;t6&gt; · suppressed" in rows
    listed = [row.split()[1] for row in rows if row.startswith("Team &lt;")]
    assert listed == [f"&lt;t{n}&gt;" for n in range(7)]


def test_the_block_about_leaders_stays_out(frame: Frame) -> None:
    seen = plane(frame.release, SUMS)
    assert seen is not None
    assert list(seen.directions[0].loadings) == ["wellbeing", "safety"]
    assert "Coaching" not in shown(frame, "structure")


def test_the_plane_turns_the_scores_and_loses_nothing(teams: Release) -> None:
    """With two blocks two directions hold everything: distances between teams are those of their scores."""
    seen = plane(teams, SUMS)
    assert seen is not None
    assert sum(it.share for it in seen.directions) == pytest.approx(1)
    scores = {id: np.array(sums) * 100 / 48 - 25 for id, sums in SUMS.items()}
    for one in SUMS:
        for other in SUMS:
            placed = np.hypot(*np.subtract(seen.places[one], seen.places[other]))
            assert placed == pytest.approx(np.linalg.norm(scores[one] - scores[other]))
    assert all(sum(it.loadings.values()) >= 0 for it in seen.directions)
    assert seen.chance is not None
    assert seen.typical == 12
    assert np.trace(np.array(seen.chance)) == pytest.approx(2 * 66 / 66 * 25**2 / 12)


def test_there_is_no_plane_of_few_teams(teams: Release) -> None:
    assert plane(teams, ["t0", "t1", "t2"]) is None
    assert plane(teams, ["t6"]) is None


def test_letters_keep_their_kinds() -> None:
    assert kinds_of(["B", "A", "", "B"]) == {"A": 1, "B": 2}
    assert kinds_of(["A", "G"]) == {"A": 1, "G": 2}
    assert kinds_of(["C"]) == {"C": 3}
    assert len(set(maps.SHAPES)) == 6


def test_bars_are_to_scale_on_both_sides() -> None:
    chart = profiles([Shape("A", 1, {"One": 10.0, "Two": -5.0}), Shape("B", 2, {"One": 0.0, "Two": 20.0})])
    (first, second), (none, most) = (panel.bars for panel in chart.panels)
    assert (first.width, second.width, none.width) == (most.width / 2, most.width / 4, 0)
    assert first.x == pytest.approx(second.x + second.width)


def test_every_figure_of_the_profiles_stands_in_the_table(frame: Frame) -> None:
    page = shown(frame, "structure")
    assert "A 4 −6 +3" in plain(page)
    assert "B 2 +12 −9" in plain(page)


def test_a_key_of_a_part_reads_its_teams_in_words_only(frame: Frame) -> None:
    own = clusters("structure", frame.release)
    page = own_archetypes_page(frame, replace(own, rows=own.rows[:2]))
    assert '<svg class="map"' not in page
    assert "Team &lt;t1&gt;" in page
    assert "Team &lt;t2&gt;" not in page
    assert NAMES["A"].replace("'", "&#39;") in page
    assert "Too early" in own_archetypes_page(frame, replace(own, rows=()))


def test_many_teams_come_in_sheets(frame: Frame) -> None:
    own = clusters("structure", frame.release)
    many = replace(own, rows=[own.rows[0]] * 600)
    page = archetypes_page(frame, many, archetypes("structure"), 3)
    assert "Sheet 3 of 3" in plain(page)
    assert page.count("99 %") == 100
    assert len(members(many)) == 600


def test_pictures_stand_alone_or_are_not_there(frame: Frame) -> None:
    own = clusters("structure", frame.release)
    assert b"var(--" not in standalone(map_picture(frame, own, archetypes("structure")))
    assert b"var(--" not in standalone(profiles_picture(frame, archetypes("structure")))
    with pytest.raises(NotFound):
        profiles_picture(frame, archetypes("no_structure"))
    with pytest.raises(NotFound):
        map_picture(frame, own, archetypes("insufficient"))


def test_each_key_reads_what_it_may(doors: Any) -> None:
    units = [{"id": "works", "name": "The works", "parent": None, "headcount": 0}]
    units += [{"id": id, "name": id.title(), "parent": "works", "headcount": 8} for id in ("north", "south")]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"], "label": "Spring"})
    path = f"/v1/pulses/{pulse['id']}"
    invited = doors.ok("POST", f"{path}/invitations")["invitations"]
    doors.ok("POST", f"{path}/open")
    for place, token in enumerate(token for entry in invited for token in entry["tokens"]):
        said = {"token": token, "lang": "en", "item.WB1": str(2 + place % 3), "item.PS1": str(3 + place % 2)}
        assert post(doors, "/answer/send", **said).status_code == 200
    doors.ok("POST", f"{path}/close")
    doors.ok("POST", f"{path}/release")
    read = ("archetypes", "archetypes/map.svg", "drivers", "drivers/shares.svg", "lenses", "lenses/quadrant.svg")
    for unit, scopes, answers in (
        (None, ("results", "analytics"), (200, 404, 200, 404, 200, 404)),
        ("north", ("results", "analytics"), (200, 403, 403, 403, 200, 404)),
        (None, ("results",), (403,) * 6),
    ):
        doors.client.cookies.clear()
        secret = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        post(doors, "/dashboard/sign-in", key=secret)
        replies = [doors.run(doors.client.get(f"/dashboard/{it}?pulse={pulse['id']}")) for it in read]
        assert tuple(reply.status_code for reply in replies) == answers


def post(doors: Any, path: str, **fields: str) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return doors.run(doors.client.post(path, content=urlencode(fields), headers=headers))
