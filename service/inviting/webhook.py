"""One delivery of a webhook, signed as Standard Webhooks lays down, to an address that may be spoken to."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from threading import Timer
from time import monotonic

from standardwebhooks import Webhook

from service.inviting.address import NotAllowed, Target, parsed, resolved

#: Seconds for all of it once a name is looked up, however slowly a receiver answers: connecting, TLS and reply.
PATIENCE = 5.0
_AGENT = "redwood-webhooks/1"
_NOTHING = "no connection, or no answer"


def headers(secret: bytes, id: str, body: bytes, now: datetime) -> dict[str, str]:
    """`id` stays the same however often it is sent: a receiver knows by it what it has already."""
    message = f"msg_{id}"
    return {
        "content-type": "application/json",
        "user-agent": _AGENT,
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, now, body.decode()),
    }


def send(url: str, id: str, secret: bytes, body: bytes, *, private: bool) -> int | str:
    """The status, whatever else it answers, which is not read; or why there is none. No redirect is followed, and no
    proxy of the environment is used: it would look addresses up for itself."""
    try:
        target = parsed(url, private=private)
        where = resolved(target, private=private)
        ends = monotonic() + PATIENCE
        with socket.create_connection(where, PATIENCE) as plain:
            return _status(plain, target, body, headers(secret, id, body, datetime.now(UTC)), ends)
    except NotAllowed as refusal:
        return str(refusal)
    except TimeoutError:
        return "no answer in time"
    except ssl.SSLEOFError:
        return _NOTHING
    except ssl.SSLError:
        return "its certificate or TLS"
    except (OSError, http.client.HTTPException, ValueError):
        return _NOTHING


def _status(plain: socket.socket, target: Target, body: bytes, said: dict[str, str], ends: float) -> int:
    with _wrapped(plain, target.host) if target.tls else plain as spoken:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = spoken
        # A socket's own patience is renewed with every byte.
        ending = Timer(max(0.0, ends - monotonic()), _hang_up, [spoken])
        ending.start()
        try:
            if isinstance(spoken, ssl.SSLSocket):
                spoken.do_handshake()
            connection.request("POST", target.path, body, said)
            return connection.getresponse().status
        finally:
            ending.cancel()
            connection.close()


def _wrapped(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """Not yet shaken hands with, which can take as long as the other likes."""
    return _tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _hang_up(spoken: socket.socket) -> None:
    with suppress(OSError):
        # Of the socket below TLS, which somebody else is using just now.
        socket.socket.shutdown(spoken, socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
