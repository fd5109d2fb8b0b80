"""The rows of trends, a part at a time: of units as they were or as they are now, and of no past a key may not see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from service.exports.packed import Part, coded
from service.exports.parted import Parted
from service.exports.table import Table
from service.exports.trend_columns import TRENDS
from service.operations.stored import Flags, Only, Source, StoredFindings, identity, kept
from service.operations.unbroken import Unbroken
from service.release.release import Release


@dataclass(frozen=True)
class Trending:
    """What is wanted of the trends of some series, each given by its releases, oldest first.

    `inside` are the pulses whose points are told, `only` what columns may hold. `now` follows units back through what
    they were made of; not for `visible`, by pulse the units a key may see, None for all.
    """

    stored: StoredFindings
    series: Sequence[Sequence[Release]]
    inside: frozenset[str]
    only: Only
    now: bool
    visible: Mapping[str, set[str]] | None

    def table(self, *asked: object) -> Table:
        """`asked` is whatever the wishes follow from, besides the findings. Raises FindingsDue."""
        digests = self.stored.digests("trends", [along[-1].pulse for along in self.series])
        sources = {pulse: self.stored.sources(TRENDS, {pulse: digest}) for pulse, digest in digests.items()}

        def parts(first: int) -> Iterator[Part]:
            for along in self.series:
                pulse = along[-1].pulse
                yield from self._along(along, digests[pulse], sources[pulse], first)
                first = max(0, first - len(sources[pulse]))

        return replace(TRENDS, rows=Parted(identity("trends", digests, sorted(self.inside), *asked), parts))

    def _along(self, along: Sequence[Release], digest: str, sources: Sequence[Source], first: int) -> Iterator[Part]:
        """One series from the part of this number on; those before are read where what follows hangs on them."""
        if self.visible is None:
            for source in sources[first:]:
                part = source()
                yield self._inside(part.kept(self._chosen(part) & self._viewed(part, along, digest)))
            return
        unbroken = Unbroken(along, self.visible)
        for number, source in enumerate(sources):
            if number >= first or unbroken.elsewhere:
                part = source()
                told = _cut_off(part.kept(self._chosen(part) & _is(part, "view", {"then"})), unbroken)
                if number >= first:
                    yield self._inside(told)

    def _chosen(self, part: Part) -> Flags:
        return kept(TRENDS, part, self.visible, self.only)

    def _inside(self, part: Part) -> Part:
        return part.kept(kept(TRENDS, part, None, {"pulse": self.inside}))

    def _viewed(self, part: Part, along: Sequence[Release], digest: str) -> Flags:
        """Units as they were; or today's as they are now, which of one that was never reorganised is the same."""
        if not self.now:
            return _is(part, "view", {"then"})
        renewed = self.stored.renewed(along[-1].pulse, digest)
        today = {unit.id for unit in along[-1].units}
        as_now: Flags = _is(part, "view", {"now"}) == _is(part, "unit", renewed)
        return as_now & _is(part, "unit", today)


def _is(part: Part, column: str, wanted: Collection[str]) -> Flags:
    return kept(TRENDS, part, None, {column: wanted})


def _cut_off(part: Part, unbroken: Unbroken) -> Part:
    """Row by row only where there is anything to cut."""
    if not _is(part, "unit", unbroken.elsewhere).any():
        return part
    return coded(TRENDS.columns, list(unbroken.told(part.rows())))
