"""A person at the respondent's pages who has a keyboard and nothing else, and what the service then holds of her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from service.operations.collect import asked_pulse, collected_values
from service.survey.response import Reader
from tests.opened import opened
from tests.pages.browser.organisation import ASKED, Site
from tests.pages.browser.organisation import BANDS as DECLARED

Received = list[tuple[bytes, bytes]]

#: What the person chooses, by statement: one is passed over, and one is changed when it is looked over again.
CHOSEN = dict(zip(ASKED, (4, 5, None, 2, 3), strict=True))
BANDS = {"tenure": "1 to 3 years"}


def fresh(chromium: Browser, **options: Any) -> BrowserContext:
    """A browser nobody has used. A colour on its way to another is none to be measured: nothing moves."""
    context = chromium.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(45_000)
    return context


def follow(page: Page, site: Site, token: str) -> None:
    """Open the link of an invitation, and do nothing else."""
    page.goto(f"{site.address}/answer#{token}")
    page.wait_for_selector("#answers fieldset", state="attached")


def begin(page: Page, site: Site, token: str) -> None:
    follow(page, site, token)
    page.keyboard.press("Shift")


def at_the_review(page: Page, site: Site, token: str) -> None:
    begin(page, site, token)
    fill(page, CHOSEN)
    go(page, "#answers .sending button.primary")
    page.wait_for_selector("ol.review")


def fill(page: Page, chosen: Mapping[str, int | None]) -> None:
    """Tab from group to group; within one the arrow keys choose."""
    said = {f"item.{item}": "-" if point is None else str(point) for item, point in chosen.items()}
    said |= {f"band.{band}": str(DECLARED[band].index(value) + 1) for band, value in BANDS.items()}
    for name, value in said.items():
        tab_to(page, f"input[name='{name}']")
        page.keyboard.press("Space")
        values = page.locator(f"input[name='{name}']").evaluate_all("all => all.map(it => it.value)")
        for _ in range(values.index(value)):
            page.keyboard.press("ArrowDown")
        assert page.locator(f"input[name='{name}']:checked").get_attribute("value") == value


def go(page: Page, button: str) -> None:
    tab_to(page, button)
    page.keyboard.press("Enter")


def tab_to(page: Page, wanted: str, most: int = 60) -> None:
    for _ in range(most):
        if page.locator(f":is({wanted}):focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


@contextmanager
def received(site: Site, pulse: str = "open") -> Iterator[Received]:
    """The responses that the pulse has gained by the end, as they are stored."""
    before, gained = read(site, pulse), Received()
    yield gained
    after = read(site, pulse)
    for it in before:
        after.remove(it)
    gained += after


def read(site: Site, pulse: str = "open") -> Received:
    _, answers, bands = opened(site.database, site.pulses[pulse])
    return [(one.tobytes(), other.tobytes()) for one, other in zip(answers, bands, strict=True)]


def packed(
    site: Site, chosen: Mapping[str, int | None], pulse: str = "open", bands: Mapping[str, str] = BANDS
) -> tuple[bytes, bytes]:
    """What the service stores of these answers and the bands."""
    database = site.database
    asked = asked_pulse(database, site.pulses[pulse])
    found = Reader(asked.asked, asked.bands, collected_values(database, asked)).read(chosen, bands)
    return found.answers, found.bands
