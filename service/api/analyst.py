"""Has findings computed by a process of its own: what that imports would weigh on the one that answers."""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock, Thread
from typing import Protocol

_COMMAND = [sys.executable, "-c", "from service.cli import main; main()", "analyse"]
_log = logging.getLogger(__name__)


class Analyst(Protocol):
    @property
    def is_running(self) -> bool:
        """Whether a process of its own computes something now."""

    def wake(self) -> None:
        """Something may be due."""

    def settle(self, pulse: str, stored: Callable[[], bool], /) -> None:
        """Return when `stored` says that a pulse's findings are there, or when waiting longer is no use."""

    def close(self) -> None:
        """Nothing more will be asked."""


class Turn:
    """One process at a time of all that name the same file, or of this one alone where none is named."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @contextmanager
    def taken(self) -> Iterator[Sequence[int]]:
        """What is given is held by whoever inherits it too, so that an orphan at work is waited for."""
        if self._file is None:
            yield ()
            return
        with self._file.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield (file.fileno(),)
            fcntl.flock(file, fcntl.LOCK_UN)


class ProcessAnalyst:
    """Runs `redwood analyse` whenever it is woken, one process at a time."""

    #: A reader waits this long before being told to come back, and only so many at once: they hold threads.
    PATIENCE = 20.0
    WAITING = 4

    def __init__(self, database_url: str, turn: Path | None = None) -> None:
        """`turn` is a file by which several that name it take turns."""
        self._turn = Turn(turn)
        self._environment = {**os.environ, "REDWOOD_DATABASE_URL": database_url}
        self._waiting = BoundedSemaphore(self.WAITING)
        self._lock = Lock()
        self._running = self._again = self._closed = False
        self._process: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        with self._lock:
            self._again = True
            if not self._running and not self._closed:
                self._running = True
                Thread(target=self._work, daemon=True).start()

    def settle(self, _pulse: str, stored: Callable[[], bool], /) -> None:
        self.wake()
        if not self._waiting.acquire(blocking=False):
            return
        try:
            self._wait(stored, time.monotonic() + self.PATIENCE)
        finally:
            self._waiting.release()

    def _wait(self, stored: Callable[[], bool], end: float) -> None:
        """A process that ended and stored nothing may have been killed: it is started once more, and no more."""
        tries = 2
        while not stored() and time.monotonic() < end:
            if not self._running:
                tries -= 1
                if not tries:
                    return
                self.wake()
            time.sleep(0.1)

    def close(self) -> None:
        """Break off: what it was at is undone, and due again."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _work(self) -> None:
        while True:
            with self._turn.taken() as held:
                process = self._started(held)
                if process is None:
                    return
                process.wait()

    def _started(self, held: Sequence[int]) -> subprocess.Popen[bytes] | None:
        """The next process, None when nothing is wanted or none can be started. It keeps what is `held` too."""
        with self._lock:
            wanted, self._again = self._again and not self._closed, False
            if not wanted:
                self._running = False
                return None
            try:
                self._process = subprocess.Popen(
                    _COMMAND, env=self._environment, stdout=subprocess.DEVNULL, pass_fds=held
                )
            except OSError:
                _log.exception("No process could be started to compute findings")
                self._running = False
                return None
            return self._process
