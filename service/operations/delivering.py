"""The outbox of webhooks is emptied: each delivery arrives, once where nothing goes wrong in between."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from random import SystemRandom
from threading import Lock
from time import monotonic, time

from service.custody.custody import Custody
from service.seal.letter import open_delivery
from service.store import hooks
from service.store.database import Database
from service.store.hooks import DeliveryRow, HookRow

_log = logging.getLogger("redwood")

#: Sends (address, id, secret, body), and says with which status the receiver answered, or in words of ours why it
#: could not be reached. Takes some seconds at most.
Send = Callable[[str, str, bytes, bytes], int | str]

#: Seconds between tries, each a fifth longer or shorter: three days in all, as the specification proposes.
WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_SPREAD = 0.2
#: Seconds a delivery is left to who took it: far longer than sending takes, so that only a process that died is
#: overtaken.
LEASE = 120
#: Receivers spoken to at once by a process, and of one organisation.
_THREADS, _OF_ONE = 16, 2
#: Seconds of one receiver before it is another's turn.
_TURN = 10.0
#: A receiver that will never want it again.
_GONE = 410
_SEALED_OTHERWISE = "its body cannot be opened"


class Deliverer:
    """Each receiver is spoken to by one thread of a process at a time.

    Two of an organisation's are spoken to at once: those that are slow delay others of the same organisation, and
    another's only where so many organisations' are slow that no thread is left.
    """

    def __init__(self, database: Database, custody: Custody, send: Send) -> None:
        self._database, self._custody, self._send = database, custody, send
        self._pool = ThreadPoolExecutor(_THREADS, "webhook")
        self._under_way: list[Future[None]] = []
        #: By organisation: the hooks to be seen to, and how many threads do so. `_taken` are these and those under way.
        self._queues: dict[str, deque[str]] = defaultdict(deque)
        self._serving: dict[str, int] = defaultdict(int)
        self._taken: set[str] = set()
        self._lock = Lock()

    def run(self) -> None:
        """See to every receiver that something is due for, and wait for none."""
        with self._database.read() as tx:
            due = hooks.due_hooks(tx, int(time()))
        self._under_way = [it for it in self._under_way if not it.done()]
        with self._lock:
            for organisation, hook in due:
                if hook not in self._taken:
                    self._taken.add(hook)
                    self._queues[organisation].append(hook)
            for organisation, queue in self._queues.items():
                for _ in range(min(len(queue), _OF_ONE - self._serving[organisation])):
                    self._serving[organisation] += 1
                    self._under_way.append(self._pool.submit(self._serve_all, organisation))

    def settle(self) -> None:
        """Wait for whatever is under way."""
        wait(self._under_way)

    def close(self) -> None:
        """Nothing more is begun; what is under way ends within seconds."""
        with self._lock:
            self._queues.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _serve_all(self, organisation: str) -> None:
        """One of its hooks after the other, until none is left."""
        while hook := self._next(organisation):
            self._serve(hook)
            with self._lock:
                self._taken.discard(hook)

    def _next(self, organisation: str) -> str | None:
        with self._lock:
            if self._queues[organisation]:
                return self._queues[organisation].popleft()
            self._serving[organisation] -= 1
            return None

    def _serve(self, hook: str) -> None:
        """What cannot be done now is done later: nobody waits for it."""
        try:
            ends = monotonic() + _TURN
            while self._delivered(hook) and monotonic() < ends:
                pass
        except Exception as error:  # as a chore's: it says nothing of what it worked on, and is tried again
            _log.warning("webhooks: %s", type(error).__name__)

    def _delivered(self, hook: str) -> bool:
        """Whether something was due and arrived: where it did not, the next will hardly do better just now."""
        now = int(time())
        with self._database.begin() as tx:
            target = hooks.target(tx, hook)
            mine = hooks.claim(tx, hook, now, now + LEASE)
        if target is None or mine is None:
            return False
        said = self._sent(target, mine)
        with self._database.begin() as tx:
            if isinstance(said, int) and 200 <= said < 300:
                hooks.set_delivered(tx, mine.id)
                return True
            if said == _GONE:
                hooks.disable(tx, hook, "gone")
                return False
            trouble = f"status {said}" if isinstance(said, int) else said
            if mine.tries > len(WAITS) or said == _SEALED_OTHERWISE:
                hooks.set_given_up(tx, mine.id, trouble)
            else:
                hooks.put_off(tx, mine.id, now + waiting(mine.tries), trouble)
        return False

    def _sent(self, target: HookRow, mine: DeliveryRow) -> int | str:
        secret = self._custody.get(target.id, "hook")
        if secret is None:
            return "its secret is gone"
        body = mine.body
        if mine.sealed:
            key = self._custody.get(mine.pulse or "", "letters")
            if key is None:
                return "the key of its body is gone"
            try:
                body = open_delivery(key, mine.id, body)
            except ValueError:
                return _SEALED_OTHERWISE
        return self._send(target.url, mine.id, secret, body)


def waiting(tries: int) -> int:
    """Seconds until the next try after so many."""
    return round(WAITS[tries - 1] * SystemRandom().uniform(1 - _SPREAD, 1 + _SPREAD))
