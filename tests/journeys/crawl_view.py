"""A page beside what the API tells the same key of what the page is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tests.journeys.crawl_pages import Page
from tests.journeys.crawl_told import Told, as_of
from tests.journeys.crawling import Row


@dataclass(frozen=True)
class World:
    """What the crawl knows beside any answer: block ids by name, pulses by label in order, by pulse the
    units that the key may see and all there are."""

    blocks: Mapping[str, str]
    labels: Mapping[str, str]
    seen: Mapping[str, frozenset[str]]
    everything: Mapping[str, frozenset[str]]
    thresholds: Mapping[str, int]
    #: Everything the API tells a key of the whole organisation.
    whole: Told

    @cached_property
    def names(self) -> dict[str, str]:
        return {block: name for name, block in self.blocks.items()}

    @cached_property
    def pulses(self) -> dict[str, str]:
        return {pulse: label for label, pulse in self.labels.items()}


@dataclass(frozen=True)
class View:
    """A page beside what the API tells the same key."""

    page: Page
    told: Told
    world: World

    @cached_property
    def pulse(self) -> str:
        return self.page.chosen["pulse"]

    @cached_property
    def unit(self) -> str:
        return self.page.chosen["unit"]

    @cached_property
    def blocks(self) -> list[Row]:
        """The unit's rows of whole blocks, in order."""
        return self.told.some("results", pulse=self.pulse, unit=self.unit, item=None, by=None)

    @cached_property
    def units(self) -> dict[str, str]:
        """Id and name of each unit told of in this pulse, in the API's order."""
        return {row["unit"]: row["unit_name"] for row in self.told.some("participation", pulse=self.pulse)}

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {row["unit"]: row["parent"] for row in self.told.some("heatmap", pulse=self.pulse)}

    def above(self, unit: str) -> list[str]:
        """The ids of the units over it, as far up as the key is told."""
        found: list[str] = []
        while (up := self._parents.get(found[-1] if found else unit)) is not None:
            found.append(up)
        return found

    @cached_property
    def lines(self) -> dict[str, str]:
        """The units of a page of many: all of them, or those of the branch that was asked for."""
        branch = self.page.asked.get("branch")
        return {it: name for it, name in self.units.items() if branch in (None, it, *self.above(it))}

    def change(self, unit: str, block: str) -> Row | None:
        return self.told.one("changes", self.pulse, unit, block)

    def before(self, block: str) -> str:
        """The last pulse's score, where the course has both points and says a step from one to the other."""
        order = list(self.world.pulses)
        at = order.index(self.pulse)
        points = [self._point(block, pulse) for pulse in order[max(at - 1, 0) : at + 1]]
        if len(points) < 2 or any(it is None or it["status"] != "ok" for it in points):
            return ""
        last, now = points
        return str(round(last["score"])) if last and now and now["change"] is not None else ""

    def _point(self, block: str, pulse: str) -> Row | None:
        """As the key is told, or as one of the whole is where it reads no trends."""
        told = self.told if as_of(self.pulse) in self.told.rows else self.world.whole
        return told.one(as_of(self.pulse), "crawl", self.unit, "then", block, pulse)

    def course(self, block: str) -> list[Row]:
        """The unit's points up to this pulse."""
        return self.told.some(as_of(self.pulse), unit=self.unit, block=block)
