"""The roster's pages: what is looked at before it happens is what happens, and every fault is told with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from service.errors import Fault, InvalidQuery
from service.pages.dashboard.frame import Around
from service.pages.manage.form import form_of
from service.pages.manage.outline import MOST_ROWS, levels, outline
from service.pages.manage.roster import EXAMPLE, Entered, roster_csv, roster_page
from service.pages.manage.roster_change import Step, roster_change_page
from service.survey.roster import Roster, Unit, arranged
from service.survey.roster_document import RosterChange, differences, kept, parse_roster_csv
from tests.pages.through import plain

DAY = date(2026, 3, 1)
AROUND = Around("Harbour & Sons", "/manage/roster", frozenset({"manage"}), False, {})
TREE = """\
id,name,parent,headcount
all,Harbour <& Sons>,,2
ops,Operations,all,3
crane,Crane team,ops,9
quay,Quay team,ops,8
"""


def wide(divisions: int, teams: int) -> Roster:
    units = [Unit("all", "Everything", None, 1)]
    for division in range(divisions):
        units.append(Unit(f"d{division}", f"Division number {division}", "all", 2))
        units += [Unit(f"d{division}t{team}", f"Team {team}", f"d{division}", 9) for team in range(teams)]
    return arranged(units)


class _Counted(tuple[str, ...]):
    """Ids, and how often all of such were looked through: a page may do so a few times, and not once for each unit."""

    looked_through = 0

    @classmethod
    def of(cls, change: RosterChange) -> RosterChange:
        cls.looked_through = 0
        return RosterChange(**{name: cls(ids) for name, ids in asdict(change).items()})

    def __iter__(self) -> Iterator[str]:
        type(self).looked_through += 1
        return super().__iter__()

    def __contains__(self, id: object) -> bool:
        type(self).looked_through += 1
        return super().__contains__(id)


def dry_run(before: str, after: str, today: date = DAY, overtaken: bool = False) -> str:
    return roster_change_page(AROUND, step(before, after), after, today=today, overtaken=overtaken)


def step(before: str, after: str, day: date = DAY) -> Step:
    was = parse_roster_csv(before) if before else Roster(())
    now = kept(was, parse_roster_csv(after))
    return Step(was, now, differences(was, now), day)


def test_a_small_roster_is_open_to_its_leaves() -> None:
    shown = outline(parse_roster_csv(TREE))
    assert [(it.id, it.depth, it.people, it.total, it.closed) for it in shown.lines] == [
        ("all", 0, 2, 22, 0),
        ("ops", 1, 3, 20, 0),
        ("crane", 2, 9, 9, 0),
        ("quay", 2, 8, 8, 0),
    ]
    assert (shown.path, shown.previous, shown.next) == ((), None, None)


def test_a_large_one_is_closed_by_branch_and_opens_one_by_one() -> None:
    roster = wide(30, 40)
    whole, one = outline(roster), outline(roster, "d7")
    assert len(whole.lines) <= MOST_ROWS
    assert {it.closed for it in whole.lines if it.id.startswith("d") and "t" not in it.id} >= {40}
    assert [it.id for it in one.lines][:2] == ["d7", "d7t0"]
    assert len(one.lines) == 41
    assert one.path == (("all", "Everything"), ("d7", "Division number 7"))
    page = roster_page(AROUND, roster, whole, DAY, DAY, Entered())
    assert len(page.encode()) < 40_000
    assert 'href="/manage/roster?day=2026-03-01&amp;below=d7#tree">+ 40 units' in page


def test_many_units_side_by_side_are_paged() -> None:
    flat = arranged(Unit(f"u{number:04}", f"Unit {number}", None, 5) for number in range(2 * MOST_ROWS + 1))
    pages = [outline(flat, first=first) for first in (0, MOST_ROWS, 2 * MOST_ROWS)]
    assert [len(it.lines) for it in pages] == [MOST_ROWS, MOST_ROWS, 1]
    assert [(it.previous, it.next) for it in pages] == [(None, MOST_ROWS), (0, 2 * MOST_ROWS), (MOST_ROWS, None)]
    assert "Those after" in roster_page(AROUND, flat, pages[0], DAY, DAY, Entered())


def test_levels_are_counted() -> None:
    assert [levels(it) for it in (Roster(()), parse_roster_csv(TREE), wide(2, 2))] == [0, 3, 3]


def test_what_is_taken_away_can_be_brought_back() -> None:
    text = TREE + 'yard,"Yard, ""old"" and new",ops,7\n'
    roster = arranged([*parse_roster_csv(text).units, Unit("dock", "=SUM(A1)", "ops", 4, ("basin", "pier"))])
    assert parse_roster_csv(roster_csv(roster)) == roster
    assert parse_roster_csv(roster_csv(EXAMPLE)) == EXAMPLE
    assert next(csv.reader(io.StringIO(roster_csv(roster)))) == ["id", "name", "parent", "headcount", "before"]


def test_every_change_is_listed_in_words() -> None:
    after = (
        "id,name,parent,headcount,before\nall,Harbour <& Sons>,,2,\nops,Operations,all,3,\n"
        "crane,Crane crew,all,11,\ndock,Dock team,ops,8,quay\npier,Pier,ops,2,\n"
    )
    page = dry_run(TREE, after)
    said = plain(page)
    assert "5 units instead of 4, and 26 people instead of 22. Nothing is changed yet." in said
    counts = dict(re.findall(r"<dt>(.*?)</dt><dd>(\d+)</dd>", page))
    assert counts == {"Join": "2", "Leave": "1", "Move": "1", "Renamed": "1", "New size": "1", "Take over others": "1"}
    for row in (
        "Dock team dock Operations 8",
        "Pier pier Operations 2",
        "Quay team quay Operations 8",
        "Dock team dock Quay team (quay) in the place of one that is gone",
        "Crane crew crane Operations Harbour &lt;&amp; Sons&gt;",
        "crane Crane team Crane crew",
        "Crane crew crane 9 11",
    ):
        assert row in said
    assert "1 unit has fewer than 4 people" in said
    assert "Nobody takes over" not in said


def test_what_looks_like_a_slip_is_asked_about() -> None:
    renumbered = TREE.replace("crane,", "x-crane,").replace("quay,", "x-quay,")
    assert "leave and join under another id: 2." in dry_run(TREE, renumbered)
    part = "id,headcount\nall,2\n"
    said = plain(dry_run(TREE, part, today=date(2026, 2, 1)))
    assert "3 of 4 units leave" in said
    assert "from 22 to 2 people" in said
    assert "begins on a day to come" in said
    assert "begins on a day to come" not in dry_run(TREE, part)


def test_the_same_again_has_nothing_to_apply() -> None:
    page = dry_run(TREE, TREE)
    assert "stands just so already" in page
    assert 'value="apply"' not in page
    assert 'value="apply"' in dry_run("", TREE)


def test_one_is_not_said_as_many_and_what_stays_is_not_said_to_change() -> None:
    alone = plain(dry_run("", "id,headcount\na,5\n"))
    assert "there would be 1 unit, and 5 people." in alone
    resized = plain(dry_run(TREE, TREE.replace("ops,9", "ops,8")))
    assert "there would be 4 units as now, and 21 people instead of 22." in resized


def test_a_dry_run_takes_time_in_proportion_and_carries_no_long_text_back() -> None:
    before, after = wide(4, 1_500), wide(4, 1_500)
    renamed = Roster(
        tuple(replace(unit, id=f"x{unit.id}", parent=unit.parent and f"x{unit.parent}") for unit in after.units)
    )
    change = _Counted.of(differences(before, renamed))
    page = roster_change_page(
        AROUND, Step(before, renamed, change, DAY), roster_csv(renamed), today=DAY, overtaken=False
    )
    assert _Counted.looked_through < 100
    assert len(page.encode()) < 60_000
    assert '<input id="file"' in page
    assert "Choose its file again" in page
    assert '<textarea name="text" hidden>' in dry_run("", TREE)
    faulty = roster_page(AROUND, before, outline(before), DAY, DAY, Entered("x" * 1_000_000, "", [Fault("text", "no")]))
    assert len(faulty.encode()) < 60_000
    assert "too long to be given back" in faulty


def test_a_step_is_told_from_every_other() -> None:
    more = TREE + "pier,Pier,ops,5\n"
    steps = [step(TREE, more), step("", more), step(TREE, TREE), step(TREE, more, date(2026, 3, 2))]
    assert len({it.seen for it in steps}) == 4
    assert step(TREE, more).seen == steps[0].seen


def test_each_fault_stands_with_its_line() -> None:
    text = "id,headcount\nall,2\n<b>,many\n"
    with pytest.raises(Exception, match="line 3") as caught:
        parse_roster_csv(text)
    entered = Entered(text, "2026-03-01", caught.value.faults)  # type: ignore[attr-defined]
    page = roster_page(AROUND, Roster(()), outline(Roster(())), DAY, DAY, entered)
    assert page.count("<code>&lt;b&gt;,many</code>") == 2
    assert "<strong>line 3, headcount</strong> must be a whole number" in page
    assert "id,headcount\nall,2\n&lt;b&gt;,many\n</textarea>" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    "fields", [[("other", "marmalade")], [("text", "a"), ("text", "marmalade")], [("text", "marmalade\0")]]
)
def test_a_form_no_page_sends_is_refused_and_not_repeated(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidQuery) as caught:
        form_of(fields, once={"text"})
    assert "marmalade" not in str(caught.value)


def test_a_form_is_read_to_its_end() -> None:
    sent = [
        ("day", "tomorrow"),
        ("k", "٤"),
        ("kind", "odd"),
        ("item", "a"),
        ("item", "b"),
        ("text", " one\r\n\r\n two "),
    ]
    form = form_of(sent, once={"day", "k", "kind", "text"}, many={"item"})
    assert (form.day("day", DAY), form.number("k"), form.choice("kind", "plain", "fine")) == (DAY, None, "plain")
    assert [fault.where for fault in form.faults] == ["day", "k", "kind"]
    assert (form.chosen("item"), form.lines("text"), form.text("absent")) == (("a", "b"), ["one", "two"], "")


@pytest.fixture
def manager(doors: Any) -> Callable[..., Any]:
    """Requests of a browser that is signed in; a dictionary is posted as the page's own multipart form."""
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))

    def ask(path: str, fields: dict[str, Any] | None = None, file: bytes = b"", **headers: str) -> Any:
        if fields is None:
            return doors.run(doors.client.get(path))
        parts = [(name, (None, value)) for name, value in fields.items()]
        if file:
            parts.append(("file", ("roster.csv", file)))  # type: ignore[arg-type]
        return doors.run(doors.client.post(path, files=parts, headers=headers))

    return ask


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_from_nothing_to_a_roster(manager: Callable[..., Any], doors: Any) -> None:
    assert "The first step" in manager("/manage/roster").text
    checked = manager(
        "/manage/roster", {"text": "", "day": "", "action": "check"}, file=b"\xef\xbb\xbf" + TREE.encode()
    )
    assert checked.status_code == 200
    assert doors.ok("GET", "/v1/roster")["units"] == []
    day = re.search(r'name="day" value="([-0-9]{10})"', checked.text)
    assert day is not None
    fields = {"text": TREE, "day": day[1], "seen": seen_in(checked.text), "action": "apply"}
    applied = manager("/manage/roster", fields)
    assert (applied.status_code, applied.headers["location"]) == (303, f"/manage/roster?day={day[1]}&saved=yes")
    after = manager(applied.headers["location"])
    assert "From " in after.text
    assert "Harbour &lt;&amp; Sons&gt;" in after.text
    assert [unit["headcount"] for unit in doors.ok("GET", "/v1/roster")["units"]] == [2, 3, 9, 8]
    taken = manager("/manage/roster.csv")
    assert taken.headers["content-disposition"] == 'attachment; filename="roster.csv"'
    assert parse_roster_csv(taken.text) == parse_roster_csv(TREE)
    assert parse_roster_csv(manager("/manage/roster/example.csv").text) == EXAMPLE


