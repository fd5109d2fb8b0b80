"""From the directory to the roster on record: dated, once, only what differs; trouble is told, and not raised."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from service.errors import Conflict, Invalid, NotAllowed
from service.operations import access, audit, reorganise
from service.operations.access import Principal
from service.operations.directory import (
    Outlook,
    bring_all_up_to_date,
    bring_up_to_date,
    invited_people,
    put_mapping,
    standing,
)
from service.operations.people_import import Imported, forget_people, import_people
from service.store import directory, people
from service.store.database import Database
from service.store.inviting_tables import person
from service.store.people import PersonRow
from service.survey.people_csv import parse_people_csv
from service.survey.people_mapping import UnitMapping, parse_mapping
from service.survey.people_units import ENTERPRISE
from service.survey.roster_document import parse_roster

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
HEADER = "mail,employee number,department,language,active\n"
FIRST = ["ada@x.example,1,Sales,de,", "bo@x.example,2,Sales,,yes", "cy@x.example,3,Plant,,", "di@x.example,4,Plant,,no"]


def mapping(units: dict[str, Any] | None = None) -> UnitMapping | None:
    chosen = units or {"from": "attributes", "levels": ["department"]}
    return parse_mapping({"units": chosen, "root": {"id": "acme", "name": "Acme"}})


class Works:
    """An organisation, its owner, and what its roster says on a day."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.owner = access.operator(access.create_organisation(database, uuid4().hex))
        self.id = self.owner.organisation

    def take(self, *lines: str, day: date = MONDAY, apply: bool = True) -> Imported:
        file = parse_people_csv(HEADER + "\n".join(lines))
        return import_people(self.database, self.owner, file, day, apply=apply)

    def map(self, units: dict[str, Any] | None = None, day: date = MONDAY, **how: bool) -> Outlook:
        return put_mapping(self.database, self.owner, mapping(units), day, **how)

    def tree(self, day: date) -> dict[str, int]:
        return {unit.name: unit.headcount for unit in reorganise.roster(self.database, self.owner, day).units}

    def counts(self, done: Imported) -> tuple[int, int, int, int]:
        return done.come, done.change, done.leave, done.stay

    def log(self) -> list[tuple[str, str, str]]:
        return [(it.who, it.deed, it.subject) for it in audit.every_entry(self.database, self.owner)]

    def people(self) -> list[PersonRow]:
        with self.database.read() as tx:
            return list(people.people(tx, self.id, people.Known()))


@pytest.fixture(scope="module")
def database(kept_database_url: str) -> Iterator[Database]:
    database = Database(kept_database_url)
    yield database
    database.dispose()


@pytest.fixture
def works(database: Database) -> Works:
    """An organisation of the test's own, in a database that others were in before."""
    return Works(database)


