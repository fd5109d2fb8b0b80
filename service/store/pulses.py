"""Pulses and their one-way life; `locked` makes two closers queue, and a collector's batch wait or see the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Row, func, insert, select, true, update

from service.errors import NotFound
from service.store.database import Connection
from service.store.tables import pulse
from service.survey.instrument import Instrument
from service.survey.instrument_document import instrument_document, parse_instrument
from service.survey.pulse import Band, Pool, Pulse, State
from service.survey.roster import Roster
from service.survey.roster_document import parse_roster, roster_document

#: All but what is fixed at opening and asked for by itself: the frozen roster is large.
_FACTS = [column for column in pulse.c if column.name not in {"roster", "collected", "close_key", "close_tag"}]


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Of an open pulse: the fingerprint of its units' token keys, the public half of its close key, that one's
    fingerprint, and a tag by which whoever holds the seed knows that nobody put another key in its place."""

    fingerprint: str
    close: bytes
    sealed_to: str
    tag: bytes


def add_pulse(tx: Connection, it: Pulse) -> None:
    tx.execute(
        insert(pulse).values(
            id=it.id,
            organisation_id=it.organisation,
            label=it.label,
            series=it.series,
            instrument=_instrument_text(it.instrument),
            items=json.dumps(it.items),
            bands=json.dumps([[band.id, band.values] for band in it.bands], ensure_ascii=False),
            crosses=json.dumps(it.crosses),
            classes=json.dumps(it.classes, ensure_ascii=False),
            pools=json.dumps([[pool.id, pool.name, pool.units] for pool in it.pools], ensure_ascii=False),
            threshold=it.threshold,
            tokens=json.dumps(it.tokens),
            state=it.state,
        )
    )


def pulse_by_id(tx: Connection, id: str, organisation: str | None = None) -> Pulse:
    """Raises NotFound for an unknown id and for another organisation's, alike."""
    return _pulse(_row(tx, id, organisation))


def locked(tx: Connection, id: str, organisation: str) -> Pulse:
    """The pulse, held until this transaction ends. Raises NotFound."""
    return _pulse(_row(tx, id, organisation, lock="update"))


def held(tx: Connection, id: str, organisation: str) -> Pulse:
    """The pulse in a state it keeps until this transaction ends: a close that runs is waited for. Raises NotFound."""
    return _pulse(_row(tx, id, organisation, lock="share"))


def is_held_open(tx: Connection, id: str) -> bool:
    """Whether a pulse is open, and stays so until this transaction ends. Waits for nobody: who comes while it closes
    is to take no connection from others. Raises Unavailable then."""
    query = select(pulse.c.state).where(pulse.c.id == id).with_for_update(read=True, nowait=True)
    return bool(tx.scalar(query) == State.OPEN)


def frozen_roster(tx: Connection, id: str) -> Roster:
    """The tree as it stood when the pulse opened."""
    return parse_roster(json.loads(tx.execute(select(pulse.c.roster).where(pulse.c.id == id)).scalar_one()))


def collected_values(tx: Connection, id: str) -> dict[str, frozenset[str]]:
    """By band id the values an opened pulse asks for."""
    text = tx.execute(select(pulse.c.collected).where(pulse.c.id == id)).scalar_one()
    return {band: frozenset(values) for band, values in json.loads(text).items()}


def policy_hash(tx: Connection, id: str) -> str | None:
    return tx.scalar(select(pulse.c.policy_hash).where(pulse.c.id == id))


def set_open(
    tx: Connection,
    id: str,
    roster: Roster,
    collected: Mapping[str, frozenset[str]],
    policy_hash: str,
    keys: PublicKeys,
    day: date,
) -> None:
    """Fix the tree, by band id the values that are asked for, and what is public of the pulse's keys."""
    _set(
        tx,
        id,
        state=State.OPEN,
        roster=json.dumps(roster_document(roster), ensure_ascii=False),
        collected=json.dumps({band: sorted(kept) for band, kept in collected.items()}, ensure_ascii=False),
        policy_hash=policy_hash,
        fingerprint=keys.fingerprint,
        sealed_to=keys.sealed_to,
        close_key=keys.close,
        close_tag=keys.tag,
        opened_on=day,
    )


def collecting(tx: Connection) -> list[str]:
    """The open pulses of every organisation, by id."""
    return list(tx.scalars(select(pulse.c.id).where(pulse.c.state == State.OPEN).order_by(pulse.c.id)))


def close_key(tx: Connection, id: str) -> tuple[bytes, bytes]:
    """The public half of an open pulse's close key, and its tag."""
    row = tx.execute(select(pulse.c.close_key, pulse.c.close_tag).where(pulse.c.id == id)).one()
    return row.close_key, row.close_tag


def close_keys(tx: Connection) -> dict[str, tuple[bytes, bytes]]:
    """By open pulse, of all organisations and but for those that came out of a backup, what `close_key` gives."""
    asked = select(pulse.c.id, pulse.c.close_key, pulse.c.close_tag)
    rows = tx.execute(asked.where(pulse.c.state == State.OPEN, pulse.c.restored.is_(False)).order_by(pulse.c.id))
    return {row.id: (row.close_key, row.close_tag) for row in rows}


def set_restored(tx: Connection) -> None:
    """Of every open pulse: that it comes from a backup, after which it may have been closed once already."""
    tx.execute(update(pulse).where(pulse.c.state == State.OPEN).values(restored=true()))


def is_restored(tx: Connection, id: str) -> bool:
    return bool(tx.scalar(select(pulse.c.restored).where(pulse.c.id == id)))


