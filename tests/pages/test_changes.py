"""Changes and alerts: every verdict has words, chance is counted aloud, and what could not be found is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from service.analytics.trends.alerts import Verdict
from service.exports.table import Table
from service.exports.trend_columns import ALERTS, CHANGES
from service.pages.charts.taken import standalone
from service.pages.charts.whiskers import Move, whisker
from service.pages.dashboard import told, verdicts
from service.pages.dashboard.changes import changes_page, changes_picture
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.overview import Findings
from service.release.release import PublicUnit, Release
from tests.pages.through import plain

Framed = Callable[..., Frame]
QUIET = {"verdict": "no_change", "change": -0.4, "low": -2.0, "high": 1.2, "total": 1.6, "since": "first"}
QUIET |= {"minimum_detectable_change": 6.2, "status": "ok"}
RISE = QUIET | {"verdict": "improved", "change": 12.4, "low": 5.0, "high": 19.0, "test": "shift,span", "tipping": -41.2}
EARLY = {"verdict": "not_enough", "status": "insufficient"}


def rows(layout: Table, *said: dict[str, Any]) -> Table:
    bare: dict[str, Any] = dict.fromkeys(column.name for column in layout.columns)
    return replace(layout, rows=[tuple({**bare, "pulse": "third", **row}[name] for name in bare) for row in said])


def at(unit: str, block: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"unit": unit, "unit_name": unit.title(), "block": block, **what}


def findings(*changed: dict[str, Any], summary: bool = True) -> Findings:
    """The two tables as one computation makes them."""
    alerts = [row | {"kind": "alert"} for row in changed if row["verdict"] in ("improved", "declined")]
    tested = sum(row["verdict"] != "not_enough" for row in changed)
    about = {"kind": "summary", "tested": tested, "alerts": len(alerts), "expected_false": 0.15}
    names = {column.name for column in ALERTS.columns}
    told = [{name: value for name, value in row.items() if name in names} for row in alerts]
    return Findings(rows(CHANGES, *changed), rows(ALERTS, *([about] if summary else []), *told))


FOUND = findings(
    at("all", "wellbeing", QUIET),
    at("all", "safety", EARLY),
    at("ops", "wellbeing", QUIET | {"verdict": "declined", "change": -9.0, "low": -14.0, "high": -4.0, "test": "span"}),
    at("ops", "leaders", RISE),
    at("crane", "wellbeing", EARLY | {"status": "suppressed"}),
    at("quay", "wellbeing", RISE),
)


def test_every_verdict_and_every_test_has_words() -> None:
    assert set(verdicts.WORDS) == set(get_args(Verdict))
    assert len({word.word for word in verdicts.WORDS.values()}) == len(verdicts.WORDS)
    assert len({word.sign for word in verdicts.WORDS.values()}) == len(verdicts.WORDS)
    (test,) = (column for column in CHANGES.columns if column.name == "test")
    assert all(name in test.description for name in verdicts.TESTS)
    assert (
        verdicts.found_by("shift,span")
        == "a jump within the last three pulses and a difference over three pulses or more"
    )
    assert verdicts.found_by("") == ""


@pytest.mark.parametrize(
    ("points", "said"),
    [(-41.2, "41 points below those who did"), (7.6, "8 points above"), (180.0, "not long enough"), (None, "withheld")],
)
def test_participation_is_told_in_words(points: float | None, said: str) -> None:
    assert said in verdicts.tipping(points)


def test_the_page_counts_what_chance_may_have_done(framed: Framed) -> None:
    page = plain(changes_page(framed(), FOUND, "", 1, 1))
    assert "3 of 4 changes are told from chance." in page
    assert "at most 15 in 100 are expected to be false" in page


def test_alerts_stand_in_the_rosters_order_with_all_that_is_known_of_them(framed: Framed) -> None:
    page = changes_page(framed(), FOUND, "", 1, 1)
    alerts = re.search(r'<ul class="alerts">(.*?)</ul>', page, re.DOTALL)
    assert alerts is not None
    ops, quay = (plain(it) for it in alerts[1].split("</li>")[:2])
    assert ops.startswith("▼ fell Ops Wellbeing −9 points −14 to −4 Since Pulse first")
    assert quay.startswith("▲ rose Quay Wellbeing +12 points +5 to +19 Since Pulse first")
    assert "(+2 with that)" in quay
    assert "Found as a jump within the last three pulses and a difference" in quay
    assert "41 points below those who did" in quay


def test_a_leaders_alert_is_counted_and_not_laid_beside_others(framed: Framed) -> None:
    page = changes_page(framed(), FOUND, "", 1, 1)
    assert "unit=ops&amp;block=leaders" not in page
    assert "1 more is about Integrated Coaching Leaders" in plain(page)


def test_the_table_says_change_interval_verdict_and_what_could_be_found(framed: Framed) -> None:
    page = changes_page(framed(), FOUND, "", 1, 1)
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert body is not None
    found = [plain(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]
    assert found == [
        "Harbour &amp; Sons 0 −2 to +1 no detectable change could find 7 too early to tell",
        "Operations −9 −14 to −4 ▼ fell could find 7 not told here",
        "Crane team · suppressed not told here",
        "Quay team +12 +5 to +19 ▲ rose could find 7 not told here",
    ]


def test_whiskers_are_to_scale_and_end_at_the_edge() -> None:
    drawn = whisker(Move("ok", "rise", "▲", 10.0, 5.0, 90.0, 6.2))
    assert drawn is not None
    assert (drawn.dot, drawn.low, drawn.high) == (62.5, 56.2, 100.0)
    assert drawn.unseen == (42.2, 57.8)


def test_nothing_told_from_chance_is_a_result(framed: Framed) -> None:
    page = plain(changes_page(framed(), findings(at("all", "wellbeing", QUIET)), "", 1, 1))
    assert "Nothing changed that can be told from chance, in 1 place looked at." in page
    assert "That is a result" in page


def test_the_first_pulse_says_it_is_too_early(framed: Framed) -> None:
    page = plain(changes_page(framed(), findings(at("all", "wellbeing", EARLY)), "", 1, 1))
    assert "too early to tell what changed" in page


def test_a_key_of_a_part_is_told_of_its_part(framed: Framed) -> None:
    found = findings(at("ops", "wellbeing", QUIET), at("quay", "wellbeing", RISE), summary=False)
    frame = framed(bound=True, visible=frozenset({"ops", "quay"}), unit="ops")
    page = plain(changes_page(frame, found, "", 1, 1))
    assert "1 of 2 changes is told from chance." in page
    assert "of which this key reads a part" in page
    assert "in 100" not in page


def test_a_lens_that_rose_is_not_coloured_as_if_that_were_better(releases: tuple[Release, ...], framed: Framed) -> None:
    blocks = (replace(releases[-1].instrument.blocks[0], kind="lens"), *releases[-1].instrument.blocks[1:])
    release = replace(releases[-1], instrument=replace(releases[-1].instrument, blocks=blocks))
    (it,) = told.changes(framed(release=release), rows(CHANGES, at("all", "wellbeing", RISE)), {"all"})
    assert (it.told, it.kind, it.word.word) == (True, "level", "rose")


def test_many_alerts_are_paged_and_no_page_is_heavy(releases: tuple[Release, ...], framed: Framed) -> None:
    top = releases[-1].units[0]
    below = [PublicUnit(f"team-{at:04}", f"A team with a name, {at}", "all", top.figures) for at in range(1000)]
    release = replace(releases[-1], units=(top, *below))
    found = findings(*(at(unit.id, block, RISE) for unit in release.units for block in ("wellbeing", "safety")))
    frame = framed("/dashboard/changes", release=release, visible=frozenset(release.unit))
    page = changes_page(frame, found, "", 2, 100)
    assert "2,002 of 2,002 changes are told" in page
    assert "Page 100 of 101" in page
    assert page.count('<p class="what">') == 20
    assert page.count("<tr>") - 1 <= 60
    assert len(page.encode()) < 150_000


def test_the_picture_to_take_away_holds_the_signs(framed: Framed) -> None:
    svg = changes_picture(framed(), FOUND, "", 1)
    assert (svg.count(">▲<"), svg.count(">▼<")) == (1, 1)
    assert svg.count("<circle") == 3
    assert b"var(--" not in standalone(svg)
