"""An invitation is exchanged, once, for the blind evaluation of a secret that nobody but its holder will ever see."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from service.custody.custody import Custody
from service.errors import Fault, InvalidQuery, KeyGone, NotFound, TokenRefused
from service.operations.keys import unit_keys
from service.store import invitations, pulses, rosters
from service.store.database import Connection, Database
from service.survey.pulse import Pulse, State
from service.tokens import fingerprint, plain
from service.tokens.fingerprint import Step
from service.tokens.unlinkable import SUITE, class_key, decoded, encoded, is_element

#: Open pulses whose keys are remembered: working out those of a large organisation may take a second.
_KEPT = 16


@dataclass(frozen=True, slots=True)
class _Issuers:
    seed: bytes
    keys: Mapping[str, bytes]
    paths: Mapping[str, tuple[Step, ...]]


class Issuing:
    """The keys of each open pulse, worked out once a process."""

    def __init__(self, database: Database, custody: Custody) -> None:
        self._database, self._custody = database, custody
        self._known: OrderedDict[str, _Issuers] = OrderedDict()
        self._making = Lock()
        #: How many invitations were exchanged, or tried to be, in this process.
        self.exchanges = 0

    def published(self, id: str, unit: str) -> dict[str, Any]:
        """A unit's public key with its way up to the pulse's fingerprint.

        Raises NotFound alike for a pulse that is not open and a unit nobody of which was invited, and KeyGone."""
        with self._database.read() as tx:
            pulse = pulses.pulse_by_id(tx, id)
            if pulse.state is not State.OPEN:
                raise NotFound("pulse")
            issuers = self._issuers(tx, pulse)
        if unit not in issuers.keys:
            raise NotFound("pulse")
        return _published(pulse, unit, issuers)

    def exchange(self, id: str, invitation: str, blinded: str) -> dict[str, Any]:
        """The unit's key as above with the evaluation and its proof, durably counted as this invitation's only one.

        The very same again is answered again. Raises InvalidQuery for what is no element, TokenRefused (spent,
        exchanged for another, unknown, of another pulse, not open, kind not accepted: all alike), NotFound (no such
        pulse) and KeyGone.
        """
        message = _element(blinded)
        self.exchanges += 1
        evaluated = hashlib.sha256(message).digest()
        # Looked at first without a lock: who makes invitations up is to hold up nobody.
        with self._database.read() as tx:
            pulse = pulses.pulse_by_id(tx, id)
            unit = _exchangeable(tx, pulse, invitation, evaluated)
            issuers = self._issuers(tx, pulse)
        with self._database.begin() as tx:
            digest = plain.digest_of(invitation)
            if not pulses.is_held_open(tx, id) or not invitations.exchange(tx, id, digest, evaluated):
                raise TokenRefused
        element, proof = class_key(issuers.seed, pulse.id, unit).evaluate(message)
        return {**_published(pulse, unit, issuers), "evaluated": encoded(element), "proof": encoded(proof)}

    def _issuers(self, tx: Connection, pulse: Pulse) -> _Issuers:
        with self._making:
            known = self._known.get(pulse.id)
            if known is None:
                known = self._known[pulse.id] = self._made(tx, pulse)
            self._known.move_to_end(pulse.id)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _made(self, tx: Connection, pulse: Pulse) -> _Issuers:
        seed = self._custody.get(pulse.id, "tokens")
        if seed is None:
            raise KeyGone
        keys = unit_keys(seed, pulse.id, invited_units(tx, pulse))
        if fingerprint.root(keys).hex() != pulse.fingerprint:
            raise KeyGone
        return _Issuers(seed, keys, fingerprint.paths(keys))


def _exchangeable(tx: Connection, pulse: Pulse, invitation: str, evaluated: bytes) -> str:
    """The unit the invitation speaks for. Raises TokenRefused."""
    takes = pulse.state is State.OPEN and "unlinkable" in pulse.tokens
    if not takes or plain.pulse_of(invitation) != pulse.id:
        raise TokenRefused
    unit = invitations.usable(tx, pulse.id, plain.digest_of(invitation), evaluated)
    if unit is None:
        raise TokenRefused
    return unit


def invited_units(tx: Connection, pulse: Pulse) -> list[str]:
    """The ids of the units that hold invitations: no more can be issued once a pulse is open."""
    counts = invitations.issued(tx, pulse.id)
    return [unit for unit, number in rosters.numbers(tx, pulse.organisation).items() if number in counts]


def _published(pulse: Pulse, unit: str, issuers: _Issuers) -> dict[str, Any]:
    return {
        "pulse": pulse.id,
        "unit": unit,
        "suite": SUITE,
        "public_key": encoded(issuers.keys[unit]),
        "fingerprint": pulse.fingerprint,
        "path": [{"side": side, "hash": sibling.hex()} for side, sibling in issuers.paths[unit]],
    }


def _element(text: str) -> bytes:
    try:
        octets = decoded(text)
    except ValueError:
        octets = b""
    if not is_element(octets):
        rule = "must be an element of ristretto255, not the identity: 32 bytes in base64url without padding"
        raise InvalidQuery([Fault("blinded", rule)])
    return octets
