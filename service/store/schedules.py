"""Schedules, and the claim by which one process at a time works on each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from service.store.database import Connection
from service.store.inviting_tables import schedule
from service.store.tables import pulse
from service.survey.draft import Draft
from service.survey.pulse import Pool, State


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """`hand_over` is who hands invitations over: "letters", "hooks" or "nobody". `baseline_every` is 0 where none is.

    `round` counts the rounds that began, `last_on` is the day of the rule the last one was for, `next_on` the one the
    next is for: None when the rule has no more. `pulse` is that of the last round. `trouble` says in words what could
    not be done, `tries` how often in a row; before the second `not_before` since 1970 nobody tries again.
    """

    id: str
    organisation: str
    label: str
    rule: str
    starts_on: date
    days: int
    hand_over: str
    baseline_every: int
    draft: Draft
    paused: bool = False
    round: int = 0
    last_on: date | None = None
    next_on: date | None = None
    pulse: str | None = None
    trouble: str | None = None
    tries: int = 0
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the pulse of a schedule's last round stands; `state` None where there is none, or no longer."""

    state: State | None
    opened_on: date | None


def add_schedule(tx: Connection, it: ScheduleRow) -> None:
    tx.execute(insert(schedule).values(id=it.id, organisation_id=it.organisation, **_values(it)))


def write_schedule(tx: Connection, it: ScheduleRow) -> None:
    tx.execute(update(schedule).where(schedule.c.id == it.id).values(**_values(it)))


def remove_schedule(tx: Connection, id: str) -> None:
    tx.execute(delete(schedule).where(schedule.c.id == id))


def how_many(tx: Connection, organisation: str) -> int:
    return tx.scalar(select(func.count()).where(schedule.c.organisation_id == organisation)) or 0


def schedules(tx: Connection, organisation: str) -> list[tuple[ScheduleRow, Standing]]:
    """By id."""
    mine = _SELECT.where(schedule.c.organisation_id == organisation).order_by(schedule.c.id)
    return [(_row(row), _standing(row)) for row in tx.execute(mine)]


def one_schedule(tx: Connection, organisation: str, id: str) -> tuple[ScheduleRow, Standing] | None:
    mine = _SELECT.where(schedule.c.organisation_id == organisation, schedule.c.id == id)
    # PostgreSQL raises on some texts that can be no id (a NUL); they are as unknown as any other.
    row = tx.execute(mine).first() if id.isalnum() else None
    return None if row is None else (_row(row), _standing(row))


def held_schedule(tx: Connection, id: str) -> tuple[ScheduleRow, Standing] | None:
    """The schedule, which nobody else changes until this transaction ends: before any pulse and any organisation."""
    tx.execute(select(schedule.c.id).where(schedule.c.id == id).with_for_update())
    row = tx.execute(_SELECT.where(schedule.c.id == id)).first()
    return None if row is None else (_row(row), _standing(row))


def free(tx: Connection, now: int) -> list[tuple[ScheduleRow, Standing]]:
    """Every organisation's schedules that nobody works on and nothing puts off."""
    return [(_row(row), _standing(row)) for row in tx.execute(_SELECT.where(schedule.c.not_before <= now))]


def claim(tx: Connection, id: str, now: int, until: int) -> bool:
    """Whether whoever asks may work on it until that second: of several who ask at once, one may."""
    mine = update(schedule).where(schedule.c.id == id, schedule.c.not_before <= now)
    return tx.execute(mine.values(not_before=until)).rowcount == 1


def settle(tx: Connection, id: str, trouble: str | None, tries: int, not_before: int) -> None:
    """Give it back, with what could not be done."""
    values = {"trouble": trouble, "tries": tries, "not_before": not_before}
    tx.execute(update(schedule).where(schedule.c.id == id).values(**values))


def troubled(tx: Connection) -> list[tuple[str, str]]:
    """Every organisation's schedules that could not do what was due, by id, and what that was."""
    query = select(schedule.c.id, schedule.c.trouble).where(schedule.c.trouble.is_not(None)).order_by(schedule.c.id)
    return [(row.id, row.trouble) for row in tx.execute(query)]


_SELECT = select(schedule, pulse.c.state, pulse.c.opened_on).outerjoin(pulse, pulse.c.id == schedule.c.pulse_id)


def _values(it: ScheduleRow) -> dict[str, object]:
    """Of its columns all but those that never change."""
    values = asdict(replace(it, draft=Draft("", ""))) | {
        "draft": json.dumps(asdict(it.draft), ensure_ascii=False),
        "pulse_id": it.pulse,
    }
    for name in ("id", "organisation", "pulse"):
        del values[name]
    return values


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(None if row.state is None else State(row.state), row.opened_on)


def _row(row: Row[tuple[object, ...]]) -> ScheduleRow:
    return ScheduleRow(
        id=row.id,
        organisation=row.organisation_id,
        label=row.label,
        rule=row.rule,
        starts_on=row.starts_on,
        days=row.days,
        hand_over=row.hand_over,
        baseline_every=row.baseline_every,
        draft=_draft(json.loads(row.draft)),
        paused=row.paused,
        round=row.round,
        last_on=row.last_on,
        next_on=row.next_on,
        pulse=row.pulse_id,
        trouble=row.trouble,
        tries=row.tries,
        not_before=row.not_before,
    )


def _draft(document: dict[str, Any]) -> Draft:
    pools = [Pool(it["id"], it["name"], tuple(it["units"])) for it in document.pop("pools")]
    return Draft(**document, pools=pools)
