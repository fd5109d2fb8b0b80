"""What was read, recorded before it is answered: once a key, resource, UTC day and process; and refusals alike."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.middleware import strict
from service.api.problems import refusal
from service.errors import RedwoodError, Unavailable
from service.operations.access import Principal
from service.operations.audit import Deed, record_all
from service.store.database import Database
from service.tokens.token import blotted

_log = logging.getLogger(__name__)

#: Where a request carries who asks.
_ASKING = "redwood.asking"
#: The parameters that choose what is read. No other is recorded: what nobody declared may be a secret.
_CHOOSING = ("pulse", "unit", "block", "item", "by", "from", "to", "lineage", "as_of", "version", "day", "below")
#: What is recorded already, and what may wait for it.
_KNOWN = 50_000
_WAITING = 1_000
_DAY = 86_400


@dataclass(slots=True)
class Asking:
    """Who asks, once that is known; `private` where what is read is the reader's own.

    `subject` is what to record in place of the address, and `reads` whether it is read though it is posted.
    """

    principal: Principal | None = None
    private: bool = False
    subject: str = ""
    reads: bool = False


def asks(request: Request, principal: Principal) -> None:
    """Say who asks, for the record."""
    asking = request.scope.get(_ASKING)
    if asking is not None:
        asking.principal = principal


def own(request: Request) -> None:
    """What is read here was given by its reader, and no time of it is kept: reading it is not recorded."""
    asking = request.scope.get(_ASKING)
    if asking is not None:
        asking.private = True


def told_as(request: Request, subject: str, *, reads: bool) -> None:
    """Record this in place of the address, which tells of one person; `reads` for a search that is posted."""
    asking = request.scope.get(_ASKING)
    if asking is not None:
        asking.subject, asking.reads = subject, reads


class Recorder:
    """Holds digests of what was recorded today. What comes while it writes is written together afterwards."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._day = 0
        self._known: set[bytes] = set()
        self._waiting: dict[bytes, tuple[Deed, asyncio.Future[RedwoodError | None]]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def record(self, deed: Deed) -> None:
        """Return once it stands in the log. Raises Unavailable, and whatever else the database says."""
        name = self._name_of(deed)
        if name in self._known:
            return
        if name not in self._waiting and len(self._waiting) >= _WAITING:
            raise Unavailable("Too much at once for the audit log; ask again in a moment.")
        _, done = self._waiting.setdefault(name, (deed, asyncio.get_running_loop().create_future()))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        error = await asyncio.shield(done)
        if error is not None:
            raise error

    def _name_of(self, deed: Deed) -> bytes:
        """The deed's on this day. On another, and where there is no room left, everything is recorded anew."""
        day = int(time.time()) // _DAY
        if day != self._day or len(self._known) >= _KNOWN:
            self._day = day
            self._known.clear()
        who = (deed.principal.organisation, deed.principal.key)
        named = "\0".join((str(day), *who, deed.did, deed.subject))
        return hashlib.blake2b(named.encode(), digest_size=16).digest()

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            error = await asyncio.to_thread(self._stored, [deed for deed, _ in batch.values()])
            if error is None:
                self._known.update(batch)
            for _, done in batch.values():
                done.set_result(error)

    def _stored(self, deeds: list[Deed]) -> RedwoodError | None:
        try:
            record_all(self._database, deeds)
        except RedwoodError as error:
            return error
        except Exception:  # whoever waits must be told, and reads nothing
            _log.exception("The audit log could not be written")
            return Unavailable("This cannot be recorded, and is not answered without.")
        return None


class Audited:
    """Before the application: holds an answer to a known key back until it is recorded that it was given or refused."""

    def __init__(self, app: ASGIApp, recorder: Recorder) -> None:
        self._app, self._recorder = app, recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_ASKING] = asking = Asking()
        unrecorded: RedwoodError | None = None

        async def recording(message: Message) -> None:
            nonlocal unrecorded
            if message["type"] == "http.response.start":
                deed = _deed(scope, asking, message["status"])
                try:
                    if deed is not None:
                        await self._recorder.record(deed)
                except RedwoodError as error:
                    unrecorded = error
            if unrecorded is None:
                await send(message)

        await self._app(scope, receive, recording)
        if unrecorded is not None:
            reply = refusal(Request(scope), unrecorded)
            reply.raw_headers = strict(reply.raw_headers)
            await reply(scope, receive, send)


def _deed(scope: Scope, asking: Asking, status: int) -> Deed | None:
    """What is to be recorded of an answer: a read that shows something, and any attempt a known key was refused."""
    if asking.principal is None:
        return None
    if status == 403:
        return Deed(asking.principal, "refused", asking.subject or _subject(scope))
    if status in {200, 304} and (asking.reads or scope["method"] in {"GET", "HEAD"}) and not asking.private:
        return Deed(asking.principal, "read", asking.subject or _subject(scope))
    return None


def _subject(scope: Scope) -> str:
    """Method, path and what chooses, all ASCII; a HEAD tells what the GET would.

    An invitation that somebody put where none belongs is not written down with the second it came in.
    """
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    said = QueryParams(scope["query_string"])
    chosen = urlencode([(name, value) for name in _CHOOSING for value in said.getlist(name) if value])
    return blotted(f"{method} {quote(scope['path'])}{'?' if chosen else ''}{chosen}")
