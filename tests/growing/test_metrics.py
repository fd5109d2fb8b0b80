"""What `/metrics` tells, and that no respondent moves any of it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from service.api.analyst import Analyst
from service.api.chores import Chore, doing
from service.api.figures import figures
from service.api.readiness import Readiness
from service.telemetry.metrics import Metrics
from tests.faults.world import ITEM, answer, begun, released
from tests.tokens.asking import token_of


def figures_of(doors: Any) -> list[str]:
    """Each figure but those of asking for them."""
    reply = doors.call("GET", "/metrics", headers={})
    assert reply.status_code == 200
    return [line for line in reply.text.splitlines() if line[0] != "#" and "/metrics" not in line]


def test_requests_are_counted_by_route_and_never_by_what_stands_in_a_path(doors: Any) -> None:
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    for _ in range(3):
        doors.ok("GET", f"/v1/pulses/{pulse}?unit=all")
    doors.call("HEAD", f"/v1/pulses/{pulse}")
    doors.call("GET", f"/v1/pulses/{pulse}", headers={})
    doors.call("QUERY", f"/v1/pulses/{pulse}")
    found = figures_of(doors)
    for method, status, times in (("GET", "2xx", 3), ("GET", "4xx", 1), ("HEAD", "2xx", 1), ("other", "4xx", 1)):
        labels = f'method="{method}",route="/v1/pulses/{{pulse}}",status="{status}"'
        assert f"redwood_requests_total{{{labels}}} {times}.0" in found
    assert 'redwood_request_seconds_count{method="GET",route="/v1/pulses/{pulse}"} 4.0' in found
    secret = doors.manager["Authorization"].removeprefix("Bearer ")
    assert not [line for line in found if pulse in line or doors.organisation in line or secret[:12] in line]


def test_what_is_answered_from_memory_is_counted_too(doors: Any) -> None:
    pulse, tokens = begun(doors, 6)
    for token in tokens:
        answer(doors, pulse, token, 3)
    released(doors, pulse)
    for _ in range(4):
        doors.ok("GET", f"/v1/heatmap?pulse={pulse}")
    labels = 'method="GET",route="/v1/heatmap",status="2xx"'
    assert f"redwood_requests_total{{{labels}}} 4.0" in figures_of(doors)


def test_no_respondent_moves_a_figure(doors: Any) -> None:
    """Pages, files of pages, icons that browsers ask for, questionnaire, exchange, answers, and what is refused."""
    pulse, tokens = begun(doors, 6)
    doors.call("GET", "/healthz")
    before = figures_of(doors)
    page = doors.call("GET", "/answer", headers={}).text
    files = re.findall(r'"(/static/[^"]+)"', page)
    assert files
    for path in (*files, "/favicon.ico", f"/answer/{pulse}", "/answer/send"):
        doors.call("GET", path, headers={})
    for path in ("questionnaire", "exposure?unit=all", "issuer?unit=all", "questionnaire?lang=no"):
        doors.ok("GET", f"/v1/pulses/{pulse}/{path}", headers={})
    token = token_of(lambda *sent: doors.call(*sent, {}), tokens[0])
    assert answer(doors, pulse, token, 2) == 204
    for other in tokens[1:]:
        assert answer(doors, pulse, other, 4) == 204
    assert answer(doors, pulse, tokens[0], 5) == 403
    doors.call("POST", "/answer/review", {"token": tokens[0], ITEM: "3"}, {})
    doors.call("GET", f"/v1/pulses/{pulse}/responses", headers={})
    assert figures_of(doors) == before


def test_submissions_are_told_in_hundreds_and_shares_from_a_half_on() -> None:
    metrics = Metrics()
    told = []
    for accepted in (0, 99, 100, 199, 200, 1_050):
        metrics.tell_submissions(accepted, overloaded=accepted // 2, lost=accepted // 5)
        told.append(re.findall(rb"accepted_total (\d+)", metrics.text())[0])
    assert told == [b"0", b"0", b"100", b"100", b"200", b"1000"]
    assert b'refused_total{reason="overloaded"} 500.0' in metrics.text()
    assert b'refused_total{reason="database"} 200.0' in metrics.text()
    metrics.look(queue=0.49, pool=0.74, analysing=True, keyless=2)
    text = metrics.text().decode()
    for figure in ("queue_ratio 0.0", "pool_ratio 0.5", "analysing 1.0", "open_without_keys 2.0", "workers 1.0"):
        assert f"redwood_{figure}" in text
    metrics.look(queue=1.0, pool=0.07, analysing=False, keyless=0)
    assert {b"redwood_queue_ratio 1.0", b"redwood_pool_ratio 0.0"} <= {*metrics.text().splitlines()}


def test_a_process_tells_what_its_collector_took_in(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.telemetry.metrics.HUNDRED", 5)
    pulse, tokens = begun(doors, 7)
    for token in tokens:
        answer(doors, pulse, token, 3)
    metrics = Metrics()
    for chore in figures(doors.parts, metrics, Idle(), Readiness(doors.parts)):
        chore.run()
    assert b"redwood_submissions_accepted_total 5.0" in metrics.text()


def test_a_chore_that_fails_is_counted_and_nothing_that_tells_of_machinery_is_there() -> None:
    metrics = Metrics()

    async def fail_once() -> None:
        failed = asyncio.Event()

        def run() -> None:
            loop.call_soon_threadsafe(failed.set)
            raise OSError

        loop = asyncio.get_running_loop()
        async with doing([Chore("letters", 0.001, run)], metrics.chore_failed):
            await failed.wait()
            while b'chores_failed_total{chore="letters"}' not in metrics.text():
                await asyncio.sleep(0.001)

    asyncio.run(fail_once())
    assert not re.findall(rb"^(?:process|python)_|_created", metrics.text(), re.MULTILINE)


class Idle(Analyst):
    is_running = False
