"""The files pages point at, each under an address that changes with its bytes, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("static")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: A page asks for one stylesheet: these parts of `static/styles`, in this order.
_SHEETS = {
    "answering.css": ("tokens", "base", "answering"),
    "reading.css": (
        "tokens",
        "base",
        "reading",
        "charts",
        "unit",
        "groups",
        "managing",
        "reference",
        "quality",
        "paper",
        "letters",
    ),
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]


@cache
def assets() -> dict[str, Asset]:
    """Every static file by its name; read once, part of the program like its modules."""
    files = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}
    sheets = {name: "\n".join(map(style, parts)).encode() for name, parts in _SHEETS.items()}
    return {name: Asset(content, _TYPES[Path(name).suffix]) for name, content in (files | sheets).items()}


def style(part: str) -> str:
    """The text of one part of the stylesheets. Raises FileNotFoundError when there is no such part."""
    return (_FOLDER / "styles" / f"{part}.css").read_text("utf-8")


def address(name: str) -> str:
    """Where a page finds the file: `/static/reading.css?v=0f3a...`."""
    return f"/static/{name}?v={assets()[name].version}"
