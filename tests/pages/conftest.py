"""A small organisation's releases, made by hand, and a questionnaire as the API answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from service.analytics.block import scored_blocks
from service.pages.dashboard.frame import Around, Frame
from service.release.release import ItemFigures, PublicUnit, Release, Slice, UnitFigures
from service.survey.instrument import Block, Instrument, Item, Language, Scale
from service.survey.pulse import Band

AGREEMENT = Scale(1, 5, {"en": ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")})
BLOCKS = (
    Block("wellbeing", "block", {"en": "Wellbeing"}),
    Block("safety", "block", {"en": "Psychological Safety"}),
    Block("leaders", "block", {"en": "Integrated Coaching Leaders"}, cross_team=False),
)
ITEMS = tuple(
    Item(id, block, {"en": f'Statement {id} <of> "{block}"'}, AGREEMENT)
    for id, block in (("WB1", "wellbeing"), ("PS1", "safety"), ("CL1", "leaders"))
)
INSTRUMENT = Instrument(
    id="small",
    version="1",
    names={"en": "Small"},
    languages=(Language("en", "English"),),
    time_frame={"en": "the last two weeks"},
    scale=AGREEMENT,
    blocks=BLOCKS,
    items=ITEMS,
)


def _figures(n: int, headcount: int, mean: float) -> UnitFigures:
    total = round(mean * n)
    return UnitFigures(n, headcount, {item.id: ItemFigures(n, total, total, n // 2) for item in ITEMS})


def _release(pulse: str, day: date, mean: float) -> Release:
    units = (
        PublicUnit("all", "Harbour & Sons", None, _figures(90, 120, mean)),
        PublicUnit("ops", "Operations", "all", _figures(40, 52, mean + 0.4)),
        PublicUnit("crane", "Crane team", "ops", None),
        PublicUnit("quay", "Quay team", "ops", _figures(9, 13, mean - 1)),
    )
    return Release(
        pulse=pulse,
        label=f"Pulse {pulse}",
        series="small",
        instrument=INSTRUMENT,
        items=tuple(item.id for item in ITEMS),
        threshold=5,
        policy_hash="c0ffee" * 10,
        opened_on=day.replace(day=1),
        closed_on=day,
        number=1,
        units=units,
        pooled=None,
    )


@pytest.fixture(scope="session")
def releases() -> tuple[Release, ...]:
    return (
        _release("first", date(2024, 3, 15), 3.0),
        _release("second", date(2024, 6, 15), 3.4),
        _release("third", date(2024, 10, 15), 3.8),
    )


@pytest.fixture(scope="session")
def framed(releases: tuple[Release, ...]) -> Callable[..., Frame]:
    """The newest release as a key with every scope sees it; keywords change what is seen or chosen."""

    def frame(here: str = "/dashboard", scopes: str = "results analytics manage", **changed: Any) -> Frame:
        chosen = {"pulse": "third"}
        around = Around("Harbour & Sons", here, frozenset(scopes.split()), changed.pop("bound", False), chosen)
        known = releases[-1]
        seen = {it.pulse: frozenset(it.unit) for it in (*releases, changed.get("release", known))}
        if "visible" in changed:
            visible = changed.pop("visible")
            seen = {pulse: units & visible for pulse, units in seen.items()}
        whole = Frame(around, releases, known, seen, "all", "safety", tuple(scored_blocks(known)))
        return replace(whole, **changed)

    return frame


@pytest.fixture
def document() -> dict[str, Any]:
    scale = {"low": 1, "high": 5, "labels": list(AGREEMENT.labels["en"])}
    return {
        "pulse": "a" * 16,
        "label": "Spring <pulse>",
        "language": "en",
        "dir": "ltr",
        "languages": [
            {"code": "en", "name": "English", "dir": "ltr"},
            {"code": "ar", "name": "العربية", "dir": "rtl"},
        ],
        "time_frame": "the last two weeks",
        "scale": scale,
        "items": [{"id": it.id, "block": it.block, "text": it.texts["en"], "scale": scale} for it in ITEMS],
        "bands": [{"id": "tenure", "values": ["under 1 year", "1 to 3 years"]}],
        "privacy": {
            "threshold": 7,
            "distribution_threshold": 14,
            "tokens": {"kinds": ["unlinkable", "plain"], "suite": "ristretto255-SHA512", "fingerprint": "0a1b2c3d" * 8},
            "hash": "c0ffee" * 10,
        },
    }


@pytest.fixture
def told() -> Callable[..., Release]:
    """A release with bounds and slices: in the quay team nearly everybody agreed, in the whole two bands are read."""

    def tell(release: Release, least: int = 43, most: int = 45) -> Release:
        whole, ops, crane, quay = release.units
        assert whole.figures is not None
        assert quay.figures is not None
        some = {"wellbeing": ItemFigures(30, 100, 100), "safety": ItemFigures(30, 145, 150)}
        shown = {item.id: some[item.block] for item in ITEMS if item.block in some}
        listed = (
            Slice(("tenure",), ("1-3y",), 30, shown),
            Slice(("tenure", "work_place"), ("1-3y", "HQ"), 30, {"WB1": shown["WB1"]}),
        )
        near = quay.figures.items | {"PS1": ItemFigures(9, least, most)}
        units = (
            replace(whole, figures=replace(whole.figures, slices=listed)),
            ops,
            crane,
            replace(quay, figures=replace(quay.figures, items=near)),
        )
        bands = (Band("tenure", ("0-1y", "1-3y", "over 3y")), Band("work_place", ("away", "HQ")))
        families = (("tenure",), ("work_place",), ("tenure", "work_place"))
        return replace(release, units=units, bands=bands, families=families)

    return tell


class Elements(HTMLParser):
    """Every element of a page as (tag, attributes), and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="session")
def elements() -> Callable[[str], Elements]:
    return Elements


@pytest.fixture
def exposure() -> dict[str, Any]:
    def group(unit: str, invited: int, *, by: str = "", value: str = "", exact: bool = True) -> dict[str, Any]:
        bands = {"by": [by], "bands": [value]} if by else {"by": [], "bands": []}
        return bands | {"unit": unit, "name": f"<{unit}>", "invited": invited, "exact": exact}

    return {
        "counted_in": [
            group("quay", 13),
            group("all", 120),
            group("quay", 13, by="time_here", value="under 1 year", exact=False),
            group("all", 70, by="time_here", value="1 to 3 years"),
        ]
    }
