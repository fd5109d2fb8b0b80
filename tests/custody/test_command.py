"""Secrets kept by a program: what it is told and how, and whatever such a program may do wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from service.custody import command
from service.custody.command import Command
from service.custody.custody import LENGTHS, Kind
from service.errors import CustodyFailed

PULSE = "a" * 16
KINDS: tuple[Kind, ...] = tuple(LENGTHS)

#: A keeper as an operator would write it, which also notes what it was told and what stood in its environment.
KEEPER = """
cd "$(dirname "$0")"
given=$(cat)
echo "$1|$2|$3|$given" >> told
env >> environment
case $2 in
    put) printf %s "$given" > "$3.kept" ;;
    get) cat "$3.kept" || exit 3 ;;
    destroy) rm "$3.kept" || exit 3 ;;
esac
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Command]:
    def written(text: str) -> Command:
        file = tmp_path / "keeper.sh"
        file.write_text(text)
        return Command(["/bin/sh", str(file), "vault one"])

    return written


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
    name = f"{PULSE}.close"
    assert (tmp_path / "told").read_text().splitlines() == [
        f"vault one|put|{name}|{secret.hex()}",
        f"vault one|get|{name}|",
        f"vault one|destroy|{name}|",
        f"vault one|get|{name}|",
    ]
    assert secret.hex() not in (tmp_path / "environment").read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exit 1", "failed"),
        ("kill -9 $$", "failed"),
        ("exit 3", "failed"),
        ("echo no such vault >&2; exit 127", "failed"),
        ("", "gives something else"),
        ("echo ab", "gives something else"),
        (f"echo {'x' * 192}", "gives something else"),
        (f"echo {'ab' * 96}", "does not give back"),
        ("printf '\\377\\376'", "cannot be run"),
    ],
)
def test_a_secret_that_is_not_given_back_was_not_kept(program: Callable[[str], Command], text: str, why: str) -> None:
    with pytest.raises(CustodyFailed, match=why):
        program(text).make(PULSE, "close")


@pytest.mark.parametrize(
    "text",
    [
        "exit 1",
        "",
        f"echo {'ab' * 95}",
        f"echo {'zz' * 96}",
        f"echo {'ab' * 96} ab",
        "printf '\\377\\376'",
    ],
)
def test_what_is_no_secret_is_not_taken_for_one(program: Callable[[str], Command], text: str) -> None:
    with pytest.raises(CustodyFailed):
        program(text).get(PULSE, "close")


def test_what_could_not_be_destroyed_is_not_said_to_be(program: Callable[[str], Command]) -> None:
    with pytest.raises(CustodyFailed):
        program("exit 1").destroy(PULSE, "close")


def test_a_program_that_hangs_is_not_waited_for(
    program: Callable[[str], Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= command._PATIENCE <= 60, "whoever asks holds a lock on the pulse meanwhile"
    monkeypatch.setattr(command, "_PATIENCE", 0.2)
    with pytest.raises(CustodyFailed, match="takes too long"):
        program("exec sleep 600").get(PULSE, "close")


@pytest.mark.parametrize("words", [[], ["/nowhere/keeper"], ["."]])
def test_a_program_that_is_none_is_told(words: list[str]) -> None:
    with pytest.raises(CustodyFailed, match="cannot be run"):
        Command(words).get(PULSE, "close")


def test_what_it_says_on_its_other_channel_is_repeated_nowhere(
    program: Callable[[str], Command], capfd: pytest.CaptureFixture[str]
) -> None:
    keeper = program("echo the vault is at 10.0.0.7 >&2; exit 1")
    with pytest.raises(CustodyFailed) as raised:
        keeper.get(PULSE, "close")
    assert "10.0.0.7" not in "".join([str(raised.value), *capfd.readouterr()])
