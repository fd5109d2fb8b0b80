"""What a serving process does besides answering: finishes what a killed close left, and stirs open pulses."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from service.bootstrap import Runtime
from service.errors import RedwoodError
from service.operations.keys import finish_closes
from service.operations.stir import stir

_log = logging.getLogger("redwood")

#: Stirring makes submissions wait: it may take one part in so many of the time.
_SHARE = 100


class Upkeep:
    """`came` tells how much this process has taken in so far; what others took in is stirred by them."""

    def __init__(self, runtime: Runtime, came: Callable[[], int]) -> None:
        self._runtime, self._came = runtime, came

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self._finish_closes)
        stirring = asyncio.create_task(self._stir_now_and_then())
        yield
        stirring.cancel()
        with suppress(asyncio.CancelledError):
            await stirring

    def _finish_closes(self) -> None:
        """What cannot be finished is no reason not to serve; `redwood doctor` tells of it too."""
        try:
            left = finish_closes(self._runtime.database, self._runtime.custody)
        except RedwoodError as error:
            _log.warning("keys of closed pulses could not be looked for: %s", error)
            return
        if left:
            _log.warning("keys of %d closed pulses are not destroyed: see 'redwood doctor'", len(left))

    async def _stir_now_and_then(self) -> None:
        shortest = 60.0 * self._runtime.settings.stir_minutes
        seen, pause = self._came(), shortest
        while True:
            await asyncio.sleep(pause)
            if self._came() != seen:
                seen = self._came()
                pause = max(shortest, _SHARE * await asyncio.to_thread(self._stir))

    def _stir(self) -> float:
        """The seconds it took. What cannot be done now is done next time: nobody waits for it."""
        begun = time.monotonic()
        try:
            stir(self._runtime.database)
        except RedwoodError as error:
            _log.warning("open pulses could not be stirred: %s", error)
        return time.monotonic() - begun
