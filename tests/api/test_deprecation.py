"""An operation that will go says so, in the contract and with each answer, refusals too; no other says anything."""

from __future__ import annotations

import asyncio
from datetime import date

import httpx
import pytest
from fastapi import FastAPI

from service.api.deprecation import Deprecation, announced

SINCE, SUNSET, GUIDE = date(2030, 1, 1), date(2030, 7, 1), "https://redwood.example/moving"


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.get("/old", **announced(SINCE, SUNSET, GUIDE))(lambda wanted: wanted)
    app.get("/new")(lambda: 1)
    app.add_middleware(Deprecation)
    return app


def get(app: FastAPI, path: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it") as client:
            return await client.get(path)

    return asyncio.run(asked())


@pytest.mark.parametrize(("path", "status"), [("/old?wanted=1", 200), ("/old", 422)])
def test_each_answer_says_since_when_until_when_and_what_instead(app: FastAPI, path: str, status: int) -> None:
    said = get(app, path)
    assert said.status_code == status
    assert said.headers["deprecation"] == "@1893456000"  # RFC 9745, 2.1: a date of structured fields
    assert said.headers["sunset"] == "Mon, 01 Jul 2030 00:00:00 GMT"
    assert said.headers["link"] == f'<{GUIDE}>; rel="deprecation"; type="text/html", <{GUIDE}>; rel="sunset"'


def test_others_say_nothing(app: FastAPI) -> None:
    assert not {"deprecation", "sunset", "link"} & get(app, "/new").headers.keys()
    assert get(app, "/none").status_code == 404


def test_the_contract_says_it_too(app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/old"]["get"]
    assert operation["deprecated"] is True
    assert operation["x-sunset"] == "2030-07-01"


def test_nobody_gets_less_than_half_a_year() -> None:
    with pytest.raises(ValueError, match="half a year"):
        announced(SINCE, date(2030, 6, 1), GUIDE)
