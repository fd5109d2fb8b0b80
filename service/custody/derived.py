"""Secrets worked out from one master secret in the environment, for machines on which nothing may be written.

What can be worked out again cannot be destroyed: that is up to whoever holds the master secret, and closing says so.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.custody.custody import LENGTHS, Kind, name_of


class Derived:
    forgets = False

    def __init__(self, master: str) -> None:
        self._master = master.encode()

    def make(self, pulse: str, kind: Kind) -> bytes:
        return self.get(pulse, kind)

    def get(self, pulse: str, kind: Kind) -> bytes:
        info = b"redwood/custody/1 " + name_of(pulse, kind).encode()
        return HKDF(SHA256(), LENGTHS[kind], salt=None, info=info).derive(self._master)

    def worries(self, _data: Path | None, /) -> list[str]:
        return [
            "keys made from a secret in the environment cannot be destroyed: change that secret whenever no pulse is "
            "open, or whoever has it and an old copy of the database reads what was answered"
        ]

    def destroy(self, _pulse: str, _kind: Kind, /) -> bool:
        return False
