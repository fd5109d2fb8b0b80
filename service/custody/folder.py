"""Secrets as files in a folder of their own, which only its owner may read."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from service.custody.custody import LENGTHS, Kind, name_of
from service.errors import CustodyFailed


class Folder:
    forgets = True

    def __init__(self, path: Path) -> None:
        """The folder is made, for its owner only, when the first secret is."""
        self.path = path

    def make(self, pulse: str, kind: Kind) -> bytes:
        secret = secrets.token_bytes(LENGTHS[kind])
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self.path / name_of(pulse, kind), secret)
        except OSError as error:
            raise CustodyFailed(error.strerror or "the folder cannot be written") from None
        return secret

    def get(self, pulse: str, kind: Kind) -> bytes | None:
        try:
            secret = (self.path / name_of(pulse, kind)).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CustodyFailed(error.strerror or "the folder cannot be read") from None
        if len(secret) != LENGTHS[kind]:
            raise CustodyFailed("a file in the folder is not as it was written")
        return secret

    def destroy(self, pulse: str, kind: Kind) -> bool:
        """Overwritten on the disk, then removed: what a disk keeps of overwritten blocks is out of reach here."""
        file = self.path / name_of(pulse, kind)
        try:
            with file.open("r+b") as open_file:
                open_file.write(secrets.token_bytes(LENGTHS[kind]))
                open_file.flush()
                os.fsync(open_file.fileno())
            file.unlink()
            self._sync()
        except FileNotFoundError:
            # A folder that is not there is no empty one: what it holds may be back tomorrow.
            if not self.path.is_dir():
                raise CustodyFailed("the folder is not there") from None
        except OSError as error:
            raise CustodyFailed(error.strerror or "the folder cannot be written") from None
        return True

    def worries(self, data: Path | None) -> list[str]:
        folder = self.path.resolve()
        found = []
        if data is not None and folder.is_relative_to(data.resolve().parent):
            found.append("keys lie beside the data: who copies or backs up one has the other; keep them elsewhere")
        if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            found.append("others on this machine may open the folder of keys: chmod 700")
        return found

    def _write(self, file: Path, secret: bytes) -> None:
        # Renamed when whole: half a secret after a crash would be none, and would not be noticed until closing.
        new = file.with_suffix(f"{file.suffix}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as open_file:
                open_file.write(secret)
                open_file.flush()
                os.fsync(open_file.fileno())
            new.rename(file)
        finally:
            with suppress(FileNotFoundError):
                new.unlink()
        self._sync()

    def _sync(self) -> None:
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
