"""Several pulses at once: some close and others begin while everybody answers, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Any

TEAM = 60
PULSES = 6


def begun(doors: Any) -> tuple[str, list[str]]:
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"]})["id"]
    tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return pulse, tokens


def invited(doors: Any) -> str:
    pulse: str = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    return pulse


async def play(
    doors: Any, pulses: list[tuple[str, list[str]]], drafts: list[str]
) -> tuple[dict[str, list[int]], list[int]]:
    """Everybody answers every pulse in a random order; half of them close meanwhile, others are made and opened."""
    waiting = [(pulse, token) for pulse, tokens in pulses for token in tokens]
    random.Random(5).shuffle(waiting)
    given: dict[str, list[int]] = {pulse: [] for pulse, _ in pulses}
    statuses: list[int] = []

    async def respondent() -> None:
        while waiting:
            pulse, token = waiting.pop()
            answer = 1 + len(waiting) % 5
            body = {"token": token, "answers": {"WB1": answer, "PS1": answer}}
            reply = await doors.client.post(f"/v1/pulses/{pulse}/responses", json=body)
            statuses.append(reply.status_code)
            if reply.status_code == 204:
                given[pulse].append(answer)

    async def manager() -> None:
        for number, (pulse, _) in enumerate(pulses[::2], 1):
            while len(waiting) > TEAM * PULSES * (4 - number) // 4:
                await asyncio.sleep(0)
            replies = await asyncio.gather(
                doors.client.post(f"/v1/pulses/{pulse}/close", headers=doors.manager),
                doors.client.post("/v1/pulses", json={"instrument": "five-blocks"}, headers=doors.manager),
                doors.client.post(f"/v1/pulses/{drafts.pop()}/open", headers=doors.manager),
                doors.client.post(f"/v1/pulses/{drafts.pop()}/open", headers=doors.manager),
            )
            assert [reply.status_code for reply in replies] == [200, 201, 200, 200]

    await asyncio.gather(manager(), *(respondent() for _ in range(40)))
    return given, statuses


def test_closing_one_pulse_disturbs_no_other_and_loses_nothing(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": TEAM}]})
    pulses = [begun(doors) for _ in range(PULSES)]
    given, statuses = doors.run(play(doors, pulses, [invited(doors) for _ in range(PULSES)]))
    assert set(statuses) <= {204, 403}
    for pulse, _ in pulses[1::2]:
        assert len(given[pulse]) == TEAM
        doors.ok("POST", f"/v1/pulses/{pulse}/close")
    for pulse, _ in pulses:
        doors.ok("POST", f"/v1/pulses/{pulse}/release")
        row = next(row for row in doors.rows(f"/v1/results?pulse={pulse}") if row["item"] == "WB1")
        shown = (row["n"], row["n"] and round(row["mean"] * row["n"]))
        assert shown == ((len(given[pulse]), sum(given[pulse])) if len(given[pulse]) >= 5 else (None, None))
