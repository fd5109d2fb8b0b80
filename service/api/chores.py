"""Work that is due now and then besides answering: each chore in a loop of its own, and none can stop another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import SystemRandom

_log = logging.getLogger("redwood")

#: By how much of itself a pause is longer or shorter, so that several processes do not all ask at once.
_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class Chore:
    """`run` is called in a thread, at most once at a time a process, about every `seconds`; it may raise anything.
    `end` is called once, when no more is to be begun.

    Several processes of several machines do the same chores: what must happen once is for `run` to see to.
    """

    name: str
    seconds: float
    run: Callable[[], object]
    end: Callable[[], object] = lambda: None


@asynccontextmanager
async def doing(chores: Sequence[Chore], failed: Callable[[str], None] = lambda _: None) -> AsyncIterator[None]:
    """From here on until the end each is done; the one under way at the end is waited for by nobody.

    `failed` hears the name of a chore that raised something.
    """
    tasks = [asyncio.create_task(_again_and_again(chore, failed)) for chore in chores]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    for chore in chores:
        chore.end()


async def _again_and_again(chore: Chore, failed: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(chore.seconds * SystemRandom().uniform(1 - _SPREAD, 1 + _SPREAD))
        try:
            await asyncio.to_thread(chore.run)
        except Exception as error:  # a chore that fails is tried again, and says nothing of what it worked on
            _log.warning("%s: %s", chore.name, type(error).__name__)
            failed(chore.name)
