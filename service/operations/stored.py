"""Stored findings as tables, cut to what a reader asked for and may see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from threading import Lock

import numpy as np
import numpy.typing as npt

from service.errors import FindingsDue
from service.exports.columns import TABLE
from service.exports.method import METHOD
from service.exports.packed import Part, unpack
from service.exports.table import Table
from service.store import findings
from service.store.database import Database
from service.store.findings import Analysis

#: Called with a pulse whose findings are due, and with what tells whether they are there now.
Settle = Callable[[str, Callable[[], bool]], None]
#: By pulse the units of it that may be seen; None means all of them.
Visible = Mapping[str, Collection[str]] | None

_Flags = npt.NDArray[np.bool_]
#: A table's parts by pulse, table and the digest of what it holds.
_Key = tuple[str, str, str]
#: How much of unpacked tables is kept in memory, in bytes.
_KEPT = 32_000_000


class Unpacked:
    """Tables' parts in memory, up to `most` bytes of them; what was asked for longest ago is let go first.

    What has one digest never changes, so what is kept is right for good.
    """

    def __init__(self, most: int) -> None:
        self._most, self._kept = most, OrderedDict[_Key, Sequence[Part]]()
        self._lock = Lock()

    def get(self, key: _Key) -> Sequence[Part] | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: _Key, parts: Sequence[Part]) -> None:
        with self._lock:
            self._kept[key] = parts
            while sum(map(_size, self._kept.values())) > self._most:
                self._kept.popitem(last=False)


class StoredFindings:
    def __init__(self, database: Database, settle: Settle) -> None:
        self._database, self._settle = database, settle
        self._unpacked = Unpacked(_KEPT)

    def table(self, name: str, pulses: Collection[str], visible: Visible, **only: str | None) -> Table:
        """The rows of this table as of each of these pulses whose columns hold what `only` says.

        A row that names no unit is about the whole organisation, and only for who may see all of it. Raises FindingsDue
        while they are.
        """
        layout = TABLE[name]
        rows = [
            row
            for pulse, digest in self._digests(name, pulses).items()
            for part in self._parts(layout, pulse, digest)
            for row in part.rows(_kept(layout, part, visible, only))
        ]
        return replace(layout, rows=rows)

    def _parts(self, layout: Table, pulse: str, digest: str) -> Iterator[Part]:
        """Unpacked once and kept, unless that is too much to keep: then each is let go of before the next."""
        key = (pulse, layout.name, digest)
        known = self._unpacked.get(key)
        if known is not None:
            yield from known
            return
        size, found = 0, list[Part]()
        with self._database.read() as tx:
            for content in findings.parts(tx, pulse, layout.name):
                part = unpack(content, layout.columns)
                yield part
                size += _size([part])
                if size <= _KEPT:
                    found.append(part)
        # What was replaced while it was read is not what the digest is of.
        if size <= _KEPT and self._digests(layout.name, [pulse])[pulse] == digest:
            self._unpacked.put(key, found)

    def _digests(self, name: str, pulses: Collection[str]) -> dict[str, str]:
        """By pulse, in this order. Raises FindingsDue."""
        found = self._current(pulses)
        for pulse in pulses:
            if pulse not in found:
                self._settle(pulse, partial(self.are_there, pulse))
                found |= self._current([pulse])
            if pulse not in found:
                raise FindingsDue
        return {pulse: found[pulse].digests[name] for pulse in pulses}

    def are_there(self, pulse: str) -> bool:
        return pulse in self._current([pulse])

    def _current(self, pulses: Collection[str]) -> dict[str, Analysis]:
        """What stands of these pulses' findings, as far as it was computed by the method of today."""
        with self._database.read() as tx:
            found = findings.analyses_of(tx, pulses)
        return {pulse: it for pulse, it in found.items() if it.method == METHOD}


def _size(parts: Sequence[Part]) -> int:
    """In bytes, the texts that codes stand for left out."""
    return sum(codes.nbytes for part in parts for codes in part.codes)


def _kept(layout: Table, part: Part, visible: Visible, only: Mapping[str, str | None]) -> _Flags:
    kept = np.ones(len(part.codes[0]), np.bool_)
    for name, wanted in only.items():
        if wanted is not None:
            codes, words = part.words_at(layout.position(name))
            kept &= codes == (words.index(wanted) if wanted in words else len(words))
    if visible is not None and any(column.name == "unit" for column in layout.columns):
        kept &= _seen(layout, part, visible)
    return kept


def _seen(layout: Table, part: Part, visible: Mapping[str, Collection[str]]) -> _Flags:
    """Looked up for each pulse and unit there is instead of for each row; the last place is for rows of no unit."""
    pulse_of, pulses = part.words_at(layout.position("pulse"))
    unit_of, units = part.words_at(layout.position("unit"))
    allowed = np.array(
        [[unit in visible.get(str(pulse), ()) for unit in units] + [False] for pulse in pulses], np.bool_
    )
    return allowed[pulse_of, unit_of] if len(pulse_of) else np.zeros(0, np.bool_)
