"""Rates known by hand."""

from __future__ import annotations

from service.analytics.participation import Participation, participation
from tests.analytics.building import released, sheets_by_chance


def test_rates_known_by_hand() -> None:
    sheets = {"root": [], **sheets_by_chance(1, 2, 6, 3), "empty": []}
    release = released(sheets, parents={"t0000": "root", "t0001": "root"}, hidden=["t0001"])
    assert list(participation(release)) == [
        Participation("p1", "root", "ok", 12, 14, 100 * 12 / 14),
        Participation("p1", "t0000", "ok", 6, 8, 75.0),
        Participation("p1", "t0001", "suppressed", None, None, None),
        Participation("p1", "empty", "insufficient", None, None, None),
    ]
    assert [row.unit for row in participation(release, units=["t0000"])] == ["t0000"]
