"""Secrets as files: for their owner only, whole or not there, and gone when destroyed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from service.custody.custody import LENGTHS, Kind
from service.custody.folder import Folder
from service.errors import CustodyFailed

PULSE = "a" * 16
KINDS: tuple[Kind, ...] = ("close", "tokens")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "deep" / "keys")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file())


def test_nothing_is_made_before_the_first_secret(folder: Folder) -> None:
    assert folder.get(PULSE, "close") is None
    assert not folder.path.exists()


def test_what_lies_in_a_folder_that_is_not_there_is_not_said_to_be_destroyed(folder: Folder) -> None:
    """A disk that was not mounted today may be back tomorrow, with all that is on it."""
    secret = folder.make(PULSE, "close")
    away = folder.path.rename(folder.path.with_name("away"))
    with pytest.raises(CustodyFailed, match="not there"):
        folder.destroy(PULSE, "close")
    away.rename(folder.path)
    assert folder.get(PULSE, "close") == secret
    assert folder.destroy(PULSE, "close") is True


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_random_and_given_back_until_it_is_destroyed(folder: Folder, kind: Kind) -> None:
    secret = folder.make(PULSE, kind)
    assert len(secret) == LENGTHS[kind]
    assert folder.get(PULSE, kind) == Folder(folder.path).get(PULSE, kind) == secret
    assert folder.make("b" * 16, kind) != secret
    assert folder.destroy(PULSE, kind) is True
    assert folder.get(PULSE, kind) is None
    assert folder.destroy(PULSE, kind) is True
    assert folder.get("b" * 16, kind) is not None


def test_the_two_secrets_of_a_pulse_are_two(folder: Folder) -> None:
    close, tokens = folder.make(PULSE, "close"), folder.make(PULSE, "tokens")
    assert tokens not in close
    folder.destroy(PULSE, "close")
    assert folder.get(PULSE, "tokens") == tokens


def test_only_its_owner_may_read_whatever_the_mask_is(folder: Folder) -> None:
    before = os.umask(0)
    try:
        folder.make(PULSE, "close")
    finally:
        os.umask(before)
    assert mode(folder.path) == 0o700
    assert {mode(file) for file in folder.path.iterdir()} == {0o600}


def test_a_secret_of_before_is_overwritten(folder: Folder) -> None:
    before = folder.make(PULSE, "close")
    after = folder.make(PULSE, "close")
    assert before != after == folder.get(PULSE, "close")
    assert everything(folder.path) == after


def test_a_secret_that_cannot_be_written_whole_is_none(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = folder.make(PULSE, "close")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CustodyFailed, match="No space left"):
            folder.make(PULSE, "close")
        with pytest.raises(CustodyFailed):
            folder.make(PULSE, "tokens")
    assert [file.name for file in folder.path.iterdir()] == [f"{PULSE}.close"]
    assert folder.get(PULSE, "close") == before


def test_what_was_destroyed_was_overwritten_first(folder: Folder) -> None:
    """Whoever holds the file open, or another name of it, as a snapshot would, finds the bytes changed."""
    secret = folder.make(PULSE, "close")
    other = folder.path / "other"
    os.link(folder.path / f"{PULSE}.close", other)
    folder.destroy(PULSE, "close")
    assert len(other.read_bytes()) == len(secret)
    assert other.read_bytes() != secret
    assert secret not in everything(folder.path)


def test_where_nothing_can_be_written_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folder = Folder(tmp_path / "file" / "keys")
    with pytest.raises(CustodyFailed):
        folder.make(PULSE, "close")
    with pytest.raises(CustodyFailed):
        folder.get(PULSE, "close")
    with pytest.raises(CustodyFailed):
        folder.destroy(PULSE, "close")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_forbids_it_is_told(folder: Folder) -> None:
    folder.make(PULSE, "close")
    folder.path.chmod(0o500)
    try:
        with pytest.raises(CustodyFailed):
            folder.make("b" * 16, "close")
        with pytest.raises(CustodyFailed):
            folder.destroy(PULSE, "close")
    finally:
        folder.path.chmod(0o700)


def test_a_folder_in_a_secrets_place_is_told_and_no_error_names_the_secret(folder: Folder) -> None:
    (folder.path / f"{PULSE}.close").mkdir(parents=True)
    with pytest.raises(CustodyFailed, match="Is a directory"):
        folder.get(PULSE, "close")
    with pytest.raises(CustodyFailed):
        folder.make(PULSE, "close")
    with pytest.raises(CustodyFailed):
        folder.destroy(PULSE, "close")
    assert [file.name for file in folder.path.iterdir()] == [f"{PULSE}.close"]


def test_it_worries_when_keys_lie_beside_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data" / "redwood.db"
    for inside in (data.parent, data.parent / "keys", tmp_path / "data" / "x" / ".." / "keys"):
        assert any("beside the data" in it for it in Folder(inside).worries(data))
    for apart in (tmp_path / "keys", tmp_path / "data-keys", tmp_path):
        assert Folder(apart).worries(data) == []
        assert Folder(apart).worries(None) == []


def test_it_worries_about_a_link_that_leads_beside_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data" / "redwood.db"
    (data.parent / "keys").mkdir(parents=True, mode=0o700)
    (tmp_path / "apart").symlink_to(data.parent / "keys")
    assert any("beside the data" in it for it in Folder(tmp_path / "apart").worries(data))


@pytest.mark.parametrize("open_to", [0o740, 0o705, 0o710, 0o777])
def test_it_worries_when_others_may_open_the_folder(folder: Folder, open_to: int) -> None:
    folder.make(PULSE, "close")
    assert folder.worries(None) == []
    folder.path.chmod(open_to)
    assert any("chmod 700" in it for it in folder.worries(None))
