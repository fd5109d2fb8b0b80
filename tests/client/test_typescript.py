"""Types made from the contract compile with a whole pulse, and the outcome runs.

The pulse holds mistakes, marked: were one of them no longer found, or the types too loose to find it, tsc would say so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi_document import FILE
from tests.journeys.test_replay import live

SOURCES = Path(__file__).parent / "typescript"

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no node with npm here")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typescript")
    for file in SOURCES.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    run(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    types = ["node_modules/.bin/openapi-typescript", str(FILE), "-o", "contract.d.ts", "--default-non-nullable=false"]
    run(folder, *types)
    return folder


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_whole_pulse_compiles_and_runs(doors: Any, project: Path) -> None:
    run(project, "node_modules/.bin/tsc", "-p", ".")
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    with live(doors.client._transport.app) as url:
        told = json.loads(run(project, "node", "out/pulse.js", url, key))
    assert told["n"] == 6
    assert told["score"] is None or 0 <= told["score"] <= 100
