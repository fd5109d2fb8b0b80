"""A leader's forecast over HTTP: given before the release, compared afterwards, read by nobody else."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from service.pages.charts.expected import Pair, expected
from service.pages.dashboard.forecast import in_words
from tests.pages.through import get, plain, post

PAGE = "/dashboard/forecast"
TEAMS = {"north": 9, "south": 8}
GIVEN = {"block.wellbeing": "80", "block.safety": "", "consent": "yes"}


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    units = [
        {"id": "works", "name": "The works", "parent": None, "headcount": 0},
        *({"id": id, "name": id.title(), "parent": "works", "headcount": n} for id, n in TEAMS.items()),
    ]
    doors.ok("PUT", "/v1/roster", {"units": units})
    body = {"instrument": "five-blocks", "items": ["WB1", "PS1"], "label": "Spring <1>"}
    pulse = doors.ok("POST", "/v1/pulses", body)
    invited = doors.ok("POST", f"/v1/pulses/{pulse['id']}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse['id']}/open")
    return SimpleNamespace(id=pulse["id"], tokens=[token for entry in invited for token in entry["tokens"]])


def sign_in(doors: Any, *scopes: str, unit: str | None = None) -> None:
    doors.client.cookies.clear()
    secret = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
    assert post(doors, "/dashboard/sign-in", key=secret).status_code == 303


def test_a_leader_forecasts_and_sees_how_it_met(doors: Any, opened: SimpleNamespace) -> None:
    sign_in(doors, "results", unit="north")
    empty = get(doors, PAGE)
    assert empty.status_code == 200
    assert "Spring &lt;1&gt;, open now" in empty.text
    assert f"pulse={opened.id}" not in empty.text
    assert post(doors, PAGE, pulse=opened.id, **(GIVEN | {"block.wellbeing": "62.5"})).status_code == 303
    assert 'value="62.5"' in get(doors, PAGE).text
    assert post(doors, PAGE, pulse=opened.id, **GIVEN).headers["location"] == f"{PAGE}?pulse={opened.id}"
    assert 'value="80"' in get(doors, PAGE).text
    assert get(doors, f"{PAGE}/expected.svg?pulse={opened.id}").status_code == 404
    for place, token in enumerate(opened.tokens):
        said = {"token": token, "lang": "en", "item.WB1": str(2 + place % 3), "item.PS1": str(3 + place % 2)}
        assert post(doors, "/answer/send", **said).status_code == 200
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    page = get(doors, f"{PAGE}?pulse={opened.id}").text
    (own,) = doors.ok("GET", f"/v1/pulses/{opened.id}/forecasts/north", headers=doors.key("results", unit="north"))[
        "data"
    ]
    row = plain(re.search(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)[0])  # type: ignore[index]
    assert own["status"] == "ok"
    assert row.startswith(f"Wellbeing 80 {round(own['score'])} ")
    assert ("worth asking about: Wellbeing" in plain(page)) == own["noteworthy"]
    assert get(doors, f"{PAGE}/expected.svg?pulse={opened.id}").headers["content-type"].startswith("image/svg")
    assert get(doors, f"{PAGE}/expected.csv?pulse={opened.id}").text.startswith("block,status,forecast")
    assert post(doors, PAGE, pulse=opened.id, **GIVEN).status_code == 409
    assert post(doors, f"{PAGE}/withdraw", pulse=opened.id).status_code == 303
    assert "No forecast was given" in get(doors, f"{PAGE}?pulse={opened.id}").text


BAD = (
    ({"consent": ""}, "consent is needed"),
    ({"block.wellbeing": "101"}, "from 0 to 100"),
    ({"block.wellbeing": "<b>nan"}, "from 0 to 100"),
    ({"block.wellbeing": ""}, "at least one block"),
)


def test_bad_input_is_told_and_changes_nothing(doors: Any, opened: SimpleNamespace) -> None:
    sign_in(doors, "results", unit="north")
    assert post(doors, PAGE, pulse=opened.id, **GIVEN).status_code == 303
    for changed, words in BAD:
        refused = post(doors, PAGE, pulse=opened.id, **(GIVEN | {"block.wellbeing": "33"} | changed))
        assert refused.status_code == 422
        assert words in refused.text
        assert "nan" not in refused.text
        assert "Nothing was kept" in refused.text
        assert 'value="80"' in get(doors, PAGE).text


def test_nobody_else_gives_or_reads_it(doors: Any, opened: SimpleNamespace) -> None:
    sign_in(doors, "results", unit="north")
    assert post(doors, PAGE, pulse=opened.id, **GIVEN).status_code == 303
    sign_in(doors, "results", "analytics")
    assert "A leader’s own" in get(doors, PAGE).text
    assert post(doors, PAGE, pulse=opened.id, **GIVEN).status_code == 404
    assert post(doors, f"{PAGE}/withdraw", pulse=opened.id).status_code == 404
    for other in ("works", "south"):
        sign_in(doors, "results", unit=other)
        assert 'value="80"' not in get(doors, PAGE).text
    sign_in(doors, "manage")
    assert get(doors, PAGE).status_code == 403


def test_gaps_in_words() -> None:
    def gap(points: float | None, noteworthy: bool = False, status: str = "ok") -> Any:
        low, high = (None, None) if points is None else (points - 9, points + 9)
        return SimpleNamespace(gap=points, low=low, high=high, noteworthy=noteworthy, status=status)

    assert "12 points lower than expected. That is more than chance" in in_words(gap(12.3, True))
    assert "1 point higher than expected. Make nothing of it" in in_words(gap(-1.0))
    assert in_words(gap(0.2)) == "As expected."
    assert len({in_words(gap(None, status=status)) for status in ("suppressed", "bound", "insufficient")}) == 3


def test_forecast_and_score_stand_on_one_scale() -> None:
    drawn = expected([Pair("One", 75.0, 25.0, 0.0, 50.0), Pair("Two", 100.0)])
    one, two = drawn.rows
    grid = {score: x for x, score in drawn.grid}
    assert (one.forecast, one.score, one.low) == (grid[75], grid[25], grid[0])
    assert one.width == grid[50] - grid[0]
    assert (two.forecast, two.score) == (grid[100], None)
