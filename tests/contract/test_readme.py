"""What README says can be run, runs; what it says of settings is so."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.settings import Settings
from tests.journeys.test_replay import live

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def settings_table() -> str:
    rows = [
        f"| `REDWOOD_{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| name | default | what it does |", "|---|---|---|", *rows])


def test_the_settings_table_is_the_settings() -> None:
    assert settings_table() in README


@pytest.mark.parametrize("command", ["bin/demo", "bin/test"])
def test_the_two_commands_are_there(command: str) -> None:
    assert f"```sh\n{command}\n```" in README
    assert os.stat(ROOT / command).st_mode & stat.S_IXUSR


def test_every_redwood_command_it_shows_exists() -> None:
    shown = set(re.findall(r"^redwood ((?:[a-z]+ ?)+)", README, re.MULTILINE)) | {"demo", "settings"}
    assert len(shown) >= 5
    for words in shown:
        command = [word for word in words.split() if word.isalpha()]
        help = CliRunner().invoke(app, [*command, "--help"])
        assert help.exit_code == 0, help.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_whole_pulse_it_shows_runs(doors: Any) -> None:
    script = next(block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "auth=" in block)
    with live(doors.client._transport.app) as url:
        key = doors.manager["Authorization"].removeprefix("Bearer ")
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            env={**os.environ, "URL": url, "KEY": key},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert '"unit":"t1","unit_name":"t1","block":"safety"' in done.stdout
    assert "five-blocks,t1,t1,safety" in done.stdout
    assert ",ok,9,75.0," in done.stdout, "a newcomer sees a score, and nothing but suppressed rows would be none"
    assert "series,unit" in done.stdout


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "README.md", "DECISIONS.md"])
def test_paths_that_documents_name_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    for path in re.findall(r"`((?:service|tests|bin|openapi|alembic)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"\]\(([A-Za-z][\w./-]*)\)", text):
        assert (ROOT / target).exists(), target
