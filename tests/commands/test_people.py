"""People from a shell: looked at first, applied when asked, and forgotten by their number."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service import cli

FILE = "E-Mail;Abteilung;Gehalt\nada@x.example;Sales;9\nbo@x.example;Plant;7\n"
MAPPING = {"units": {"from": "attributes", "levels": ["department"]}, "root": {"id": "works", "name": "Works"}}

Shell = Callable[..., tuple[int, str]]


@pytest.fixture
def redwood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path
) -> Shell:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(FILE)
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["redwood", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out if code == 0 else said.err

    return run


def told(redwood: Shell, *words: str) -> Any:
    code, out = redwood(*words, "--json")
    assert code == 0, out
    return json.loads(out)


def test_people_are_looked_at_imported_and_forgotten(redwood: Shell) -> None:
    redwood("organisation", "create", "Works")
    told(redwood, "people", "units", "mapping.json", "--apply")
    code, words = redwood("people", "import", "people.csv")
    assert code == 0
    for said in ("'Gehalt'", "2 come", "3 added", "Sales"):
        assert said in words
    assert told(redwood, "people", "show")["people"] == 0
    done = told(redwood, "people", "import", "people.csv", "--apply")
    assert (done["applied"], done["come"], len(done["units"])) == (True, 2, 3)
    stands = told(redwood, "people", "show")
    assert (stands["people"], stands["units"], stands["mapping"]) == (2, 3, MAPPING)
    other = told(redwood, "people", "import", "people.csv", "--column", "department=Gehalt")
    assert (other["change"], other["taken"]["department"]) == (2, "Gehalt")
    assert redwood("people", "forget", "--people", "1")[0] == 1
    assert told(redwood, "people", "forget", "--people", "2") == {"people": 2, "scrubbed": True}
    assert told(redwood, "people", "show")["people"] == 0


def test_a_file_that_is_none_is_one_line_of_error(redwood: Shell, tmp_path: Path) -> None:
    redwood("organisation", "create", "Works")
    (tmp_path / "people.csv").write_text("mail\nsecret\n")
    code, words = redwood("people", "import", "people.csv", "--apply")
    assert (code, len(words.splitlines())) == (1, 1)
    assert "line 2, email" in words
    assert "secret" not in words
    (tmp_path / "mapping.json").write_text("{")
    assert redwood("people", "units", "mapping.json") == (1, "redwood: The input is not valid: file: is not JSON\n")
