"""Pictures taken away: they need no page, no stylesheet and no browser."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from service.pages.assets import style
from service.pages.charts import standing, trend
from service.pages.charts.distribution import picture, shares
from service.pages.charts.taken import standalone
from service.pages.templating import render

NAME = 'Quay & <team> "one"'
PICTURES = {
    "trend": render("charts/trend.svg", chart=trend.chart([]), name="trend", heading=NAME),
    "trends": render("charts/trends.svg", panels=[(NAME, trend.chart([], trend.SMALL))], heading=NAME),
    "standing": render("charts/standing.svg", picture=standing.Picture([], ""), heading=NAME),
    "distribution": render(
        "charts/distribution.svg", picture=picture([(NAME, shares((1, 2), (NAME, "b")), "")], ("a", "b")), heading=NAME
    ),
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_document_of_its_own_with_a_size(name: str) -> None:
    root = ET.fromstring(standalone(PICTURES[name]))
    assert root.tag == f"{SVG}svg"
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert root.attrib["viewBox"].split() == ["0", "0", root.attrib["width"], root.attrib["height"]]
    assert width > 0 < height
    assert root.attrib["role"] == "img"
    titles = root.findall(f"{SVG}title")
    assert [title.text for title in titles] == [NAME]


@pytest.mark.parametrize("name", PICTURES)
def test_its_colours_are_written_out_and_nothing_depends_on_a_screen(name: str) -> None:
    text = standalone(PICTURES[name]).decode()
    assert not re.search(r"var\(|@media|@import|url\(|https?://(?!www\.w3\.org/2000/svg)", text)
    assert "prefers-color-scheme" not in text
    ground = ET.fromstring(text).find(f"{SVG}rect")
    assert ground is not None
    assert re.fullmatch(r"#[0-9a-f]{6}", ground.attrib["fill"])


def test_its_own_size_outweighs_what_a_page_says_of_it() -> None:
    styles = ET.fromstring(standalone(PICTURES["trend"])).find(f"{SVG}style")
    assert styles is not None
    assert styles.text is not None
    assert styles.text.endswith("svg:root{width:560px;height:310px;min-width:0;max-width:none;margin:0}")
    assert ".trend .line" in styles.text


def test_every_colour_of_the_charts_is_a_token() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)", style("charts")))
    assert used <= set(re.findall(r"--([a-z0-9-]+):", style("tokens").partition("@media")[0]))


@pytest.mark.parametrize("text", ["", "<p>words</p>", '<svg viewBox="1 2 3 4"></svg>', "<svg></svg>"])
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a picture begins with"):
        standalone(text)
