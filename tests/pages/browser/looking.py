"""A page as a browser shows it: what axe finds, whether it scrolls sideways, whom it asks, what is complained of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page, ViewportSize

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NARROWEST: ViewportSize = {"width": 360, "height": 780}
_OPTIONS = {"resultTypes": ["violations"], "preload": False}


@dataclass(slots=True)
class Seen:
    """What is wrong with a page: by size and theme what axe found, by width how much wider the document is, what it
    asked of other origins, and what the browser complained of."""

    axe: dict[str, list[str]] = field(default_factory=dict)
    wider: dict[int, int] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def watched(context: BrowserContext, address: str, seen: Seen) -> Page:
    """A new page whose requests elsewhere and complaints are written down; content policy stands as it is sent."""
    page = context.new_page()
    page.on("request", lambda it: None if it.url.startswith(f"{address}/") else seen.foreign.append(it.url))
    page.on("console", lambda it: seen.complaints.append(it.text) if it.type in {"error", "warning"} else None)
    page.on("pageerror", lambda it: seen.complaints.append(str(it)))
    return page


def look(page: Page, seen: Seen, state: str = "") -> None:
    """The page as it stands, loaded once: each theme and each size once, since each run of axe takes a second.

    `state` names it among others.
    """
    page.evaluate(AXE)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    _ask(page, seen, f"{state} desktop light".strip())
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    _ask(page, seen, f"{state} phone dark".strip())
    for size in (NARROWEST, DESKTOP):
        page.set_viewport_size(size)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            seen.wider[size["width"]] = wider


def _ask(page: Page, seen: Seen, how: str) -> None:
    found = page.evaluate("options => axe.run(options)", _OPTIONS)
    told = [f"{it['id']}: {it['nodes'][0]['html'][:160]}" for it in found["violations"]]
    if told:
        seen.axe[how] = told
