"""Has findings computed by a process of its own: what that imports would weigh on the one that answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Protocol


class Analyst(Protocol):
    def wake(self) -> None:
        """Something may be due."""

    def settle(self, pulse: str, stored: Callable[[], bool], /) -> None:
        """Return when `stored` says that a pulse's findings are there, or when waiting longer is no use."""

    def close(self) -> None:
        """Nothing more will be asked."""


class ProcessAnalyst:
    """Runs `redwood analyse` whenever it is woken, one process at a time."""

    #: A reader waits this long before being told to come back.
    PATIENCE = 20.0

    def __init__(self, database_url: str) -> None:
        self._environment = {**os.environ, "REDWOOD_DATABASE_URL": database_url}
        self._lock = Lock()
        self._running: Thread | None = None
        self._again = False
        self._process: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        with self._lock:
            self._again = True
            if self._running is None:
                self._running = Thread(target=self._work, daemon=True)
                self._running.start()

    def settle(self, _pulse: str, stored: Callable[[], bool], /) -> None:
        self.wake()
        end = time.monotonic() + self.PATIENCE
        while not stored() and time.monotonic() < end:
            time.sleep(0.1)

    def close(self) -> None:
        """Break off: what it was at is undone, and due again."""
        with self._lock:
            self._again = False
            if self._process is not None:
                self._process.terminate()

    def _work(self) -> None:
        while self._wanted():
            command = [sys.executable, "-c", "from service.cli import main; main()", "analyse"]
            with self._lock:
                self._process = subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL)
            self._process.wait()

    def _wanted(self) -> bool:
        with self._lock:
            again, self._again = self._again, False
            if not again:
                self._running = self._process = None
            return again
