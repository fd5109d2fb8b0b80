"""Whatever hands out CSV is known here, and no text in it begins a formula, whichever way a spreadsheet cuts it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from service.exports.table import Column, Table
from service.exports.text import as_csv
from service.pages.manage.roster import roster_csv
from service.survey.roster import Roster, Unit
from service.survey.wording import is_id

SERVICE = Path(__file__).parents[2] / "service"
BEGINS = "=+-@＝＋－＠"
EVIL = [
    *(f"{sign}1+1" for sign in BEGINS),
    *(
        f"{before}{sign}cmd"
        for sign in BEGINS
        for before in (" ", '"', '""', '" ', "x;", "x,", "x\t", "x|", 'x"', 'x";"')
    ),
    "\ttab",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"x")',
]
#: Wherever some program might begin a cell.
_CUT = re.compile("[,;|\t\r\n]")


def test_all_places_that_write_csv_are_those_looked_at() -> None:
    """Names of people and units come from elsewhere: a new place has to be thought about, and asked for below."""
    found = {
        file.relative_to(SERVICE).as_posix()
        for file in SERVICE.rglob("*.py")
        if re.search(r"\bcsv\.(Dict)?[wW]riter\b|\bdef \w*csv_pieces\b", file.read_text("utf-8"))
    }
    assert found == {
        "exports/text.py",
        "pages/manage/roster.py",
        # Ids of units and tokens only, see the last test.
        "pages/manage/inviting.py",
        "commands/setting_up.py",
    }


def begins_formula(cell: str) -> bool:
    """Whether a spreadsheet would take it for one; a number is none, whatever its sign."""
    bare = cell.strip().strip('"').strip()
    return bare.startswith(tuple(BEGINS)) and not re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", bare)


def every_cell(content: str) -> list[str]:
    """As whoever reads it rightly gets them, and as whoever cuts at every separator does."""
    return [cell for line in csv.reader(io.StringIO(content, newline="")) for cell in line] + _CUT.split(content)


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_begins_a_formula(evil: str) -> None:
    table = Table("t", (Column("a", "text", "", ""), Column("b", "number", "", "")), [(evil, -1.5), ("x", -2e-30)])
    roster = Roster((Unit("all", "all", None, 0), Unit("one", evil, "all", 5)))
    for content in (as_csv(table).decode(), roster_csv(roster)):
        assert [cell for cell in every_cell(content) if begins_formula(cell)] == []


def test_numbers_stay_numbers() -> None:
    columns = (Column("a", "text", "", ""), Column("b", "number", "", ""), Column("c", "integer", "", ""))
    assert as_csv(Table("t", columns, [("-1", -1.5, -3)])) == b"a,b,c\r\n'-1,-1.5,-3\r\n"


@pytest.mark.parametrize("evil", EVIL)
def test_no_id_begins_one(evil: str) -> None:
    assert not is_id(evil)
