"""The application: parts, routes and middleware put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import Receive, Scope, Send

from service.api import problems
from service.api.analyst import Analyst, ProcessAnalyst
from service.api.auditing import Audited, Recorder
from service.api.door import Door
from service.api.examples import exemplify
from service.api.guesses import Guesses
from service.api.keyring import Keyring
from service.api.middleware import BodyLimit, HeadAsGet, StrictHeaders
from service.api.parts import Parts
from service.api.readiness import Readiness
from service.api.remembered import Remembered
from service.api.routes import (
    auditing,
    findings,
    forecasts,
    instruments,
    operating,
    pulses,
    reading,
    responding,
    rosters,
)
from service.api.routes.pages import site
from service.api.upkeep import Upkeep
from service.bootstrap import Runtime
from service.operations.collect import Collection
from service.operations.exposure import Exposure
from service.operations.issue import Issuing
from service.operations.report import Library

_DESCRIPTION = """\
An anonymous pulse survey. Front ends submit answers, HR systems query released aggregates, data teams read trends.
Nothing about answers can be read before a pulse is closed and released, and nothing changes after."""


#: FastAPI's own telemetry records paths, queries and times of every request, a respondent's too.
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


class Application(FastAPI):
    """FastAPI behind the respondent's door and what is remembered: the two that it would slow down most."""

    def __init__(self, collection: Collection, keyring: Keyring, recorder: Recorder, **options: Any) -> None:
        super().__init__(**options)
        self._first = Door(Remembered(Audited(super().__call__, recorder), keyring), collection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._first(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            exemplify(super().openapi())
        return super().openapi()


def create_app(runtime: Runtime, analyst: Analyst | None = None) -> Application:
    """The ASGI application; it owns the runtime and the analyst, a process of its own unless given, and closes both."""
    chosen = analyst or ProcessAnalyst(runtime.settings.database_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with upkeep.running():
            yield
        chosen.close()
        await runtime.close()

    collection = Collection(runtime.database, runtime.custody, runtime.collector)
    issuing = Issuing(runtime.database, runtime.custody)
    upkeep = Upkeep(runtime, lambda: runtime.collector.batches + issuing.exchanges)
    keyring = Keyring(runtime.database)
    app = Application(
        collection,
        keyring,
        Recorder(runtime.database),
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
        library=Library(runtime.database, chosen.settle),
        analyst=chosen,
        keyring=keyring,
        guesses=Guesses(),
        readiness=Readiness(runtime),
    )
    for resource in (responding, reading, findings, pulses, forecasts, rosters, instruments, auditing, operating, site):
        # Including would put every route together a second time, while the first request waits for it.
        app.router.routes.extend(resource.router.routes)
    problems.install(app)
    app.add_middleware(BodyLimit, limit=runtime.settings.body_limit)
    app.add_middleware(HeadAsGet)
    app.add_middleware(StrictHeaders)
    return app
