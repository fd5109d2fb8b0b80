"""Invitations that leave by e-mail or to a distributing system: issued and sealed in one transaction, before a pulse
opens.

What ties an address to an invitation lies sealed to a secret that is destroyed when the pulse closes, and is read by
nobody but who sends it. Reminders therefore go to everybody: who has answered is not looked up, here or elsewhere.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from time import time
from typing import Any

from service.custody.custody import Custody, kept
from service.errors import Conflict
from service.operations import audit
from service.operations.access import Principal
from service.operations.directory import Addressee, bring_up_to_date, invited_people
from service.operations.hooks import HANDED_OVER, body_of
from service.operations.prepare import issue_within
from service.seal.letter import LONGEST_ADDRESS, Letter, seal_delivery, seal_letter
from service.store import hooks, letters, pulses
from service.store.database import Connection, Database
from service.store.hooks import DeliveryRow
from service.store.letters import Round
from service.survey.pulse import Pulse, State
from service.tokens import keys

#: Reminders of one pulse, at most one a day: what comes more often is nagging.
MOST_REMINDERS = 3
#: Tokens in one delivery, so that none is larger than 20 kB.
PART = 250
#: A language as a letter keeps it; whatever else a directory says is none.
_LANGUAGE = re.compile(r"[A-Za-z0-9_-]{1,35}")

#: How many letters there are and were sent.
Progress = letters.Progress


def require_server(sends: bool) -> None:
    """Raise Conflict where letters would be written that nobody sends."""
    if not sends:
        raise Conflict("Letters need REDWOOD_SMTP_URL, REDWOOD_MAIL_FROM and REDWOOD_PUBLIC_URL where this is served.")


def invite(
    database: Database, custody: Custody, principal: Principal, pulse: str, day: date, *, until: date | None = None
) -> int:
    """Issue an invitation to everybody in the directory who has an address and a unit; how many. They are sent once
    the pulse is open. `until` is told them as the last day, where it is known.

    Raises NotFound, Conflict once it is open, where letters were written before, and where nobody is in the
    directory, and as `issue_invitations` does.
    """
    principal.require("manage", whole=True)
    bring_up_to_date(database, principal.organisation, day)
    with database.begin() as tx:
        _draft(tx, principal, pulse)
        if letters.latest_round(tx, pulse):
            raise Conflict("Everybody's letter is written already; they leave once the pulse is open.")
        people = [it for it in invited_people(tx, principal.organisation, day) if _can_be_written_to(it)]
        if not people:
            raise Conflict("Nobody in the directory has both an address and a unit.")
        tokens = _issued(tx, principal, pulse, people, day)
        secret = kept(custody, pulse, "letters")
        letters.add_letters(tx, pulse, [_sealed(secret, pulse, *it) for it in zip(people, tokens, strict=True)])
        letters.add_round(tx, Round(pulse, 1, day, until))
        audit.record(tx, principal, "letters written", f"pulse {pulse}: {len(people)}")
    return len(people)


def remind(database: Database, principal: Principal, pulse: str, day: date) -> int:
    """Write to everybody once more, with the same invitation; which reminder it is, from 1.

    Raises NotFound, and Conflict unless the pulse is open and was invited to by letter, a day after the last.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        found = pulses.locked(tx, pulse, principal.organisation)
        latest = letters.latest_round(tx, pulse)
        if found.state is not State.OPEN or latest is None:
            raise Conflict("Only an open pulse that people were invited to by letter has anybody to remind.")
        if latest.number > MOST_REMINDERS:
            raise Conflict(f"Everybody was reminded {MOST_REMINDERS} times: more often nobody is.")
        if day <= max(latest.on_day, found.opened_on or day):
            raise Conflict("Everybody was written to today: at most once a day.")
        letters.add_round(tx, Round(pulse, latest.number + 1, day, latest.until))
        audit.record(tx, principal, "everybody reminded", f"pulse {pulse}")
    return latest.number


