"""What a serving process does besides answering: finishes what a killed close left, and stirs open pulses."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from service.bootstrap import Runtime
from service.errors import RedwoodError
from service.operations.keys import Seeds, finish_closes
from service.operations.stir import stir

_log = logging.getLogger("redwood")

#: Stirring makes submissions wait: it may take one part in so many of the time.
_SHARE = 100
#: Seconds until it is tried for the first time, and again where it could not be done.
_SOON = 60.0


class Upkeep:
    """`came` tells how much this process has taken in so far; what others took in is stirred by them."""

    def __init__(self, runtime: Runtime, came: Callable[[], int]) -> None:
        self._runtime, self._came = runtime, came

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self._look_for_keys)
        await asyncio.to_thread(self._finish_closes)
        stirring = asyncio.create_task(self._stir_now_and_then())
        yield
        stirring.cancel()
        with suppress(asyncio.CancelledError):
            await stirring

    def _look_for_keys(self) -> None:
        """Said once, aloud: `/readyz` says it for as long as it lasts."""
        try:
            lacking = Seeds(self._runtime.database, self._runtime.custody).lacking()
        except RedwoodError:
            return  # which the next look at custody or the database tells of
        if lacking:
            _log.error("%d open pulses have no keys here: is REDWOOD_CUSTODY the other hosts' own?", len(lacking))

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
        # What came in before this process began is in order too: so the first time is soon.
        stirred, pause = -1, min(shortest, _SOON)
        while True:
            await asyncio.sleep(pause)
            came, begun = self._came(), time.monotonic()
            if came != stirred and await asyncio.to_thread(self._stir):
                stirred = came
            pause = max(shortest if came == stirred else min(shortest, _SOON), _SHARE * (time.monotonic() - begun))

    def _stir(self) -> bool:
        """What cannot be done now is done soon: nobody waits for it, and nothing ends it."""
        try:
            return stir(self._runtime.database)
        except Exception as error:
            _log.warning("open pulses could not be stirred: %s", type(error).__name__)
            return False
