"""A picture to take away: an SVG that stands alone, in light colours, ready for a slide or to be made a PNG of."""

from __future__ import annotations

import re
from functools import cache

from service.pages.assets import style

_TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
_USE = re.compile(r"var\(--([a-z0-9-]+)\)")
_OPENING = re.compile(r"<svg\b([^>]*?)\bviewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"([^>]*)>")


def standalone(svg: str) -> bytes:
    """The `<svg>` of a page with its size, ground and styles in it. Raises ValueError when it is no such picture.

    Programs that make a PNG of an SVG know no custom properties, so every colour is written out.
    """
    found = _OPENING.search(svg)
    if found is None:
        raise ValueError("a picture begins with <svg ... viewBox='0 0 width height'>")
    before, width, height, after = found.groups()
    attributes = " ".join(f"{before} {after}".split())
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes} viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{_styles()} {_size(width, height)}</style>'
        f'<rect width="{width}" height="{height}" fill="{_colours()["surface"]}"/>'
    )
    return (opening + svg[found.end() :].strip()).encode()


def _size(width: str, height: str) -> str:
    """On a page a picture is as wide as its column; alone it keeps its own size, whatever the page's rules say."""
    return f"svg:root{{width:{width}px;height:{height}px;min-width:0;max-width:none;margin:0}}"


@cache
def _colours() -> dict[str, str]:
    light = style("tokens").partition("@media")[0]
    return dict(_TOKEN.findall(light))


@cache
def _styles() -> str:
    """Of charts only, without what depends on the reader's screen."""
    rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style("charts"))
    rules = re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)
    written = _USE.sub(lambda found: _colours()[found[1]], rules)
    return "text{font-family:system-ui,sans-serif}" + " ".join(written.split())