def test_what_was_not_seen_is_not_applied(manager: Callable[..., Any], doors: Any) -> None:
    checked = manager("/manage/roster", {"text": TREE, "day": "", "action": "check"})
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    fields = {"text": TREE, "day": "", "seen": seen_in(checked.text), "action": "apply"}
    refused = manager("/manage/roster", fields)
    assert refused.status_code == 409
    assert "no longer the one you looked at" in refused.text
    assert len(doors.ok("GET", "/v1/roster")["units"]) == 1
    again = manager("/manage/roster", {**fields, "seen": seen_in(refused.text)})
    assert again.status_code == 303


def test_what_stands_already_is_no_failure(manager: Callable[..., Any], doors: Any) -> None:
    checked = manager("/manage/roster", {"text": TREE, "day": "2026-02-03", "action": "check"})
    fields = {"text": TREE, "day": "2026-02-03", "seen": seen_in(checked.text), "action": "apply"}
    assert manager("/manage/roster", fields).headers["location"].endswith("saved=yes")
    again = manager("/manage/roster", fields)
    assert (again.status_code, again.headers["location"]) == (303, "/manage/roster?day=2026-02-03&saved=already")
    after = manager(again.headers["location"])
    assert "The roster you sent stands already." in after.text
    assert 'role="alert"' not in after.text
    assert len(doors.ok("GET", "/v1/roster")["units"]) == 4