def test_a_file_becomes_units_with_headcounts_of_who_is_active(works: Works) -> None:
    works.map()
    done = works.take(*FIRST)
    assert works.counts(done) == (4, 0, 0, 0)
    assert works.tree(MONDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    assert done.outlook.change is not None
    assert len(done.outlook.change.added) == 3
    stands = standing(works.database, works.owner)
    assert (stands.people, stands.active, stands.units, stands.due, stands.trouble) == (4, 3, 3, False, ())


def test_moves_and_leavers_make_dated_history(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    done = works.take(FIRST[0], "bo@x.example,2,Plant,,yes", day=TUESDAY)
    assert works.counts(done) == (0, 1, 2, 1)
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 1, "Plant": 1}
    assert works.tree(MONDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    works.take(FIRST[0], day=TUESDAY + timedelta(days=1))
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 1, "Plant": 1}
    assert works.tree(TUESDAY + timedelta(days=1)) == {"Acme": 0, "Sales": 1}
    assert {it.user_name for it in works.people()} == {"ada@x.example"}


def test_the_same_again_changes_nothing(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    before, log = works.people(), works.log()
    done = works.take(*FIRST, day=TUESDAY)
    works.map(day=TUESDAY)
    assert works.counts(done) == (0, 0, 0, 4)
    assert not done.outlook.differs
    assert (works.people(), works.log()) == (before, log)
    assert not bring_up_to_date(works.database, works.id, TUESDAY)
    with works.database.begin() as tx:
        directory.touch(tx, works.id)
    assert not bring_up_to_date(works.database, works.id, TUESDAY)
    assert not standing(works.database, works.owner).due
    assert works.log() == log


def test_a_dry_run_tells_and_changes_nothing(works: Works) -> None:
    told = works.map(apply=False)
    assert [it.where for it in told.trouble] == ["people"]
    works.map()
    works.take(*FIRST)
    before, log = works.people(), works.log()
    done = works.take(FIRST[0], "ed@x.example,9,Lab,,", apply=False, day=TUESDAY)
    assert works.counts(done) == (1, 0, 3, 1)
    assert done.outlook.roster is not None
    assert {it.name: it.headcount for it in done.outlook.roster.units} == {"Acme": 0, "Sales": 1, "Lab": 1}
    told = works.map({"from": "attributes", "levels": ["organization"]}, apply=False, day=TUESDAY)
    assert told.odd.without_unit == 3
    assert (works.people(), works.log()) == (before, log)
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    assert not standing(works.database, works.owner).due


def test_people_keep_their_id_and_may_exchange_their_names(works: Works) -> None:
    def taken(*lines: str) -> dict[str, tuple[str, int]]:
        file = parse_people_csv("id,user name,department\n" + "\n".join(lines))
        import_people(works.database, works.owner, file, MONDAY)
        return {it.external_id or "": (it.id, it.version) for it in works.people()}

    before = taken("7,ada,Sales", "8,bo,Sales", "9,cy,Sales")
    after = taken("7,bo,Sales", "8,ada,Sales", "9,CY,Sales")
    assert {name: id for name, (id, _) in before.items()} == {name: id for name, (id, _) in after.items()}
    assert {version for _, version in after.values()} == {2}
    numbered = taken("70,Bo,Sales", "80,ada,Sales", "9,cy,Sales")
    assert [numbered[it][0] for it in ("70", "80", "9")] == [before[it][0] for it in ("7", "8", "9")]
    # Who has the number takes the name, and who had the name is nobody's then.
    assert {name: id for name, (id, _) in taken("80,bo,Sales").items()} == {"80": before["8"][0]}


def test_whoever_leaves_leaves_their_groups(works: Works) -> None:
    works.take(*FIRST)
    ids = {it.user_name: it.id for it in works.people()}
    with works.database.begin() as tx:
        tx.exec_driver_sql(
            "INSERT INTO person_group (organisation_id, id, name, folded_name, document, version, created_at, "
            f"changed_at) VALUES ('{works.id}', 'g1', 'Team Oak', 'team oak', '{{}}', 1, 0, 0)"
        )
        for name in ("ada@x.example", "cy@x.example"):
            tx.exec_driver_sql(f"INSERT INTO membership VALUES ('{works.id}', 'g1', '{ids[name]}')")
        directory.touch(tx, works.id)
    works.map({"from": "groups", "prefix": "Team "})
    assert works.tree(MONDAY) == {"Acme": 1, "Oak": 2}
    works.take(*FIRST[1:], day=TUESDAY)
    assert works.tree(TUESDAY) == {"Acme": 1, "Oak": 1}
    with works.database.read() as tx:
        mine = f"WHERE organisation_id = '{works.id}'"
        assert tx.exec_driver_sql(f"SELECT version FROM person_group {mine}").scalar_one() == 2
        assert tx.exec_driver_sql(f"SELECT count(*) FROM membership {mine}").scalar_one() == 1


def test_without_a_mapping_the_roster_stays(works: Works) -> None:
    roster = parse_roster({"units": [{"id": "mine", "headcount": 5}]})
    reorganise.put_roster(works.database, works.owner, roster, MONDAY, today=MONDAY)
    done = works.take(*FIRST)
    assert done.outlook == Outlook()
    assert not bring_up_to_date(works.database, works.id, MONDAY)
    assert works.tree(MONDAY) == {"mine": 5}
    works.map()
    put_mapping(works.database, works.owner, None, TUESDAY)
    works.take(FIRST[0], day=TUESDAY)
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}


def test_a_roster_dated_later_is_waited_for(works: Works) -> None:
    works.map()
    roster = parse_roster({"units": [{"id": "later", "headcount": 5}]})
    reorganise.put_roster(works.database, works.owner, roster, TUESDAY, today=MONDAY)
    done = works.take(*FIRST)
    assert [it.where for it in done.outlook.trouble] == ["as_of"]
    log = works.log()
    for _ in range(3):
        assert not bring_up_to_date(works.database, works.id, MONDAY)
    stands = standing(works.database, works.owner)
    assert (stands.due, [it.where for it in stands.trouble]) == (True, ["as_of"])
    assert works.log() == log
    assert bring_up_to_date(works.database, works.id, TUESDAY)
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    assert standing(works.database, works.owner).trouble == ()


def test_units_that_break_the_rules_leave_the_roster_as_it_is(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    done = works.take(*FIRST, f"ed@x.example,9,{'x' * 201},,", f"fy@x.example,10,{'y' * 201},,", day=TUESDAY)
    assert [(it.where, it.count) for it in done.outlook.trouble] == [("name", 2)]
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    stands = standing(works.database, works.owner)
    assert (stands.people, stands.due, [it.where for it in stands.trouble]) == (6, False, ["name"])
    assert works.take(*FIRST, day=TUESDAY).outlook.trouble == ()


def test_processes_that_derive_at_once_write_once(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    with works.database.begin() as tx:
        directory.remove(tx, works.id, [it.id for it in works_people(tx, works.id)[:1]])
        directory.touch(tx, works.id)
    log = len(works.log())
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(bring_up_to_date(works.database, works.id, TUESDAY)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, False, False, True]
    assert len(works.log()) == log + 1


def works_people(tx: Any, organisation: str) -> list[PersonRow]:
    return [it for it in people.people(tx, organisation, people.Known()) if it.active]


def test_imports_at_once_leave_one_of_them_whole(works: Works) -> None:
    works.map()
    files = [[f"p{n}-{k}@x.example,{n}{k},Dept {n},," for k in range(30)] for n in range(3)]
    threads = [threading.Thread(target=works.take, args=lines) for lines in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bring_all_up_to_date(works.database, MONDAY)
    departments = {it.document[ENTERPRISE]["department"] for it in works.people()}
    assert len(departments) == 1
    assert works.tree(MONDAY) == {"Acme": 0, departments.pop(): 30}


def test_two_lines_of_one_person_change_nothing(works: Works) -> None:
    works.take(*FIRST)
    with pytest.raises(Invalid) as caught:
        works.take("ed@x.example,9,Lab,,", "ED@x.example,10,Lab,,")
    assert [fault.where for fault in caught.value.faults] == ["line 3, userName"]
    assert len(works.people()) == 4


def test_forgetting_destroys_people_and_keeps_the_roster(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    with pytest.raises(Conflict):
        forget_people(works.database, works.owner, 3)
    assert len(works.people()) == 4
    forget_people(works.database, works.owner, 4)
    assert works.people() == []
    bring_all_up_to_date(works.database, TUESDAY)
    assert works.tree(TUESDAY) == {"Acme": 0, "Sales": 2, "Plant": 1}
    stands = standing(works.database, works.owner)
    assert (stands.people, stands.due, [it.where for it in stands.trouble]) == (0, False, ["people"])


def test_whoever_is_invited_stands_in_a_unit_and_has_an_address(works: Works) -> None:
    with works.database.begin() as tx, pytest.raises(Conflict):
        invited_people(tx, works.id, MONDAY)
    works.map()
    works.take(*FIRST)
    with works.database.begin() as tx:
        found = {it.address: (it.unit, it.language) for it in invited_people(tx, works.id, MONDAY)}
    units = {unit.id: unit.name for unit in reorganise.roster(works.database, works.owner, MONDAY).units}
    assert {address: (units[unit], language) for address, (unit, language) in found.items()} == {
        "ada@x.example": ("Sales", "de"),
        "bo@x.example": ("Sales", None),
        "cy@x.example": ("Plant", None),
    }
    with works.database.begin() as tx:
        people.add_person(tx, works.id, replace(works_people(tx, works.id)[0], id="new", user_name="new"))
        directory.touch(tx, works.id)
    with works.database.begin() as tx, pytest.raises(Conflict):
        invited_people(tx, works.id, MONDAY)
    bring_up_to_date(works.database, works.id, MONDAY)
    with works.database.begin() as tx:
        assert len(list(invited_people(tx, works.id, MONDAY))) == 4


def test_the_log_tells_what_was_done_and_of_nobody(works: Works) -> None:
    works.map()
    works.take(*FIRST)
    forget_people(works.database, works.owner, 4)
    log = works.log()
    assert [deed for _, deed, _ in log][1:] == [
        "directory mapped",
        "people imported",
        "roster replaced",
        "people forgotten",
    ]
    assert ("directory", "roster replaced", f"roster from {MONDAY}: 3 units") in log
    assert not any(word in json.dumps(log) for word in ("ada", "Sales", "@"))


@pytest.mark.parametrize("scopes", [{"manage"}, {"scim"}])
def test_each_deed_asks_for_its_scope(works: Works, scopes: set[str]) -> None:
    file = parse_people_csv(HEADER + FIRST[0])
    deeds = {
        "scim": [lambda who: import_people(works.database, who, file, MONDAY)],
        "manage": [
            lambda who: put_mapping(works.database, who, mapping(), MONDAY),
            lambda who: standing(works.database, who),
            lambda who: forget_people(works.database, who, 0),
        ],
    }
    for scope, its in deeds.items():
        for deed in its:
            for unit in (None, "acme"):
                if scope not in scopes or unit:
                    with pytest.raises(NotAllowed):
                        deed(Principal("k", works.id, frozenset(scopes), unit))


def test_people_are_read_some_at_a_time_and_all_of_them(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_AT_ONCE", 2)
    works.map()
    works.take(*FIRST, "ed@x.example,9,Lab,,")
    assert works.counts(works.take(*FIRST, "ed@x.example,9,Sales,,")) == (0, 1, 0, 4)
    assert works.tree(MONDAY) == {"Acme": 0, "Sales": 3, "Plant": 1}
    assert works.counts(works.take(*FIRST[:3])) == (0, 0, 2, 3)


def test_one_organisation_in_trouble_holds_up_no_other(works: Works, request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: _remove_everybody(works))
    other = access.operator(access.create_organisation(works.database, uuid4().hex))
    owners = {owner.organisation: owner for owner in (works.owner, other)}
    broken, sound = sorted(owners)
    for owner in owners.values():
        put_mapping(works.database, owner, mapping(), MONDAY)
        import_people(works.database, owner, parse_people_csv(HEADER + FIRST[0]), MONDAY)
    with works.database.begin() as tx:
        tx.execute(update(person).where(person.c.organisation_id == broken).values(document="no JSON"))
        tx.execute(update(person).where(person.c.organisation_id == sound).values(document="{}"))
        for id in owners:
            directory.touch(tx, id)
    with pytest.raises(json.JSONDecodeError):
        bring_all_up_to_date(works.database, TUESDAY)
    trees = [
        {unit.name for unit in reorganise.roster(works.database, owners[id], TUESDAY).units} for id in (broken, sound)
    ]
    assert trees == [{"Acme", "Sales"}, {"Acme"}]


def _remove_everybody(works: Works) -> None:
    """No document that is none is left to those who come after."""
    with works.database.begin() as tx:
        tx.execute(delete(person))
