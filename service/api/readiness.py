"""One look at the database at a time, however many ask: none of them can make more work, or hold more than a thread."""

from __future__ import annotations

import asyncio

from service.bootstrap import Runtime
from service.errors import Unavailable
from service.operations.readiness import require_ready

#: Seconds after which a database that has said nothing is not there.
_PATIENCE = 5.0


class Readiness:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
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


def _heard(looking: asyncio.Task[None]) -> None:
    """What nobody waited for is no news: the next who asks finds out anew."""
    if not looking.cancelled():
        looking.exception()
