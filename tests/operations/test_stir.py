"""Stirring: what is stored is the same before and after, but for every order it was in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from service.api import upkeep
from service.api.upkeep import Upkeep
from service.operations.stir import stir
from service.store import holds, stirring
from tests.faults.world import answer, begun, body, counted, rows_in
from tests.tokens.asking import token_of

PEOPLE = 24


def standing(doors: Any) -> dict[str, list[str]]:
    return {name: rows for name, rows in rows_in(doors.parts.database).items() if name != "audit"}


def files_of(doors: Any, pulse: str) -> list[str]:
    names = [f"{table}_{pulse}" for table in ("invitation", "redemption", "response")]
    with doors.parts.database.read() as tx:
        return [tx.scalar(text("SELECT pg_relation_filepath(:name)"), {"name": name}) for name in names]


@pytest.fixture
def collecting(doors: Any) -> tuple[str, list[str]]:
    """A pulse that half of its people answered, one after the other; the tokens of the others."""
    pulse, tokens = begun(doors, PEOPLE)
    for number, token in enumerate(tokens[: PEOPLE // 2]):
        sent = token if number % 2 else token_of(lambda *it: doors.call(*it, {}), token)
        assert answer(doors, pulse, sent, 4) == 204
    return pulse, tokens[PEOPLE // 2 :]


def test_nothing_is_lost_and_what_is_not_open_is_not_touched(doors: Any, collecting: tuple[str, list[str]]) -> None:
    pulse, rest = collecting
    doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})
    was = standing(doors)
    assert stir(doors.parts.database) is True
    assert standing(doors) == was
    for token in rest:
        assert answer(doors, pulse, token, 4) == 204
    assert stir(doors.parts.database) is True
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)
    was = standing(doors)
    assert stir(doors.parts.database) is True
    assert standing(doors) == was


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql_rows_lie_in_new_files_as_one_transaction_wrote_them(
    doors: Any, collecting: tuple[str, list[str]], postgres_server: Any
) -> None:
    pulse, _ = collecting
    before = files_of(doors, pulse)
    was = [row.id for row in _in_heap(doors)]
    assert stir(doors.parts.database) is True
    rows = _in_heap(doors)
    assert len({row.xmin for row in rows}) == 1
    assert [row.id for row in rows] != was
    assert sorted(row.id for row in rows) == sorted(was)
    assert not set(before) & set(files_of(doors, pulse))
    for file in before:
        left = Path(postgres_server.data_directory) / file
        assert not left.exists() or left.stat().st_size == 0


def _in_heap(doors: Any) -> list[Any]:
    with doors.parts.database.read() as tx:
        return list(tx.execute(text("SELECT id, xmin::text AS xmin FROM response ORDER BY ctid")))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_several_processes_one_stirs(doors: Any, collecting: tuple[str, list[str]]) -> None:
    pulse, _ = collecting
    with doors.parts.database.begin() as tx:
        holds.take(tx, stirring.HOLD)
        before = files_of(doors, pulse)
        assert stir(doors.parts.database) is False
        assert files_of(doors, pulse) == before
    assert stir(doors.parts.database) is True


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_who_answers_waits_long_behind_a_stirring_that_waits(
    doors: Any, collecting: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a limit it would never come back: the reader goes only after it did, or was given up."""
    pulse, rest = collecting
    monkeypatch.setattr(stirring, "_PATIENCE", "50ms")
    with ThreadPoolExecutor(1) as aside, doors.parts.database.begin() as reader:
        reader.execute(text(f"LOCK TABLE response_{pulse} IN ACCESS SHARE MODE"))
        before = files_of(doors, pulse)
        assert aside.submit(stir, doors.parts.database).result(timeout=120) is False
        assert files_of(doors, pulse) == before
        assert answer(doors, pulse, rest[0], 4) == 204
    assert stir(doors.parts.database) is True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_the_log_is_emptied(doors: Any, collecting: tuple[str, list[str]]) -> None:
    log = Path(f"{doors.parts.database.url.database}-wal")
    assert log.stat().st_size > 0
    assert stir(doors.parts.database) is True
    assert log.stat().st_size == 0


def test_who_answers_meanwhile_is_counted_once(doors: Any, collecting: tuple[str, list[str]]) -> None:
    pulse, rest = collecting

    async def sent(token: str) -> int:
        path = f"/v1/pulses/{pulse}/responses"
        return int((await doors.client.post(path, json=body(token, 4))).status_code)

    async def all_at_once() -> list[Any]:
        turns = [asyncio.to_thread(stir, doors.parts.database) for _ in range(4)]
        return await asyncio.gather(*turns, *(sent(token) for token in rest))

    outcomes = doors.run(all_at_once())
    assert outcomes[4:] == [204] * len(rest)
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)


class Clock:
    """Time that passes when somebody waits, until there has been enough of it."""

    def __init__(self, waits: int) -> None:
        self.slept: list[float] = []
        self._waits, self._over = waits, asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) > self._waits:
            self._over.set()
            await asyncio.Event().wait()

    async def over(self) -> None:
        await asyncio.wait_for(self._over.wait(), 30)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_stirs_now_and_then_where_anything_came_in(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = iter([True, TimeoutError(), False, True])
    came = iter([0, 5, 5, 5, 5])
    seconds = iter([0.0, 1.0, 10.0, 10.1, 20.0, 20.1, 30.0, 60.0, 70.0, 70.0])

    def stirring_takes_a_while(_: Any) -> bool:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def run() -> list[float]:
        clock = Clock(5)
        monkeypatch.setattr(upkeep, "stir", stirring_takes_a_while)
        monkeypatch.setattr(upkeep, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
        monkeypatch.setattr(upkeep, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": clock.sleep}))
        async with Upkeep(doors.parts, lambda: next(came)).running():
            await clock.over()
        return clock.slept

    # Soon at first: what came before this process began is in order too. What fails, and what another process is at,
    # is tried again soon; what takes long is done the less often. Nothing came in between: nothing is stirred.
    assert asyncio.run(run()) == [60.0, 600.0, 60.0, 60.0, 3000.0, 600.0]
    assert next(outcomes, None) is None
