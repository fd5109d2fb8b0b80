"""Findings are computed once from releases, stored, and come out again from the release files alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from service.api.analyst import ProcessAnalyst
from service.errors import Unavailable
from service.exports import analysis as analysis_of_releases
from service.exports import packed
from service.exports.columns import TABLE
from service.operations import analyse, stored
from service.operations.access import operator
from service.operations.asked import Query
from service.operations.report import Library
from service.store import findings
from tests.operations.test_report import pulse


def analysis(doors: Any, id: str) -> findings.Analysis | None:
    with doors.parts.database.read() as tx:
        return findings.analysis_of(tx, id)


def test_what_is_due_is_computed_once(doors: Any) -> None:
    made = [pulse(doors, {"north": 15, "south": 15}) for _ in range(2)]
    told: list[str] = []
    assert analyse.analyse_due(doors.parts.database, told.append).done == tuple(made[::-1])
    assert told == made[::-1]
    assert analyse.analyse_due(doors.parts.database, told.append) == analyse.Analysed((), ())


def test_one_that_fails_holds_up_no_other_and_is_told(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = (pulse(doors, {"north": 15, "south": 15}) for _ in range(2))
    computed = analysis_of_releases.analysed
    failing = lambda releases: computed(releases) if len(releases) == 1 else 1 / 0  # noqa: E731
    monkeypatch.setattr(analysis_of_releases, "analysed", failing)
    found = analyse.analyse_due(doors.parts.database)
    assert (found.done, found.failed) == ((good,), (bad,))
    assert (analysis(doors, good) is None, analysis(doors, bad) is None) == (False, True)


def test_a_method_that_changed_makes_everything_due_again(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = pulse(doors, {"north": 15, "south": 15})
    analyse.analyse_due(doors.parts.database)
    for module in (analyse, stored):
        monkeypatch.setattr(module, "METHOD", "another")
    assert doors.ok("GET", f"/v1/pulses/{made}/findings") == {"pulse": made, "method": None, "tables": None}
    assert analyse.analyse_due(doors.parts.database).done == (made,)
    found = analysis(doors, made)
    assert found is not None
    assert found.method == "another"


def test_a_release_that_comes_late_makes_later_pulses_of_its_series_due(doors: Any) -> None:
    """The earlier pulse closed before, and is released after: what was said of the later did not know it."""
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 12}]})
    made = [doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1"]})["id"] for _ in range(2)]
    for id in made:
        issued = doors.ok("POST", f"/v1/pulses/{id}/invitations")["invitations"]
        doors.ok("POST", f"/v1/pulses/{id}/open")
        for place, token in enumerate(issued[0]["tokens"]):
            body = {"token": token, "answers": {"WB1": 1 + place % 5}}
            doors.ok("POST", f"/v1/pulses/{id}/responses", body, {})
        doors.ok("POST", f"/v1/pulses/{id}/close")
    earlier, later = made
    doors.ok("POST", f"/v1/pulses/{later}/release")
    assert {row["pulse"] for row in doors.rows("/v1/trends")} == {later}
    doors.ok("POST", f"/v1/pulses/{earlier}/release")
    assert analysis(doors, later) is None
    assert {row["pulse"] for row in doors.rows("/v1/trends")} == {earlier, later}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_release_files_alone_make_the_same_findings(doors: Any, tmp_path: Path) -> None:
    made = [pulse(doors, {"north": 15, "south": 15 + extra}) for extra in (0, 6)]
    analyse.analyse_due(doors.parts.database)
    files = []
    for id in made:
        files.append(tmp_path / f"{id}.json")
        files[-1].write_bytes(doors.call("GET", f"/v1/pulses/{id}/release").content)
    command = [sys.executable, "-c", "from service.cli import main; main()", "analyse", "--json"]
    command += [part for file in files[::-1] for part in ("--from", str(file))]
    done = subprocess.run([*command, "--out", str(tmp_path / "out")], capture_output=True, check=True)
    (shown,) = json.loads(done.stdout)["analysed"]
    assert shown["pulse"] == made[-1]
    assert shown["tables"] == doors.ok("GET", f"/v1/pulses/{made[-1]}/findings")["tables"]
    assert {file.stem for file in (tmp_path / "out" / made[-1]).iterdir()} == set(shown["tables"])


def test_the_digest_is_that_of_what_is_answered(doors: Any) -> None:
    made = pulse(doors, {"north": 15, "south": 15})
    rows = doors.rows(f"/v1/quality?pulse={made}")
    layout = TABLE["quality"]
    again = replace(layout, rows=[tuple(row[column.name] for column in layout.columns) for row in rows])
    digests = doors.ok("GET", f"/v1/pulses/{made}/findings")["tables"]
    assert digests["quality"] == packed.pack(again).digest


def test_what_is_no_release_is_told_by_its_place(tmp_path: Path) -> None:
    for content in (b"{}", b"nonsense", b"[]", b'{"format":"redwood-release/1"}'):
        with pytest.raises(analyse.InvalidQuery) as told:
            analyse.analyse_releases([content])
        assert told.value.faults[0].where == "files[0]"


def test_a_reader_is_told_to_come_back_while_findings_are_computed(doors: Any) -> None:
    pulse(doors, {"north": 15, "south": 15})
    asked: list[str] = []
    library = Library(doors.parts.database, lambda id, _stored: asked.append(id))
    with pytest.raises(Unavailable, match="being computed"):
        library.trends(operator(doors.organisation), Query())
    assert len(asked) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_of_its_own_computes_what_is_due(doors: Any) -> None:
    made = pulse(doors, {"north": 15, "south": 15})
    analyst = ProcessAnalyst(doors.parts.settings.database_url)
    library = Library(doors.parts.database, analyst.settle)
    assert library.trends(operator(doors.organisation), Query()).rows
    assert analysis(doors, made) is not None
    analyst.close()


def test_a_process_that_cannot_be_started_is_tried_again(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []
    again = Event()

    def refused(*_: object, **__: object) -> None:
        tried.append(True)
        again.set()
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    analyst = ProcessAnalyst(doors.parts.settings.database_url)
    for times in (1, 2):
        again.clear()
        analyst.wake()
        assert again.wait(20)
        while analyst._running:
            os.sched_yield()
        assert len(tried) == times


def test_a_process_that_is_broken_off_leaves_nothing_half_done(doors: Any) -> None:
    made = pulse(doors, {"north": 15, "south": 15})
    analyst = ProcessAnalyst(doors.parts.settings.database_url)
    analyst.wake()
    while analyst._process is None:
        os.sched_yield()
    analyst.close()
    while analyst._running:
        os.sched_yield()
    assert analysis(doors, made) is None
    analyst.wake()
    assert not analyst._running
    assert analyse.analyse_due(doors.parts.database).done == (made,)


def test_few_wait_and_the_others_are_told_at_once(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = ProcessAnalyst(doors.parts.settings.database_url)
    monkeypatch.setattr(analyst, "wake", lambda: None)
    monkeypatch.setattr(analyst, "PATIENCE", 60.0)
    there = Event()
    waiting = [Thread(target=analyst.settle, args=("p", there.is_set)) for _ in range(analyst.WAITING)]
    for thread in waiting:
        thread.start()
    while analyst._waiting._value:
        os.sched_yield()
    analyst.settle("p", lambda: False)
    there.set()
    for thread in waiting:
        thread.join(20)
    assert not any(thread.is_alive() for thread in waiting)
