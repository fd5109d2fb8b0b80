"""The made-up lift maker: its tree of units, how large each may be, and which are founded or dissolved on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.demo.parameters import RESIZE
from service.survey.roster import Roster, Unit, arranged

NAME = "Quillmarsh Lifts"
#: Shares of on-site, remote and field by department; others are like the first (assumed).
LOCATION_SHARES = {
    "": (0.60, 0.35, 0.05),
    "field-service": (0.10, 0.05, 0.85),
    "manufacturing": (0.94, 0.04, 0.02),
    "sales": (0.40, 0.35, 0.25),
    "software": (0.35, 0.65, 0.00),
}
FOUNDED, DISSOLVED = "fleet-insights", "dispatch-legacy"
#: Headcounts within which a unit stays: managers of an inner unit, a tiny team, any other team.
_INNER, _TINY, _TEAM = (1, 6), (2, 3), (4, 14)

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as it is on average: `size` is its usual headcount."""

    id: str
    name: str
    parent: str | None
    size: int


def _below(parent: str | None, *rows: tuple[str, str, int]) -> Iterator[Place]:
    return (Place(id, name, parent, size) for id, name, size in rows)


PLACES: tuple[Place, ...] = (
    *_below(None, ("quillmarsh", NAME, 5)),
    *_below(
        "quillmarsh",
        ("engineering", "Engineering", 3),
        ("software", "Software and Data", 3),
        ("manufacturing", "Manufacturing", 4),
        ("field-service", "Field Service", 2),
        ("sales", "Sales and Customers", 4),
        ("supply", "Supply Chain", 3),
        ("people-finance", "People and Finance", 3),
        ("legal", "Legal", 1),
    ),
    *_below("field-service", ("region-north", "Region North", 2), ("region-south", "Region South", 2)),
    *_below(
        "engineering",
        ("drives-brakes", "Drives and Brakes", 10),
        ("cabin-design", "Cabin Design", 8),
        ("control-systems", "Control Systems", 12),
        ("safety-gear", "Safety Gear", 9),
        ("test-tower", "Test Tower", 8),
        ("norms-patents", "Norms and Patents", 3),
    ),
    *_below(
        "software",
        ("controller-firmware", "Controller Firmware", 9),
        ("fleet-platform", "Fleet Platform", 11),
        ("technician-app", "Technician App", 8),
        ("it-operations", "IT Operations", 10),
        (FOUNDED, "Fleet Insights", 7),
        (DISSOLVED, "Legacy Dispatch", 6),
    ),
    *_below(
        "manufacturing",
        ("sheet-metal", "Sheet Metal", 13),
        ("welding", "Welding", 11),
        ("electrical-assembly", "Electrical Assembly", 12),
        ("final-assembly", "Final Assembly", 14),
        ("paint-shop", "Paint Shop", 8),
        ("tooling", "Tooling and Repair", 9),
        ("night-shift", "Night Shift", 9),
    ),
    *_below(
        "region-north",
        ("north-coast", "Coast Crew", 10),
        ("north-harbour", "Harbour Crew", 9),
        ("north-city", "City Crew North", 13),
        ("north-hospitals", "Hospital Crew", 8),
        ("north-modernisation", "Modernisation Crew North", 11),
    ),
    *_below(
        "region-south",
        ("south-city", "City Crew South", 12),
        ("south-valley", "Valley Crew", 9),
        ("south-stations", "Stations Crew", 10),
        ("south-airport", "Airport Crew", 7),
        ("south-modernisation", "Modernisation Crew South", 11),
    ),
    *_below(
        "sales",
        ("new-buildings", "New Buildings", 12),
        ("renewals", "Renewals", 9),
        ("public-tenders", "Public Tenders", 9),
        ("key-accounts", "Key Accounts", 8),
        ("estimating", "Estimating", 10),
        ("service-hotline", "Service Hotline", 14),
        ("service-contracts", "Service Contracts", 9),
        ("showroom", "Showroom", 2),
    ),
    *_below(
        "supply",
        ("purchasing", "Purchasing", 9),
        ("warehouse", "Warehouse", 13),
        ("spare-parts", "Spare Parts", 11),
        ("transport", "Transport", 10),
        ("production-planning", "Production Planning", 8),
    ),
    *_below(
        "people-finance",
        ("hiring", "Hiring", 9),
        ("learning", "Learning", 5),
        ("payroll", "Payroll", 7),
        ("accounting", "Accounting", 11),
        ("controlling", "Controlling", 8),
    ),
    *_below("legal", ("contracts-compliance", "Contracts and Compliance", 5)),
)
POSITION = {place.id: index for index, place in enumerate(PLACES)}


def department(place: Place) -> str:
    """The unit right below the root that `place` is in; the root is its own."""
    while place.parent is not None and PLACES[POSITION[place.parent]].parent is not None:
        place = PLACES[POSITION[place.parent]]
    return place.id


def headcounts(rng: np.random.Generator, pulses: int) -> Ints:
    """Headcounts (pulses, places): each walks a step at most between pulses; 0 where a unit does not exist."""
    least, most = np.array([_ends(place) for place in PLACES]).T
    now = np.array([place.size for place in PLACES], np.int64)
    rows = []
    for _ in range(pulses):
        now = np.clip(now + _steps(rng, len(PLACES)), least, most)
        rows.append(now)
    sizes = np.array(rows)
    sizes[: pulses // 2, POSITION[FOUNDED]] = 0
    sizes[max(1, 3 * pulses // 4) :, POSITION[DISSOLVED]] = 0
    return sizes


def roster(sizes: Ints) -> Roster:
    """The tree of those places that have a headcount."""
    found = zip(PLACES, sizes.tolist(), strict=True)
    return arranged(Unit(place.id, place.name, place.parent, size) for place, size in found if size)


def _ends(place: Place) -> tuple[int, int]:
    if any(other.parent == place.id for other in PLACES):
        return _INNER
    return _TINY if place.size <= _TINY[1] else _TEAM


def _steps(rng: np.random.Generator, many: int) -> Ints:
    return rng.choice([-1, 0, 1], size=many, p=[RESIZE, 1 - 2 * RESIZE, RESIZE])
