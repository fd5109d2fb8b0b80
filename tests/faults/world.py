"""A team that answers one item, and the ways its answers are sent, counted and compared with what came in."""

from __future__ import annotations

from typing import Any

from service.store.database import Database
from service.store.inviting_tables import metadata

ITEM = "WB1"


def begun(doors: Any, people: int = 20) -> tuple[str, list[str]]:
    """An open pulse of one team, and its invitations."""
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": people}]})
    pulse, tokens = invited(doors)
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return pulse, tokens


def invited(doors: Any) -> tuple[str, list[str]]:
    """A draft whose invitations are issued."""
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": [ITEM]})["id"]
    return pulse, doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]


def body(token: str, answer: int) -> dict[str, Any]:
    return {"token": token, "answers": {ITEM: answer}}


def answer(doors: Any, pulse: str, token: str, value: int) -> int:
    return doors.call("POST", f"/v1/pulses/{pulse}/responses", body(token, value), {}).status_code


def released(doors: Any, pulse: str) -> tuple[int | None, int | None]:
    """How many answered and the sum of what they said, by the release."""
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    return counted(doors, pulse)


def counted(doors: Any, pulse: str) -> tuple[int | None, int | None]:
    row = next(row for row in doors.rows(f"/v1/results?pulse={pulse}") if row["item"] == ITEM)
    return row["n"], row["n"] and round(row["mean"] * row["n"])


def rows_in(database: Database) -> dict[str, list[str]]:
    """What each table holds, in an order of its own; but for `hold`, whose rows say nothing."""
    told = {name: it for name, it in metadata.tables.items() if name != "hold"}
    with database.read() as tx:
        return {name: sorted(map(repr, tx.execute(it.select()))) for name, it in told.items()}
