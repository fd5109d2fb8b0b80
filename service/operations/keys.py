"""The keys of a pulse: made when it opens, needed while it collects, destroyed once it has closed."""

from __future__ import annotations

from collections.abc import Iterable

from service.custody.custody import LENGTHS, Custody
from service.errors import KeyGone
from service.release.policy import Keys
from service.seal.close_key import Opener, fingerprint_of
from service.store import pulses
from service.store.database import Database
from service.store.pulses import PublicKeys
from service.tokens import fingerprint
from service.tokens.unlinkable import SUITE, class_key


def make_keys(custody: Custody, pulse: str, units: Iterable[str]) -> tuple[PublicKeys, Keys]:
    """Both secrets of a pulse that is about to open, and what is public of them: to be stored, and to be hashed.

    Nothing was ever sealed to what an opening that failed left behind: it is overwritten.
    """
    seed = custody.make(pulse, "tokens")
    close = Opener(custody.make(pulse, "close")).public
    root = fingerprint.root(unit_keys(seed, pulse, units)).hex()
    return PublicKeys(root, close), Keys(SUITE, root, fingerprint_of(close))


def unit_keys(seed: bytes, pulse: str, units: Iterable[str]) -> dict[str, bytes]:
    """The public token key of each unit, 32 bytes."""
    return {unit: class_key(seed, pulse, unit).public_key for unit in units}


def opener(custody: Custody, pulse: str) -> Opener:
    """Raises KeyGone."""
    secret = custody.get(pulse, "close")
    if secret is None:
        raise KeyGone
    return Opener(secret)


def destroy_keys(database: Database, custody: Custody, pulse: str) -> bool:
    """Whether both are gone; what is known of that is kept, so that a half-done close can be finished later."""
    # The close key first: if anything stops this, what is left opens nothing.
    if not (custody.destroy(pulse, "close") and custody.destroy(pulse, "tokens")):
        return False
    with database.begin() as tx:
        pulses.set_keys_destroyed(tx, pulse)
    return True


def finish_closes(database: Database, custody: Custody) -> list[str]:
    """Destroy the keys that closes left behind which were stopped half-way; the ids of pulses whose keys are left.

    Raises Unavailable where custody or the database cannot be asked.
    """
    with database.read() as tx:
        unfinished = pulses.with_keys_left(tx)
    return [pulse for pulse in unfinished if not destroy_keys(database, custody, pulse)]


def key_state(database: Database, custody: Custody) -> tuple[list[str], list[str]]:
    """Open pulses one of whose keys is gone, and closed ones whose keys are not known to be destroyed, by id."""
    with database.read() as tx:
        collecting, left = pulses.collecting(tx), pulses.with_keys_left(tx)
    return [it for it in collecting if any(custody.get(it, kind) is None for kind in LENGTHS)], left
