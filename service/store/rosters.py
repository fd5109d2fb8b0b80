"""The roster's history: a unit keeps its number for good, its facts are dated and never overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, func, insert, select, tuple_

from service.store.database import Connection
from service.store.tables import unit, unit_version
from service.survey.roster import Roster, Unit, arranged


def roster_at(tx: Connection, organisation: str, day: date) -> Roster:
    """The tree as it stood on `day`; empty before the first import."""
    newest = (
        select(unit_version.c.number, func.max(unit_version.c.valid_from).label("valid_from"))
        .where(unit_version.c.organisation_id == organisation, unit_version.c.valid_from <= day)
        .group_by(unit_version.c.number)
        .subquery()
    )
    rows = tx.execute(
        select(
            unit.c.id,
            unit_version.c.name,
            unit_version.c.parent_id,
            unit_version.c.headcount,
            unit_version.c.before,
        )
        .join(
            newest,
            (newest.c.number == unit_version.c.number) & (newest.c.valid_from == unit_version.c.valid_from),
        )
        .join(
            unit,
            (unit.c.organisation_id == unit_version.c.organisation_id) & (unit.c.number == unit_version.c.number),
        )
        .where(unit_version.c.organisation_id == organisation, unit_version.c.present)
    )
    return arranged(Unit(row.id, row.name, row.parent_id, row.headcount, _before(row.before)) for row in rows)


def latest_day(tx: Connection, organisation: str) -> date | None:
    return tx.scalar(select(func.max(unit_version.c.valid_from)).where(unit_version.c.organisation_id == organisation))


def numbers(tx: Connection, organisation: str) -> dict[str, int]:
    """Every unit the organisation ever had, by id; the number stands for it in invitations and responses."""
    rows = tx.execute(select(unit.c.id, unit.c.number).where(unit.c.organisation_id == organisation))
    return {row.id: row.number for row in rows}


def taken_over(tx: Connection, organisation: str, day: date) -> dict[str, tuple[str, ...]]:
    """By id, of every unit that ever took over others' people, there on `day` or not: whose, as last said by then."""
    rows = tx.execute(
        select(unit.c.id, unit_version.c.before)
        .join(
            unit,
            (unit.c.organisation_id == unit_version.c.organisation_id) & (unit.c.number == unit_version.c.number),
        )
        .where(
            unit_version.c.organisation_id == organisation,
            unit_version.c.valid_from <= day,
            unit_version.c.before.is_not(None),
        )
        .order_by(unit_version.c.valid_from)
    )
    return {row.id: _before(row.before) or () for row in rows}


def write_versions(tx: Connection, organisation: str, day: date, present: Iterable[Unit], gone: Iterable[Unit]) -> None:
    """Record new facts as of `day`, replacing only what was recorded for that same day."""
    units = [(u, True) for u in present] + [(u, False) for u in gone]
    if not units:
        return
    known = _numbered(tx, organisation, [u.id for u, _ in units])
    keys = [(known[u.id], day) for u, _ in units]
    for start in range(0, len(keys), 5_000):
        tx.execute(
            delete(unit_version).where(
                unit_version.c.organisation_id == organisation,
                tuple_(unit_version.c.number, unit_version.c.valid_from).in_(keys[start : start + 5_000]),
            )
        )
    tx.execute(
        insert(unit_version),
        [
            {
                "organisation_id": organisation,
                "number": known[u.id],
                "valid_from": day,
                "name": u.name,
                "parent_id": u.parent,
                "headcount": u.headcount,
                "present": is_present,
                "before": json.dumps(u.before) if u.before else None,
            }
            for u, is_present in units
        ],
    )


def _before(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _numbered(tx: Connection, organisation: str, ids: list[str]) -> dict[str, int]:
    known = numbers(tx, organisation)
    fresh = [id for id in ids if id not in known]
    if fresh:
        numbered = {id: len(known) + place for place, id in enumerate(fresh)}
        rows = [{"organisation_id": organisation, "number": it, "id": id} for id, it in numbered.items()]
        tx.execute(insert(unit), rows)
        known |= numbered
    return known
