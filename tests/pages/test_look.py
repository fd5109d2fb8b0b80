"""What holds for every page: strict content policy, nothing from elsewhere, and colours that can be read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.points import trend_points
from service.pages import answering
from service.pages.assets import address, assets
from service.pages.dashboard import dashboard_page, empty_page, message_page, sign_in_page
from service.pages.form import Filled
from service.pages.reference import reference_page
from service.release.release import Release

OPENAPI = {
    "info": {"title": "Redwood", "version": "1", "description": "Words."},
    "paths": {
        "/v1/things/{id}": {
            "get": {
                "tags": ["read"],
                "summary": "One thing",
                "security": [{"key": ["results"]}],
                "parameters": [{"name": "id", "in": "path", "required": True, "description": "Which."}],
                "responses": {"200": {"description": "The thing.", "content": {"application/json": {}}}},
            },
            "put": {
                "summary": "Another",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "description": "What it is called."},
                    "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
            }
        }
    },
}


@pytest.fixture(scope="module")
def pages(releases: tuple[Release, ...]) -> list[str]:
    release = releases[-1]
    return [
        *(render(language) for language in ("en", "ar") for render in (answering.start_page, answering.done_page)),
        answering.refused_page("fr"),
        answering.trouble_page("de"),
        sign_in_page(refused=True),
        empty_page("An organisation"),
        message_page("A title", "A text"),
        reference_page(OPENAPI),
        dashboard_page(
            organisation="An organisation",
            releases=releases,
            release=release,
            visible=set(release.unit),
            unit="all",
            block="safety",
            blocks=("wellbeing", "safety", "leaders"),
            scores=tuple(heatmap(release)),
            slices=(),
            points=tuple(trend_points(releases, units={"all"}, blocks={"safety"})),
            parts=tuple(participation(release)),
        ),
    ]


@pytest.fixture
def all_pages(pages: list[str], document: dict[str, Any]) -> list[str]:
    return [*pages, answering.questionnaire_page(document, Filled("t", "en"), "try_again")]


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(
    all_pages: list[str], elements: Callable[[str], Any]
) -> None:
    for page in all_pages:
        for tag, attributes in elements(page).found:
            assert tag not in {"style", "iframe", "object", "base"}
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
            assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
            for name in ("href", "src", "action", "formaction"):
                assert re.match(r"[/#](?!/)", attributes.get(name) or "/"), (tag, attributes)


def test_every_page_has_a_language_a_title_one_heading_and_unique_ids(
    all_pages: list[str], elements: Callable[[str], Any]
) -> None:
    for page in all_pages:
        found = elements(page)
        assert found.all("html")[0].keys() == {"lang", "dir"}
        assert len(found.all("title")) >= 1
        assert len(found.all("h1")) == 1
        assert len(found.all("main")) == 1
        ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
        assert len(ids) == len(set(ids))
        named = " ".join(attributes.get("aria-labelledby") or "" for _, attributes in found.found).split()
        assert set(named) <= set(ids)


def test_the_reference_says_what_a_call_takes_and_gives(elements: Callable[[str], Any]) -> None:
    text = " ".join(elements(reference_page(OPENAPI)).text.split())
    for said in (
        "GET /v1/things/{id}",
        "key: results",
        "path, required",
        "The thing.",
        "string, required",
        "integer or null",
    ):
        assert said in text


def test_files_are_addressed_by_their_content() -> None:
    assert set(assets()) == {"redwood.css", "redwood.svg", "answer.js"}
    assert re.fullmatch(r"/static/redwood\.css\?v=[0-9a-f]{12}", address("redwood.css"))
    for asset in assets().values():
        assert not re.search(rb"@import|url\(|https?://(?!www\.w3\.org/2000/svg)", asset.content)


CSS = assets()["redwood.css"].content.decode()
THEMES = ("light", "dark")


def tokens(theme: str) -> dict[str, str]:
    roots = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    found = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", root)) for root in roots]
    return found[0] if theme == "light" else found[0] | found[1]


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: relative luminances, the lighter over the darker."""
    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(linear, (one, other))]
    return (max(light) + 0.05) / (min(light) + 0.05)


def lightness(colour: str) -> float:
    """L of Oklab (Ottosson 2020), 0 to 1."""
    red, green, blue = linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    colour = tokens(theme)
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent") for ground in ("ground", "surface", "tint", "hatch")]
    pairs += [("on-accent", "accent"), *((f"step-{step}-ink", f"step-{step}") for step in range(1, 8))]
    assert {
        pair: contrast(colour[pair[0]], colour[pair[1]])
        for pair in pairs
        if contrast(colour[pair[0]], colour[pair[1]]) < 4.5
    } == {}


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_lines_of_charts_can_be_seen(theme: str) -> None:
    colour = tokens(theme)
    for mark in ("line", "accent", "forest"):
        assert contrast(colour[mark], colour["surface"]) >= 3
        assert contrast(colour[mark], colour["ground"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_the_heat_maps_steps_are_even_to_the_eye(theme: str) -> None:
    steps = [lightness(tokens(theme)[f"step-{step}"]) for step in range(1, 8)]
    moves = [later - earlier for earlier, later in pairwise(steps)]
    assert all(move < 0 for move in moves) or all(move > 0 for move in moves)
    assert max(map(abs, moves)) / min(map(abs, moves)) < 1.1
