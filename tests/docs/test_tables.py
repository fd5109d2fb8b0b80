"""What docs/tables.md tells data people to type loads the trends, as it stands, from a live service."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_replay import live
from tests.operations.test_report import pulse

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text("utf-8")
#: The heading of a tool, and the first block of its language below.
_BLOCK = r"## {title}\n.*?```{language}\n(.*?)```"

on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def block(title: str, language: str) -> str:
    found = re.search(_BLOCK.format(title=title, language=language), PAGE, re.DOTALL)
    assert found, title
    return found[1]


@pytest.fixture
def made(doors: Any) -> int:
    """How many points of trends there are."""
    for south in (15, 21):
        pulse(doors, {"north": 15, "south": south})
    return len(doors.rows("/v1/trends"))


def environment(doors: Any, url: str) -> dict[str, str]:
    return {"REDWOOD_URL": url, "REDWOOD_KEY": doors.manager["Authorization"].removeprefix("Bearer ")}


@on_one
def test_pandas_polars_and_duckdb_load_the_trends(doors: Any, made: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with live(doors.client._transport.app) as url:
        for name, value in environment(doors, url).items():
            monkeypatch.setenv(name, value)
        for title in ("pandas", "polars", "DuckDB"):
            pytest.importorskip(title.lower())
            said: dict[str, Any] = {}
            exec(compile(block(title, "python"), title, "exec"), said)
            blocks = {row["block"] for row in doors.rows("/v1/trends")}
            assert len(said["trends"]) == (made // len(blocks) if title == "DuckDB" else made), title


@on_one
@pytest.mark.skipif(shutil.which("curl") is None, reason="wants curl")
def test_a_file_of_parquet_is_fetched_by_curl(doors: Any, made: int, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    fetch = next(line for line in PAGE.splitlines() if line.startswith("curl"))
    with live(doors.client._transport.app) as url:
        known = {**os.environ, **environment(doors, url)}
        subprocess.run(["sh", "-c", fetch], cwd=tmp_path, env=known, check=True)
    assert parquet.read_table(tmp_path / "trends.parquet").num_rows == made


@on_one
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")
def test_r_loads_the_trends(doors: Any, made: int) -> None:
    told = block("R", "r") + "\ncat(nrow(trends))"
    with live(doors.client._transport.app) as url:
        known = {**os.environ, **environment(doors, url)}
        done = subprocess.run(["Rscript", "-e", told], env=known, capture_output=True, text=True, check=True)
    assert done.stdout.endswith(str(made))


def test_no_key_stands_in_an_address() -> None:
    assert not re.search(r"[?&](key|token|authorization)=", PAGE, re.IGNORECASE)
