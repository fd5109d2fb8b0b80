"""Several processes and hosts on one database: one stirs, one closes, and one without the keys says that it is not
ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.api.upkeep import Upkeep
from service.operations.keys import finish_closes
from service.operations.stir import stir
from service.store import pulses
from service.store.database import Database
from tests.faults.world import answer, begun, body, released

PEOPLE = 40
VALUES = [1 + number % 5 for number in range(PEOPLE)]


def ready(doors: Any) -> tuple[int, str]:
    reply = doors.call("GET", "/readyz", headers={})
    return reply.status_code, reply.json()["detail"] if reply.content else ""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_host_with_another_custody_is_not_ready_while_a_pulse_is_open_and_says_so(
    doors: Any, service_like: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "keys").mkdir()
    stranger = service_like(custody=f"file:{tmp_path / 'keys'}")
    sister = service_like()
    assert ready(stranger) == (204, "")
    pulse, tokens = begun(doors, 5)
    assert (ready(doors), ready(sister)) == ((204, ""), (204, ""))
    status, said = ready(stranger)
    assert (status, "REDWOOD_CUSTODY" in said, pulse in said) == (503, True, False)

    async def begin() -> None:
        async with Upkeep(stranger.parts, lambda: 0).running():
            pass

    with caplog.at_level(logging.ERROR, logger="redwood"):
        stranger.run(begin())
    assert "1 open pulses have no keys here" in caplog.text

    for token in tokens:
        assert answer(sister, pulse, token, 3) == 204
    released(doors, pulse)
    assert ready(stranger) == (204, "")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_key_that_was_had_once_is_not_asked_for_again_and_a_restored_pulse_needs_none(
    doors: Any, tmp_path: Path, service_like: Callable[..., Any]
) -> None:
    begun(doors, 5)
    assert ready(doors) == (204, "")
    doors.parts.custody.path.rename(tmp_path / "away")
    assert ready(doors) == (204, "")
    stranger = service_like(custody=f"file:{tmp_path / 'keys'}")
    assert ready(stranger)[0] == 503
    (tmp_path / "away").rename(doors.parts.custody.path)
    with doors.parts.database.begin() as tx:
        pulses.set_restored(tx)
    assert ready(stranger) == (204, "")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_pulse_whose_key_is_lost_closes_the_service_to_nobody_else(
    doors: Any, service_like: Callable[..., Any]
) -> None:
    lost, _ = begun(doors, 5)
    doors.parts.custody.destroy(lost, "tokens")
    assert ready(service_like())[0] == 503
    begun(doors, 5)
    assert ready(service_like()) == (204, "")


@pytest.mark.parametrize("its_folder", ["empty", "missing"])
@pytest.mark.parametrize("another_is_open", [True, False])
def test_a_host_without_the_keys_takes_nobody_s_for_destroyed(
    doors: Any,
    service_like: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    its_folder: str,
    another_is_open: bool,
) -> None:
    if its_folder == "empty":
        (tmp_path / "keys").mkdir()
    stranger = service_like(custody=f"file:{tmp_path / 'keys'}")
    pulse, tokens = begun(doors, 5)
    if another_is_open:
        begun(doors, 5)
    for token in tokens:
        assert answer(doors, pulse, token, 3) == 204
    with monkeypatch.context() as stopped:
        stopped.setattr(type(doors.parts.custody), "destroy", lambda *_: False)
        doors.ok("POST", f"/v1/pulses/{pulse}/close")
    assert finish_closes(stranger.parts.database, stranger.parts.custody) == [pulse]
    assert doors.parts.custody.get(pulse, "close") is not None
    assert finish_closes(doors.parts.database, doors.parts.custody) == []
    assert doors.parts.custody.get(pulse, "close") is None


def test_two_that_stir_while_two_take_answers_lose_and_double_nothing(
    doors: Any, service_like: Callable[..., Any]
) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    second = service_like()
    waiting = list(zip(tokens, VALUES, strict=True))
    stirred: list[bool] = []

    async def respondent(at: Any) -> None:
        while waiting:
            sent = body(*waiting.pop())
            while (await at.client.post(f"/v1/pulses/{pulse}/responses", json=sent)).status_code != 204:
                await asyncio.sleep(0.01)

    async def stirrer(database: Database) -> None:
        while waiting:
            stirred.append(await asyncio.to_thread(stir, database))

    async def all_of_them() -> None:
        two = (doors, second)
        await asyncio.gather(*(respondent(it) for it in two * 2), *(stirrer(it.parts.database) for it in two))

    doors.run(all_of_them())
    assert stirred
    assert released(second, pulse) == (PEOPLE, sum(VALUES))
