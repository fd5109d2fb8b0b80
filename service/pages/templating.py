"""The one way a template becomes a page: everything escaped, nothing undefined, no names but those handed in."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.pages.assets import address
from service.pages.bounds import bound

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.globals["address"] = address
_ENVIRONMENT.globals["bound"] = bound
_ENVIRONMENT.filters["day"] = lambda day: f"{day.day} {day:%B %Y}"
#: A change as it is written: its sign always but for none, a true minus, whole points.
_ENVIRONMENT.filters["signed"] = lambda points: (
    f"{round(points):+d}".replace("-", "\N{MINUS SIGN}") if round(points) else "0"
)


def render(template: str, **values: object) -> str:
    return _ENVIRONMENT.get_template(template).render(values)
