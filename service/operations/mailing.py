"""Letters are sent a batch at a time, in random order, once their pulse is open; who was sent one when is not kept."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from random import SystemRandom
from time import time

from service.custody.custody import Custody
from service.errors import Unavailable
from service.seal import letter
from service.seal.letter import open_letter
from service.store import access, letters, pulses
from service.store.database import Database
from service.store.letters import Round
from service.survey.pulse import Pulse

_log = logging.getLogger("redwood")

#: Seconds between tries of one letter that its receiver put off, each a fifth longer or shorter: about three days.
WAITS = (300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400, 86_400)
_SPREAD = 0.2
#: Seconds a letter is left to who took it, and a round to who sends a batch of it: then that process has died.
_LEASE, _TURN = 600, 1_800
#: Seconds until a server that could not be spoken to is tried again, at first and at most.
_SOON, _LATE = 30, 3_600


class Refused(Exception):
    """Of one letter: `for_good` where no later try would do better."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("refused")
        self.for_good = for_good


#: Whom to write to, and with which token.
Letter = letter.Letter


@dataclass(frozen=True, slots=True)
class Occasion:
    """What every letter of a round says: whose pulse it is, whether it reminds, and the last day, where it is known."""

    organisation: str
    pulse: Pulse
    reminds: bool
    until: date | None


#: Sends one letter with an id that stays the same when it is sent again. Raises Refused.
Post = Callable[[Occasion, Letter, str], None]
#: A connection to the mail server, for one batch. Raises OSError where there is none, at first or later.
Connect = Callable[[], AbstractContextManager[Post]]


class Mailer:
    """`batch` letters a connection, and between batches a pause of about `pause` seconds, drawn by chance."""

    def __init__(self, database: Database, custody: Custody, connect: Connect, batch: int, pause: int) -> None:
        self._database, self._custody, self._connect = database, custody, connect
        self._batch, self._pause = batch, pause
        self._failures = 0

    def run(self) -> int:
        """Send one batch of each round whose turn it is; how many letters left."""
        with self._database.read() as tx:
            rounds = letters.rounds_due(tx, int(time()))
        return sum(self._sent_of(it) for it in rounds if self._took_turn(it))

    def _took_turn(self, it: Round) -> bool:
        now = int(time())
        with self._database.begin() as tx:
            return letters.take_turn(tx, it, now, now + _TURN)

    def _sent_of(self, it: Round) -> int:
        sent, pause = 0, self._pause
        try:
            sent = self._batch_of(it)
            self._failures = 0
        except OSError as error:  # every error of a mail server is one; what it says may name an address
            _log.warning("letters: the mail server: %s", type(error).__name__)
            self._failures += 1
            pause = min(_LATE, _SOON * 2 ** min(self._failures - 1, 10))
        with self._database.begin() as tx:
            if not letters.finish_if_sent(tx, it):
                letters.rest(tx, it, int(time()) + round(pause * SystemRandom().uniform(0.5, 1.5)))
        return sent

    def _batch_of(self, it: Round) -> int:
        with self._database.read() as tx:
            found = letters.due(tx, it, int(time()), os.urandom(16), self._batch)
            pulse = pulses.pulse_by_id(tx, it.pulse)
            name = access.organisation_name(tx, pulse.organisation)
        secret = self._custody.get(it.pulse, "letters")
        if not found:
            return 0
        if secret is None:
            raise Unavailable("The key of a pulse's letters is gone.")
        with self._connect() as post:
            return sum(self._sent(it, id, Occasion(name, pulse, False, it.until), secret, post) for id in found)

    def _sent(self, it: Round, id: bytes, occasion: Occasion, secret: bytes, post: Post) -> bool:
        now = int(time())
        with self._database.begin() as tx:
            mine = letters.claim(tx, it, id, now, now + _LEASE)
        if mine is None:
            return False
        try:
            opened = open_letter(secret, it.pulse, id, mine.sealed)
        except ValueError:
            _log.warning("letters: one cannot be opened")
            with self._database.begin() as tx:
                letters.set_failed(tx, mine)
            return False
        try:
            post(replace(occasion, reminds=mine.round > 0), opened, f"{id.hex()}.{it.number}")
        except Refused as refusal:
            with self._database.begin() as tx:
                if refusal.for_good or mine.tries > len(WAITS):
                    letters.set_failed(tx, mine)
                else:
                    letters.put_off(tx, mine, now + waiting(mine.tries), counted=True)
            return False
        except OSError:
            with self._database.begin() as tx:
                letters.put_off(tx, mine, now, counted=False)
            raise
        with self._database.begin() as tx:
            letters.set_sent(tx, mine, it.number)
        return True


def waiting(tries: int) -> int:
    """Seconds until the next try of a letter after so many."""
    return round(WAITS[tries - 1] * SystemRandom().uniform(1 - _SPREAD, 1 + _SPREAD))
