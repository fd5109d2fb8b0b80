"""A typed client is made from the contract, type-checked with what uses it, and used against the live service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi_document import FILE
from tests.journeys.test_replay import live

JOURNEY = Path(__file__).with_name("journey.py")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the client, made the way docs/clients.md says."""
    folder = tmp_path_factory.mktemp("client")
    command = ["openapi_python_client", "generate", "--path", str(FILE), "--meta", "none"]
    command += ["--config", str(FILE.with_name("client.yaml")), "--output-path", str(folder / "redwood_client")]
    done = run(folder, *command)
    assert "WARNING" not in done
    return folder


def run(folder: Path, *module: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "MYPYPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", *module], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_whole_pulse_runs(doors: Any, made: Path) -> None:
    (made / "journey.py").write_text(JOURNEY.read_text())
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    with live(doors.client._transport.app) as url:
        told = json.loads(run(made, "journey", url, key))
    assert told == {"invited": 6, "refused": "token-refused", "n": 6, "units": ["acme", "t1"], "missing": "not-found"}


def test_its_types_hold(made: Path) -> None:
    """The journey marks a mistake for mypy to ignore, which strict mode objects to unless there is one."""
    (made / "typed.py").write_text(JOURNEY.read_text())
    run(made, "mypy", "--strict", "--no-incremental", "--follow-imports=silent", "typed.py")
