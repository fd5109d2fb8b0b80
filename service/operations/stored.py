"""Stored findings as tables, cut to what a reader asked for and may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from service.errors import Unavailable
from service.exports.columns import TABLE
from service.exports.method import METHOD
from service.exports.packed import Part, unpack
from service.exports.table import Row, Table
from service.store import findings
from service.store.database import Database

#: Called with a pulse whose findings are due, and with what tells whether they are there now.
Settle = Callable[[str, Callable[[], bool]], None]
#: By pulse the units of it that may be seen; None means all of them.
Visible = Mapping[str, Collection[str]] | None

_Flags = npt.NDArray[np.bool_]


class StoredFindings:
    def __init__(self, database: Database, settle: Settle) -> None:
        self._database, self._settle = database, settle

    def table(self, name: str, pulses: Collection[str], visible: Visible, **only: str | None) -> Table:
        """The rows of this table as of each of these pulses whose columns hold what `only` says.

        A row that names no unit is about the whole organisation, and only for who may see all of it. Raises Unavailable
        while they are due.
        """
        layout = TABLE[name]
        rows = [row for pulse in pulses for row in self._rows(layout, pulse, visible, only)]
        return replace(layout, rows=rows)

    def _rows(self, layout: Table, pulse: str, visible: Visible, only: Mapping[str, str | None]) -> Iterator[Row]:
        self._require(pulse)
        with self._database.read() as tx:
            for content in findings.parts(tx, pulse, layout.name):
                part = unpack(content, layout.columns)
                yield from part.rows(_kept(layout, part, visible, only))

    def _require(self, pulse: str) -> None:
        if self.are_there(pulse):
            return
        self._settle(pulse, lambda: self.are_there(pulse))
        if not self.are_there(pulse):
            raise Unavailable("The findings of this release are being computed; ask again in a moment.")

    def are_there(self, pulse: str) -> bool:
        with self._database.read() as tx:
            found = findings.analysis_of(tx, pulse)
        return found is not None and found.method == METHOD


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
