"""Group commit: submissions that arrive while one transaction is under way share the next one.

Each submitter learns its own outcome after the commit, so what was acknowledged is durable. There is no
artificial delay, and the order within a batch is lost on purpose: it is sealed shuffled, as one row.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from dataclasses import dataclass
from typing import Protocol

from service.errors import Overloaded, Unavailable
from service.seal.close_key import Sealing

#: Submissions in one transaction; enough to be cheap, few enough to answer the first one soon.
BATCH_LIMIT = 512

#: Seconds after which a batch that is still under way counts as stuck, and for which a lost one is remembered.
_STUCK, _REMEMBERED = 15.0, 3.0
#: Seconds for which a batch that was stored proves that the next could be.
_PROOF = 2.0


@dataclass(frozen=True, slots=True)
class Submission:
    """A validated response with the right to send it: `digest` finds the invitation or, where the token is an
    unlinkable one of the unit of this number, is its nullifier; `receipt` names what was sent to whoever sends the very
    same again; `sealing` is what it is to be sealed with."""

    pulse: str
    digest: bytes
    receipt: bytes
    answers: bytes
    bands: bytes
    sealing: Sealing
    unit: int | None = None


def row_keys(count: int) -> list[bytes]:
    """Random keys of 16 bytes to store rows under; drawn together, which costs a tenth of one by one."""
    drawn = secrets.token_bytes(16 * count)
    return [drawn[start : start + 16] for start in range(0, 16 * count, 16)]


class Committer(Protocol):
    """One database's way to commit a batch in one transaction, telling of each submission whether it stands.

    Raises Unavailable when the outcome is unknown.
    """

    async def commit(self, batch: list[Submission]) -> list[bool]: ...

    async def close(self) -> None: ...


Waiting = tuple[Submission, "asyncio.Future[bool]"]


class Collector:
    """The only writer of responses in a process; at most `limit` submissions wait for a commit."""

    def __init__(self, committer: Committer, limit: int) -> None:
        self._committer = committer
        self._limit = limit
        self._waiting: list[Waiting] = []
        self._turn: asyncio.Task[None] | None = None
        #: How many batches were handed to the database; and of submissions how many were acknowledged, were too many
        #: to wait, and were in a batch that failed.
        self.batches = self.acknowledged = self.overloaded = self.failed = 0
        self._begun = math.inf
        self._lost = self._stored = -math.inf

    async def submit(self, submission: Submission) -> bool:
        """True once the response is durable (now, or already by the very same submission); False when refused.

        Raises Overloaded when the queue is full (nothing stored) and Unavailable when the database was lost:
        whether it was stored is then unknown, and sending the very same again is safe.
        """
        if len(self._waiting) >= self._limit:
            self.overloaded += 1
            raise Overloaded
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, outcome))
        if self._turn is None or self._turn.done():
            self._turn = asyncio.create_task(self._work())
        return await outcome

    def require_going(self) -> None:
        """Raises Overloaded while the queue is full, and Unavailable while no batch gets through."""
        now = time.monotonic()
        if len(self._waiting) >= self._limit:
            raise Overloaded
        if now - self._begun > _STUCK or now - self._lost < _REMEMBERED:
            raise Unavailable("Submissions do not get through to the database.")

    @property
    def just_stored(self) -> bool:
        """Whether something was stored a moment ago: proof that the database can be written, without waiting for it."""
        return time.monotonic() - self._stored < _PROOF

    @property
    def fullness(self) -> float:
        """How much of what may wait does, from 0 to 1."""
        return len(self._waiting) / self._limit

    async def close(self) -> None:
        """Finish what is waiting, then let go of the database."""
        if self._turn is not None:
            await self._turn
        await self._committer.close()

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            await self._settle(batch)

    def _next_batch(self) -> list[Waiting]:
        # Twice the same token in one transaction could not tell a retry from a second try: the later one waits.
        taken: list[Waiting] = []
        left: list[Waiting] = []
        tokens: set[bytes] = set()
        for entry in self._waiting:
            if len(taken) < BATCH_LIMIT and entry[0].digest not in tokens:
                tokens.add(entry[0].digest)
                taken.append(entry)
            else:
                left.append(entry)
        self._waiting = left
        return taken

    async def _settle(self, batch: list[Waiting]) -> None:
        self._begun = time.monotonic()
        self.batches += 1
        try:
            outcomes = await self._committer.commit([submission for submission, _ in batch])
        except Exception as error:
            self._lost = time.monotonic()
            self.failed += len(batch)
            # Whatever went wrong belongs to each submitter; the collector itself must go on for the next batch.
            for _, outcome in batch:
                if not outcome.done():
                    outcome.set_exception(error)
            return
        finally:
            self._begun = math.inf
        if any(outcomes):
            self._stored = time.monotonic()
            self.acknowledged += sum(outcomes)
        for (_, outcome), stands in zip(batch, outcomes, strict=True):
            if not outcome.done():
                outcome.set_result(stands)