def progress(database: Database, principal: Principal, pulse: str) -> Progress:
    """How many letters there are and were sent. Raises NotFound."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        pulses.pulse_by_id(tx, pulse, principal.organisation)
        return letters.progress(tx, pulse)


def hand_over(database: Database, custody: Custody, principal: Principal, pulse: str, day: date) -> int:
    """Issue every invitation that is left, to the one webhook that wants them and to nobody else; how many.

    Raises NotFound, Conflict once it is open, unless one webhook wants them, where none is left, and as
    `issue_invitations` does.
    """
    principal.require("manage", whole=True)
    bring_up_to_date(database, principal.organisation, day)
    with database.begin() as tx:
        found = _draft(tx, principal, pulse)
        wanting = hooks.wanting(tx, principal.organisation, HANDED_OVER)
        if not wanting:
            raise Conflict(f"No webhook wants {HANDED_OVER}.")
        if len(wanting) > 1:
            raise Conflict(f"Several webhooks want {HANDED_OVER}: delete all but one. Whoever has a code can answer.")
        issued = issue_within(tx, principal, pulse, None, day)
        if not issued:
            raise Conflict("Nobody is left without an invitation.")
        parts = _parts(found, issued)
        secret = kept(custody, pulse, "letters")
        rows = [_delivery(secret, wanting[0].id, pulse, part) for part in parts]
        hooks.add_deliveries(tx, rows, int(time()))
        audit.record(tx, principal, "invitations handed over", f"pulse {pulse}: {len(issued)}")
    return len(issued)


def are_written(tx: Connection, custody: Custody, pulse: str) -> bool:
    """Whether its letters are there and can be read: a restore brings a draft's invitations back without them."""
    return letters.latest_round(tx, pulse) is not None and custody.get(pulse, "letters") is not None


def are_handed_over(tx: Connection, organisation: str, pulse: str) -> bool:
    """Whether its invitations were put into the outbox, which a restore does not bring back either."""
    its = (it for hook in hooks.hooks(tx, organisation) for it in hooks.deliveries(tx, hook.id))
    return any(it.event == HANDED_OVER and it.pulse == pulse for it in its)


def _draft(tx: Connection, principal: Principal, pulse: str) -> Pulse:
    found = pulses.locked(tx, pulse, principal.organisation)
    if found.state is not State.DRAFT:
        raise Conflict("Invitations are issued before a pulse opens.")
    return found


def _can_be_written_to(it: Addressee) -> bool:
    """What stands in a letter's head must not end it there."""
    plain = it.address.isprintable() and "@" in it.address[1:-1] and not set(it.address) & set(' ,;:<>()[]\\"')
    return plain and len(it.address) <= LONGEST_ADDRESS and it.address.isascii()


def _issued(tx: Connection, principal: Principal, pulse: str, people: Sequence[Addressee], day: date) -> list[str]:
    """A token for each of them, in their order."""
    found: dict[str, list[str]] = {}
    for unit, token in issue_within(tx, principal, pulse, Counter(it.unit for it in people), day):
        found.setdefault(unit, []).append(token)
    return [found[it.unit].pop() for it in people]


def _sealed(secret: bytes, pulse: str, it: Addressee, token: str) -> tuple[bytes, bytes]:
    id, said = os.urandom(16), it.language or ""
    language = said if _LANGUAGE.fullmatch(said) else ""
    return id, seal_letter(secret, pulse, id, Letter(it.address, token, language))


def _parts(pulse: Pulse, issued: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """What each delivery says: some tokens of one unit."""
    facts = {"pulse": pulse.id, "label": pulse.label, "series": pulse.series}
    parts = []
    for unit, pairs in groupby(sorted(issued), key=lambda it: it[0]):
        tokens = [token for _, token in pairs]
        pieces = [tokens[at : at + PART] for at in range(0, len(tokens), PART)]
        numbered = enumerate(pieces, 1)
        parts += [{**facts, "unit": unit, "part": n, "parts": len(pieces), "tokens": some} for n, some in numbered]
    return parts


def _delivery(secret: bytes, hook: str, pulse: str, part: dict[str, Any]) -> DeliveryRow:
    id = keys.new_id()
    return DeliveryRow(id, hook, HANDED_OVER, pulse, seal_delivery(secret, id, body_of(HANDED_OVER, part)), sealed=True)
