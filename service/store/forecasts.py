"""Leaders' forecasts: one a pulse and unit, replaced or withdrawn whole, and the mean gaps once they are fixed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from service.store.database import Connection
from service.store.tables import forecast, forecast_gaps


def write_forecast(tx: Connection, pulse: str, unit: str, blocks: Mapping[str, float]) -> None:
    """In place of the unit's earlier one."""
    remove_forecast(tx, pulse, unit)
    tx.execute(insert(forecast).values(pulse_id=pulse, unit_id=unit, blocks=json.dumps(blocks)))


def remove_forecast(tx: Connection, pulse: str, unit: str) -> None:
    tx.execute(delete(forecast).where(forecast.c.pulse_id == pulse, forecast.c.unit_id == unit))


def forecast_of(tx: Connection, pulse: str, unit: str) -> dict[str, float] | None:
    """By block; None where the unit has none."""
    query = select(forecast.c.blocks).where(forecast.c.pulse_id == pulse, forecast.c.unit_id == unit)
    text = tx.scalar(query)
    return None if text is None else dict(json.loads(text))


def forecasts_of(tx: Connection, pulse: str) -> dict[str, dict[str, float]]:
    """By unit, then block."""
    query = select(forecast.c.unit_id, forecast.c.blocks).where(forecast.c.pulse_id == pulse)
    return {row.unit_id: dict(json.loads(row.blocks)) for row in tx.execute(query.order_by(forecast.c.unit_id))}


def fix_gaps(tx: Connection, pulse: str, rows: Sequence[Sequence[object]]) -> None:
    """Keep the organisation's mean gaps, a row a block, for good."""
    tx.execute(insert(forecast_gaps).values(pulse_id=pulse, content=json.dumps(rows)))


def fixed_gaps(tx: Connection, pulse: str) -> list[list[object]] | None:
    """The rows as they were fixed; None before."""
    text = tx.scalar(select(forecast_gaps.c.content).where(forecast_gaps.c.pulse_id == pulse))
    return None if text is None else list(json.loads(text))
