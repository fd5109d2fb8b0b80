"""Secrets kept by a program: what it is told and how, and whatever such a program may do wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.custody import command
from service.custody.command import Command
from service.custody.custody import LENGTHS, Kind
from service.errors import CustodyFailed

PULSE = "a" * 16
KINDS: tuple[Kind, ...] = ("close", "tokens")

#: A keeper as an operator would write it, which also notes what it was told and what stood in its environment.
KEEPER = """
import json, os, pathlib, sys
folder = pathlib.Path(__file__).parent
verb, name = sys.argv[-2:]
given = sys.stdin.read()
with (folder / "told").open("a") as told:
    told.write(json.dumps([sys.argv[1:], given, dict(os.environ)]) + "\\n")
file = folder / f"{name}.kept"
if verb == "put":
    file.write_text(given)
elif not file.exists():
    sys.exit(3)
elif verb == "get":
    print(file.read_text())
else:
    file.unlink()
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Command]:
    def written(text: str) -> Command:
        file = tmp_path / "keeper.py"
        file.write_text(text)
        # Started in isolation: a Python that looks for no packages is up in half the time.
        return Command([sys.executable, "-I", "-S", str(file), "vault one"])

    return written


def told(tmp_path: Path) -> list[Any]:
    return [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]


def test_a_secret_is_kept_given_back_and_destroyed(program: Callable[[str], Command]) -> None:
    keeper = program(KEEPER)
    assert keeper.get(PULSE, "close") is None
    made = {kind: keeper.make(PULSE, kind) for kind in KINDS}
    assert {kind: len(secret) for kind, secret in made.items()} == LENGTHS
    assert {kind: keeper.get(PULSE, kind) for kind in KINDS} == made
    assert keeper.make(PULSE, "close") != made["close"]
    assert keeper.destroy(PULSE, "close") is True
    assert keeper.get(PULSE, "close") is None
    assert keeper.destroy(PULSE, "close") is True
    assert keeper.get(PULSE, "tokens") == made["tokens"]


def test_secrets_go_by_the_input_only(program: Callable[[str], Command], tmp_path: Path) -> None:
    secret = program(KEEPER).make(PULSE, "close")
    program(KEEPER).destroy(PULSE, "close")
    calls = told(tmp_path)
    assert [words for words, _, _ in calls] == [["vault one", verb, f"{PULSE}.close"] for verb in ("put", "get", "destroy")]
    assert [given for _, given, _ in calls] == [secret.hex(), "", ""]
    assert secret.hex() not in json.dumps([[words, environment] for words, _, environment in calls])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys; sys.exit(1)", "failed"),
        ("import os; os.kill(os.getpid(), 9)", "failed"),
        ("import sys; sys.exit(3)", "failed"),
        ("raise SystemExit('no such vault')", "failed"),
        ("", "gives something else"),
        ("print('ab')", "gives something else"),
        ("print('x' * 192)", "gives something else"),
        ("print('ab' * 96)", "does not give back"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "cannot be run"),
    ],
)
def test_a_secret_that_is_not_given_back_was_not_kept(program: Callable[[str], Command], text: str, why: str) -> None:
    with pytest.raises(CustodyFailed, match=why):
        program(text).make(PULSE, "close")


@pytest.mark.parametrize(
    "text",
    [
        "import sys; sys.exit(1)",
        "",
        "print('ab' * 95)",
        "print('zz' * 96)",
        "print('ab' * 96, 'ab')",
        "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')",
    ],
)
def test_what_is_no_secret_is_not_taken_for_one(program: Callable[[str], Command], text: str) -> None:
    with pytest.raises(CustodyFailed):
        program(text).get(PULSE, "close")


def test_what_could_not_be_destroyed_is_not_said_to_be(program: Callable[[str], Command]) -> None:
    with pytest.raises(CustodyFailed):
        program("import sys; sys.exit(1)").destroy(PULSE, "close")


def test_a_program_that_hangs_is_not_waited_for(
    program: Callable[[str], Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= command._PATIENCE <= 60, "whoever asks holds a lock on the pulse meanwhile"
    monkeypatch.setattr(command, "_PATIENCE", 0.2)
    with pytest.raises(CustodyFailed, match="takes too long"):
        program("import time; time.sleep(600)").get(PULSE, "close")


@pytest.mark.parametrize("words", [[], ["/nowhere/keeper"], ["."]])
def test_a_program_that_is_none_is_told(words: list[str]) -> None:
    with pytest.raises(CustodyFailed, match="cannot be run"):
        Command(words).get(PULSE, "close")


def test_what_it_says_on_its_other_channel_is_repeated_nowhere(
    program: Callable[[str], Command], capfd: pytest.CaptureFixture[str]
) -> None:
    keeper = program("import sys; print('the vault is at 10.0.0.7', file=sys.stderr); sys.exit(1)")
    with pytest.raises(CustodyFailed) as raised:
        keeper.get(PULSE, "close")
    assert "10.0.0.7" not in "".join([str(raised.value), *capfd.readouterr()])
