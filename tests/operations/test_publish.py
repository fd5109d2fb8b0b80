"""What its own attack gets into is neither sealed nor published, and then nothing else has changed either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from service.errors import Unsafe
from service.operations import close, publish
from service.operations.access import Principal
from service.release import codec
from service.release.gate import Gated, gated
from service.release.release import Release
from service.store import tables


@pytest.fixture
def answered(doors: Any) -> SimpleNamespace:
    """Open, and nine people have answered."""
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for token in tokens:
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": {"WB1": 4, "PS1": 2}}, {})
    return SimpleNamespace(id=pulse)


@pytest.fixture
def closed(doors: Any, answered: SimpleNamespace) -> SimpleNamespace:
    doors.ok("POST", f"/v1/pulses/{answered.id}/close")
    return answered


def stored(doors: Any, table: Any) -> list[Any]:
    with doors.parts.database.read() as tx:
        return sorted(map(tuple, tx.execute(table.select()).all()), key=repr)


def counts(doors: Any) -> tuple[int, int, int]:
    """Responses, sealed releases and published ones."""
    response, sealed, release = (len(stored(doors, it)) for it in (tables.response, tables.sealed, tables.release))
    return response, sealed, release


def broken(release: Release) -> Release:
    """As if so few had answered that nothing may be shown, and it was shown nevertheless."""
    (unit,) = release.units
    return replace(release, units=(replace(unit, figures=replace(unit.figures, n=3, items={})),))


def careless(*given: Any, sliced: bool) -> Gated:
    made = gated(*given, sliced=sliced)
    return replace(made, release=broken(made.release))


def refused(doors: Any, path: str) -> None:
    reply = doors.call("POST", path)
    assert (reply.status_code, reply.json()["type"]) == (409, "unsafe-release")
    assert "subtraction, equations" in reply.json()["detail"]
    assert "all" not in reply.json()["detail"].split()


def manager(doors: Any) -> Principal:
    return Principal("test", doors.organisation, frozenset({"manage", "results"}))


def test_what_the_trial_gets_into_is_not_sealed_and_no_answer_is_lost(
    doors: Any, answered: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = (tables.pulse, tables.response, tables.invitation, tables.sealed, tables.release)
    before = [stored(doors, table) for table in kept]
    assert counts(doors) == (9, 0, 0)
    monkeypatch.setattr(close, "gated", careless)
    with pytest.raises(Unsafe, match="subtraction, equations"):
        close.close_pulse(doors.parts.database, doors.parts.custody, manager(doors), answered.id, date(2026, 3, 2))
    refused(doors, f"/v1/pulses/{answered.id}/close")
    assert [stored(doors, table) for table in kept] == before
    assert doors.ok("GET", f"/v1/pulses/{answered.id}")["state"] == "open"
    monkeypatch.undo()
    doors.ok("POST", f"/v1/pulses/{answered.id}/close")
    assert counts(doors) == (0, 1, 0)


def test_what_only_the_auditors_get_into_is_not_sealed_either(
    doors: Any, answered: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures are lawful by themselves; not so for who knows that seven of those they count did not answer."""

    def of_two(*given: Any, sliced: bool) -> Gated:
        made = gated(*given, sliced=sliced)
        return replace(made, layout=replace(made.layout, n=made.layout.n - 7))

    monkeypatch.setattr(close, "gated", of_two)
    with pytest.raises(Unsafe, match="certificate, combinations"):
        close.close_pulse(doors.parts.database, doors.parts.custody, manager(doors), answered.id, date(2026, 3, 2))
    assert counts(doors) == (9, 0, 0)


