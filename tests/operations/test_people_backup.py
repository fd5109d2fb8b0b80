"""People go into a backup and come back with it, under the ids they had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from service.custody.folder import Folder
from service.operations.access import create_organisation, operator
from service.operations.backup import back_up, restore
from service.operations.directory import put_mapping, standing
from service.operations.people_import import import_people
from service.store.database import Database
from service.store.inviting_tables import directory, person
from service.survey.people_csv import parse_people_csv
from service.survey.people_mapping import parse_mapping

DAY = date(2026, 3, 2)
FILE = "mail,manager\nada@x.example,\nbo@x.example,ada@x.example\n"


@pytest.fixture
def databases(database_url: str, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    pair = Database(database_url), Database(f"sqlite:///{tmp_path / 'other.db'}")
    yield pair
    for database in pair:
        database.dispose()


def test_people_come_back_under_their_ids(databases: tuple[Database, Database], tmp_path: Path) -> None:
    here, there = databases
    owner = operator(create_organisation(here, "Works"))
    put_mapping(here, owner, parse_mapping({"units": {"from": "manager"}, "root": {"id": "works"}}), DAY)
    import_people(here, owner, parse_people_csv(FILE), DAY)
    back_up(here, tmp_path / "backup")
    restore(there, Folder(tmp_path / "keys"), tmp_path / "backup")
    for table in (person, directory):
        rows = [sorted(map(repr, _rows(database, table))) for database in databases]
        assert rows[0] == rows[1] != []
    assert standing(there, owner) == standing(here, owner)
    again = import_people(there, owner, parse_people_csv(FILE), DAY)
    assert (again.stay, again.outlook.differs) == (2, False)


def _rows(database: Database, table: object) -> list[object]:
    with database.read() as tx:
        return list(tx.execute(select(table)))  # type: ignore[call-overload]
