"""Spans of requests: what stands in them, and that respondents have none, ours or the framework's."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry import metrics as otel_metrics
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service.api import app as application
from service.errors import InvalidSettings
from service.telemetry import traces
from service.telemetry.seen import Seen
from service.telemetry.traces import Traces, traces_to
from tests.doors import standing
from tests.faults.world import ITEM, answer, begun, released
from tests.tokens.asking import token_of

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Traces, InMemorySpanExporter]]:
    memory = InMemorySpanExporter()
    made = Traces(memory)
    monkeypatch.setattr(application, "traces_to", lambda _endpoint: made)
    yield made, memory
    made.close()


def spans(exported: tuple[Traces, InMemorySpanExporter]) -> Sequence[ReadableSpan]:
    made, memory = exported
    made.flush()
    found = memory.get_finished_spans()
    memory.clear()
    return found


def journey(doors: Any) -> tuple[str, list[str]]:
    """A pulse from its roster to its figures, every respondent's way of taking part in it among it."""
    pulse, tokens = begun(doors, 6)
    traced = {"traceparent": PARENT}
    for path in ("questionnaire", "exposure?unit=all", "issuer?unit=all"):
        doors.ok("GET", f"/v1/pulses/{pulse}/{path}", headers=traced)
    page = doors.call("GET", "/answer", headers=traced).text
    for path in (*re.findall(r'"(/static/[^"]+)"', page), "/favicon.ico", "/answer/send"):
        doors.call("GET", path, headers=traced)
    doors.call("POST", "/answer/review", {"token": tokens[0], ITEM: "3"}, traced)
    unlinkable = token_of(lambda *sent: doors.call(*sent, {}), tokens[0])
    for token in (unlinkable, *tokens[1:], tokens[0]):
        answer(doors, pulse, token, 4)
    released(doors, pulse)
    doors.call("GET", f"/v1/trends?unit=all&pulse={pulse}")
    return pulse, [*tokens, unlinkable, doors.organisation, doors.manager["Authorization"][7:]]


def test_a_whole_journey_leaves_no_span_of_a_respondent_and_no_id(
    exported: tuple[Traces, InMemorySpanExporter], database_url: str
) -> None:
    with standing(database_url) as doors:
        pulse, secrets = journey(doors)
    found = spans(exported)
    names = {it.name for it in found}
    assert {"POST /v1/pulses", "POST /v1/pulses/{pulse}/close", "GET /v1/trends", "PUT /v1/roster"} <= names
    respondents = re.compile("answer|static|favicon|questionnaire|exposure|issuer|tokens|responses")
    assert not [name for name in names if respondents.search(name)]
    written = "".join(it.to_json() for it in found)
    assert not [it for it in (pulse, "unit=all", *secrets) if it in written]
    assert PARENT[3:35] not in written
    for it in found:
        assert set(it.attributes or ()) == {"http.request.method", "http.route", "http.response.status_code"}
        assert json.loads(it.to_json())["resource"]["attributes"] == {"service.name": "redwood"}


def test_a_reader_s_span_belongs_to_the_trace_the_reader_names(
    exported: tuple[Traces, InMemorySpanExporter], database_url: str
) -> None:
    with standing(database_url) as doors:
        doors.call("GET", "/v1/pulses", headers={**doors.manager, "traceparent": PARENT, "baggage": "who=me"})
        doors.call("GET", "/v1/pulses", headers={})
    named, own = spans(exported)
    assert named.context is not None
    assert f"{named.context.trace_id:032x}" == PARENT[3:35]
    assert named.parent is not None
    assert own.parent is None
    assert [(it.attributes or {})["http.response.status_code"] for it in (named, own)] == [200, 401]


def test_an_endpoint_gets_them_and_none_gets_none() -> None:
    got: list[tuple[str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = Thread(target=server.serve_forever)
    thread.start()
    made = traces_to(f"http://127.0.0.1:{server.server_port}/")
    assert made is not None
    made.record(Seen("GET", "/v1/trends", 200, 1_700_000_000_000_000_000, 0.25, {}))
    made.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert [path for path, _ in got] == ["/v1/traces"]
    assert b"GET /v1/trends" in got[0][1] or got[0][1][:2] == b"\x1f\x8b"
    assert traces_to("") is None


def test_what_cannot_send_them_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(InvalidSettings, match="telemetry"):
        traces.traces_to("http://127.0.0.1:4318")


def test_the_framework_tells_nothing_by_itself(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Where somebody sets up OpenTelemetry for the whole process, too; a bare application of it shows that it would."""
    memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    monkeypatch.setattr(otel_metrics._internal, "_METER_PROVIDER", MeterProvider([reader]))
    with standing(database_url) as doors:
        journey(doors)
    assert memory.get_finished_spans() == ()
    assert reader.get_metrics_data() is None

    async def bare() -> None:
        app = FastAPI()
        app.add_api_route("/", lambda: None)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bare") as client:
            await client.get("/")

    asyncio.run(bare())
    assert memory.get_finished_spans()
