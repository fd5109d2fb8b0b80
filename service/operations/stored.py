"""Stored findings as tables, cut to what a reader asked for and may see, and read a part at a time."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from threading import Lock

import numpy as np
import numpy.typing as npt

from service.errors import FindingsDue
from service.exports.columns import TABLE
from service.exports.method import METHOD
from service.exports.packed import Part, unpack
from service.exports.parted import parted
from service.exports.table import Table
from service.store import findings
from service.store.database import Database
from service.store.findings import Analysis
from service.store.replica import finding_part

#: Called with a pulse whose findings are due, and with what tells whether they are there now.
Settle = Callable[[str, Callable[[], bool]], None]
#: By pulse the units of it that may be seen; None means all of them.
Visible = Mapping[str, Collection[str]] | None
#: By column what it may hold; None means anything.
Only = Mapping[str, Collection[str] | None]
Flags = npt.NDArray[np.bool_]
Source = Callable[[], Part]

#: A table's part by pulse, table, the digest of what the table holds, and number.
_Key = tuple[str, ...]
#: How much of unpacked tables is kept in memory, in bytes.
_KEPT = 32_000_000
#: Of how many series it is kept which units are told anew.
_RENEWED = 256


class Unpacked:
    """Tables' parts in memory, up to `most` bytes of them; what was asked for longest ago is let go first.

    What has one digest never changes, so what is kept is right for good.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size, self._kept = most, 0, OrderedDict[_Key, Part]()
        self._lock = Lock()

    def get(self, key: _Key) -> Part | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: _Key, part: Part) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = part
                self._size += _size(part)
            while self._size > self._most:
                self._size -= _size(self._kept.popitem(last=False)[1])


class StoredFindings:
    def __init__(self, database: Database, replica: Database, settle: Settle) -> None:
        """`replica` may be the database itself; what stands is asked of `database`, and what it is of the replica."""
        self._database, self._replica, self._settle = database, replica, settle
        self._unpacked = Unpacked(_KEPT)
        #: By the digest of trends.
        self._renewed: dict[str, frozenset[str]] = {}

    def table(self, name: str, pulses: Collection[str], visible: Visible, only: Only, *asked: object) -> Table:
        """The rows of this table as of each of these pulses whose columns hold what `only` says.

        A row that names no unit is about the whole organisation, and only for who may see all of it. `asked` is
        whatever `visible` and `only` follow from, besides the findings. Raises FindingsDue while they are.
        """
        layout = TABLE[name]
        digests = self.digests(name, pulses)
        sources = [partial(_cut, layout, it, visible, only) for it in self.sources(layout, digests)]
        return replace(layout, rows=parted(identity(name, digests, *asked), sources))

    def sources(self, layout: Table, digests: Mapping[str, str]) -> list[Source]:
        """The parts of these pulses' tables in order; each read opens the database for itself alone, and raises
        FindingsDue where the findings were replaced meanwhile."""
        with self._database.read() as tx:
            counts = findings.part_counts(tx, layout.name, digests)
        return [
            partial(self._part, layout, pulse, digest, number)
            for pulse, digest in digests.items()
            for number in range(counts.get(pulse, 0))
        ]

    def digests(self, name: str, pulses: Collection[str]) -> dict[str, str]:
        """By pulse, in this order. Raises FindingsDue."""
        found = self._current(pulses)
        for pulse in pulses:
            if pulse not in found:
                self._settle(pulse, partial(self.are_there, pulse))
                found |= self._current([pulse])
            if pulse not in found:
                raise FindingsDue
        return {pulse: found[pulse].digests[name] for pulse in pulses}

    def renewed(self, pulse: str, digest: str) -> frozenset[str]:
        """Units that the trends of this digest tell anew, as they are now. Raises FindingsDue."""
        if digest not in self._renewed:
            if len(self._renewed) >= _RENEWED:
                self._renewed.clear()
            sources = self.sources(TABLE["trends"], {pulse: digest})
            self._renewed[digest] = frozenset().union(*(_told_anew(source()) for source in sources))
        return self._renewed[digest]

    def are_there(self, pulse: str) -> bool:
        return pulse in self._current([pulse])

    def _part(self, layout: Table, pulse: str, digest: str, number: int) -> Part:
        key = (pulse, layout.name, digest, str(number))
        known = self._unpacked.get(key)
        if known is not None:
            return known
        content = finding_part(self._replica, self._database, pulse, layout.name, digest, number)
        if content is None:
            raise FindingsDue
        part = unpack(content, layout.columns)
        self._unpacked.put(key, part)
        return part

    def _current(self, pulses: Collection[str]) -> dict[str, Analysis]:
        """What stands of these pulses' findings, as far as it was computed by the method of today."""
        with self._database.read() as tx:
            found = findings.analyses_of(tx, pulses)
        return {pulse: it for pulse, it in found.items() if it.method == METHOD}


def identity(name: str, made_of: Mapping[str, str], *asked: object) -> str:
    """Of a table's rows, without any of them: by what it is computed of, how, and for whom."""
    return hashlib.sha256(repr((name, METHOD, list(made_of.items()), asked)).encode()).hexdigest()


def kept(layout: Table, part: Part, visible: Visible, only: Only) -> Flags:
    """Which rows of a part hold what `only` says, of those that may be seen."""
    kept = np.ones(len(part), np.bool_)
    for name, wanted in only.items():
        if wanted is not None:
            codes, words = part.words_at(layout.position(name))
            kept &= np.array([word in wanted for word in words] + [False], np.bool_)[codes]
    if visible is not None and any(column.name == "unit" for column in layout.columns):
        kept &= _seen(layout, part, visible)
    return kept


def _told_anew(part: Part) -> set[str]:
    layout = TABLE["trends"]
    codes, units = part.words_at(layout.position("unit"))
    return {str(units[code]) for code in set(codes[kept(layout, part, None, {"view": {"now"}})].tolist())}


def _cut(layout: Table, source: Source, visible: Visible, only: Only) -> Part:
    part = source()
    return part.kept(kept(layout, part, visible, only))


def _size(part: Part) -> int:
    """In bytes, the texts that codes stand for left out."""
    return sum(codes.nbytes for codes in part.codes)


def _seen(layout: Table, part: Part, visible: Mapping[str, Collection[str]]) -> Flags:
    """Looked up for each pulse and unit there is instead of for each row; the last place is for rows of no unit."""
    pulse_of, pulses = part.words_at(layout.position("pulse"))
    unit_of, units = part.words_at(layout.position("unit"))
    allowed = np.array(
        [[unit in visible.get(str(pulse), ()) for unit in units] + [False] for pulse in pulses], np.bool_
    )
    return allowed[pulse_of, unit_of] if len(pulse_of) else np.zeros(0, np.bool_)
