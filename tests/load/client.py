"""A load generator small enough not to be what is measured: prepared requests over keep-alive connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """Requests a second, the 99th percentile of their times in seconds, and how many got a 2xx."""

    rate: float
    p99: float
    good: int


class _Connection(asyncio.Protocol):
    def __init__(self, requests: list[bytes], times: list[float], done: asyncio.Future[int]) -> None:
        self._requests, self._times, self._done = requests, times, done
        self._good = 0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._times.append(time.perf_counter() - self._sent)
        self._good += self._buffer[9:10] == b"2"
        self._buffer = b""
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(self._good)

    def _send(self) -> None:
        if not self._requests:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._requests.pop())


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length: ")
    return 0 if place < 0 else int(head[place + 16 :].split(b"\r", 1)[0])


def post(path: str, body: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: redwood\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: redwood\r\n{headers}\r\n".encode()


async def load(port: int, requests: Sequence[bytes], connections: int = 64) -> Run:
    """Send every request once, each connection one after the other."""
    loop = asyncio.get_running_loop()
    waiting, times = list(requests), list[float]()
    begun = time.perf_counter()
    ended = []
    for _ in range(connections):
        done: asyncio.Future[int] = loop.create_future()
        ended.append(done)
        await loop.create_connection(lambda done=done: _Connection(waiting, times, done), "127.0.0.1", port)
    good = sum(await asyncio.gather(*ended))
    took = time.perf_counter() - begun
    times.sort()
    return Run(len(requests) / took, times[int(len(times) * 0.99) - 1] if times else 0.0, good)
