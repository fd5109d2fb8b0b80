"""Figures for Prometheus: of readers and of the machinery exactly, of respondents in hundreds and now and then.

A counter that is read every few seconds is a clock. So the requests of respondents' pages and routes are not in it,
nor processor time, open files or connections, which move with them. What they do move is told coarsely: submissions,
taken or refused, in hundreds; shares of queue and pool in quarters and from a half on, where one among many may be what
takes it over the step, and nobody sees which.
"""

from __future__ import annotations

import math
import os
from functools import cached_property
from typing import TYPE_CHECKING

from service.telemetry.seen import Seen

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Where several processes of one machine keep their figures, so that each can tell the sum.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Submissions are told in so many, rounded down.
HUNDRED = 100
_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)


def share(folder: str) -> None:
    """Processes that this one starts keep their figures there; to be called before anything is counted."""
    os.environ[FOLDER] = folder
    import prometheus_client  # noqa: F401 - loaded once, for all of them


def forget(process: int) -> None:
    """How things are in a process that is no more is told no more; what it counted stays counted."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)  # type: ignore[no-untyped-call]


class Metrics:
    """One process's figures. The library is loaded when the first is counted: the start need not wait for it."""

    def count(self, seen: Seen) -> None:
        self._figures.requests.labels(seen.method, seen.route, f"{seen.status // 100}xx").inc()
        self._figures.seconds.labels(seen.method, seen.route).observe(seen.seconds)

    def chore_failed(self, name: str) -> None:
        self._figures.chores.labels(name).inc()

    def look(self, *, queue: float, pool: float, analysing: bool, keyless: int) -> None:
        """How things are: shares of what the queue and the pool may hold are told as `_coarse` has them."""
        it = self._figures
        it.workers.set(1)
        it.queue.set(_coarse(queue))
        it.pool.set(_coarse(pool))
        it.analysing.set(analysing)
        it.keyless.set(keyless)

    def tell_submissions(self, accepted: int, overloaded: int, lost: int) -> None:
        """Totals of this process; what is left over of a hundred waits for the next time."""
        it = self._figures
        refused = {reason: it.refused.labels(reason) for reason in ("overloaded", "database")}
        for name, counter, total in (
            ("accepted", it.accepted, accepted),
            ("overloaded", refused["overloaded"], overloaded),
            ("database", refused["database"], lost),
        ):
            it.told[name] = _advance(counter, it.told[name], total - total % HUNDRED)

    def text(self) -> bytes:
        """Of all processes that share a folder of figures, else of this one; in Prometheus' own format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        own = self._figures.registry
        if FOLDER not in os.environ:
            return generate_latest(own)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    @cached_property
    def _figures(self) -> _Figures:
        return _Figures()


class _Figures:
    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

        # When something was counted first is a time, too.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        here = self.registry = CollectorRegistry()
        of_route = ("method", "route")
        self.requests = Counter(
            "redwood_requests", "Requests, but for respondents'.", (*of_route, "status"), registry=here
        )
        self.seconds = Histogram(
            "redwood_request_seconds", "Until a reply was sent.", of_route, registry=here, buckets=_SECONDS
        )
        self.chores = Counter("redwood_chores_failed", "Work besides answering that failed.", ("chore",), registry=here)
        self.accepted = Counter(
            "redwood_submissions_accepted", "Rounded down to the hundred, told now and then.", registry=here
        )
        self.refused = Counter("redwood_submissions_refused", "With 503, likewise.", ("reason",), registry=here)
        self.told = {"accepted": 0, "overloaded": 0, "database": 0}
        self.workers = _gauge("redwood_workers", "Serving processes of this machine.", "livesum", here)
        self.queue = _gauge(
            "redwood_queue_ratio", "Of what may wait for a commit: 0, a half, three quarters, 1.", "livemax", here
        )
        self.pool = _gauge("redwood_pool_ratio", "Of the database connections in use, likewise.", "livemax", here)
        self.analysing = _gauge("redwood_analysing", "Processes that compute findings.", "livesum", here)
        self.keyless = _gauge("redwood_open_without_keys", "Open pulses whose keys are not here.", "livemax", here)


def _gauge(name: str, words: str, mode: str, registry: CollectorRegistry) -> Gauge:
    from prometheus_client import Gauge

    return Gauge(name, words, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]


def _coarse(share: float) -> float:
    """0 below a half, from there on in quarters, rounded down."""
    return math.floor(4 * share) / 4 if share >= 0.5 else 0.0


def _advance(counter: Counter, told: int, total: int) -> int:
    counter.inc(total - told)
    return total
