"""REDWOOD_CUSTODY: which keeper it names, what is refused, and that nothing of a secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.bootstrap import custody_of
from service.custody.command import Command
from service.custody.derived import Derived
from service.custody.folder import Folder
from service.errors import InvalidSettings
from service.settings import Settings, from_environment

MASTER = "m" * 32


def chosen(value: str) -> object:
    return custody_of(from_environment(custody=value))


def test_each_kind_is_what_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MASTER", MASTER)
    folder = chosen("file:~/keys of ours")
    assert isinstance(folder, Folder)
    assert folder.path == tmp_path / "keys of ours"
    assert isinstance(chosen("env:MASTER"), Derived)
    keeper = chosen("command:vault --box 'one two'")
    assert isinstance(keeper, Command)
    assert keeper._words == ("vault", "--box", "one two")


def test_by_default_keys_lie_outside_the_folder_one_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("REDWOOD_CUSTODY")
    folder = custody_of(Settings())
    assert isinstance(folder, Folder)
    assert folder.path == tmp_path / "home/.local/state/redwood/keys"
    assert folder.worries(tmp_path / "work" / "redwood.db") == []


@pytest.mark.parametrize(
    "value", ["", "file:", "file: ", "file", "env:", "env:A B", "env:a=b", "command:", "vault:x", "/keys"]
)
def test_what_names_no_keeper_is_refused_without_being_repeated(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("REDWOOD_CUSTODY", value)
    with pytest.raises(InvalidSettings) as raised:
        from_environment()
    [fault] = raised.value.faults
    assert fault.where == "REDWOOD_CUSTODY"
    assert "file:FOLDER, env:NAME and command:PROGRAM" in fault.why


@pytest.mark.parametrize("master", [None, "", "hunter2", "h" * 31])
def test_a_short_master_secret_is_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, master: str | None
) -> None:
    monkeypatch.delenv("MASTER", raising=False)
    if master is not None:
        monkeypatch.setenv("MASTER", master)
    with pytest.raises(InvalidSettings) as raised:
        chosen("env:MASTER")
    [fault] = raised.value.faults
    assert fault.where == "REDWOOD_CUSTODY"
    assert "at least 32 characters" in fault.why
    assert not master or master not in f"{fault}{raised.value}"
