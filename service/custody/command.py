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

Done = subprocess.CompletedProcess[str]


class Command:
    forgets = True

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)

    def make(self, pulse: str, kind: Kind) -> bytes:
        secret = secrets.token_bytes(LENGTHS[kind])
        name = name_of(pulse, kind)
        self._output(self._asked("put", name, secret.hex()))
        given = self._asked("get", name)
        # A keeper may give the close key to nobody but who closes.
        if kind == "close" and given.returncode not in (0, _NO_SUCH):
            return secret
        if self._secret(given, kind) != secret:
            raise CustodyFailed("the command does not give back what it was given")
        return secret

    def get(self, pulse: str, kind: Kind) -> bytes | None:
        given = self._asked("get", name_of(pulse, kind))
        return None if given.returncode == _NO_SUCH else self._secret(given, kind)

    def destroy(self, pulse: str, kind: Kind) -> bool:
        done = self._asked("destroy", name_of(pulse, kind))
        if done.returncode != _NO_SUCH:
            self._output(done)
        return self.get(pulse, kind) is None

    def worries(self, _data: Path | None, /) -> list[str]:
        return []

    def _secret(self, given: Done, kind: Kind) -> bytes:
        try:
            secret = bytes.fromhex(self._output(given))
        except ValueError:
            secret = b""
        if len(secret) != LENGTHS[kind]:
            raise CustodyFailed("the command gives something else than it was given")
        return secret

    def _output(self, done: Done) -> str:
        """What it printed. What it prints on its other channel is not looked at."""
        if done.returncode:
            raise CustodyFailed("the command failed")
        return done.stdout.strip()

    def _asked(self, verb: str, name: str, given: str = "") -> Done:
        words = [*self._words, verb, name]
        try:
            return subprocess.run(words, input=given, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            raise CustodyFailed("the command cannot be run, or takes too long") from None