def test_where_slices_do_not_pass_their_trial_units_are_sealed_without_them(
    doors: Any, answered: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the answers would lie in the database for good."""
    asked: list[bool] = []

    def careless_of_slices(*given: Any, sliced: bool) -> Gated:
        asked.append(sliced)
        return (careless if sliced else gated)(*given, sliced=sliced)

    monkeypatch.setattr(close, "gated", careless_of_slices)
    doors.ok("POST", f"/v1/pulses/{answered.id}/close")
    assert (asked, counts(doors)) == ([True, False], (0, 1, 0))


def test_what_a_later_version_gets_into_stays_sealed(doors: Any, closed: SimpleNamespace) -> None:
    (sealed,) = stored(doors, tables.sealed)
    content = codec.encode(broken(codec.decode(sealed[2])))
    with doors.parts.database.begin() as tx:
        tx.execute(tables.sealed.update().values(content=content))
    before = stored(doors, tables.sealed)
    with pytest.raises(Unsafe, match="subtraction, equations"):
        publish.release_pulse(doors.parts.database, manager(doors), closed.id)
    refused(doors, f"/v1/pulses/{closed.id}/release")
    assert doors.ok("GET", f"/v1/pulses/{closed.id}")["state"] == "closed"
    assert (stored(doors, tables.sealed), counts(doors)) == (before, (0, 1, 0))
    assert doors.call("GET", f"/v1/results?pulse={closed.id}").status_code == 404
    with doors.parts.database.begin() as tx:
        tx.execute(tables.sealed.update().values(content=sealed[2]))
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    assert counts(doors) == (0, 0, 1)


def test_what_is_published_is_what_was_sealed_to_the_byte(doors: Any, closed: SimpleNamespace) -> None:
    (sealed,) = stored(doors, tables.sealed)
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    (released,) = stored(doors, tables.release)
    assert released == (sealed[0], doors.organisation, *sealed[1:])


def test_a_stored_release_can_be_attacked_again(doors: Any, closed: SimpleNamespace) -> None:
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    report = doors.ok("GET", f"/v1/pulses/{closed.id}/attack-report", headers={})
    assert report["passed"] is True
    assert [it["name"] for it in report["attempts"][-3:]] == ["certificate", "combinations", "range"]
    again = publish.attack_again(doors.parts.database, manager(doors), closed.id)
    # Of the trial at close only its report is left; all the rest comes out the same.
    assert again["attempts"] + again["at_close"] == report["attempts"]
    assert {it["when"] for it in again["attempts"]} == {"release"}
    assert {key: again[key] for key in ("pulse", "release", "passed")} == {
        key: report[key] for key in ("pulse", "release", "passed")
    }


def test_pulses_of_one_day_stand_in_the_order_they_closed(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    made = []
    for answer in (1, 2, 3, 4, 5):
        pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["PS1"]})["id"]
        tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
        doors.ok("POST", f"/v1/pulses/{pulse}/open")
        for token in tokens:
            doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": {"PS1": answer}}, {})
        made.append(pulse)
    order = [made[3], made[0], made[4], made[2], made[1]]
    for pulse in order:
        doors.ok("POST", f"/v1/pulses/{pulse}/close")
    for pulse in reversed(order):
        doors.ok("POST", f"/v1/pulses/{pulse}/release")
    rows = doors.rows("/v1/trends?block=safety")
    assert [row["pulse"] for row in rows] == order
    assert {row["pulse"] for row in doors.rows("/v1/heatmap")} == {order[-1]}


def test_two_that_give_something_away_together_are_not_both_published_whichever_goes_first(
    doors: Any, closed: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{later}/invitations")
    for step in ("open", "close"):
        doors.ok("POST", f"/v1/pulses/{later}/{step}")
    real = publish.attack

    def against(content: bytes, earlier: Iterable[Release]) -> Any:
        before = list(earlier)
        report = real(content, before)
        together = codec.decode(content).pulse == later and closed.id in {it.pulse for it in before}
        return replace(report, attempts=(replace(report.attempts[0], passed=False),)) if together else report

    monkeypatch.setattr(publish, "attack", against)
    doors.ok("POST", f"/v1/pulses/{later}/release")
    reply = doors.call("POST", f"/v1/pulses/{closed.id}/release")
    assert (reply.status_code, reply.json()["type"]) == (409, "unsafe-release")
    assert [it[0] for it in stored(doors, tables.release)] == [later]
    monkeypatch.undo()
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    assert {it[0] for it in stored(doors, tables.release)} == {later, closed.id}


def test_a_pulse_nobody_answered_is_released_with_nothing_in_it(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    for verb in ("open", "close", "release"):
        doors.ok("POST", f"/v1/pulses/{pulse}/{verb}")
    assert {row["status"] for row in doors.rows(f"/v1/results?pulse={pulse}")} == {"suppressed"}
