"""The keys of a pulse: made when it opens, needed while it collects, destroyed once it has closed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from contextlib import suppress

from service.custody.custody import NEEDED, OF_A_PULSE, Custody, kept
from service.errors import CustodyFailed, KeyGone
from service.release.policy import Keys
from service.seal.close_key import Opener, Opening, fingerprint_of
from service.store import pulses
from service.store.database import Connection, Database
from service.store.pulses import PublicKeys
from service.tokens import fingerprint
from service.tokens.unlinkable import SUITE, class_key


def make_keys(custody: Custody, pulse: str, units: Iterable[str]) -> tuple[PublicKeys, Keys]:
    """Both secrets of a pulse that is about to open, and what is public of them: to be stored, and to be hashed.

    What an opening that failed left behind is taken as it is. So is what the same pulse has in another database that
    was restored from a backup: overwritten, its answers could never be read.
    """
    seed = kept(custody, pulse, "tokens")
    kept(custody, pulse, "mark")
    close = Opener(_close_secret(custody, pulse)).public
    root, sealed_to = fingerprint.root(unit_keys(seed, pulse, units)).hex(), fingerprint_of(close)
    return PublicKeys(root, close, sealed_to, close_tag(seed, close)), Keys(SUITE, root, sealed_to)


def _close_secret(custody: Custody, pulse: str) -> bytes:
    """A keeper may give the close key to nobody but who closes: then it is made, and what there may be is up to it."""
    try:
        found = custody.get(pulse, "close")
    except CustodyFailed:
        found = None
    return found or custody.make(pulse, "close")


def close_tag(seed: bytes, close_key: bytes) -> bytes:
    """By which a process that collects, and holds the seed, knows the key it seals to: HMAC-SHA256, 32 bytes.

    Whoever can write to the database could else put a key of his own there, and read everything from then on.
    """
    return hmac.digest(seed, b"redwood close key/1 " + close_key, "sha256")


def unit_keys(seed: bytes, pulse: str, units: Iterable[str]) -> dict[str, bytes]:
    """The public token key of each unit, 32 bytes."""
    return {unit: class_key(seed, pulse, unit).public_key for unit in units}


def opener(tx: Connection, custody: Custody, pulse: str) -> Opening:
    """What opens an open pulse's responses. Raises KeyGone, also where another pulse's keys are kept in their place."""
    secret, seed = custody.get(pulse, "close"), custody.get(pulse, "tokens")
    close_key, tag = pulses.close_key(tx, pulse)
    if secret is None or seed is None or not hmac.compare_digest(close_tag(seed, close_key), tag):
        raise KeyGone
    found = Opener(secret)
    if found.public != close_key:
        raise KeyGone
    return Opening(found, seed)


def destroy_keys(database: Database, custody: Custody, pulse: str) -> bool:
    """Whether all are gone; what is known of that is kept, so that a half-done close can be finished later."""
    if not all(custody.destroy(pulse, kind) for kind in OF_A_PULSE):
        return False
    with database.begin() as tx:
        pulses.set_keys_destroyed(tx, pulse)
    # Nobody looks for it any more, and it opens nothing: one that stays where a keeper fails now does no harm.
    with suppress(CustodyFailed):
        custody.destroy(pulse, "mark")
    return True


def finish_closes(database: Database, custody: Custody) -> list[str]:
    """Destroy the keys that closes left behind which were stopped half-way; the ids of pulses whose keys are left.

    Raises Unavailable where custody or the database cannot be asked.
    """
    with database.read() as tx:
        unfinished = pulses.with_keys_left(tx)
    # Where no mark is, another custody may have them: that they are not here would say nothing.
    return [it for it in unfinished if not (custody.get(it, "mark") and destroy_keys(database, custody, it))]


class Seeds:
    """Whether this process can have the seed of each open pulse, each of which it asks for until it had it once."""

    def __init__(self, database: Database, custody: Custody) -> None:
        self._database, self._custody = database, custody
        self._had: set[str] = set()

    def lacking(self) -> list[str]:
        """The ids of open pulses whose seed is not kept where this process looks: another host's may know them.

        None on SQLite, which has one host, and none of a restored database, some of whose keys are gone for good.
        Raises Unavailable where custody or the database cannot be asked.
        """
        if self._database.is_sqlite:
            return []
        with self._database.read() as tx:
            asked = pulses.close_keys(tx)
        self._had &= asked.keys()
        self._had |= {id for id, key in asked.items() if id not in self._had and self._has(id, *key)}
        return [id for id in asked if id not in self._had]

    @property
    def has_some(self) -> bool:
        """Whether it was had of any pulse that was open at the last look."""
        return bool(self._had)

    def _has(self, pulse: str, close_key: bytes, tag: bytes) -> bool:
        seed = self._custody.get(pulse, "tokens")
        return seed is not None and hmac.compare_digest(close_tag(seed, close_key), tag)


def key_state(database: Database, custody: Custody) -> tuple[list[str], list[str]]:
    """Open pulses one of whose keys is gone, and closed ones whose keys are not known to be destroyed, by id."""
    with database.read() as tx:
        collecting, left = pulses.collecting(tx), pulses.with_keys_left(tx)
    return [it for it in collecting if any(custody.get(it, kind) is None for kind in NEEDED)], left
