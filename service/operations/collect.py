"""Answers come in: validated against what the pulse asks, then handed to the collector and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from service.errors import NotFound, TokenRefused
from service.store import pulses
from service.store.collector import Collector, Submission
from service.store.database import Database
from service.survey.pulse import Pulse, State
from service.survey.response import Reader
from service.tokens import plain


class Collection:
    """The respondent's side of one process. What a pulse asks never changes once it is open, so it is kept."""

    def __init__(self, database: Database, collector: Collector) -> None:
        self._database = database
        self._collector = collector
        self._readers: dict[str, Reader] = {}

    async def submit(self, pulse: str, token: str, answers: Mapping[str, int | None], bands: Mapping[str, str]) -> None:
        """Return once the response is durable, exactly once per token.

        Raises InvalidResponse, TokenRefused (spent, unknown, of another pulse, not open: all alike), Overloaded,
        Unavailable and NotFound (no such pulse). The very same submission again is accepted and changes nothing.
        """
        response = (await self._reader(pulse)).read(answers, bands)
        if plain.pulse_of(token) != pulse:
            raise TokenRefused
        submission = Submission(
            pulse=pulse,
            digest=plain.digest_of(token),
            receipt=plain.receipt_of(token, response.answers, response.bands),
            answers=response.answers,
            bands=response.bands,
        )
        if not await self._collector.submit(submission):
            raise TokenRefused

    async def _reader(self, pulse: str) -> Reader:
        known = self._readers.get(pulse)
        if known is None:
            found = await asyncio.to_thread(asked_pulse, self._database, pulse)
            kept = await asyncio.to_thread(collected_values, self._database, found)
            known = self._readers[pulse] = Reader(found.asked, found.bands, kept)
        return known


def asked_pulse(database: Database, id: str) -> Pulse:
    """A pulse as anybody may see it. Raises NotFound until it has opened."""
    with database.read() as tx:
        pulse = pulses.pulse_by_id(tx, id)
    if pulse.state is State.DRAFT:
        raise NotFound("pulse")
    return pulse


def collected_values(database: Database, pulse: Pulse) -> Mapping[str, frozenset[str]]:
    """By band id the values a pulse that has opened asks for; the others have no class large enough to be shown."""
    with database.read() as tx:
        return pulses.collected_values(tx, pulse.id)
