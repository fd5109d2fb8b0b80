"""A file of everybody, from its text to the roster on record, on both databases: `python -m tests.load.people`."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from service.operations import access
from service.operations.directory import put_mapping
from service.operations.people_import import forget_people, import_people
from service.store.database import Database
from service.store.migrate import upgrade
from service.survey.people_csv import parse_people_csv
from service.survey.people_mapping import parse_mapping
from tests.postgres import PostgresServer

#: Departments of about twenty people, twenty divisions; everybody but the first reports to somebody.
TEAM, DIVISIONS = 20, 20
DAY = date(2026, 1, 1)
MAPPINGS = {
    "attributes": {"from": "attributes", "levels": ["organization", "division", "department"]},
    "manager": {"from": "manager"},
}


def lines(people: int, moved: int = 0) -> Iterator[str]:
    """The file; the first `moved` people are in another department than before."""
    yield "Personalnummer;E-Mail;Vorname;Nachname;Firma;Bereich;Abteilung;Vorgesetzter;Sprache;Telefon"
    teams = max(1, people // TEAM)
    for one in range(people):
        team = (one + (one < moved)) % teams
        boss = f"p{one // 10}@works.example" if one else ""
        name = f"{100_000 + one};p{one}@works.example;Given {one};Family {one % 4_000}"
        yield f"{name};Works;Division {team % DIVISIONS};Department {team};{boss};de;+49 30 {one}"


class Clock:
    """Seconds since it was made: on the wall, and of this process's own work."""

    def __init__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._wall, time.process_time() - self._own


def measured(database: Database, people: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """What was done, and how long it took."""
    owner = access.operator(access.create_organisation(database, "Load Works"))
    first, second = ("\n".join(lines(people, moved)) for moved in (0, people // 20))
    put_mapping(database, owner, parse_mapping(_document("attributes")), DAY)
    for what, text, apply in (
        ("dry run", first, False),
        ("everybody comes", first, True),
        ("the same again", first, True),
        ("a twentieth moves", second, True),
    ):
        began = Clock()
        done = import_people(database, owner, parse_people_csv(text), DAY, apply=apply)
        units = 0 if done.outlook.roster is None else len(done.outlook.roster.units)
        yield (f"{what} ({done.come}, {done.change}, {done.leave}; {units} units)", began.read())
    began = Clock()
    put_mapping(database, owner, parse_mapping(_document("manager")), DAY)
    yield ("units by manager instead", began.read())
    began = Clock()
    forget_people(database, owner, people)
    yield ("everybody forgotten", began.read())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    people = options.parse_args().people
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for kind, url in (
                ("SQLite", f"sqlite:///{Path(folder) / 'redwood.db'}"),
                ("PostgreSQL", server.create_database()),
            ):
                database = Database(url)
                upgrade(database)
                for what, (wall, own) in measured(database, people):
                    print(f"{kind:<12}{what:<52}{wall:7.1f} s{own:7.1f} s of this process", end="")
                    print(f"{people / wall:10,.0f} people/s", flush=True)
                database.dispose()
                print(f"{kind:<12}most memory so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    finally:
        server.stop()


def _document(kind: str) -> object:
    return {"units": MAPPINGS[kind], "root": {"id": "works", "name": "Load Works"}}


if __name__ == "__main__":
    main()
