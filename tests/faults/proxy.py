"""A network that can be cut or fall silent: a TCP proxy in a thread of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Thread


class Proxy:
    """Forwards 127.0.0.1:`port` to another port; `silent` lets nothing through, `cut` ends every connection."""

    def __init__(self, to: int) -> None:
        self._to, self._loop = to, asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = server.result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def silent(self) -> None:
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def cut(self) -> None:
        """Reset what is open and let new connections through again."""
        self._loop.call_soon_threadsafe(self._cut)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._flowing.set()

    async def _end(self) -> None:
        self._server.close()
        self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        for way in (self._pass(reader, back), self._pass(there, writer)):
            task = asyncio.ensure_future(way)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while octets := await reader.read(65536):
                await self._flowing.wait()
                writer.write(octets)
        writer.close()
        self._open.discard(writer)
