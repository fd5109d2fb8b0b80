"""Every number on a page and in its pictures: each must be some figure of the API's rows for that key, rounded."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from tests.journeys.crawl_pages import Node
from tests.journeys.crawl_view import View
from tests.journeys.crawl_written import shown
from tests.journeys.crawling import Row

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
#: What has digits and is no figure: dates, pulses' labels, items, names of coefficients, ids.
_WORDS = re.compile(
    r"\d{4}-\d\d-\d\d|(?:\d{1,2} |\b)[A-Z][a-z]{2,8} \d{4}\b"
    r"|Pulse \d|\bA4\b|\b[A-Z]{2}\d\b|ICC\(\d\)|[a-z0-9]{12,}"
)
#: Ends of the scale and of colours, levels of confidence, years of the literature, conventions.
ALWAYS = {"0", "25", "50", "75", "100", "95", "90", "19", "20", "8", "92", "1"}
ALWAYS |= {"34", "35", "44", "45", "54", "55", "64", "65", "74", "84", "85", "40", "1.00", "50100"}
_CONVENTIONS = {".1", ".10", ".25", ".3", ".5", ".50", ".7", ".70", ".8", ".05", "0", "1", "5"}
#: Explained in prose that is the same on every page of its kind.
_PROSE = {"details", "form", "nav", "code", "dl", "header", "footer"}


def check_numbers(view: View) -> None:
    may = known(view)
    for said in _said(view.page.main):
        check_text(said, may, f"{view.page.address} with {view.page.key.name}")


def known(view: View) -> set[str]:
    """What numbers may stand on the page and in its pictures."""
    about = view.pulse, view.page.chosen.get("unit")
    if about not in view.told.written:
        view.told.written[about] = explained(view.told.about(*about))
    return view.told.written[about] | ALWAYS | _computed(view)


def check_text(said: str, known: set[str], where: str) -> None:
    for number in _NUMBER.findall(_WORDS.sub("", said)):
        assert number.replace(",", "") in known or number in _CONVENTIONS, f"{where}: {number} in “{said}”"


def explained(rows: Iterable[Row]) -> set[str]:
    """Every way in which a figure of these rows may be written."""
    found: set[str] = set()
    for row in rows:
        for name, value in row.items():
            for figure in value if isinstance(value, list) else [value]:
                if isinstance(figure, int | float) and not isinstance(figure, bool):
                    found.update(_written(name, abs(figure)))
        found.update(_shares(row.get("distribution")))
        if row.get("low") is not None and row.get("score") is not None:
            found.add(str(round(max(row["high"] - row["score"], row["score"] - row["low"]))))
    return found


def _written(name: str, figure: float) -> Iterator[str]:
    if figure == int(figure):
        yield str(int(figure))
    for places in (0, 1, 2):
        yield f"{figure:.{places}f}"
    yield f"{figure:.2f}".removeprefix("0")
    if figure <= 1:
        yield f"{100 * figure:.0f}"
    if name in ("at_least", "at_most", "minimum_detectable_change"):
        yield from (str(math.floor(figure + 1e-6)), str(math.ceil(figure - 1e-6)))


def _shares(counts: list[int] | None) -> Iterator[str]:
    for count in counts or ():
        yield str(round(100 * count / max(sum(counts or ()), 1)))


def _computed(view: View) -> set[str]:
    """The threshold, and counts of units, of items and of what was tested, which pages take of the API's rows."""
    path, counts = view.page.path, [view.world.thresholds[view.pulse]]
    part = view.told.some("participation", pulse=view.pulse)
    if path in ("/dashboard", "/dashboard/report"):
        counts += _unsaid(view)
    if path == "/dashboard/quality":
        counts += [len(part), sum(map(shown, part)), *range(len(view.told.some("items", pulse=view.pulse)) + 1)]
    if path in ("/dashboard/archetypes", "/dashboard/drivers"):
        counts += [30, *range(len(part) + 1)]
    if path == "/dashboard/changes":
        counts.append(sum(it["verdict"] != "not_enough" for it in view.told.some("changes", pulse=view.pulse)))
    return set(map(str, counts))


def _unsaid(view: View) -> list[int]:
    """How many units are below the page's, and how many of these are withheld, or in part."""
    below = [unit for unit in view.units if view.unit in view.above(unit)]
    part = [view.told.one("participation", view.pulse, unit) for unit in below]
    silent = [row["unit"] for row in part if row and not shown(row)]
    blocks = [
        row
        for unit in below
        for row in view.told.some("results", unit=unit, pulse=view.pulse, item=None, by=None)
        if unit not in silent and row["status"] == "suppressed" and row["block"] != "kinds"
    ]
    return [len(below), len(silent), len({row["unit"] for row in blocks})]


def _said(node: Node) -> Iterator[str]:
    """Texts that belong together, of what is told of answers."""
    for child in node.children:
        if isinstance(child, Node) and child.tag in (
            "td",
            "th",
            "p",
            "li",
            "text",
            "title",
            "desc",
            "h1",
            "figcaption",
        ):
            yield child.text
            yield from (it.attributes["aria-label"] or "" for it in child.every if "aria-label" in it.attributes)
        elif isinstance(child, Node) and child.tag not in _PROSE:
            yield from _said(child)
        elif isinstance(child, Node) and child.tag == "details":
            yield from (it.text for it in child.all("td"))
