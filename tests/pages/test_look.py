"""Colours that can be read, told apart and changed in one place, and files under addresses that tell their content."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from service.pages import assets as assets_module
from service.pages.assets import address, assets, style

PAGES = Path(assets_module.__file__).parent
THEMES = ("light", "dark")
STEPS = range(1, 8)
KINDS = [f"kind-{number}" for number in range(1, 7)]
GROUNDS = ("ground", "surface", "tint", "hatch")
_RAW = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(", re.IGNORECASE)
#: Where a colour may be called by its name, and the words that are no such names.
_NAMED = re.compile(r"(?<![\w-])(?:fill|stroke|color|background(?:-color)?|border-color)\s*[:=]\s*\"?([a-z]+)")
_NO_COLOUR = {"none", "inherit", "currentcolor", "transparent", "var", "repeating", "linear"}

Linear = tuple[float, float, float]


def test_files_are_addressed_by_their_content() -> None:
    assert set(assets()) >= {"answering.css", "reading.css", "redwood.svg"}
    assert {Path(name).suffix for name in assets()} == {".css", ".js", ".svg"}
    for name, asset in assets().items():
        assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", address(name))
        assert not re.search(rb"@import|url\(|https?://(?!www\.w3\.org/2000/svg)", asset.content), name


def test_every_stylesheet_belongs_to_a_page() -> None:
    bundled = "\n".join(it.content.decode() for name, it in assets().items() if name.endswith(".css"))
    for sheet in (PAGES / "static" / "styles").glob("*.css"):
        assert sheet.read_text("utf-8") in bundled, sheet.name


def test_colours_stand_in_the_tokens_and_nowhere_else() -> None:
    files = [*(PAGES / "static").rglob("*.*"), *(PAGES / "templates").rglob("*.*"), *PAGES.rglob("*.py")]
    raw = {
        file.name: found
        for file in files
        if file.name not in {"tokens.css", "redwood.svg"} and (found := list(_colours_in(file)))
    }
    assert raw == {}


def _colours_in(file: Path) -> Iterator[str]:
    """But for addresses inside the page, and for numbers of characters."""
    text = re.sub(r"href=\"#[^\"]*\"|url\(#[^)]*\)|&#x?[0-9a-f]+;", "", file.read_text("utf-8"))
    yield from _RAW.findall(text)
    if file.suffix in {".css", ".svg", ".html"}:
        yield from (name for name in _NAMED.findall(text) if name not in _NO_COLOUR)


def tokens(theme: str) -> dict[str, str]:
    light, dark = (dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", it)) for it in style("tokens").split("@media"))
    return light if theme == "light" else light | dark


def test_every_token_that_is_used_is_there() -> None:
    every = set(re.findall(r"--([a-z0-9-]+):", style("tokens")))
    for name, asset in assets().items():
        used = set(re.findall(r"var\(--([a-z0-9-]+)", asset.content.decode()))
        own = set(re.findall(r"--([a-z0-9-]+):", asset.content.decode()))
        assert used <= every | own, (name, used - every - own)


def linear(colour: str) -> Linear:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: relative luminances, the lighter over the darker."""
    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(linear, (one, other))]
    return (max(light) + 0.05) / (min(light) + 0.05)


def oklab(colour: Linear) -> Linear:
    """L from 0 to 1, a, b (Ottosson 2020)."""
    red, green, blue = colour
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def lightness(colour: str) -> float:
    return oklab(linear(colour))[0]


def hue(colour: str) -> float:
    """In degrees."""
    _, a, b = oklab(linear(colour))
    return math.degrees(math.atan2(b, a)) % 360


#: How linear sRGB looks to eyes without red or without green cones (Machado, Oliveira and Fernandes 2009).
BLIND = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def seen_by(eyes: str, colour: str) -> Linear:
    red, green, blue = (
        min(max(sum(part * it for part, it in zip(row, linear(colour), strict=True)), 0), 1) for row in BLIND[eyes]
    )
    return red, green, blue


def apart(one: Linear, other: Linear) -> float:
    """Distance in Oklab; about .02 is just seen."""
    return math.dist(oklab(one), oklab(other))


def short_of(least: float, colour: dict[str, str], pairs: list[tuple[str, str]]) -> dict[tuple[str, str], float]:
    reached = {pair: contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs}
    return {pair: ratio for pair, ratio in reached.items() if ratio < least}


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert lightness("#ffffff") == pytest.approx(1, abs=0.001)
    assert hue("#ff0000") == pytest.approx(29.2, abs=0.1)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent") for ground in GROUNDS]
    pairs += [("on-accent", "accent"), *((f"step-{step}-ink", f"step-{step}") for step in STEPS)]
    assert short_of(4.5, tokens(theme), pairs) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_the_colour_of_a_change_or_a_kind_can_be_read(theme: str) -> None:
    pairs = [(mark, ground) for mark in ("rise", "fall", *KINDS) for ground in ("ground", "surface")]
    assert short_of(4.5, tokens(theme), pairs) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_marks_of_charts_can_be_seen(theme: str) -> None:
    pairs = [(mark, ground) for mark in ("line", "accent", "forest") for ground in ("ground", "surface")]
    pairs += [(mark, ground) for mark in ("rise", "fall", *KINDS) for ground in GROUNDS]
    assert short_of(3, tokens(theme), pairs) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_heat_maps_steps_are_even_to_the_eye(theme: str) -> None:
    steps = [lightness(tokens(theme)[f"step-{step}"]) for step in STEPS]
    moves = [later - earlier for earlier, later in pairwise(steps)]
    assert all(move < 0 for move in moves) or all(move > 0 for move in moves)
    assert max(map(abs, moves)) / min(map(abs, moves)) < 1.1


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize("theme", THEMES)
def test_the_heat_maps_steps_are_steps_to_every_eye(theme: str, eyes: str) -> None:
    steps = [oklab(seen_by(eyes, tokens(theme)[f"step-{step}"]))[0] for step in STEPS]
    moves = [later - earlier for earlier, later in pairwise(steps)]
    assert all(move < -0.03 for move in moves) or all(move > 0.03 for move in moves)


@pytest.mark.parametrize("theme", THEMES)
def test_no_kind_stands_out_among_the_kinds(theme: str) -> None:
    """One lightness, so that none looks more important; hues far enough apart that each has a name of its own."""
    colours = [tokens(theme)[kind] for kind in KINDS]
    found = [lightness(colour) for colour in colours]
    assert max(found) - min(found) < 0.01
    hues = sorted(map(hue, colours))
    assert min(later - earlier for earlier, later in pairwise([*hues, hues[0] + 360])) > 35


@pytest.mark.parametrize("theme", THEMES)
def test_rise_and_fall_are_told_apart_by_every_eye(theme: str) -> None:
    colour = tokens(theme)
    for eyes in BLIND:
        assert apart(seen_by(eyes, colour["rise"]), seen_by(eyes, colour["fall"])) > 0.05
    assert apart(linear(colour["rise"]), linear(colour["fall"])) > 0.1


@pytest.mark.parametrize("theme", THEMES)
def test_kinds_are_told_apart_by_those_who_see_every_colour(theme: str) -> None:
    """Six kinds of one lightness cannot be told apart without red or green cones: each has a letter or a shape too."""
    colours = [linear(tokens(theme)[kind]) for kind in KINDS]
    assert min(apart(*pair) for pair in combinations(colours, 2)) > 0.06
