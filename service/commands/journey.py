"""One pulse from roster to release over HTTP, as any front end and HR system would go about it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service.errors import Conflict, Unavailable

if TYPE_CHECKING:
    import httpx

_AT_ONCE = 40
_ROOT = "everyone"


@dataclass(frozen=True, slots=True)
class Sheet:
    """An instrument's items, and for each person the unit and the raw answers by item."""

    name: str
    items: tuple[dict[str, Any], ...]
    answers: tuple[tuple[str, dict[str, int]], ...]


class Journey:
    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self._client, self._key = client, key

    async def replay(self, sheet: Sheet, posted: Callable[[], None]) -> dict[str, Any]:
        """Everything from import to released figures; `posted` is called after each acknowledged response.

        Raises Conflict with the service's own words when it refuses a step, Unavailable when it is not there.
        """
        await self._set_up(sheet)
        pulse = (await self._call("POST", "/v1/pulses", {"instrument": sheet.name, "label": "Replay"}))["id"]
        tokens = await self._tokens(pulse)
        await self._call("POST", f"/v1/pulses/{pulse}/open")
        gate = asyncio.Semaphore(_AT_ONCE)

        async def answer(unit: str, answers: dict[str, int]) -> None:
            async with gate:
                body = {"token": tokens[unit].pop(), "answers": answers}
                # Without the key: the token is the right to answer, and who sends it is nobody's business.
                await self._call("POST", f"/v1/pulses/{pulse}/responses", body, key=False)
            posted()

        await asyncio.gather(*(answer(unit, answers) for unit, answers in sheet.answers))
        await self._call("POST", f"/v1/pulses/{pulse}/close")
        released = await self._call("POST", f"/v1/pulses/{pulse}/release")
        return {
            "pulse": pulse,
            "posted": len(sheet.answers),
            "release_digest": released["release_digest"],
            "results": await self._rows(f"/v1/results?pulse={pulse}"),
            "quality": await self._rows(f"/v1/quality?pulse={pulse}"),
        }

    async def _set_up(self, sheet: Sheet) -> None:
        headcounts = Counter(unit for unit, _ in sheet.answers)
        units = [{"id": _ROOT, "parent": None, "headcount": 0}]
        units += [{"id": unit, "parent": _ROOT, "headcount": count} for unit, count in sorted(headcounts.items())]
        await self._call("PUT", "/v1/roster", {"units": units})
        document = {"id": sheet.name, "version": "1", "scale": sheet.items[0]["scale"], "items": list(sheet.items)}
        await self._call("POST", "/v1/instruments", document)

    async def _tokens(self, pulse: str) -> dict[str, list[str]]:
        issued = await self._call("POST", f"/v1/pulses/{pulse}/invitations")
        return {entry["unit"]: entry["tokens"] for entry in issued["invitations"]}

    async def _rows(self, path: str) -> list[dict[str, Any]]:
        """Every row of a table, page after page."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await self._call("GET", path + (f"&cursor={cursor}" if cursor else ""))
            rows += page["data"]
            if page["next"] is None:
                return rows
            cursor = page["next"]

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, key: bool = True
    ) -> dict[str, Any]:
        from httpx import TransportError  # late: a server has no use for a client

        headers = {"Authorization": f"Bearer {self._key}"} if key else {}
        try:
            reply = await self._client.request(method, path, json=body, headers=headers)
        except TransportError as error:
            raise Unavailable("The service cannot be reached.") from error
        if reply.is_error:
            raise Conflict(f"{method} {path.split('?', maxsplit=1)[0]} was refused: {reply.text[:500]}")
        answer: dict[str, Any] = reply.json() if reply.content else {}
        return answer