def test_characters_that_are_no_text_are_told_with_their_line(manager: Callable[..., Any]) -> None:
    wrong = manager("/manage/roster", {"text": "id,headcount\na\0b,3\n", "day": "", "action": "check"})
    assert wrong.status_code == 422
    assert "<strong>line 2</strong> holds a character that is no text" in wrong.text
    assert "ab,3\n</textarea>" in wrong.text


def test_what_is_wrong_is_said_and_the_text_stays(manager: Callable[..., Any], doors: Any) -> None:
    wrong = manager("/manage/roster", {"text": "id,headcount\nt1,few\n", "day": "", "action": "check"})
    assert wrong.status_code == 422
    assert "line 2, headcount" in wrong.text
    assert "t1,few\n</textarea>" in wrong.text
    for fields, file, said in (
        ({"text": " ", "day": ""}, b"", "paste the roster, or choose a file"),
        ({"text": "", "day": ""}, "id,headcount\nK\xfcche,3".encode("latin-1"), "UTF-8"),
        ({"text": TREE, "day": "soon"}, b"", "must be a day as 2026-01-31"),
        ({"text": TREE, "day": "2999-01-01"}, b"", "more than a year ahead"),
    ):
        reply = manager("/manage/roster", {**fields, "action": "check"}, file=file)
        assert (reply.status_code, said in reply.text) == (422, True), said
    doors.ok("PUT", "/v1/roster?as_of=2026-01-02", {"units": [{"id": "all", "headcount": 9}]})
    early = manager("/manage/roster", {"text": TREE, "day": "2026-01-01", "action": "check"})
    assert early.status_code == 409
    assert "cannot be dated before" in early.text
    edited = manager("/manage/roster", {"text": TREE, "day": "2026-02-03", "action": "edit"})
    assert (edited.status_code, 'value="2026-02-03"' in edited.text) == (200, True)


def test_only_whole_managers_on_pages_of_ours(manager: Callable[..., Any], doors: Any) -> None:
    fields = {"text": TREE, "day": "", "action": "check"}
    elsewhere = manager("/manage/roster", fields, origin="https://elsewhere.example")
    assert (elsewhere.status_code, "This form came from another address" in elsewhere.text) == (403, True)
    assert "key" not in plain(elsewhere.text)
    assert manager("/manage/roster?below=nowhere").status_code == 404
    odd = manager("/manage/roster", {**fields, "other": "marmalade"})
    assert (odd.status_code, "marmalade" in odd.text) == (422, False)
    for headers in (doors.key("results"), doors.key("manage", "results", unit="ops")):
        key = headers["Authorization"].removeprefix("Bearer ")
        doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
        assert manager("/manage/roster").status_code == 403
        assert manager("/manage/roster.csv").status_code == 403
        assert manager("/manage/roster/example.csv").status_code == 403
        assert manager("/manage/roster", fields).status_code == 403
