"""Secrets kept by a program of the operator's: a vault, a safe in hardware, another machine.

It is called with `get NAME`, `put NAME` or `destroy NAME`. Secrets go in and out as one line of hexadecimal, never as
an argument, which others on the machine could see. Exit code 0 means done, 3 that there is no such secret.
"""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

from service.custody.custody import LENGTHS, Kind, name_of
from service.errors import CustodyFailed

_NO_SUCH = 3
#: Seconds it may take: whoever asks holds a lock on the pulse meanwhile.
_PATIENCE = 20


class Command:
    forgets = True

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)

    def make(self, pulse: str, kind: Kind) -> bytes:
        secret = secrets.token_bytes(LENGTHS[kind])
        self._run("put", name_of(pulse, kind), secret.hex())
        return secret

    def get(self, pulse: str, kind: Kind) -> bytes | None:
        said = self._run("get", name_of(pulse, kind))
        if said is None:
            return None
        try:
            secret = bytes.fromhex(said)
        except ValueError:
            secret = b""
        if len(secret) != LENGTHS[kind]:
            raise CustodyFailed("the command gives something else than it was given")
        return secret

    def destroy(self, pulse: str, kind: Kind) -> bool:
        self._run("destroy", name_of(pulse, kind))
        return self.get(pulse, kind) is None

    def worries(self, _data: Path | None, /) -> list[str]:
        return []

    def _run(self, *words: str) -> str | None:
        """What it printed; None when it holds no such secret. What it prints on its other channel is not looked at."""
        verb, name, *given = words
        try:
            done = subprocess.run(
                [*self._words, verb, name],
                input="".join(given),
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            raise CustodyFailed("the command cannot be run, or takes too long") from None
        if done.returncode == _NO_SUCH and verb != "put":
            return None
        if done.returncode:
            raise CustodyFailed("the command failed")
        return done.stdout.strip()
