"""The directory's page: numbers and no names, units of people and a file of everybody looked at before they happen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from service.api.parts import Parts
from service.operations import directory
from service.pages.dashboard.frame import Around
from service.pages.manage.people import Filled, Stands, filled_of, people_page
from service.pages.manage.people_change import Arriving, Made, Mapped
from service.pages.manage.roster_change import Step
from service.survey.people import ODD_WORDS, Odd, odd_lines
from service.survey.people_mapping import UnitMapping, parse_mapping
from service.survey.roster import Roster, Unit
from service.survey.roster_document import differences
from tests.pages.through import plain

PATH, FILE_PATH = "/manage/people", "/manage/people/file"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNITS = {"from": "attributes", "level": ["division", "department"], "root_id": "works", "root_name": "Works"}
MAPPING = {
    "units": {"from": "attributes", "levels": ["division", "department"]},
    "root": {"id": "works", "name": "Works"},
}
HEADER = "E-Mail;Vorname;Nachname;Bereich;Abteilung;Vorgesetzter;Gehalt\n"
LINES = (
    "ada@x.example;Ada;Lovelace;North;Sales;;9",
    "bo@x.example;Bo;Ek;North;sales;ada@x.example;7",
    "cy@x.example;Cy;Twombly;South;Plant;gone@x.example;7",
    "di@x.example;Di;Prima;;;bo@x.example;7",
)
FILE = HEADER + "\n".join(LINES)
#: What would name somebody, and what is nobody's business.
NAMES = re.compile(r"Ada|Lovelace|\bBo\b|\bEk\b|Twombly|Prima|x\.example|;9")


class Desk:
    """Somebody who is signed in, and what the pages answer them: none may name anybody."""

    def __init__(self, doors: Any, *scopes: str, unit: str | None = None) -> None:
        self.doors = doors
        chosen = doors.key(*scopes, unit=unit) if scopes else doors.manager
        key = chosen["Authorization"].removeprefix("Bearer ")
        reply = doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
        self.cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}
        doors.client.cookies.clear()

    def open(self, address: str = PATH) -> Any:
        return self._nameless(self.doors.run(self.doors.client.get(address, headers=self.cookie)))

    def send(self, fields: dict[str, Any], action: str = "check") -> Any:
        sent = fields | {"action": action}
        return self._nameless(self.doors.run(self.doors.client.post(PATH, data=sent, headers=self.cookie)))

    def bring(self, text: str | bytes, action: str = "check", **fields: str) -> Any:
        parts = [(name, (None, value)) for name, value in (fields | {"action": action}).items()]
        content = text.encode() if isinstance(text, str) else text
        files = [*parts, ("file", ("people.csv", content))] if content else parts
        return self._nameless(self.doors.run(self.doors.client.post(FILE_PATH, files=files, headers=self.cookie)))

    def applied(self, fields: dict[str, Any]) -> Any:
        """As somebody does who looks first."""
        return self.send(fields | {"seen": seen_in(self.send(fields))}, "apply")

    def brought(self, text: str, **fields: str) -> Any:
        return self.bring(text, "apply", seen=seen_in(self.bring(text, **fields)), **fields)

    @staticmethod
    def _nameless(reply: Any) -> Any:
        assert NAMES.search(reply.text) is None
        return reply


def seen_in(reply: Any) -> str:
    assert reply.status_code == 200, reply.text
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', reply.text)
    assert found is not None
    return found[1]


def counts(reply: Any) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"<dt>(.*?)</dt><dd>(\d+)</dd>", reply.text)}


def tree(doors: Any) -> dict[str, int]:
    return {unit["name"]: unit["headcount"] for unit in doors.ok("GET", "/v1/roster")["units"]}


def stands(doors: Any) -> tuple[int, Any]:
    found = doors.ok("GET", "/v1/directory")
    return found["people"], found["mapping"]["units"]


@pytest.fixture
def desk(doors: Any) -> Desk:
    return Desk(doors)


def test_from_nothing_to_a_roster_that_follows(desk: Desk, doors: Any) -> None:
    first = desk.open()
    assert "Nobody is in the directory yet" in first.text
    assert "http://redwood/scim/v2" in first.text
    assert 'redwood key create --scope scim --label "Entra ID"' in plain(first.text).replace("&#34;", '"')
    looked = desk.bring(FILE)
    assert counts(looked) == {"Come": 4, "Change": 0, "Leave": 0, "Stay as they are": 0}
    assert "units are not made of people yet" in plain(looked.text)
    assert "“Gehalt”" in looked.text
    assert "<code>department</code> from “Abteilung”" in looked.text
    assert stands(doors) == (0, None)
    done = desk.brought(FILE)
    assert (done.status_code, done.headers["location"]) == (303, f"{PATH}?said=brought")
    after = desk.open(done.headers["location"])
    assert "The directory says what the file says." in after.text
    assert counts(after) == {"People": 4, "Of them active": 4, "Groups": 0, "Units made": 0}
    assert tree(doors) == {}
    dry = desk.send(UNITS)
    said = plain(dry.text)
    assert "5 units on 3 levels, and 4 people" in said
    assert counts(dry)["Join"] == 5
    assert "Active people in the root, for want of a value, a group or a manager: 1." in said
    assert "Units whose value is written in several ways: 1." in said
    for unit in ("Works", "North", "sales", "South", "Plant"):
        assert f'<th scope="row">{unit}</th>' in dry.text
    assert (stands(doors), tree(doors)) == ((4, None), {})
    done = desk.send(UNITS | {"seen": seen_in(dry)}, "apply")
    assert (done.status_code, done.headers["location"]) == (303, f"{PATH}?said=made")
    assert tree(doors) == {"Works": 1, "North": 0, "sales": 2, "South": 0, "Plant": 1}
    after = desk.open(done.headers["location"])
    assert "Done. Units are made of people as it stands below." in after.text
    assert counts(after)["Units made"] == 5
    assert "Units whose value is written in several ways: 1." in plain(after.text)
    assert doors.ok("GET", "/v1/directory")["mapping"] == MAPPING


def test_what_stands_is_filled_in_and_changes_nothing(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    for mapping in (
        MAPPING,
        {"units": {"from": "attributes", "levels": ["title", "department"]}, "root": {"id": "works", "name": "Works"}},
        {"units": {"from": "groups", "prefix": "Team "}, "root": {"id": "works", "name": "Works"}},
        {"units": {"from": "manager", "named": False}, "root": {"id": "a.b", "name": "A <b>"}},
        {"units": None},
    ):
        doors.ok("PUT", "/v1/directory", mapping)
        page = desk.open().text
        assert "<b>" not in page
        again = desk.send(filled(page))
        made = "not made of people" if mapping["units"] is None else "made so"
        assert f"Nothing: units are {made} already." in plain(again.text)
        assert 'value="apply"' not in again.text
        done = desk.send(filled(page), "apply")
        assert done.headers["location"] == f"{PATH}?said=already"
        assert doors.ok("GET", "/v1/directory")["mapping"] == mapping
    assert "nothing was changed" in desk.open(f"{PATH}?said=already").text


def filled(page: str) -> dict[str, Any]:
    """What a browser would send of the form of units as it stands on the page."""
    form = next(it for it in page.split("<form") if 'action="/manage/people#units"' in it)
    fields: dict[str, Any] = {"level": []}
    for tag in re.findall(r"<input[^>]*>", form.partition("</form>")[0]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        value = said["value"].replace("&lt;", "<").replace("&gt;", ">")
        if said.get("type") not in {"radio", "checkbox"}:
            fields[said["name"]] = value
        elif " checked" in tag:
            fields[said["name"]] = [*fields["level"], value] if said["name"] == "level" else value
    return fields


@ON_SQLITE
def test_units_are_no_longer_made_of_people_and_the_roster_stays(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    desk.applied(UNITS)
    before = tree(doors)
    dry = desk.send({"from": "none"})
    assert "Units would no longer be made of people." in plain(dry.text)
    assert desk.applied({"from": "none"}).headers["location"] == f"{PATH}?said=unmade"
    assert (stands(doors), tree(doors)) == ((4, None), before)
    page = desk.open(f"{PATH}?said=unmade").text
    assert "not made of people any more" in page
    assert 'name="root_id" type="text"' in page
    assert 'value="works"' in page


@ON_SQLITE
def test_managers_units_and_the_warning_about_names(doors: Any) -> None:
    desk = Desk(doors)
    assert "Ask your works council first" in desk.open().text
    desk.brought(FILE)
    by_manager = UNITS | {"from": "manager"}
    said = plain(desk.send(by_manager).text)
    assert "Active people whose manager is not in the directory: 1." in said
    assert "Sales, team " in said
    assert desk.applied(by_manager).status_code == 303
    assert doors.ok("GET", "/v1/directory")["mapping"]["units"] == {"from": "manager", "named": False}
    named = doors.run(
        doors.client.post(PATH, data=by_manager | {"named": "yes", "action": "check"}, headers=desk.cookie)
    )
    assert '<input type="hidden" name="named" value="yes">' in named.text


def test_what_was_not_seen_is_not_applied(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    seen = seen_in(desk.send(UNITS))
    desk.brought(HEADER + "\n".join(LINES[:2]))
    refused = desk.send(UNITS | {"seen": seen}, "apply")
    assert refused.status_code == 409
    assert "no longer those you looked at" in plain(refused.text)
    assert "3 units on 3 levels, and 2 people" in plain(refused.text)
    assert (stands(doors), tree(doors)) == ((2, None), {})
    for changed in (UNITS | {"level": ["department"]}, UNITS | {"root_name": "Factory"}, UNITS | {"from": "manager"}):
        assert desk.send(changed | {"seen": seen_in(desk.send(UNITS))}, "apply").status_code == 409
    assert desk.send(UNITS, "apply").status_code == 409
    assert (stands(doors), tree(doors)) == ((2, None), {})
    again = re.search(r'name="seen" value="([0-9a-f]{64})"', refused.text)
    assert again is not None
    assert desk.send(UNITS | {"seen": again[1]}, "apply").status_code == 303
    twice = desk.send(UNITS | {"seen": again[1]}, "apply")
    assert twice.headers["location"] == f"{PATH}?said=already"


@ON_SQLITE
def test_another_way_that_was_taken_meanwhile_is_looked_at_again(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    none, seen = {"from": "none"}, seen_in(desk.send(UNITS))
    doors.ok("PUT", "/v1/directory", {"units": {"from": "manager"}, "root": {"id": "works", "name": "Works"}})
    assert desk.send(UNITS | {"seen": seen}, "apply").status_code == 409
    seen = seen_in(desk.send(none))
    doors.ok("PUT", "/v1/directory", MAPPING)
    assert desk.send(none | {"seen": seen}, "apply").status_code == 409
    assert stands(doors)[1] == MAPPING["units"]


@ON_SQLITE
def test_another_file_than_the_one_seen_is_not_applied(desk: Desk, doors: Any) -> None:
    desk.applied(UNITS)
    desk.brought(FILE)
    less = HEADER + "\n".join(LINES[:2])
    seen = seen_in(desk.bring(less))
    said = plain(desk.bring(less).text)
    assert "2 of 4 people in the directory are not in the file, and are deleted." in said
    assert "Units that leave 2" in said
    # A third, who is another one than the fourth: as many as before, and not the same.
    refused = desk.bring(HEADER + "\n".join((LINES[0], LINES[3])), "apply", seen=seen)
    assert (refused.status_code, "no longer those you looked at" in refused.text) == (409, True)
    assert desk.bring(less, "apply", seen=seen, columns="department = Bereich").status_code == 409
    assert stands(doors)[0] == 4
    assert desk.bring(less, "apply", seen=seen).status_code == 303
    assert (stands(doors)[0], tree(doors)) == (2, {"Works": 0, "North": 0, "sales": 2})
    assert desk.bring(less, "apply", seen=seen).headers["location"] == f"{PATH}?said=already"
    assert "Nothing: the directory says what the file says already." in plain(desk.bring(less).text)


@ON_SQLITE
def test_faults_stand_at_their_fields_and_nothing_changes(desk: Desk, doors: Any) -> None:
    for wrong, field in (
        ({"level": []}, "level"),
        ({"level": ["department", "department"]}, "level"),
        ({"level": ["wages"]}, "level"),
        ({"from": "groups", "prefix": "x" * 201}, "prefix"),
        ({"root_id": ""}, "root_id"),
        ({"root_id": "a b"}, "root_id"),
        ({"root_name": "x" * 201}, "root_name"),
        ({"from": "stars"}, "from"),
    ):
        reply = desk.send(UNITS | wrong)
        assert reply.status_code == 422, wrong
        assert f'id="{field}-fault"' in reply.text, wrong
        marked = re.search(rf'name="{field}"[^>]*aria-describedby="[^"]*{field}-fault" aria-invalid="true"', reply.text)
        # No ARIA says of one of several buttons that it is wrong.
        assert field == "from" or marked, wrong
        assert 'role="alert"' in reply.text
    kept = desk.send(UNITS | {"root_id": "a b"}).text
    assert 'value="a b"' in kept
    assert re.findall(r'value="(\w+)" checked', kept) == ["attributes", "division", "department"]
    edited = desk.send(UNITS | {"prefix": 'Team "<'}, "edit")
    assert (edited.status_code, 'value="Team &#34;&lt;"' in edited.text) == (200, True)
    assert desk.send(UNITS | {"other": "marmalade"}).status_code == 422
    assert stands(doors) == (0, None)


@ON_SQLITE
def test_a_root_without_a_name_is_called_by_its_id(desk: Desk, doors: Any) -> None:
    desk.applied(UNITS | {"root_name": ""})
    assert doors.ok("GET", "/v1/directory")["mapping"]["root"] == {"id": "works", "name": "works"}


@ON_SQLITE
def test_what_is_wrong_with_a_file_is_told_by_line_and_not_repeated(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    for text, fields, said in (
        ("", {}, "is not chosen yet"),
        ("mail\nAda\n", {}, "<strong>line 2, email</strong> must be one address"),
        ("mail,name\nada@x.example\n", {}, "as many cells"),
        ("mail\nada@x.example\nADA@x.example\n", {}, "<strong>line 3"),
        ("wages\n9\n", {}, "must name a column for one of"),
        ("mail,mail\na@x.example,b@x.example\n", {}, "has several columns for email"),
        ("mail\n", {}, "must name 1 to"),
        (b"mail\nK\xfcche@x.example\n", {}, "save it from the spreadsheet"),
        (FILE, {"columns": "wages = Gehalt"}, "must be field=column"),
        (FILE, {"columns": "x" * 4_001}, "at most 4000 characters"),
    ):
        for action in ("check", "apply"):
            reply = desk.bring(text, action, **fields)
            assert (reply.status_code, said in reply.text) == (422, True), said
            assert "Nothing was changed." in reply.text
    for text, fields, field in (("", {}, "file"), (b"\xff\xff", {}, "file"), (FILE, {"columns": "a"}, "columns")):
        assert f'id="{field}-fault"' in desk.bring(text, **fields).text
    assert stands(doors)[0] == 4


@ON_SQLITE
def test_columns_of_other_names_are_said_and_carried(desk: Desk, doors: Any) -> None:
    said = "department = Gehalt\nmanager ="
    looked = desk.bring(FILE, columns=said)
    assert "<code>department</code> from “Gehalt”" in looked.text
    assert f'<textarea name="columns" hidden>\n{said}</textarea>' in looked.text
    desk.brought(FILE, columns=said)
    desk.applied(UNITS | {"level": ["department"]})
    assert tree(doors) == {"Works": 0, "7": 3, "9": 1}
    edited = desk.bring("", "edit", columns="<&")
    assert (edited.status_code, "&lt;&amp;</textarea>" in edited.text) == (200, True)


@ON_SQLITE
def test_a_first_line_that_is_anything_makes_no_heavy_page(desk: Desk) -> None:
    header = "mail," + ",".join(f"{'<' * 500}{place}" for place in range(500))
    reply = desk.bring(f"{header}\na@b.example{',' * 500}\n")
    assert reply.status_code == 200
    assert len(reply.text.encode()) < 40_000
    assert "and 460 more" in reply.text


@ON_SQLITE
def test_what_keeps_the_roster_as_it_is_is_said(desk: Desk, doors: Any) -> None:
    dry = desk.send(UNITS)
    assert "The directory has no active people: the roster stays as it is." in plain(dry.text)
    assert desk.applied(UNITS).status_code == 303
    for again in (desk.open(), desk.send(UNITS)):
        assert "The directory has no active people" in plain(again.text)
    long = HEADER + f"ada@x.example;;;;{'d' * 201};;"
    looked = plain(desk.bring(long).text)
    assert "The roster would stay as it is. A unit's name must be 1 to 200" in looked.replace("&#39;", "'")
    tomorrow = Parts.today() + timedelta(days=1)
    doors.ok("PUT", f"/v1/roster?as_of={tomorrow}", {"units": [{"id": "a", "headcount": 1}]})
    assert "The day is before that of a roster on record" in plain(desk.bring(FILE).text)


def test_a_change_that_waits_is_said(desk: Desk, doors: Any) -> None:
    desk.brought(FILE)
    desk.applied(UNITS)
    waits = "follows within a minute or two"
    assert waits not in desk.open().text
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "by-hand", "headcount": 9}]})
    assert waits in plain(desk.open().text)
    directory.bring_all_up_to_date(doors.parts.database, Parts.today())
    assert waits not in plain(desk.open().text)


def test_the_roster_says_that_it_follows_and_what_is_put_by_hand_is_made_anew(desk: Desk, doors: Any) -> None:
    follows = 'The roster follows the <a href="/manage/people">directory of people</a>'
    desk.brought(FILE)
    assert follows not in desk.open("/manage/roster").text
    desk.applied(UNITS)
    page = desk.open("/manage/roster").text
    assert follows in page
    made = doors.ok("GET", "/v1/roster")["units"]
    plant = next(unit["id"] for unit in made if unit["name"] == "Plant")
    before = {plant: ["by-hand"]}
    mine = [{**it, "headcount": 7, "before": before.get(it["id"], [])} for it in made]
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "by-hand", "headcount": 9}]})
    doors.ok("PUT", "/v1/roster", {"units": mine})
    assert tree(doors)["Plant"] == 7
    directory.bring_all_up_to_date(doors.parts.database, Parts.today())
    assert tree(doors) == {"Works": 1, "North": 0, "sales": 2, "South": 0, "Plant": 1}
    [its] = [unit for unit in doors.ok("GET", "/v1/roster")["units"] if unit["id"] == plant]
    assert its["before"] == ["by-hand"]


@ON_SQLITE
def test_only_who_manages_the_whole_looks_and_only_who_has_scim_brings_a_file(doors: Any) -> None:
    for barred in (Desk(doors, "results"), Desk(doors, "manage", "scim", "results", unit="ops")):
        for reply in (barred.open(), barred.send(UNITS), barred.bring(FILE)):
            assert (reply.status_code, "This key may not read this" in reply.text) == (403, True)
            assert PATH not in reply.text
    manager = Desk(doors, "manage")
    page = manager.open().text
    assert 'name="file"' not in page
    assert "the scope scim beside manage" in plain(page)
    assert manager.send(UNITS).status_code == 200
    for action in ("check", "apply", "edit"):
        assert manager.bring(FILE, action).status_code == 403
    assert stands(doors) == (0, None)
    assert 'name="file"' in Desk(doors, "manage", "scim").open().text


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, database_url: str, request: pytest.FixtureRequest) -> Any:
    """Doors of a service that is reached under another address than it knows of itself."""
    monkeypatch.setenv("REDWOOD_PUBLIC_URL", "https://pulse.example.org/")
    return request.getfixturevalue("doors")


@ON_SQLITE
def test_the_address_is_the_one_from_outside(elsewhere: Any) -> None:
    assert "https://pulse.example.org/scim/v2<" in Desk(elsewhere).open().text


def test_what_was_seen_is_told_from_everything_else() -> None:
    day, one, two = date(2026, 3, 1), Roster((Unit("a", "A", None, 1),)), Roster((Unit("a", "A", None, 2),))
    step = Step(Roster(()), one, differences(None, one), day)
    made = Made(day, {"units": None}, step, True, ("odd",), ())
    others = [
        made,
        replace(made, day=date(2026, 3, 2)),
        replace(made, present=MAPPING),
        replace(made, step=None),
        replace(made, step=replace(step, before=two)),
        replace(made, step=replace(step, after=two)),
        replace(made, odd=()),
        replace(made, trouble=("trouble",)),
    ]
    mapped = [Mapped(Filled(), document, it) for it in others for document in (MAPPING, {"units": None})]
    file = Arriving(1, 2, 3, 4, (), (), "columns", "text", made)
    files = [replace(file, **{name: value}) for name, value in (("columns", ""), ("text", ""), ("come", 2))]
    files += [replace(file, made=it) for it in others]
    seen = [it.seen for it in (*mapped, *files)]
    assert len(set(seen)) == len(seen)
    assert replace(file, dropped=("x",)).seen == file.seen


def test_every_number_that_is_odd_has_words() -> None:
    assert list(ODD_WORDS) == list(Odd.__slots__)
    assert odd_lines({"circles": 1_234, "in_several": 0}) == [
        "Circles of managers or groups, each cut at one place: 1,234."
    ]


def test_the_root_is_the_rosters_where_it_has_one() -> None:
    one = Roster((Unit("acme", "Acme", None, 0), Unit("b", "B", "acme", 3)))
    assert filled_of(None, one, "Org") == Filled(root_id="acme", root_name="Acme")
    two = Roster((Unit("a", "A", None, 0), Unit("b", "B", None, 3)))
    assert filled_of(None, two, "Org") == Filled(root_id="all", root_name="Org")


def test_levels_stand_in_the_order_they_are_used_in() -> None:
    usual = Filled("attributes", ("department", "title"))
    assert [it.value for it in usual.offered][:3] == ["organization", "division", "department"]
    other = Filled("attributes", ("title", "department"))
    assert [it.value for it in other.offered][:3] == ["title", "department", "organization"]
    assert parse_mapping(Filled("attributes", ("title",), root_id="a").document) == UnitMapping(
        "attributes", "a", "a", ("title",)
    )


def test_a_page_of_numbers_is_small() -> None:
    around = Around("Harbour & Sons", PATH, frozenset({"manage", "scim"}), False, {})
    full = Stands(1_000_000, 999_999, 5_000, 20_000, True, odd_lines(dict.fromkeys(ODD_WORDS, 9)), ["It stays."] * 100)
    page = people_page(around, full, Filled(), "https://pulse.example.org/scim/v2")
    assert len(page.encode()) < 40_000
    assert "1,000,000" in page
    assert "Harbour &amp; Sons" in page
