"""Letters by SMTP: plain text, one connection a batch, encrypted unless the server is this very machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from functools import cached_property
from urllib.parse import unquote, urlsplit

#: Seconds for each step of the conversation.
PATIENCE = 20.0
_HERE = {"localhost", "127.0.0.1", "::1"}


class NotTaken(Exception):
    """The server took the connection and not this letter; `for_good` where it says that no later try would do."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("not taken")
        self.for_good = for_good


@dataclass(frozen=True)
class Server:
    """`url` as smtp://USER:PASSWORD@HOST:587, with STARTTLS, or smtps://; `sender` is the address letters come from."""

    url: str
    sender: str

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """Raises OSError, of which every error of smtplib is one."""
        server = self._opened()
        try:
            yield server
        finally:
            # The letters are with the server already: what becomes of the farewell is no matter.
            with suppress(OSError):
                server.quit()
            server.close()

    def _opened(self) -> smtplib.SMTP:
        said = urlsplit(self.url)
        host = said.hostname or ""
        if said.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, said.port or 465, timeout=PATIENCE, context=self._tls)
        else:
            server = smtplib.SMTP(host, said.port or 587, timeout=PATIENCE)
        try:
            self._secured(server, said.scheme == "smtps", host)
            if said.username:
                server.login(unquote(said.username), unquote(said.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _secured(self, server: smtplib.SMTP, already: bool, host: str) -> None:
        """Raises SMTPNotSupportedError for a server elsewhere that does not encrypt: a letter holds an invitation."""
        server.ehlo_or_helo_if_needed()
        if not already and (host not in _HERE or server.has_extn("starttls")):
            server.starttls(context=self._tls)

    def send(self, server: smtplib.SMTP, address: str, subject: str, text: str, language: str, id: str) -> None:
        """`id` makes the Message-ID, by which servers and readers know a letter that was sent twice.

        Raises NotTaken, and OSError where the connection is of no more use.
        """
        try:
            server.sendmail(self.sender, [address], self._letter(address, subject, text, language, id))
        except smtplib.SMTPRecipientsRefused as refused:
            raise NotTaken(for_good=_names_nobody(*refused.recipients.get(address, (450, b"")))) from None
        except smtplib.SMTPDataError as refused:
            # Of this letter's content, or because of how many there were: tried again before it is given up.
            if refused.smtp_code == 421:
                raise
            raise NotTaken(for_good=False) from None

    def _letter(self, address: str, subject: str, text: str, language: str, id: str) -> bytes:
        letter = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # not every server takes more
        letter["From"], letter["To"], letter["Subject"] = self.sender, address, subject
        letter["Date"] = format_datetime(localtime())
        letter["Message-ID"] = f"<{id}@{self.sender.rpartition('@')[2]}>"
        # No automatic answer is wanted, which would say who is away.
        letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"] = "auto-generated", "All"
        letter.set_content(text)
        letter["Content-Language"] = language
        return letter.as_bytes()


def _names_nobody(code: int, words: bytes) -> bool:
    """Whether the address is refused for what it is: RFC 3463 has 5.7 for rules of the server, which a wrong setting
    on this side breaks for everybody, and which may be put right."""
    return 550 <= code <= 553 and not words.startswith(b"5.7.")
