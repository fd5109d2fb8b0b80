"""Answers come in: validated against what the pulse asks, then handed to the collector and nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from service.custody.custody import Custody
from service.errors import KeyGone, NotFound, TokenRefused
from service.store import pulses, rosters
from service.store.collector import Collector, Submission
from service.store.database import Database
from service.survey.pulse import Pulse, State, TokenKind
from service.survey.response import Reader
from service.tokens import plain, unlinkable
from service.tokens.receipt import receipt_of
from service.tokens.unlinkable import class_key

#: Seconds after which a refused token makes us look whether the pulse is still open.
_BELIEVED = 10.0


@dataclass(frozen=True, slots=True)
class _Open:
    """What is needed to take a pulse's responses; `numbers` has each unit's in the database, `since` when this was
    read, in seconds of the process's own clock."""

    reader: Reader
    kinds: frozenset[TokenKind]
    seed: bytes
    numbers: Mapping[str, int]
    since: float


class Collection:
    """The respondent's side of one process. What a pulse asks never changes once it is open, so it is kept."""

    def __init__(self, database: Database, custody: Custody, collector: Collector) -> None:
        self._database, self._custody = database, custody
        self._collector = collector
        self._known: dict[str, _Open] = {}

    async def submit(self, pulse: str, token: str, answers: Mapping[str, int | None], bands: Mapping[str, str]) -> None:
        """Return once the response is durable, exactly once per token.

        Raises InvalidResponse, TokenRefused (spent, unknown, forged, of another pulse, of a kind it does not accept,
        not open: all alike), Overloaded, Unavailable, KeyGone and NotFound (no such pulse). The very same submission
        again is accepted and changes nothing.
        """
        known = self._known.get(pulse)
        if known is None:
            known = await asyncio.to_thread(self._opened, pulse)
        response = known.reader.read(answers, bands)
        digest, unit = _spendable(known, pulse, token)
        receipt = receipt_of(known.seed, token, response.answers, response.bands)
        sent = Submission(pulse, digest, receipt, response.answers, response.bands, unit)
        if not await self._collector.submit(sent):
            # The pulse may have closed: then its seed must not stay in memory. Guessers do not make us ask each time.
            if time.monotonic() > known.since + _BELIEVED:
                self._known.pop(pulse, None)
            raise TokenRefused

    def _opened(self, id: str) -> _Open:
        """Raises NotFound until it has opened, and KeyGone. One that has closed takes no token of any kind."""
        with self._database.read() as tx:
            pulse = pulses.pulse_by_id(tx, id)
            if pulse.state is State.DRAFT:
                raise NotFound("pulse")
            reader = Reader(pulse.asked, pulse.bands, pulses.collected_values(tx, id))
            numbers = rosters.numbers(tx, pulse.organisation)
        if pulse.state is not State.OPEN:
            return _Open(reader, frozenset(), b"", {}, 0.0)
        seed = self._custody.get(id, "tokens")
        if seed is None:
            raise KeyGone
        known = self._known[id] = _Open(reader, frozenset(pulse.tokens), seed, numbers, time.monotonic())
        return known


def _spendable(known: _Open, pulse: str, token: str) -> tuple[bytes, int | None]:
    """What a token is known by once spent, and the number of its unit if it is an unlinkable one.

    What was forged is looked up like an invitation nobody issued, so that it takes the same way to the same refusal.
    Raises TokenRefused.
    """
    found = unlinkable.read(token)
    if found is None:
        if "plain" not in known.kinds or plain.pulse_of(token) != pulse:
            raise TokenRefused
        return plain.digest_of(token), None
    if "unlinkable" not in known.kinds or found.pulse != pulse:
        raise TokenRefused
    number = known.numbers.get(found.unit)
    if number is not None and not found.made_by(class_key(known.seed, pulse, found.unit)):
        number = None
    return found.nullifier, number


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
