"""What stands around every page of a reader or a manager: where one is, where one may go, what is being looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from service.pages import heat
from service.pages.dashboard.branches import near
from service.release.release import Release

#: Units a list to choose from holds; in a larger organisation those near the chosen one.
_MOST_OFFERED = 300


@dataclass(frozen=True, slots=True)
class _Place:
    """A page of the menu; `scope` is what its key needs, `whole` that a key bound to a unit may not read it, and
    `carries` which choices go along from page to page."""

    path: str
    name: str
    scope: str
    whole: bool = False
    carries: tuple[str, ...] = ("pulse", "unit", "block")


_MENU: Mapping[str, tuple[_Place, ...]] = {
    "Read": (
        _Place("/dashboard", "Overview", "results", carries=("pulse", "unit")),
        _Place("/dashboard/units", "Units by blocks", "results", carries=("pulse",)),
        _Place("/dashboard/unit", "One unit", "results"),
        _Place("/dashboard/changes", "Changes and alerts", "analytics", carries=("pulse",)),
        _Place("/dashboard/archetypes", "Archetypes", "analytics", carries=("pulse",)),
        _Place("/dashboard/lenses", "Lenses", "analytics", carries=("pulse", "unit")),
        _Place("/dashboard/forecast", "Leader forecast", "results", carries=("pulse", "unit")),
        _Place("/dashboard/report", "Printed report", "results", carries=("pulse", "unit")),
    ),
    "Look closer": (
        _Place("/dashboard/drivers", "What goes with what", "analytics", whole=True, carries=("pulse",)),
        _Place("/dashboard/quality", "Measurement quality", "analytics", whole=True, carries=("pulse",)),
        _Place("/attack-report", "Attack report", "results", carries=("pulse",)),
        _Place("/docs", "API reference", "", carries=()),
    ),
    "Manage": (
        _Place("/manage", "Pulses", "manage", whole=True, carries=()),
        _Place("/manage/schedules", "Schedules", "manage", whole=True, carries=()),
        _Place("/manage/roster", "Roster", "manage", whole=True, carries=()),
        _Place("/manage/people", "People", "manage", whole=True, carries=()),
    ),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A page one may go to; `here` is the one that is open."""

    href: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a list to choose from; `depth` indents units below their parents."""

    value: str
    label: str
    chosen: bool
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """`here` is the page's path, `scopes` those of the key, `bound` whether it is bound to a unit, `chosen` what is
    carried along in addresses: never more than ids of pulses, units and blocks."""

    organisation: str
    here: str
    scopes: Collection[str]
    bound: bool
    chosen: Mapping[str, str]

    @property
    def menu(self) -> dict[str, list[Link]]:
        """What this key may open, under its heading."""
        opened = {
            heading: [self._link(place) for place in places if self._may(place)] for heading, places in _MENU.items()
        }
        return {heading: links for heading, links in opened.items() if links}

    def to(self, path: str, **changed: str) -> str:
        """The address of a page about what is chosen, but for what is `changed`."""
        query = urlencode({**self.chosen, **changed})
        return f"{path}?{query}" if query else path

    def _may(self, place: _Place) -> bool:
        return place.scope in {"", *self.scopes} and not (place.whole and self.bound)

    def _link(self, place: _Place) -> Link:
        carried = urlencode({name: self.chosen[name] for name in place.carries if name in self.chosen})
        return Link(f"{place.path}?{carried}" if carried else place.path, place.name, place.path == self.here)


@dataclass(frozen=True, slots=True)
class Frame:
    """One release as one key sees it.

    `releases` by closing day, `seen` the ids of units the key may see by pulse, `unit` and `block` what was chosen,
    `blocks` all that can be; `asks` names the choices this page offers.
    """

    around: Around
    releases: Sequence[Release]
    release: Release
    seen: Mapping[str, Collection[str]]
    unit: str
    block: str
    blocks: Sequence[str]
    asks: tuple[str, ...] = ("pulse",)

    @property
    def organisation(self) -> str:
        return self.around.organisation

    @property
    def visible(self) -> Collection[str]:
        """The ids of units the key may see in `release`."""
        return self.seen[self.release.pulse]

    @property
    def unit_name(self) -> str:
        return self.release.unit[self.unit].name

    @property
    def block_name(self) -> str:
        return heat.block_name(self.release, self.block)

    @property
    def previous(self) -> Release | None:
        """The release of the same series that closed before this one."""
        along = [it for it in self.releases if it.series == self.release.series and it.age < self.release.age]
        return along[-1] if along else None

    @property
    def choices(self) -> dict[str, tuple[str, list[Option]]]:
        """What the page lets choose, by the name of the field: its label and its options."""
        every = {
            "pulse": ("Pulse", [Option(it.pulse, label(it), it.pulse == self.release.pulse) for it in self._newest]),
            "unit": ("Unit", [Option(it, name, it == self.unit, deep) for it, name, deep in self._offered]),
            "block": ("Block", [Option(it, heat.block_name(self.release, it), it == self.block) for it in self.blocks]),
        }
        return {name: every[name] for name in self.asks}

    @property
    def units(self) -> list[tuple[str, str, int]]:
        """Id, name and depth of each visible unit in the release's order."""
        deep = heat.depths(self.release, self.visible)
        return [(id, self.release.unit[id].name, depth) for id, depth in deep.items()]

    @property
    def _offered(self) -> list[tuple[str, str, int]]:
        """Those a list can hold: a page must not carry ten thousand names."""
        offered = near(self.release, self.visible, self.unit, _MOST_OFFERED)
        return [it for it in self.units if it[0] in offered]

    @property
    def _newest(self) -> list[Release]:
        return list(reversed(self.releases))


def label(release: Release) -> str:
    return f"{release.label}, closed {release.closed_on.day} {release.closed_on:%b %Y}"
