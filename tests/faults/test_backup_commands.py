"""`redwood backup`, `restore` and `pulse discard`: what they say, and what they refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service import cli
from tests.faults.world import answer, begun

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def redwood(doors: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)

    def run(url: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("REDWOOD_DATABASE_URL", url)
        monkeypatch.setattr(sys, "argv", ["redwood", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_from_one_database_to_another_of_the_other_kind(doors: Any, redwood: Shell, elsewhere: str) -> None:
    here = doors.parts.settings.database_url
    pulse, tokens = begun(doors)
    answer(doors, pulse, tokens[0], 2)
    code, out, _ = redwood(here, "backup", "all.db")
    assert code == 0
    assert "keys do not" in out
    code, out, err = redwood(here, "backup", "all.db")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert json.loads(redwood(here, "backup", "all.db", "--replace", "--json")[1])["revision"]
    assert redwood(here, "restore", "all.db")[0] == 1
    code, out, _ = redwood(elsewhere, "restore", "all.db")
    assert code == 0
    assert f"{pulse} is open. What was acknowledged after the backup is not in it" in out
    assert redwood(elsewhere, "restore", "all.db")[0] == 1
    assert redwood(elsewhere, "restore", "nothing.db")[0] == 1
    code, _, err = redwood(here, "backup", "no/such/folder.db")
    assert (code, "No such file" in err, err.count("\n")) == (1, True, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_pulse_without_its_key_is_told_of_and_discarded_only_when_that_is_said_twice(
    doors: Any, redwood: Shell
) -> None:
    pulse, _ = begun(doors)
    redwood(doors.parts.settings.database_url, "backup", "all.db")
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    there = "sqlite:///there.db"
    assert f"redwood pulse discard {pulse}" in redwood(there, "restore", "all.db")[1]
    code, _, err = redwood(there, "pulse", "discard", pulse, "--apply")
    assert (code, "--answered" in err) == (1, True)
    assert "Would discard" in redwood(there, "pulse", "discard", pulse, "--answered")[1]
    assert json.loads(redwood(there, "pulse", "discard", pulse, "--answered", "--apply", "--json")[1])["applied"]
    code, _, err = redwood(there, "pulse", "discard", pulse, "--answered", "--apply")
    assert (code, err.count("\n")) == (1, 1)
