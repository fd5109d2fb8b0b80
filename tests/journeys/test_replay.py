"""Real people's answers through the real service: 2,042 soldiers of 49 companies, against what R computed.

Data of the R package `multilevel` (Bliese), which is not shipped here: the test looks for it in the folder that
REDWOOD_REFERENCE_DATA names, or beside the checkout, and skips where there is none.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from service.commands.journey import Journey, Sheet
from service.commands.replaying import read_sheet

REFERENCE = (
    Path(os.environ.get("REDWOOD_REFERENCE_DATA", Path(__file__).parents[3] / "shared" / "reference_data")) / "lq2002"
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "answers.csv"

BLOCKS = ["leadership:1-5:LEAD[0-9]*", "task:1-5:TSIG[0-9]*", "hostility:0-4:HOSTIL[0-9]*"]
EXPECTED = {"leadership": "LEAD", "task": "TSIG", "hostility": "HOSTILE"}


@contextmanager
def live(app: Any) -> Iterator[str]:
    """The application behind a real socket, in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def replayed(doors: Any, sheet: Sheet) -> dict[str, Any]:
    async def replay(url: str) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            key = doors.manager["Authorization"].removeprefix("Bearer ")
            return await Journey(client, key).replay(sheet, lambda: None)

    with live(doors.client._transport.app) as url:
        return asyncio.run(replay(url))


def test_the_example_that_ships_is_released_with_its_small_team_hidden(doors: Any) -> None:
    sheet = read_sheet(EXAMPLE, "TEAM", ["leadership:1-5:LEAD[0-9]*"], "example")
    result = replayed(doors, sheet)
    teams = {row["unit"]: row["status"] for row in result["results"] if row["unit"] != "everyone"}
    assert teams["rowan"] == "suppressed"
    assert sorted(teams.values()).count("suppressed") == 2  # rowan, and one that would give rowan away
    _equal_unit_means(result["results"], EXAMPLE, "TEAM")


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the lq2002 reference data is not on this machine")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_released_figures_of_2042_soldiers_equal_those_of_r(doors: Any) -> None:
    sheet = read_sheet(REFERENCE / "data.csv", "COMPID", BLOCKS, "lq2002")
    assert len(sheet.answers) == 2042

    result = replayed(doors, sheet)
    companies = {row["unit"] for row in result["results"] if row["unit"] != "everyone"}
    assert len(companies) == 49
    # In a few companies nearly everybody gave the least answer to an item on hostility: those tell on somebody.
    off = {row["block"] for row in result["results"] if row["status"] != "ok"}
    assert off == {"hostility"}
    assert sum(row["status"] != "ok" for row in result["results"]) < 20
    assert len(result["results"]) == 50 * (3 + 19)
    _equal_unit_means(result["results"], REFERENCE / "data.csv", "COMPID")
    expected = json.loads((REFERENCE / "expected.json").read_text())
    quality = {row["block"]: row for row in result["quality"]}
    for block, scale in EXPECTED.items():
        if block in off:
            continue
        icc = expected[scale]["icc"]
        assert quality[block]["groups"] == 49
        assert quality[block]["icc1"] == pytest.approx(icc["ICC1_aov_multilevel"], rel=1e-9)
        assert quality[block]["icc2"] == pytest.approx(icc["ICC2_aov_multilevel"], rel=1e-9)


def _equal_unit_means(rows: list[dict[str, Any]], file: Path, unit: str) -> None:
    answers: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with file.open() as handle:
        for person in csv.DictReader(handle):
            for item, answer in person.items():
                if answer.isdigit():
                    answers[person[unit]][item].append(int(answer))
    shown = [row for row in rows if row["item"] and row["unit"] in answers and row["status"] == "ok"]
    assert shown
    for row in shown:
        given = answers[row["unit"]][row["item"]]
        assert (row["n"], row["mean"]) == (len(given), pytest.approx(sum(given) / len(given), rel=1e-12))
