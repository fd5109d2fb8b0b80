"""The application: parts, routes and middleware put together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import Receive, Scope, Send

from service.api import problems
from service.api.analyst import Analyst, ProcessAnalyst
from service.api.auditing import Audited, Recorder
from service.api.chores import Chore, doing
from service.api.contract import complete
from service.api.deprecation import Deprecation
from service.api.door import Door
from service.api.examples import exemplify
from service.api.figures import UNTOLD, figures
from service.api.guesses import Guesses
from service.api.inviting import inviting_chores, sends_letters
from service.api.keyring import Keyring
from service.api.middleware import BodyLimit, HeadAsGet, StrictHeaders
from service.api.parts import Parts
from service.api.readiness import Readiness
from service.api.remembered import Remembered
from service.api.routes import (
    auditing,
    findings,
    forecasts,
    hooks,
    instruments,
    letters,
    operating,
    people,
    pulses,
    reading,
    responding,
    rosters,
    schedules,
    scim,
)
from service.api.routes.pages import site
from service.api.signing import signing_of
from service.api.upkeep import Upkeep
from service.api.watched import Watched
from service.bootstrap import Runtime
from service.operations.collect import Collection
from service.operations.directory import bring_all_up_to_date
from service.operations.exposure import Exposure
from service.operations.issue import Issuing
from service.operations.released import refresh
from service.operations.report import Library
from service.operations.rounds import run_due
from service.telemetry.metrics import Metrics
from service.telemetry.seen import Seen
from service.telemetry.traces import traces_to

_DESCRIPTION = """\
An anonymous pulse survey. Front ends submit answers, HR systems query released aggregates, data teams read trends.
Nothing about answers can be read before a pulse is closed and released, and nothing changes after."""


#: FastAPI's own telemetry records paths, queries and times of every request, a respondent's too.
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


class Application(FastAPI):
    """FastAPI behind the respondent's door and what is remembered: the two that it would slow down most."""

    def __init__(
        self,
        collection: Collection,
        keyring: Keyring,
        recorder: Recorder,
        told: Sequence[Callable[[Seen], None]],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        remembered = Remembered(Audited(super().__call__, recorder), keyring)
        self._first = Door(Watched(remembered, UNTOLD, told), collection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._first(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            complete(super().openapi(), self.routes)
            exemplify(super().openapi())
        return super().openapi()


def chores_of(runtime: Runtime) -> list[Chore]:
    """What every serving process does now and then."""
    following = Chore("the roster of people", 60, lambda: bring_all_up_to_date(runtime.database, Parts.today()))
    # Of a database that was migrated with findings in it, or restored: what is analysed from now on fills them itself.
    filling = Chore("the released tables", 120, lambda: refresh(runtime.database))
    keeping = Chore("schedules", 60, lambda: _keep_schedules(runtime))
    return [following, filling, keeping, *inviting_chores(runtime)]


def _keep_schedules(runtime: Runtime) -> None:
    writes = sends_letters(runtime.settings)
    run_due(runtime.database, runtime.custody, Parts.today(), _now, sends_letters=writes)


def _now() -> int:
    return int(time.time())


def create_app(runtime: Runtime, analyst: Analyst | None = None, turn: Path | None = None) -> Application:
    """The ASGI application; it owns the runtime and the analyst, a process of its own unless given, and closes both."""
    chosen = analyst or ProcessAnalyst(runtime.settings.database_url, turn)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        chores = [*chores_of(runtime), *figures(runtime, metrics, chosen, readiness)]
        async with upkeep.running(), doing(chores, metrics.chore_failed):
            yield
        chosen.close()
        if traces is not None:
            await asyncio.to_thread(traces.close)
        await runtime.close()

    collection = Collection(runtime.database, runtime.custody, runtime.collector)
    issuing = Issuing(runtime.database, runtime.custody)
    upkeep = Upkeep(runtime, lambda: runtime.collector.batches + issuing.exchanges)
    signing = signing_of(runtime.settings, runtime.database)
    keyring = Keyring(runtime.database, None if signing is None else signing.called)
    metrics, traces, readiness = Metrics(), traces_to(runtime.settings.otlp_endpoint), Readiness(runtime)
    app = Application(
        collection,
        keyring,
        Recorder(runtime.database),
        [metrics.count] if traces is None else [metrics.count, traces.record],
        title="Redwood",
        version=version("redwood-pulse"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # it would send back the whole address, with whatever stands in its query
        telemetry=_NO_TELEMETRY,
    )
    app.state.parts = Parts(
        runtime=runtime,
        collection=collection,
        exposure=Exposure(runtime.database),
        issuing=issuing,
        library=Library(runtime.database, chosen.settle, runtime.replica),
        analyst=chosen,
        keyring=keyring,
        guesses=Guesses(),
        readiness=readiness,
        metrics=metrics,
        signing=signing,
    )
    for resource in (
        responding,
        reading,
        findings,
        pulses,
        forecasts,
        rosters,
        people,
        hooks,
        letters,
        schedules,
        instruments,
        auditing,
        operating,
        scim,
        site,
    ):
        # Including would put every route together a second time, while the first request waits for it.
        app.router.routes.extend(resource.router.routes)
    problems.install(app)
    app.add_middleware(Deprecation)
    app.add_middleware(BodyLimit, limit=runtime.settings.body_limit)
    app.add_middleware(HeadAsGet)
    app.add_middleware(StrictHeaders)
    return app
