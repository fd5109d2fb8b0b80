"""A pulse comes back from either database as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from service.store import access, pulses
from service.store.database import Database
from service.survey.opening import with_pools
from service.survey.pulse import Band, Pool, Pulse, State
from service.survey.roster import Unit, arranged
from tests.survey.asked import INSTRUMENT

PULSE = Pulse(
    id="p" * 16,
    organisation="o" * 16,
    label="Frühling",
    series="s",
    instrument=INSTRUMENT,
    items=("A1", "B2"),
    bands=(Band("tenure", ("0-1y", "1y+")), Band("site", ("Köln", "南"))),
    threshold=5,
    state=State.DRAFT,
    crosses=(("site", "tenure"),),
    classes={"b": {"site": {"南": 0, "Köln": 4}, "tenure": {}}, "a": {}},
    pools=(Pool("p", "Ältere", ("b", "a")),),
    tokens=("plain",),
)

KEYS = pulses.PublicKeys("ab" * 32, b"public", "cd" * 32, b"tag")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.mark.parametrize("changes", [{}, {"bands": (), "crosses": (), "classes": {}, "pools": ()}])
def test_a_pulse_comes_back_as_it_was(database: Database, changes: dict[str, object]) -> None:
    tree = arranged([Unit("all", "Alle", None, 0), Unit("a", "A", "all", 3), Unit("b", "B", "all", 4)])
    with database.begin() as tx:
        access.add_organisation(tx, PULSE.organisation, "Works")
        pulse = replace(PULSE, **changes)
        pulses.add_pulse(tx, pulse)
        found = pulses.pulse_by_id(tx, pulse.id)
        assert found == pulse
        # Places of faults are numbered in the order sent.
        assert list(found.classes) == list(pulse.classes)
        kept = {band.id: frozenset(band.values[:1]) for band in pulse.bands}
        pulses.set_open(tx, pulse.id, with_pools(tree, pulse.pools), kept, "sha256:0", KEYS, date(2026, 3, 2))
        assert pulses.collected_values(tx, pulse.id) == kept
        assert pulses.frozen_roster(tx, pulse.id) == with_pools(tree, pulse.pools)
        assert pulses.pulses(tx, pulse.organisation, "", 9) == [
            (
                replace(
                    pulse,
                    state=State.OPEN,
                    opened_on=date(2026, 3, 2),
                    fingerprint=KEYS.fingerprint,
                    sealed_to=KEYS.sealed_to,
                ),
                "sha256:0",
            )
        ]
