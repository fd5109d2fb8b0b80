"""How results will be read by band and by pool, as options of the shell say it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from service.commands.console import text_of
from service.errors import Fault, InvalidPulse
from service.survey.classes_csv import parse_classes_csv
from service.survey.pulse import Classes, Pool


def bands_of(options: Sequence[str]) -> dict[str, list[str]]:
    """`tenure=0-1y,1-3y` and the like. Raises InvalidPulse where one is of no such form or a band is there twice."""
    bands: dict[str, list[str]] = {}
    for place, option in enumerate(options):
        band, equals, values = option.partition("=")
        if not equals or band in bands:
            raise InvalidPulse([Fault(f"--band {place + 1}", "must be a band, '=' and its values, each band once")])
        bands[band] = _parts(values)
    return bands


def crosses_of(options: Sequence[str]) -> list[list[str]]:
    return [_parts(option) for option in options]


def pools_of(options: Sequence[str]) -> list[Pool]:
    """`nights=t1,t2` and the like; a pool's name is its id. Raises InvalidPulse where one is of no such form."""
    pools = []
    for place, option in enumerate(options):
        id, equals, units = option.partition("=")
        if not equals:
            raise InvalidPulse(
                [Fault(f"--pool {place + 1}", "must be an id, '=' and the units that are read together")]
            )
        pools.append(Pool(id, id, tuple(_parts(units))))
    return pools


def classes_of(file: Path | None) -> Classes:
    """Raises InvalidPulse, and OSError for a file that cannot be read."""
    return {} if file is None else parse_classes_csv(text_of(file, InvalidPulse))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]
