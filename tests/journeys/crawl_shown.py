"""Whether a page shows what the API tells the same key: every table and list of figures cell by cell, every name, and
every number anywhere on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from tests.journeys import crawl_findings, crawl_tables
from tests.journeys.crawl_figures import check_numbers
from tests.journeys.crawl_lists import check_lists
from tests.journeys.crawl_pages import Page
from tests.journeys.crawl_tables import Lines
from tests.journeys.crawl_told import Told
from tests.journeys.crawl_view import View, World

_Expected = Callable[[View, list[str]], Lines]

#: What a table must say, by the page, its first heading, and its second unless that is a block's name.
TABLES: Mapping[tuple[str, str, str], _Expected] = {
    ("/dashboard/units", "Unit", ""): crawl_tables.heat,
    ("/dashboard/unit", "Block", "Score"): crawl_tables.block_figures,
    ("/dashboard/unit", "Pulse", "Closed"): crawl_tables.course,
    ("/dashboard/unit", "Block", "Pulse"): crawl_tables.others,
    ("/dashboard/unit", "Statement", "Score"): crawl_tables.items,
    ("/dashboard/unit", "Block", "In words"): crawl_tables.agreement,
    ("/dashboard/unit", "Stated", ""): crawl_tables.stated,
    ("/dashboard/changes", "Unit", ""): crawl_tables.moves,
    ("/dashboard/report", "Block", "0 to 50100"): crawl_tables.sheet,
    ("/dashboard/quality", "Block", "Verdict"): crawl_findings.coefficients,
    ("/dashboard/quality", "Block", "Teams that show all distributions"): crawl_findings.agreeing,
    ("/dashboard/quality", "Item", "Verdict"): crawl_findings.items,
    ("/dashboard/quality", "Pulse", ""): crawl_findings.pulses,
    ("/dashboard/lenses", "Unit", "Over-reliance"): crawl_findings.leaning,
    ("/dashboard/lenses", "Unit", "The work"): crawl_findings.keeping,
    ("/dashboard/archetypes", "Archetype", "Teams expected"): crawl_findings.profiles,
    ("/dashboard/archetypes", "Team", "Archetype"): crawl_findings.members,
}
#: Of the crawl's organisation these say nothing: too few teams, no lens of ours, no block with all distributions.
NEVER = {table for table in TABLES if table[0] in ("/dashboard/lenses", "/dashboard/archetypes")}
NEVER |= {
    ("/dashboard/unit", "Block", "In words"),
    ("/dashboard/quality", "Block", "Teams that show all distributions"),
}

#: Units of the crawl are called by their ids; some of these are words that stand on a page anyhow.
_NAMED = re.compile(r"\bUnit ([a-z]+(?:-[a-d])?)\b|\b((?:ops|lab|shop)-[a-d])\b|\b(?:unit|branch|below)=([\w-]+)")


def check_page(page: Page, told: Told, world: World) -> Counter[tuple[str, str, str]]:
    """Which tables the page had."""
    check_names(page, world)
    found: Counter[tuple[str, str, str]] = Counter()
    if "pulse" not in page.chosen or not page.path.startswith("/dashboard"):
        assert not list(page.tables()) or page.path.startswith("/manage"), page.address
        return found
    view = View(page, told, world)
    for headings, rows in page.tables():
        table = _which(page.path, headings, world)
        wanted = TABLES[table](view, headings)
        if table[1] == "Item":
            rows = [[first.partition(" ")[0], *rest] if rest else [first] for first, *rest in rows]
        assert rows == wanted, f"{page.address} with {page.key.name}: {headings}\n{_unlike(rows, wanted)}"
        found[table] += 1
    check_lists(view)
    check_numbers(view)
    return found


def _which(path: str, headings: list[str], world: World) -> tuple[str, str, str]:
    first, second = headings[:2]
    named = (path, first, second)
    table = named if named in TABLES or second not in {*world.blocks, "Took part"} else (path, first, "")
    assert table in TABLES, f"the crawler does not know the table of {first} by {second} on {path}"
    return table


def _unlike(rows: Lines, wanted: Lines) -> str:
    unlike = [f"{row}\nrather than\n{its}" for row, its in zip(rows, wanted, strict=False) if row != its]
    return "\n".join([f"{len(rows)} rows, {len(wanted)} expected", *unlike[:3]])


def check_names(page: Page, world: World) -> None:
    """A key bound to a unit is named nothing outside it, as it stood in the pulse the page is about."""
    if page.key.unit is None:
        return
    pulse = page.chosen.get("pulse") or page.asked.get("pulse")
    seen = world.seen.get(pulse or "", frozenset().union(*world.seen.values()))
    for found in _NAMED.finditer(page.source):
        unit = next(it for it in found.groups() if it)
        asked = found[3] is not None and unit == page.asked.get("unit")
        assert unit in seen or asked, f"{page.address} with {page.key.name} names {unit}"
    assert set(page.offered.get("unit", ())) <= seen, page.address