def with_keys_left(tx: Connection) -> list[str]:
    """Pulses of every organisation that no longer collect and whose keys are not known to be destroyed, by id."""
    query = select(pulse.c.id).where(pulse.c.close_key.is_not(None), pulse.c.state.in_([State.CLOSED, State.RELEASED]))
    return list(tx.scalars(query.order_by(pulse.c.id)))


def set_keys_destroyed(tx: Connection, id: str) -> None:
    _set(tx, id, close_key=None, close_tag=None)


def set_closed(tx: Connection, it: Pulse, day: date) -> None:
    """The organisation must be held: two closes at once would get the same number."""
    newest = tx.scalar(select(func.max(pulse.c.number)).where(pulse.c.organisation_id == it.organisation)) or 0
    _set(tx, it.id, state=State.CLOSED, closed_on=day, number=newest + 1)


def set_released(tx: Connection, id: str) -> None:
    _set(tx, id, state=State.RELEASED)


def pulses(tx: Connection, organisation: str, after: str, limit: int | None) -> list[tuple[Pulse, str | None]]:
    """At most `limit` pulses (None: all) whose ids follow `after`, by id, each with its policy's hash."""
    query = select(*_FACTS).where(pulse.c.organisation_id == organisation, pulse.c.id > after)
    return [(_pulse(row), row.policy_hash) for row in tx.execute(query.order_by(pulse.c.id).limit(limit))]


def drafts(tx: Connection, organisation: str) -> list[Pulse]:
    """Those that never opened, by id."""
    query = select(*_FACTS).where(pulse.c.organisation_id == organisation, pulse.c.state == State.DRAFT)
    return [_pulse(row) for row in tx.execute(query.order_by(pulse.c.id))]


def asked_before(tx: Connection, organisation: str, series: str) -> list[tuple[str, ...]]:
    """The items of each pulse of the series that opened, the oldest first."""
    opened = select(pulse.c["items"]).where(
        pulse.c.organisation_id == organisation, pulse.c.series == series, pulse.c.opened_on.is_not(None)
    )
    oldest_first = opened.order_by(pulse.c.opened_on, pulse.c.number.asc().nulls_last(), pulse.c.id)
    return [tuple(json.loads(text)) for text in tx.scalars(oldest_first)]


def pooled(tx: Connection, organisation: str) -> set[str]:
    """The ids of every pool there is or was."""
    texts = tx.scalars(select(pulse.c.pools).where(pulse.c.organisation_id == organisation))
    return {id for text in texts for id, _, _ in json.loads(text)}


def series_threshold(tx: Connection, organisation: str, series: str) -> int | None:
    """The greatest threshold any pulse of the series was opened with; a draft binds nobody."""
    query = select(pulse.c.threshold).where(
        pulse.c.organisation_id == organisation, pulse.c.series == series, pulse.c.state != State.DRAFT
    )
    return tx.scalar(query.order_by(pulse.c.threshold.desc()).limit(1))


def earlier_rosters(tx: Connection, it: Pulse) -> list[tuple[str, Roster]]:
    """The pulses of the same series that closed before, oldest first, each with its frozen roster."""
    query = select(pulse.c.id, pulse.c.roster).where(
        pulse.c.organisation_id == it.organisation,
        pulse.c.series == it.series,
        pulse.c.number.is_not(None),
        pulse.c.id != it.id,
    )
    rows = tx.execute(query.order_by(pulse.c.number))
    return [(row.id, parse_roster(json.loads(row.roster))) for row in rows]


def latest_roster(tx: Connection, organisation: str, series: str) -> Roster:
    """The frozen tree of the pulse of the series that opened last; one without units before the first."""
    query = select(pulse.c.roster).where(
        pulse.c.organisation_id == organisation, pulse.c.series == series, pulse.c.roster.is_not(None)
    )
    text = tx.scalar(query.order_by(pulse.c.opened_on.desc(), pulse.c.number.desc().nulls_first()).limit(1))
    return Roster(()) if text is None else parse_roster(json.loads(text))


def _set(tx: Connection, id: str, **values: object) -> None:
    tx.execute(update(pulse).where(pulse.c.id == id).values(**values))


def _row(tx: Connection, id: str, organisation: str | None, lock: str | None = None) -> Row[tuple[object, ...]]:
    query = select(*_FACTS).where(pulse.c.id == id)
    if organisation is not None:
        query = query.where(pulse.c.organisation_id == organisation)
    if lock is not None:
        query = query.with_for_update(read=lock == "share")
    # PostgreSQL raises on some texts that can be no id (a NUL); they are as unknown as any other.
    row = tx.execute(query).first() if id.isalnum() else None
    if row is None:
        raise NotFound("pulse")
    return row


def _instrument_text(instrument: Instrument) -> str:
    return json.dumps(instrument_document(instrument), ensure_ascii=False)


@lru_cache(maxsize=32)
def _instrument(document: str) -> Instrument:
    """Read once: the same few stand behind many pulses, and reading one takes longer than all the rest of the row."""
    return parse_instrument(json.loads(document))


def _pulse(row: Row[tuple[object, ...]]) -> Pulse:
    return Pulse(
        id=row.id,
        organisation=row.organisation_id,
        label=row.label,
        series=row.series,
        instrument=_instrument(row.instrument),
        items=tuple(json.loads(row.items)),
        bands=tuple(Band(id, tuple(values)) for id, values in json.loads(row.bands)),
        threshold=row.threshold,
        state=State(row.state),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        number=row.number,
        crosses=tuple((first, second) for first, second in json.loads(row.crosses)),
        classes=json.loads(row.classes),
        pools=tuple(Pool(id, name, tuple(units)) for id, name, units in json.loads(row.pools)),
        tokens=tuple(json.loads(row.tokens)),
        fingerprint=row.fingerprint,
        sealed_to=row.sealed_to,
    )
