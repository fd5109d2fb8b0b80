"""Spans for OpenTelemetry: one a request, made when its reply is sent, and of a respondent's none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from service.errors import Fault, InvalidSettings
from service.telemetry.seen import Seen

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter


class Traces:
    def __init__(self, exporter: SpanExporter) -> None:
        """Spans go out in batches, from a thread of its own. A provider of its own too: nobody else's spans come in."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = TracerProvider(resource=Resource({"service.name": "redwood"}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("redwood")
        self._context = TraceContextTextMapPropagator().extract

    def record(self, seen: Seen) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        span = self._tracer.start_span(
            f"{seen.method} {seen.route}",
            context=self._context(seen.trace),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": seen.method,
                "http.route": seen.route,
                "http.response.status_code": seen.status,
            },
            start_time=seen.begun,
        )
        if seen.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(seen.begun + round(seen.seconds * 1e9))

    def flush(self) -> None:
        """Return when everything recorded so far is out."""
        self._provider.force_flush()

    def close(self) -> None:
        self._provider.shutdown()


def traces_to(endpoint: str) -> Traces | None:
    """None where no endpoint is given. Raises InvalidSettings where what sends them is not installed."""
    return Traces(_exporter(endpoint)) if endpoint else None


def _exporter(endpoint: str) -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        rule = "needs what the extra `telemetry` brings: pip install 'redwood-pulse[telemetry]'"
        raise InvalidSettings([Fault("REDWOOD_OTLP_ENDPOINT", rule)]) from None
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")


Told = Callable[[Seen], None]
