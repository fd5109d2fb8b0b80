"""Findings: computed from releases once, stored in parts, and replaced only as a whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, insert, or_, select

from service.store.database import Connection
from service.store.tables import analysis, finding, pulse, release


@dataclass(frozen=True, slots=True)
class Analysis:
    """What stands of a pulse's findings: the method they were computed by and each table's digest."""

    method: str
    digests: dict[str, str]


def due(tx: Connection, method: str) -> list[str]:
    """Released pulses whose findings were not computed by this method, the last to close first."""
    query = select(release.c.pulse_id).join(pulse, pulse.c.id == release.c.pulse_id).outerjoin(analysis)
    missing = query.where(or_(analysis.c.method.is_(None), analysis.c.method != method))
    return list(tx.scalars(missing.order_by(pulse.c.closed_on.desc(), pulse.c.number.desc())))


def series_releases(tx: Connection, id: str) -> list[str]:
    """This pulse and those of its series that closed before, as far as they are released, oldest first."""
    query = select(release.c.pulse_id).join(pulse, pulse.c.id == release.c.pulse_id)
    along = query.where(*_same_series(id), pulse.c.number <= _number(id))
    return list(tx.scalars(along.order_by(pulse.c.number)))


def is_newest(tx: Connection, id: str) -> bool:
    """Whether no pulse of this series that closed later is released."""
    query = select(release.c.pulse_id).join(pulse, pulse.c.id == release.c.pulse_id)
    return tx.scalar(query.where(*_same_series(id), pulse.c.number > _number(id)).limit(1)) is None


def hold_series(tx: Connection, id: str) -> None:
    """Keep closed pulses of this series from being released until this transaction ends.

    Those still open are left alone: collecting would wait.
    """
    closed = select(pulse.c.id).where(*_same_series(id), pulse.c.number.is_not(None))
    tx.execute(closed.order_by(pulse.c.id).with_for_update()).all()


def analysis_of(tx: Connection, id: str) -> Analysis | None:
    return analyses_of(tx, [id]).get(id)


def analyses_of(tx: Connection, ids: Collection[str]) -> dict[str, Analysis]:
    """What stands of these pulses' findings, by pulse."""
    query = select(analysis.c.pulse_id, analysis.c.method, analysis.c.digests)
    rows = tx.execute(query.where(analysis.c.pulse_id.in_(ids)))
    return {row.pulse_id: Analysis(row.method, json.loads(row.digests)) for row in rows}


def part_counts(tx: Connection, name: str, ids: Collection[str]) -> dict[str, int]:
    """In how many parts this table of each of these pulses is kept."""
    query = select(finding.c.pulse_id, func.max(finding.c.part)).group_by(finding.c.pulse_id)
    rows = tx.execute(query.where(finding.c.name == name, finding.c.pulse_id.in_(ids)))
    return {pulse: last + 1 for pulse, last in rows}


def part(tx: Connection, id: str, name: str, number: int) -> tuple[bytes, Analysis] | None:
    """One part of a table, and what stands of the pulse's findings at the same moment."""
    query = select(finding.c.content, analysis.c.method, analysis.c.digests)
    joined = query.join(analysis, analysis.c.pulse_id == finding.c.pulse_id)
    row = tx.execute(
        joined.where(finding.c.pulse_id == id, finding.c.name == name, finding.c.part == number)
    ).one_or_none()
    return None if row is None else (row.content, Analysis(row.method, json.loads(row.digests)))


def forget_later(tx: Connection, id: str) -> None:
    """Undo the analyses of pulses of this series that closed after it: they did not know this release."""
    later = select(pulse.c.id).where(*_same_series(id), pulse.c.number > _number(id))
    tx.execute(delete(analysis).where(analysis.c.pulse_id.in_(later)))


def replace_findings(tx: Connection, id: str, it: Analysis, tables: Mapping[str, Sequence[bytes]]) -> None:
    """Store all of a pulse's findings, in place of any there are."""
    tx.execute(delete(finding).where(finding.c.pulse_id == id))
    tx.execute(delete(analysis).where(analysis.c.pulse_id == id))
    tx.execute(insert(analysis).values(pulse_id=id, method=it.method, digests=json.dumps(it.digests)))
    rows = [
        {"pulse_id": id, "name": name, "part": number, "content": content}
        for name, contents in tables.items()
        for number, content in enumerate(contents)
    ]
    if rows:
        tx.execute(insert(finding), rows)


def _same_series(id: str) -> tuple[ColumnElement[bool], ...]:
    organisation = select(pulse.c.organisation_id).where(pulse.c.id == id).scalar_subquery()
    series = select(pulse.c.series).where(pulse.c.id == id).scalar_subquery()
    return pulse.c.organisation_id == organisation, pulse.c.series == series


def _number(id: str) -> ScalarSelect[int]:
    return select(pulse.c.number).where(pulse.c.id == id).scalar_subquery()
