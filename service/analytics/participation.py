"""How many of those asked did answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from service.analytics.status import Status
from service.release.release import PublicUnit, Release


@dataclass(frozen=True, slots=True)
class Participation:
    """A unit with everything below it: `n` of `headcount` answered, `rate` percent; None unless status is "ok"."""

    pulse: str
    unit: str
    status: Status
    n: int | None = None
    headcount: int | None = None
    rate: float | None = None


def participation(release: Release, *, units: Collection[str] | None = None) -> Iterator[Participation]:
    """In the roster's order; `units` None means all."""
    for unit in release.units:
        if units is None or unit.id in units:
            yield _of(release.pulse, unit)


def _of(pulse: str, unit: PublicUnit) -> Participation:
    figures = unit.figures
    if figures is None:
        return Participation(pulse, unit.id, "suppressed")
    if not figures.headcount:
        return Participation(pulse, unit.id, "insufficient")
    return Participation(pulse, unit.id, "ok", figures.n, figures.headcount, 100 * figures.n / figures.headcount)
