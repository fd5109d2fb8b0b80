"""One look at the database at a time, however many ask: none of them can make more work, or hold more than a thread."""

from __future__ import annotations

import asyncio

from service.bootstrap import Runtime
from service.errors import Unavailable
from service.operations.keys import Seeds
from service.operations.readiness import require_ready

#: Seconds after which a database that has said nothing is not there.
_PATIENCE = 5.0


class Readiness:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._seeds = Seeds(runtime.database, runtime.custody)
        #: How many open pulses have no key here, as was last found.
        self.keyless = 0
        self._looking: asyncio.Task[None] | None = None

    async def require(self) -> None:
        """Raises Unavailable or Overloaded while submissions would not be taken."""
        self._runtime.collector.require_going()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(_heard)
        done, _ = await asyncio.wait({self._looking}, timeout=_PATIENCE)
        if not done:
            raise Unavailable("The database does not answer.")
        self._looking.result()

    async def _look(self) -> None:
        written = self._runtime.collector.just_stored
        await asyncio.to_thread(require_ready, self._runtime.database, written=written)
        await asyncio.to_thread(self.require_keys)

    def require_keys(self) -> None:
        """Raises Unavailable where this host can take nothing that is sent to any open pulse, as another one may.

        Where only some keys are lacking they may be lost everywhere: one organisation's loss must not close the service
        to all others. `/metrics`, `redwood doctor` and the start say how many.
        """
        self.keyless = len(self._seeds.lacking())
        if self.keyless and not self._seeds.has_some:
            raise Unavailable("Open pulses have no keys here: is REDWOOD_CUSTODY what it is on every other host?")


def _heard(looking: asyncio.Task[None]) -> None:
    """What nobody waited for is no news: the next who asks finds out anew."""
    if not looking.cancelled():
        looking.exception()
