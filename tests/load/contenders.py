"""What Redwood's ingest is compared with: a bare echo, and the ways such an endpoint is usually written."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


class Body(BaseModel):
    token: str
    answers: dict[str, int | None]
    bands: dict[str, str] = {}


async def raw(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """ASGI with no framework: as many bytes as CONTENDER_BYTES says, for whatever was asked."""
    if scope["type"] == "http":
        body = b"x" * int(os.environ["CONTENDER_BYTES"])
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def echo() -> FastAPI:
    """FastAPI with a body parameter and no database: the body back."""
    app = FastAPI()

    @app.post("/responses")
    async def respond(body: Body) -> Body:
        return body

    return app


def one_transaction_each() -> FastAPI:
    """SQLAlchemy's asynchronous engine on PostgreSQL, one transaction a request: the usual way."""
    engine = create_async_engine(os.environ["CONTENDER_URL"], pool_size=20)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as tx:
            await tx.execute(text("CREATE TABLE IF NOT EXISTS usual (token text PRIMARY KEY, answers jsonb NOT NULL)"))
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    insert = text("INSERT INTO usual VALUES (:token, CAST(:answers AS jsonb)) ON CONFLICT DO NOTHING")

    @app.post("/responses", status_code=204)
    async def respond(body: Body) -> None:
        async with engine.begin() as tx:
            await tx.execute(insert, {"token": body.token, "answers": json.dumps(body.answers)})

    return app


def aiosqlite_each() -> FastAPI:
    """aiosqlite with synchronous FULL, one transaction a request."""
    held: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with aiosqlite.connect(os.environ["CONTENDER_FILE"], isolation_level=None) as connection:
            for statement in (
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=FULL",
                "CREATE TABLE IF NOT EXISTS usual (token TEXT PRIMARY KEY, answers TEXT NOT NULL)",
            ):
                await connection.execute(statement)
            held["connection"] = connection
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/responses", status_code=204)
    async def respond(body: Body) -> None:
        await held["connection"].execute(
            "INSERT OR IGNORE INTO usual VALUES (?, ?)", (body.token, json.dumps(body.answers))
        )

    return app


class Unsealed:
    """In a sealer's place: what it is given, as it is."""

    def seal(self, _pulse: str, content: bytes) -> bytes:
        return content


def unsealed() -> None:
    """Redwood as it would be if it sealed nothing: what sealing costs is the difference."""
    # Here, so that the others' processes are no larger than their own work makes them.
    from service.cli import main
    from service.seal import close_key

    vars(close_key)["_sealer"] = lambda _key: Unsealed()
    main()
