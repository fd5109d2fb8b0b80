"""The example for data teams runs as it stands, against a live service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_replay import live
from tests.operations.test_report import pulse

EXAMPLE = Path(__file__).parents[2] / "docs" / "first_trend.py"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_example_fetches_plots_and_checks(doors: Any, tmp_path: Path) -> None:
    for south in (15, 21):
        pulse(doors, {"north": 15, "south": south})
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    with live(doors.client._transport.app) as url:
        environment = {**os.environ, "REDWOOD_URL": url, "REDWOOD_KEY": key, "MPLCONFIGDIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, str(EXAMPLE)], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert "item scores follow from the release" in done.stdout
    assert "to the last bit" in done.stdout
    assert (tmp_path / "first_trend.svg").read_text().startswith("<?xml")
