"""What a serving process tells of itself now and then, for `/metrics`; of respondents as seldom as their order is
stirred out."""

from __future__ import annotations

from service.api.analyst import Analyst
from service.api.chores import Chore
from service.api.readiness import Readiness
from service.api.routes import forecasts, responding
from service.api.routes.pages import answer, forecast
from service.bootstrap import Runtime
from service.telemetry.metrics import Metrics

#: Seconds between looks at how full things are.
_LOOK = 10.0

#: Routes of which nothing is told: what a respondent's browser asks for, files of pages among it, and leaders' own
#: forecasts, of which no time is kept either.
UNTOLD = {
    str(getattr(route, "path", "")) for it in (responding, answer, forecasts, forecast) for route in it.router.routes
} | {"/static/{name}"}


def figures(runtime: Runtime, metrics: Metrics, analyst: Analyst, readiness: Readiness) -> list[Chore]:
    collector = runtime.collector

    def look() -> None:
        metrics.look(
            queue=collector.fullness,
            pool=runtime.database.fullness,
            analysing=analyst.is_running,
            keyless=readiness.keyless,
        )

    def tell() -> None:
        metrics.tell_submissions(collector.acknowledged, collector.overloaded, collector.failed)

    return [Chore("figures", _LOOK, look), Chore("figures", 60.0 * runtime.settings.stir_minutes, tell)]
