"""A mail server on loopback that keeps what it takes, with and without STARTTLS, and that can be unwilling."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

_LINK = re.compile(r"https://pulse\.example/answer#(\S+)")


@dataclass
class PostOffice:
    """`answers` says of an address what the server replies, None for taking it."""

    port: int
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    answers: Callable[[str], str | None] = lambda _: None

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: Any
    ) -> Any:
        session.host_name = hostname
        if session.ssl is not None or not any("STARTTLS" in it for it in responses):
            self.batches.append(0)
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        refusal = self.answers(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        read: Any = message_from_bytes(envelope.content, policy=policy.default)
        (to,) = envelope.rcpt_tos
        self.letters.append((to, read))
        self.batches[-1] += 1
        return "250 taken"

    def tokens(self) -> dict[str, list[str]]:
        """By address the token of each letter, in the order of the letters."""
        found: dict[str, list[str]] = {}
        for to, letter in self.letters:
            found.setdefault(to, []).append(token_in(letter))
        return found


def token_in(letter: EmailMessage) -> str:
    (token,) = _LINK.findall(letter.get_content())
    return str(token)


@contextmanager
def post_office(
    *, certificate: Path | None = None, host: str = "127.0.0.1", account: tuple[str, str] | None = None
) -> Iterator[PostOffice]:
    with socket.create_server((host, 0)) as free:
        it = PostOffice(free.getsockname()[1])
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options |= {"tls_context": context, "require_starttls": True}
    if account is not None:
        said = (account[0].encode(), account[1].encode())

        def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, sent: Any) -> AuthResult:
            return AuthResult(success=(sent.login, sent.password) == said, handled=False)

        options |= {"authenticator": known, "auth_required": True}
    controller = Controller(it, hostname=host, port=it.port, **options)
    controller.start()
    try:
        yield it
    finally:
        controller.stop()
