"""Schedules: one pulse a round whatever dies and however many work at once, nothing missed made up for, no release."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.bootstrap import custody_of
from service.custody.custody import Custody
from service.errors import (
    Conflict,
    InvalidInstrument,
    InvalidPulse,
    InvalidQuery,
    NotAllowed,
    NotFound,
    Overinvited,
    Unsafe,
)
from service.operations import (
    access,
    audit,
    backup,
    close,
    doctor,
    hooks,
    letters,
    prepare,
    reorganise,
    rounds,
    schedules,
)
from service.operations.access import Principal, operator
from service.operations.directory import bring_up_to_date
from service.operations.instruments import import_instrument
from service.operations.rounds import run_due
from service.operations.schedules import Plan
from service.settings import Settings
from service.store import copying, directory, invitations
from service.store.database import Database
from service.store.directory import Entry
from service.store.inviting_tables import delivery, mailing, mailing_round, schedule
from service.survey.draft import Draft
from service.survey.pulse import Pulse, State
from service.survey.roster import Roster, Unit
from tests.commands.test_cli import Shell, ready, redwood

__all__ = ["ready", "redwood"]

MONDAY = date(2027, 3, 1)
PLAN = Plan("Team pulse", "FREQ=WEEKLY", MONDAY, 5, "hooks", None, Draft("", "five-blocks"))
ROSTER = Roster((Unit("all", "All", None, 0), Unit("a", "Alder", "all", 8), Unit("b", "Birch", "all", 9)))

MAPPING = {"units": {"from": "attributes", "levels": ["department"]}, "root": {"id": "all", "name": "All"}}

#: Where the database makes no difference.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Works:
    """An organisation with a roster and a webhook that takes invitations, its day and its clock."""

    database: Database
    custody: Custody
    who: Principal
    day: date = MONDAY - timedelta(days=3)
    clock: int = 1_000_000
    sends: bool = True
    id: str = field(default="")

    def schedule(self, **changes: Any) -> str:
        made = schedules.make_schedule(self.database, self.who, replace(PLAN, **changes), self.day)
        self.id = made.row.id
        return self.id

    def run(self, day: date | None = None, later: int = 0) -> int:
        self.day, self.clock = day or self.day, self.clock + later
        return run_due(self.database, self.custody, self.day, lambda: self.clock, sends_letters=self.sends)

    @property
    def found(self) -> schedules.Schedule:
        return schedules.find_schedule(self.database, self.who, self.id)

    @property
    def pulses(self) -> list[Pulse]:
        """The oldest first."""
        known = [pulse for pulse, _ in prepare.list_pulses(self.database, self.who)]
        return sorted(known, key=lambda it: it.label)

    @property
    def states(self) -> list[str]:
        return [it.state.value for it in self.pulses]

    def issued(self, pulse: str) -> int:
        with self.database.read() as tx:
            return sum(invitations.issued(tx, pulse).values())


@pytest.fixture
def works(database_url: str) -> Iterator[Works]:
    database, custody = Database(database_url), custody_of(Settings())
    who = operator(access.create_organisation(database, "Works"))
    reorganise.put_roster(database, who, ROSTER, date(2027, 1, 1), today=date(2027, 1, 1))
    hooks.add_hook(database, custody, who, "https://hook.example", ["invitations.issued"], lambda _: None)
    yield Works(database, custody, who)
    database.dispose()


def days(count: int) -> date:
    return MONDAY + timedelta(days=count)


def test_a_round_begins_on_its_day_is_open_for_its_days_and_is_never_released(works: Works) -> None:
    works.schedule()
    assert (works.run(), works.pulses) == (0, [])
    assert works.run(MONDAY) == 3
    [pulse] = works.pulses
    assert (pulse.label, pulse.state, pulse.opened_on) == ("Team pulse 2027-03-01", State.OPEN, MONDAY)
    assert (works.issued(pulse.id), len(pulse.items)) == (17, 30)
    assert (works.found.closes_on, works.found.row.next_on) == (days(5), days(7))
    assert works.run(days(4)) == 0
    assert works.run(days(5)) == 1
    assert works.states == ["closed"]
    assert works.run(days(6)) == 0
    assert works.run(days(7)) == 3
    assert works.states == ["closed", "open"]
    assert len(works.pulses[1].items) == 10


@ON_SQLITE
def test_rounds_take_turns_in_what_they_ask_and_the_list_says_so_beforehand(works: Works) -> None:
    works.schedule(baseline_every=5, draft=Draft("", "five-blocks", lenses=["interdependence"]))
    told = [schedules.coming(works.database, works.who, works.found, works.day)]
    for week in range(6):
        works.run(days(7 * week))
        works.run(days(7 * week + 5))
        told.append(schedules.coming(works.database, works.who, works.found, works.day))
    asked = [it.items for it in works.pulses]
    assert [len(items) for items in asked] == [42, 10, 10, 10, 10, 42]
    assert len({id for items in asked[1:5] for id in items}) == 25
    for week, coming in enumerate(told[:6]):
        assert [it.on for it in coming] == [days(7 * (week + n)) for n in range(5)]
        assert [it.asking.items for it in coming][: 6 - week] == asked[week : week + 5]


def test_what_others_asked_in_the_series_counts(works: Works) -> None:
    works.schedule(baseline_every=0)
    items = ["WB1", "WB2", "SB1", "SB2", "PS1", "PS2", "PC1", "PC2", "CL1", "CL2"]
    pulse = prepare.create_pulse(works.database, works.who, Draft("By hand", "five-blocks", items=items))
    [first, *_] = schedules.coming(works.database, works.who, works.found, works.day)
    assert "WB2" in first.asking.items
    prepare.issue_invitations(works.database, works.who, pulse.id, None, works.day)
    prepare.open_pulse(works.database, works.custody, works.who, pulse.id, works.day)
    [first, *_] = schedules.coming(works.database, works.who, works.found, works.day)
    assert {"WB1", "WB3"} <= set(first.asking.items)


@ON_SQLITE
def test_items_that_are_named_are_asked_each_time(works: Works) -> None:
    works.schedule(draft=Draft("", "five-blocks", items=["PS1", "PS3"]))
    assert works.found.row.baseline_every == 0
    works.run(MONDAY)
    works.run(days(7))
    assert [it.items for it in works.pulses] == [("PS1", "PS3")] * 2


@ON_SQLITE
def test_by_default_two_rounds_a_year_ask_everything(works: Works) -> None:
    every = {}
    for rule in ("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3"):
        works.schedule(rule=rule)
        every[rule] = works.found.row.baseline_every
    assert list(every.values()) == [26, 13, 6, 2]


def test_handed_over_by_nobody_a_pulse_waits_for_its_manager(works: Works) -> None:
    works.schedule(hand_over="nobody")
    assert works.run(MONDAY) == 1
    assert (works.states, works.run(days(7))) == (["draft"], 0)
    [pulse] = works.pulses
    prepare.issue_invitations(works.database, works.who, pulse.id, None, works.day)
    prepare.open_pulse(works.database, works.custody, works.who, pulse.id, days(8))
    assert (works.run(days(12)), works.states) == (0, ["open"])
    works.run(days(13))
    assert works.states == ["closed"]
    assert works.run(days(14)) == 1
    assert works.pulses[1].label == "Team pulse 2027-03-15"


@pytest.mark.parametrize(("back", "label"), [(22, "Team pulse 2027-03-22"), (23, "Team pulse 2027-03-22"), (24, None)])
def test_after_weeks_without_a_server_at_most_the_latest_round_is_made_up_for(
    works: Works, back: int, label: str | None
) -> None:
    """A late round has all its days before the next one, or none: so no later one is late as well."""
    works.schedule()
    works.run(days(back))
    assert [it.label for it in works.pulses] == ([] if label is None else [label])
    assert works.found.row.next_on == days(28)
    if label is None:
        _, said = audit.entries(works.database, works.who)
        assert "round skipped" in [it.deed for it in audit.entries(works.database, works.who)[0]]
        assert said.number
    works.run(days(28))
    works.run(days(28))
    assert works.pulses[-1].label == "Team pulse 2027-03-29"
    assert [it.opened_on for it in works.pulses if it.state is State.OPEN] == [days(28)]


def test_a_round_waits_for_the_one_before_it(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.schedule(days=7)
    works.run(MONDAY)
    monkeypatch.setattr(rounds, "close_pulse", refusing)
    assert works.run(days(7)) == 0
    assert works.states == ["open"]
    trouble = works.found.row.trouble or ""
    assert "did not pass" in trouble
    assert "by subtraction" in trouble
    monkeypatch.undo()
    assert works.run(days(7)) == 0  # put off
    assert works.run(days(7), later=61) == 4
    assert (works.states, works.found.row.trouble) == (["closed", "open"], None)


def refusing(*_: Any) -> Any:
    raise Unsafe(["by subtraction"])


@ON_SQLITE
def test_what_cannot_be_done_is_tried_less_and_less_often(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.schedule()
    works.run(MONDAY)
    tried = 0

    def count(*_: Any) -> Any:
        nonlocal tried
        tried += 1
        raise Unsafe(["by subtraction"])

    monkeypatch.setattr(rounds, "close_pulse", count)
    works.day = days(5)
    for _ in range(24 * 6):
        works.run(later=600)
    assert 5 < tried < 12
    schedules.change_schedule(works.database, works.who, works.id, PLAN, works.day)
    works.run()
    assert tried < 13


def test_a_key_that_is_gone_is_told_until_the_pulse_is_discarded(works: Works) -> None:
    works.schedule()
    works.run(MONDAY)
    [pulse] = works.pulses
    works.custody.destroy(pulse.id, "close")
    works.run(days(5))
    assert "key is gone" in (works.found.row.trouble or "")
    assert schedules.troubled(works.database) == [(works.id, works.found.row.trouble)]


def test_trouble_is_forgotten_once_somebody_has_done_it_by_hand(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.schedule()
    works.run(MONDAY)
    monkeypatch.setattr(rounds, "close_pulse", refusing)
    works.run(days(5))
    monkeypatch.undo()
    close.close_pulse(works.database, works.custody, works.who, works.pulses[0].id, days(5))
    works.run(later=61)
    assert works.found.row.trouble is None


def test_nobody_to_hand_invitations_to_is_trouble_and_the_pulse_stays_one(works: Works) -> None:
    [hook] = hooks.list_hooks(works.database, works.who)
    hooks.remove_hook(works.database, works.custody, works.who, hook.id)
    works.schedule()
    for later in range(5):
        works.run(MONDAY, later=1000 * later)
    assert works.states == ["draft"]
    assert "webhook" in (works.found.row.trouble or "")
    hooks.add_hook(
        works.database, works.custody, works.who, "https://h.example", ["invitations.issued"], lambda _: None
    )
    works.run(later=100_000)
    assert (works.states, works.found.row.trouble) == (["open"], None)


@ON_SQLITE
def test_what_nobody_foresaw_is_told_and_raised(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    works.schedule()
    monkeypatch.setattr(rounds, "open_pulse", broken)
    with pytest.raises(ZeroDivisionError):
        works.run(MONDAY)
    assert "ZeroDivisionError" in (works.found.row.trouble or "")


def test_paused_it_begins_nothing_closes_what_is_open_and_makes_up_for_nothing(works: Works) -> None:
    works.schedule()
    works.run(MONDAY)
    schedules.change_schedule(works.database, works.who, works.id, replace(PLAN, paused=True), works.day)
    works.run(days(5))
    assert works.states == ["closed"]
    assert works.run(days(7)) == 0
    works.day = days(22)
    assert schedules.coming(works.database, works.who, works.found, works.day)[0].on == days(28)
    schedules.change_schedule(works.database, works.who, works.id, PLAN, works.day)
    assert (works.run(), works.found.row.next_on) == (0, days(28))


@ON_SQLITE
def test_years_later_it_can_still_be_paused_and_changed(works: Works) -> None:
    works.schedule()
    works.day = MONDAY + timedelta(days=3000)
    for plan in (replace(PLAN, paused=True, baseline_every=26), replace(PLAN, label="Another")):
        schedules.change_schedule(works.database, works.who, works.id, plan, works.day)
    with pytest.raises(InvalidQuery):
        schedules.change_schedule(works.database, works.who, works.id, replace(PLAN, starts_on=days(7)), works.day)


@ON_SQLITE
def test_a_day_that_had_its_round_has_no_other_after_a_change(works: Works) -> None:
    works.schedule(days=1)
    works.run(MONDAY)
    schedules.change_schedule(works.database, works.who, works.id, replace(PLAN, days=1, rule="FREQ=DAILY"), works.day)
    assert works.found.row.next_on == days(1)


@ON_SQLITE
def test_removed_it_leaves_its_pulse_to_others(works: Works) -> None:
    works.schedule()
    works.run(MONDAY)
    schedules.remove_schedule(works.database, works.who, works.id)
    assert (works.run(days(5)), works.states) == (0, ["open"])
    for gone in (schedules.remove_schedule, schedules.find_schedule):
        with pytest.raises(NotFound):
            gone(works.database, works.who, works.id)


@ON_SQLITE
def test_a_rule_that_ends_ends(works: Works) -> None:
    works.schedule(rule="FREQ=WEEKLY;COUNT=1")
    works.run(MONDAY)
    works.run(days(5))
    assert (works.states, works.found.row.next_on) == (["closed"], None)
    assert schedules.coming(works.database, works.who, works.found, works.day) == []
    assert works.run(days(365)) == 0


def test_the_log_says_which_schedule_did_it(works: Works) -> None:
    works.schedule()
    works.run(MONDAY)
    works.run(days(5))
    told = [(it.who, it.deed) for it in audit.entries(works.database, works.who)[0]]
    mine = [deed for who, deed in told if who == works.id]
    assert [deed for deed in mine if deed in {"pulse set up", "pulse opened", "pulse closed"}] == mine[:1] + mine[-2:]
    assert ("operator", "schedule made") in told


def test_other_organisations_see_and_change_nothing(works: Works) -> None:
    works.schedule()
    other = operator(access.create_organisation(works.database, "Others"))
    assert schedules.list_schedules(works.database, other) == []
    for call in (schedules.find_schedule, schedules.remove_schedule):
        with pytest.raises(NotFound):
            call(works.database, other, works.id)
    with pytest.raises(NotFound):
        schedules.change_schedule(works.database, other, works.id, PLAN, works.day)
    with pytest.raises(NotAllowed):
        schedules.list_schedules(works.database, replace(works.who, unit="a"))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"label": " "}, "label"),
        ({"label": "x" * 181}, "label"),
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "rule"),
        ({"days": 8}, "days"),
        ({"days": 0}, "days"),
        ({"hand_over": "pigeons"}, "hand_over"),
        ({"starts_on": date(1, 1, 1)}, "starts_on"),
        ({"starts_on": date(2040, 1, 1)}, "starts_on"),
        ({"baseline_every": -1}, "baseline_every"),
    ],
)
@ON_SQLITE
def test_a_plan_that_cannot_be_kept_is_refused(works: Works, changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        works.schedule(**changes)
    assert [fault.where for fault in refused.value.faults] == [where]


@pytest.mark.parametrize(
    ("draft", "where"),
    [
        ({"instrument": "none"}, "pulse.instrument"),
        ({"lenses": ["none"]}, "pulse.lenses[0]"),
        ({"items": ["none"]}, "pulse.items[0]"),
        ({"threshold": 1}, "pulse.policy.threshold"),
    ],
)
@ON_SQLITE
def test_a_draft_that_could_not_be_set_up_is_refused_at_once(works: Works, draft: dict[str, Any], where: str) -> None:
    with pytest.raises((InvalidPulse, InvalidInstrument)) as refused:
        works.schedule(draft=Draft("", **({"instrument": "five-blocks"} | draft)))
    assert refused.value.faults[0].where == where


@ON_SQLITE
def test_an_instrument_without_anchors_takes_no_turns(works: Works) -> None:
    items = [{"id": f"Q{n}", "block": "one", "text": "It works."} for n in range(4)]
    import_instrument(
        works.database, works.who, {"id": "own", "version": "1", "scale": {"low": 1, "high": 4}, "items": items}
    )
    with pytest.raises(InvalidPulse, match="anchors"):
        works.schedule(draft=Draft("", "own"))
    works.schedule(draft=Draft("", "own"), baseline_every=1)
    works.run(MONDAY)
    assert works.states == ["open"]


@ON_SQLITE
def test_there_are_only_so_many(works: Works) -> None:
    for _ in range(schedules.MOST):
        works.schedule()
    with pytest.raises(Conflict):
        works.schedule()


class Killed(BaseException):
    """What no `except Exception` catches: as if the process had gone."""


def dying(monkeypatch: pytest.MonkeyPatch, at: int, after: bool) -> None:
    """Let the transaction of that number be the last: undone at its very end, or the last that is done."""
    begin, seen = Database.begin, 0

    @contextmanager
    def counted(database: Database) -> Iterator[Any]:
        nonlocal seen
        with begin(database) as tx:
            yield tx
            seen += 1
            if seen == at and not after:
                raise Killed
        if seen == at:
            raise Killed

    monkeypatch.setattr(Database, "begin", counted)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_moment_a_round_is_one_pulse(works: Works, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """The day after it is found as it is left when nothing dies, whichever transaction was the last."""
    works.schedule()
    at, week, survived = 0, 0, False
    while not survived:
        at += 1
        begins, closes = days(7 * week), days(7 * week + 5)
        deaths = 0
        for day in (begins, closes):
            with monkeypatch.context() as patched:
                dying(patched, at, after)
                try:
                    works.run(day, later=1)
                except Killed:
                    deaths += 1
            works.run(day, later=601)
            assert works.found.row.trouble is None
        survived, week = deaths == 0, week + 1
        assert works.states == ["closed"] * week
        assert len({it.label for it in works.pulses}) == week
    assert at > 5


def test_several_at_once_make_one_pulse_a_round(works: Works) -> None:
    works.schedule()
    for day, states in ((MONDAY, ["open"]), (days(5), ["closed"]), (days(7), ["closed", "open"])):
        at_once(works, 4, lambda day=day: works.run(day))
        works.clock += 601
        works.run(day)
        assert (works.states, works.found.row.trouble) == (states, None)
        assert works.issued(works.pulses[-1].id) == (17 if states[-1] == "open" else 0)


def test_even_without_a_claim_nothing_is_done_twice(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a lease runs out while its holder still works."""
    monkeypatch.setattr(rounds.schedules, "claim", lambda *_: True)
    works.schedule()
    for day, states in ((MONDAY, ["open"]), (days(5), ["closed"])):
        at_once(works, 3, lambda day=day: works.run(day))
        works.clock += 100_000
        works.run(day)
        assert (works.states, works.found.row.trouble) == (states, None)


