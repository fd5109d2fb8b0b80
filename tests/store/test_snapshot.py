"""Of every table it is decided whether a backup holds it."""

from __future__ import annotations

from service.store.inviting_tables import metadata
from service.store.snapshot import LEFT_OUT, kept_tables

#: A new table stands here, or in LEFT_OUT with its reason.
KEPT = """
organisation api_key unit unit_version instrument pulse invitation redemption response sealed release analysis finding
forecast forecast_gaps audit directory person person_group membership hook schedule
"""


def test_every_table_is_kept_or_left_out_for_a_reason() -> None:
    assert {table.name for table in kept_tables()} == set(KEPT.split())
    assert set(KEPT.split()) | LEFT_OUT.keys() == set(metadata.tables)
    assert not set(KEPT.split()) & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


def test_parents_come_before_what_refers_to_them() -> None:
    order = [table.name for table in kept_tables()]
    for table in kept_tables():
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) <= order.index(table.name)
