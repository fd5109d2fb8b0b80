"""What sends webhooks and letters in a serving process, put together from settings, words and connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from service.api.chores import Chore
from service.bootstrap import Runtime
from service.inviting import webhook
from service.inviting.mail import NotTaken, Server
from service.operations.delivering import Deliverer
from service.operations.letters import require_server
from service.operations.mailing import Letter, Mailer, Occasion, Post, Refused
from service.pages.paper.letters import origin_of
from service.pages.paper.mail import mail
from service.settings import Settings

#: Seconds after which the outbox is looked at again, and whether a batch of letters is due.
_OUTBOX, _BATCHES = 2.0, 5.0


def inviting_chores(runtime: Runtime) -> list[Chore]:
    """Letters only where there is a server for them; webhooks always, for one may be made at any time."""
    told = deliverer(runtime)
    chores = [Chore("webhooks", _OUTBOX, told.run, told.close)]
    if sends_letters(runtime.settings):
        chores.append(Chore("letters", _BATCHES, mailer(runtime).run))
    return chores


def deliverer(runtime: Runtime) -> Deliverer:
    private = runtime.settings.private_hooks

    def send(url: str, id: str, secret: bytes, body: bytes) -> int | str:
        return webhook.send(url, id, secret, body, private=private)

    return Deliverer(runtime.database, runtime.custody, send)


def mailer(runtime: Runtime) -> Mailer:
    settings = runtime.settings
    server = Server(settings.smtp_url, settings.mail_from)
    origin = origin_of(settings.public_url) or ""

    @contextmanager
    def connect() -> Iterator[Post]:
        with server.connected() as connection:

            def post(occasion: Occasion, letter: Letter, id: str) -> None:
                said = mail(
                    occasion.pulse,
                    occasion.organisation,
                    origin,
                    letter.token,
                    letter.language,
                    reminds=occasion.reminds,
                    until=occasion.until,
                )
                try:
                    server.send(connection, letter.address, said.subject, said.text, said.language, id)
                except NotTaken as refusal:
                    raise Refused(for_good=refusal.for_good) from None

            yield post

    return Mailer(runtime.database, runtime.custody, connect, settings.mail_batch, settings.mail_pause)


def sends_letters(settings: Settings) -> bool:
    """Whether there is a server to send by, an address to send from, and one for links to lead to."""
    return bool(settings.smtp_url and settings.mail_from and origin_of(settings.public_url))


def require_letters(settings: Settings) -> None:
    """Raise Conflict where letters would be written that nobody sends."""
    require_server(sends_letters(settings))