def at_once(works: Works, count: int, work: Callable[[], object]) -> None:
    together, failed = threading.Barrier(count), list[Exception]()

    def begin() -> None:
        together.wait()
        try:
            work()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=begin) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@ON_SQLITE
def test_the_doctor_names_what_is_in_a_schedules_way(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.schedule()
    works.run(MONDAY)
    monkeypatch.setattr(rounds, "close_pulse", refusing)
    works.run(days(5))
    found = doctor.examine(works.database, works.custody, "127.0.0.1", 0, secure_cookies=True, known_password=False)
    [told] = [it for it in found if it.what == "schedules"]
    assert (told.verdict, works.id in told.words, "did not pass" in told.words) == ("broken", True, True)


def staffed(works: Works, **units: int) -> None:
    """Let so many people stand in each unit, and everybody else have left."""
    entries = [
        Entry(f"{unit}-{place}", f"{unit}.{place}", f"{unit}.{place}", None, True, person(unit, place), 1, 1, 1)
        for unit, count in units.items()
        for place in range(count)
    ]
    organisation = works.who.organisation
    with works.database.begin() as tx:
        directory.held(tx, organisation)
        directory.forget(tx, organisation)
        directory.write(tx, organisation, entries)
        directory.touch(tx, organisation, len(entries))
        directory.put_mapping(tx, organisation, json.dumps(MAPPING))


def person(unit: str, place: int) -> str:
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    email = {"value": f"{unit}.{place}@works.example", "primary": True}
    return json.dumps({"emails": [email], enterprise: {"department": unit}})


def invited(works: Works, monkeypatch: pytest.MonkeyPatch, by: str) -> str:
    """The draft of a round whose process died after it had invited everybody."""
    staffed(works, a=8, b=9)
    works.schedule(hand_over=by)
    with monkeypatch.context() as patched:
        patched.setattr(rounds, "open_pulse", refusing)
        works.run(MONDAY)
    assert (works.states, works.issued(works.pulses[0].id)) == (["draft"], 17)
    return works.pulses[0].id


def leaves_nothing(works: Works, pulse: str) -> bool:
    """Whether nothing is left of a draft, nor of what was to carry its invitations."""
    with works.database.read() as tx:
        rows = [tx.execute(select(it).where(it.c.pulse_id == pulse)).all() for it in (mailing, mailing_round, delivery)]
    return works.custody.get(pulse, "letters") is None and works.issued(pulse) == 0 and not any(rows)


@pytest.mark.parametrize("by", ["letters", "hooks"])
def test_whoever_leaves_between_inviting_and_opening_holds_nothing_up(
    works: Works, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    before = invited(works, monkeypatch, by)
    staffed(works, a=8, b=7)
    bring_up_to_date(works.database, works.who.organisation, MONDAY)
    works.run(days(1), later=1_000)
    [pulse] = works.pulses
    assert (pulse.label, pulse.state, works.issued(pulse.id)) == ("Team pulse 2027-03-01", State.OPEN, 15)
    assert (works.found.row.round, works.found.row.next_on, works.found.row.trouble) == (1, days(7), None)
    assert len(pulse.items) == 30
    assert pulse.id != before
    assert leaves_nothing(works, before)
    told = [(it.who, it.deed, it.subject) for it in audit.entries(works.database, works.who)[0]]
    assert (works.id, "pulse discarded", f"pulse {before}") in told
    assert audit.verify(works.database, works.who).broken is None
    assert letters.progress(works.database, works.who, pulse.id).people == (15 if by == "letters" else 0)
    works.run(days(6))
    assert works.states == ["closed"]


@pytest.mark.parametrize("by", ["letters", "hooks"])
@ON_SQLITE
def test_a_draft_restored_without_its_letters_is_set_up_anew(
    works: Works, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: str
) -> None:
    before = invited(works, monkeypatch, by)
    backup.back_up(works.database, tmp_path / "copy")
    database = Database(f"sqlite:///{tmp_path}/restored")
    backup.restore(database, works.custody, tmp_path / "copy")
    restored = replace(works, database=database)
    restored.run(days(1), later=1_000)
    [pulse] = restored.pulses
    assert (pulse.state, restored.issued(pulse.id), pulse.id != before) == (State.OPEN, 17, True)
    assert letters.progress(database, works.who, pulse.id).people == (17 if by == "letters" else 0)
    with database.read() as tx:
        assert letters.are_handed_over(tx, works.who.organisation, pulse.id) is (by == "hooks")
        assert letters.are_handed_over(tx, works.who.organisation, before) is False
    assert leaves_nothing(restored, before)
    database.dispose()


@ON_SQLITE
def test_letters_that_nobody_can_read_any_more_are_written_anew(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    before = invited(works, monkeypatch, "letters")
    works.custody.destroy(before, "letters")
    works.run(later=1_000)
    [pulse] = works.pulses
    assert (pulse.state, pulse.id != before) == (State.OPEN, True)
    assert works.custody.get(pulse.id, "letters") is not None


@ON_SQLITE
def test_what_somebody_issued_by_hand_is_never_discarded(works: Works) -> None:
    works.sends = False
    staffed(works, a=8, b=9)
    works.schedule(hand_over="letters")
    works.run(MONDAY)
    [pulse] = works.pulses
    bring_up_to_date(works.database, works.who.organisation, MONDAY)
    prepare.issue_invitations(works.database, works.who, pulse.id, None, works.day)
    works.sends = True
    works.run(later=1_000)
    assert (works.pulses, works.issued(pulse.id)) == ([pulse], 17)
    assert "by hand" in (works.found.row.trouble or "")
    prepare.open_pulse(works.database, works.custody, works.who, pulse.id, works.day)
    works.run(days(5), later=100_000)
    assert (works.states, works.found.row.trouble) == (["closed"], None)


@ON_SQLITE
def test_what_will_not_open_a_second_time_is_trouble(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    def shrunk(*_: Any) -> Any:
        raise Overinvited

    monkeypatch.setattr(rounds, "open_pulse", shrunk)
    works.schedule()
    works.run(MONDAY)
    assert (works.states, works.found.row.round) == (["draft"], 1)
    assert "shrank" in (works.found.row.trouble or "")
    deeds = [it.deed for it in audit.entries(works.database, works.who)[0]]
    assert (deeds.count("pulse set up"), deeds.count("pulse discarded")) == (2, 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@ON_SQLITE
def test_killed_while_a_draft_is_set_up_anew_the_round_is_one_pulse(
    works: Works, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    survived, at, week = False, 0, 0
    works.schedule(hand_over="letters")
    while not survived:
        at, survived, day = at + 1, True, days(7 * week)
        staffed(works, a=8, b=9)
        with monkeypatch.context() as patched:
            patched.setattr(rounds, "open_pulse", refusing)
            works.run(day, later=100_000)
        staffed(works, a=8, b=7)
        bring_up_to_date(works.database, works.who.organisation, day)
        with monkeypatch.context() as patched:
            dying(patched, at, after)
            try:
                works.run(day, later=100_000)
            except Killed:
                survived = False
        works.run(day, later=100_000)
        assert (works.states, works.found.row.trouble) == (["closed"] * week + ["open"], None)
        assert letters.progress(works.database, works.who, works.pulses[-1].id).people == 15
        works.run(day + timedelta(days=5), later=100_000)
        week += 1
    assert at > 5


@ON_SQLITE
def test_no_letter_is_written_that_nobody_sends(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    staffed(works, a=8, b=9)
    works.schedule(hand_over="letters")
    works.sends = False
    works.run(MONDAY)
    [pulse] = works.pulses
    assert (works.states, works.issued(pulse.id)) == (["draft"], 0)
    assert "REDWOOD_SMTP_URL" in (works.found.row.trouble or "")
    works.sends = True
    with monkeypatch.context() as patched:
        patched.setattr(rounds, "open_pulse", refusing)
        works.run(later=1_000)
    works.sends = False
    works.run(later=10_000)
    assert works.states == ["draft"]  # its letters are written, and could not leave
    works.sends = True
    works.run(later=100_000)
    assert ([it.id for it in works.pulses], works.states) == ([pulse.id], ["open"])


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_the_shell_plans_no_letters_that_nobody_sends(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("schedule", "add", "--label", "Team pulse", "--rule", "FREQ=WEEKLY", "--hand-over", "letters")
    refused = ready(*words)
    assert (refused.code, refused.out) == (1, "")
    assert "REDWOOD_SMTP_URL" in refused.err
    assert ready("schedule", "list", "--json").json == {"schedules": []}
    monkeypatch.setenv("REDWOOD_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("REDWOOD_MAIL_FROM", "pulse@works.example")
    monkeypatch.setenv("REDWOOD_PUBLIC_URL", "https://pulse.example")
    assert ready(*words).code == 0
    [made] = ready("schedule", "list", "--json").json["schedules"]
    assert made["hand_over"] == "letters"


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_a_restore_says_what_becomes_of_drafts(ready: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ready("backup", "copy")
    monkeypatch.setenv("REDWOOD_DATABASE_URL", f"sqlite:///{tmp_path}/restored")
    assert "a draft that people were invited to by letter or webhook must be discarded" in ready("restore", "copy").out


def test_a_backup_brings_schedules_back(works: Works, tmp_path: Path) -> None:
    works.schedule(draft=Draft("", "five-blocks", lenses=["interdependence"]))
    works.run(MONDAY)
    backup.back_up(works.database, tmp_path / "copy", replace=False)
    with copying.opened(tmp_path / "copy") as rows:
        assert sum(len(chunk) for chunk in rows(schedule)) == 1
