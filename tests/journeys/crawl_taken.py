"""What is taken away from pages, and what no page gives: pictures, tables as CSV, and addresses that are shut."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from urllib.parse import urlencode

from tests.journeys.crawl_figures import ALWAYS, check_text, known
from tests.journeys.crawl_pages import Browser, Page, asked_of, path_of
from tests.journeys.crawl_shown import check_names
from tests.journeys.crawl_told import as_of
from tests.journeys.crawl_view import View, World
from tests.journeys.crawling import Key

#: The points of a scale are named before any answer.
_SCALE = "From the left: "
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
#: Pages with something to take away. What a leader forecast nobody here did.
PICTURED = {"/dashboard", *(f"/dashboard/{name}" for name in ("units", "unit", "changes", "quality", "archetypes"))}
#: What the API narrows each table by: a page may carry more along.
_NARROWED = {"unit": {"changes", "alerts", "clusters", "agreement", "interdependence", "coordination"}}
_NARROWED["block"] = {"changes", "alerts", "quality", "items", "agreement"}
_NARROWED["unit"] |= {"results", "heatmap", "trends"}
_NARROWED["block"] |= {"results", "heatmap", "trends"}
#: Pages about one unit; those about a pulse, which every key with results may read; and pictures of both.
_OF_UNITS = ("", "/unit", "/report", "/overview/blocks.svg", "/unit/blocks.svg", "/unit/items.svg")
_OF_FINDINGS = ("/unit/trend.svg", "/unit/trends.svg", "/lenses", "/lenses/quadrant.svg", "/lenses/fit.svg")
_WHOLE = ("/quality", "/quality/coefficients.svg", "/drivers", "/drivers/shares.svg")
_WHOLE += ("/archetypes/map.svg", "/archetypes/profiles.svg")


def check_taken(browser: Browser, view: View, done: set[str]) -> int:
    """Every picture and table that the page offers and that is not `done` yet; gives how many."""
    offered = [it for it in view.page.links if it.endswith(".svg") or ".svg?" in it or ".csv" in path_of(it)]
    fresh = [it for it in offered if it not in done]
    done.update(fresh)
    for address in fresh:
        reply = browser.get(address)
        assert reply.status_code == 200, f"{address} with {browser.key.name}: {reply.status_code}"
        if path_of(address).endswith("/trends.csv"):
            _check_course(view, address, reply.text)
        elif path_of(address).endswith(".csv"):
            check_csv(browser, address)
        else:
            _check_picture(view, Page(browser.key, address, reply.text))
    return len(fresh)


def _check_picture(view: View, picture: Page) -> None:
    """Its words and numbers are the page's own, and each may be known to the key."""
    check_names(picture, view.world)
    may = known(view)
    shown = set(_NUMBER.findall(view.page.main.text)) | {it.removeprefix("0") for it in ALWAYS} | ALWAYS
    for words in picture.root.every:
        if words.tag in ("text", "title", "desc") and not words.text.startswith(_SCALE):
            check_text(words.text, may, f"{picture.address} with {picture.key.name}")
            assert set(_NUMBER.findall(words.text)) <= shown, (picture.address, words.text)


def _check_course(view: View, address: str, taken: str) -> None:
    """Of trends the API was asked when the pulse was the last; compared are points, and what is withheld of them."""
    names = ("pulse", "unit", "block", "status", "n", "score", "smoothed", "climate", "change")
    only = {name: value for name, value in asked_of(address).items() if name != "pulse"}
    wanted = [[_cell(row[it]) for it in names] for row in view.told.some(as_of(view.pulse), **only)]
    found = [[row[it] for it in names] for row in csv.DictReader(io.StringIO(taken, newline=""))]
    assert found == wanted, f"{address} with {view.page.key.name}"


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def check_csv(browser: Browser, address: str) -> None:
    """A page's table is, byte by byte, what the API answers the same key, and is refused alike."""
    asked, name = asked_of(address), path_of(address).rpartition("/")[2].removesuffix(".csv")
    path = f"/v1/{name}"
    if name == "participation":
        path = f"/v1/pulses/{asked.pop('pulse')}/participation"
    known = {it: value for it, value in asked.items() if name in _NARROWED.get(it, {name})}
    told = browser.doors.call("GET", f"{path}?{urlencode({**known, 'format': 'csv'})}", headers=browser.key.headers)
    taken = browser.get(address)
    assert taken.status_code == told.status_code, f"{address} with {browser.key.name}: {taken.status_code}"
    assert taken.status_code != 200 or taken.content == told.content, f"{address} with {browser.key.name}"


def check_tables(browser: Browser, world: World, tables: Iterable[str]) -> None:
    """Every table, linked or not: of one pulse, of whichever it is without one, and of a unit and block, which not
    every table is narrowed by."""
    pulse, unit = list(world.pulses)[-1], min(set().union(*world.seen.values()))
    for name in tables:
        address = f"/dashboard/tables/{name}.csv"
        if name != "trends":
            check_csv(browser, f"{address}?pulse={pulse}")
        if name != "participation":
            check_csv(browser, address)
            check_csv(browser, f"{address}?unit={unit}&block=safety")


def check_shut(browser: Browser, world: World, key: Key) -> None:
    """Without the scope nothing is read; a bound key finds nothing of units outside its own, nor of the whole."""
    pulse = list(world.pulses)[-1]
    for path in (*_OF_UNITS, *_OF_FINDINGS, *_WHOLE, "/units", "/changes", "/archetypes"):
        _check_refused(browser, f"/dashboard{path}?pulse={pulse}", _refused(key, path))
    if key.unit is None or "results" not in key.scopes:
        return
    outside = sorted(set().union(*world.everything.values()) - set().union(*world.seen.values()))[::9]
    for unit in outside:
        for path in (*_OF_UNITS, *(_OF_FINDINGS if "analytics" in key.scopes else ())):
            _check_refused(browser, f"/dashboard{path}?pulse={pulse}&unit={unit}", {404})
        for path in ("/units", "/units/heatmap.svg", *(("/changes",) if "analytics" in key.scopes else ())):
            _check_refused(browser, f"/dashboard{path}?pulse={pulse}&branch={unit}", {404})


def _refused(key: Key, path: str) -> set[int]:
    if "results" not in key.scopes:
        return {403} if path or "manage" not in key.scopes or key.unit else {303}
    findings = path in (*_OF_FINDINGS, *_WHOLE, "/changes", "/archetypes")
    if findings and ("analytics" not in key.scopes or (path in _WHOLE and key.unit)):
        return {403}
    return {200, 404} if path.endswith(".svg") else {200}


def _check_refused(browser: Browser, address: str, expected: set[int]) -> None:
    status = browser.get(address).status_code
    assert status in expected, f"{address} with {browser.key.name}: {status}, not {expected}"
