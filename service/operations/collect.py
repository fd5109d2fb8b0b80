"""Answers come in: validated against what the pulse asks, then handed to the collector and nowhere else."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from service.custody.custody import Custody
from service.errors import KeyGone, NotFound, TokenRefused
from service.operations.keys import close_tag
from service.seal.close_key import Sealing
from service.store import invitations, pulses, rosters
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
    """What is needed to take a pulse's responses; `numbers` has, of each unit that was invited, its own in the
    database."""

    reader: Reader
    kinds: frozenset[TokenKind]
    sealing: Sealing
    numbers: Mapping[str, int]


class Collection:
    """The respondent's side of one process. What a pulse asks never changes once it is open, so it is kept."""

    def __init__(self, database: Database, custody: Custody, collector: Collector) -> None:
        self._database, self._custody = database, custody
        self._collector = collector
        self._known: dict[str, _Open] = {}
        self._looked: dict[str, float] = {}
        self._loading = asyncio.Lock()

    async def submit(self, pulse: str, token: str, answers: Mapping[str, int | None], bands: Mapping[str, str]) -> None:
        """Return once the response is durable, exactly once per token.

        Raises InvalidResponse, TokenRefused (spent, unknown, forged, of another pulse, of a kind it does not accept,
        not open: all alike), Overloaded, Unavailable, KeyGone and NotFound (no such pulse). The very same submission
        again is accepted and changes nothing.
        """
        known = self._known.get(pulse) or await self._load(pulse)
        response = known.reader.read(answers, bands)
        digest, unit = _spendable(known, pulse, token)
        receipt = receipt_of(known.sealing.seed, token, response.answers, response.bands)
        sent = Submission(pulse, digest, receipt, response.answers, response.bands, known.sealing, unit)
        if not await self._collector.submit(sent):
            await self._look_again(pulse)
            raise TokenRefused

    async def _load(self, pulse: str) -> _Open:
        """One at a time: everybody comes at once, and a keeper of secrets may take its time."""
        async with self._loading:
            known = self._known.get(pulse)
            return known if known is not None else await asyncio.to_thread(self._opened, pulse)

    async def _look_again(self, pulse: str) -> None:
        """Forget a pulse that has closed meanwhile, and its seed with it. Guessers do not make us ask each time."""
        now = time.monotonic()
        if now > self._looked.get(pulse, 0.0) + _BELIEVED:
            self._looked[pulse] = now
            if not await asyncio.to_thread(self._is_open, pulse):
                self._known.pop(pulse, None)

    def _is_open(self, pulse: str) -> bool:
        try:
            return asked_pulse(self._database, pulse).state is State.OPEN
        except NotFound:
            return False

    def _opened(self, id: str) -> _Open:
        """Raises NotFound until it has opened, and KeyGone, also where the key to seal to is not the one the pulse
        opened with. One that has closed takes no token of any kind."""
        with self._database.read() as tx:
            pulse = pulses.pulse_by_id(tx, id)
            if pulse.state is State.DRAFT:
                raise NotFound("pulse")
            reader = Reader(pulse.asked, pulse.bands, pulses.collected_values(tx, id))
            if pulse.state is not State.OPEN:
                return _Open(reader, frozenset(), Sealing(b"", b""), {})
            invited = invitations.issued(tx, id)
            units = rosters.numbers(tx, pulse.organisation).items()
            close_key, tag = pulses.close_key(tx, id)
        seed = self._custody.get(id, "tokens")
        if seed is None or not hmac.compare_digest(close_tag(seed, close_key), tag):
            raise KeyGone
        numbers = {unit: number for unit, number in units if number in invited}
        self._looked[id] = time.monotonic()
        known = self._known[id] = _Open(reader, frozenset(pulse.tokens), Sealing(close_key, seed), numbers)
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
    if number is not None and not found.made_by(class_key(known.sealing.seed, pulse, found.unit)):
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
