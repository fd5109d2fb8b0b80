"""Who may do what: organisations, keys with scopes and subtrees, and the sessions pages sign in with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from service.errors import Conflict, Fault, InvalidQuery, NotAllowed, NotAuthenticated, NotFound
from service.operations import audit
from service.store import access
from service.store.access import KeyRow, SessionRow
from service.store.database import Database
from service.tokens import keys

#: A key as it is listed: everything but its secret, which nobody has.
Key = KeyRow

SCOPES = ("collect", "manage", "results", "analytics", "scim")
#: Days before its end from which a key is said to end soon.
SOON = 30
#: Hours for which a key and the one in its place may both be good: a month of them.
_LONGEST_OVERLAP = 744


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a key's organisation, scopes, and the unit whose subtree it is bound to, if any."""

    key: str
    organisation: str
    scopes: frozenset[str]
    unit: str | None = None
    label: str = ""
    #: Of its key: the first second, since 1970, in which it opens nothing; None for one that stays.
    ends_at: int | None = None

    def require(self, scope: str, *, whole: bool = False) -> None:
        """Raise NotAllowed without `scope`; `whole` asks for a key that is not bound to a subtree."""
        if scope not in self.scopes or (whole and self.unit is not None):
            raise NotAllowed(scope)

    @property
    def reads_pages(self) -> bool:
        """Whether there is any page it may open: one of results or, with a key of the whole, of the manager."""
        return "results" in self.scopes or ("manage" in self.scopes and self.unit is None)


#: Whose a session without a key is, by what stands in it and when it ends; None where that opens nothing any more.
Kept = Callable[[str, int], Principal | None]


def operator(organisation: str) -> Principal:
    """Whoever holds the shell of the machine: every scope, and still nothing the gate withholds."""
    return Principal("operator", organisation, frozenset(SCOPES))


def create_organisation(database: Database, name: str) -> str:
    """The new organisation's id. Raises Conflict when the name is taken."""
    if not name.strip() or len(name) > 200:
        raise InvalidQuery([Fault("name", "must be 1 to 200 characters")])
    with database.begin() as tx:
        if access.organisation_id(tx, name) is not None:
            raise Conflict("An organisation of that name exists already.")
        id = keys.new_id()
        access.add_organisation(tx, id, name)
        audit.record(tx, operator(id), "organisation made", f"organisation {id}")
        return id


def find_organisation(database: Database, name: str | None) -> str:
    """The id of the named organisation, or of the only one. Raises Conflict when there is none, or a name is needed."""
    with database.read() as tx:
        known = access.organisations(tx)
    if name is None and len(known) > 1:
        raise Conflict("There are several organisations: say which with --organisation NAME.")
    for id, its_name in known:
        if name in (None, its_name):
            return id
    raise Conflict("There is no such organisation yet: make one with 'redwood organisation create NAME'.")


def organisation_name(database: Database, principal: Principal) -> str:
    with database.read() as tx:
        return access.organisation_name(tx, principal.organisation)


def create_key(
    database: Database,
    organisation: str,
    scopes: list[str],
    unit: str | None,
    label: str,
    *,
    expires: date | None = None,
) -> str:
    """The new key's secret, which is stored nowhere; good until the day `expires` is over, in UTC.

    Raises InvalidQuery for an unknown scope and for a day that is past.
    """
    if not scopes or set(scopes) - set(SCOPES):
        raise InvalidQuery([Fault("scope", f"must be one or more of {', '.join(SCOPES)}")])
    row = KeyRow(keys.new_id(), organisation, frozenset(scopes), unit, label, _today(), _end_of(expires))
    secret = keys.new_secret()
    with database.begin() as tx:
        access.add_key(tx, row, keys.digest_of(secret))
        audit.record(tx, operator(organisation), "key made", _told(row))
    return secret


def rotate_key(
    database: Database, organisation: str, id: str, *, overlap: int = 0, expires: date | None = None
) -> tuple[str, KeyRow]:
    """Another secret in a key's place, with a row of its own that may do and see the same.

    The old one ends at once, with the page sessions it signed in, or `overlap` hours from now. The new one ends when
    the old one would have, unless `expires` says another day. Raises NotFound, for a key that has ended too, and
    InvalidQuery.
    """
    if not 0 <= overlap <= _LONGEST_OVERLAP:
        raise InvalidQuery([Fault("overlap", f"must be 0 to {_LONGEST_OVERLAP} hours")])
    end, now, secret = _end_of(expires), int(time.time()), keys.new_secret()
    with database.begin() as tx:
        old = access.key_by_id(tx, organisation, id)
        if old is None or _has_ended(old, now):
            raise NotFound("key")
        new = replace(old, id=keys.new_id(), made_on=_today(), ends_at=end or old.ends_at)
        if overlap:
            access.set_key_end(tx, id, min(now + 3600 * overlap, old.ends_at or now + 3600 * overlap))
        else:
            access.remove_key(tx, organisation, id)
        access.add_key(tx, new, keys.digest_of(secret))
        audit.record(tx, operator(organisation), "key rotated", f"key {id} by {_told(new)}")
    return secret, new


def list_keys(database: Database, organisation: str) -> list[KeyRow]:
    """Every key by id, those that have ended too; secrets are stored nowhere."""
    with database.read() as tx:
        return access.keys(tx, organisation)


def ends_soon(key: KeyRow, now: int) -> bool:
    """Whether it is good at `now` and will not be in some weeks."""
    return key.ends_at is not None and now < key.ends_at <= now + SOON * 86_400


def keys_ending_soon(database: Database, now: int) -> list[KeyRow]:
    """Every organisation's, the first to end before the others."""
    with database.read() as tx:
        return access.keys_ending(tx, now, now + SOON * 86_400)


def revoke_key(database: Database, organisation: str, id: str) -> None:
    """End a key and the page sessions it signed in. Raises NotFound."""
    with database.begin() as tx:
        if not access.remove_key(tx, organisation, id):
            raise NotFound("key")
        audit.record(tx, operator(organisation), "key revoked", f"key {id}")


def authenticate(database: Database, secret: str, now: int) -> Principal:
    """Raises NotAuthenticated for anything but a known key that has not ended."""
    with database.read() as tx:
        return _principal(access.key_by_digest(tx, keys.digest_of(secret)), now)


def sign_in(database: Database, secret: str, now: int, hours: int) -> str:
    """A page session's secret, good until `hours` after `now` (seconds since 1970) and no longer than its key.

    Raises NotAuthenticated, and NotAllowed for a key that may open no page.
    """
    session = keys.new_secret()
    with database.begin() as tx:
        principal = _principal(access.key_by_digest(tx, keys.digest_of(secret)), now)
        if principal.reads_pages:
            access.add_session(tx, keys.digest_of(session), principal.key, now + 3600 * hours)
        audit.record(tx, principal, "signed in" if principal.reads_pages else "refused", "sign-in")
    if not principal.reads_pages:
        raise NotAllowed("results")
    return session


def session(database: Database, secret: str, now: int, kept: Kept | None = None) -> Principal:
    """Who signed in. Raises NotAuthenticated when the session is unknown or over, or its key or role has ended."""
    with database.read() as tx:
        found = _signed_in(access.session(tx, keys.digest_of(secret), now), kept)
    if found is None or (found.ends_at is not None and found.ends_at <= now):
        raise NotAuthenticated
    return found


def sign_out(database: Database, secret: str, now: int, kept: Kept | None = None) -> None:
    """End a session, and clear away all that are over; nothing to a secret of none."""
    digest = keys.digest_of(secret)
    with database.begin() as tx:
        principal = _signed_in(access.session(tx, digest, now), kept)
        access.remove_sessions(tx, digest, now)
        if principal is not None:
            audit.record(tx, principal, "signed out", "sign-out")


def _signed_in(found: SessionRow | None, kept: Kept | None) -> Principal | None:
    if found is None:
        return None
    if found.key is not None:
        return _principal_of(found.key)
    return None if kept is None or found.principal is None else kept(found.principal, found.ends_at)


def _principal(key: KeyRow | None, now: int) -> Principal:
    if key is None or _has_ended(key, now):
        raise NotAuthenticated
    return _principal_of(key)


def _principal_of(key: KeyRow) -> Principal:
    return Principal(key.id, key.organisation, key.scopes, key.unit, key.label, key.ends_at)


def _has_ended(key: KeyRow, now: int) -> bool:
    return key.ends_at is not None and key.ends_at <= now


def _today() -> date:
    return datetime.now(UTC).date()


def _end_of(day: date | None) -> int | None:
    """The second at which a day is over in UTC. Raises InvalidQuery for one that is, or that no calendar follows."""
    if day is None:
        return None
    if not _today() <= day < date.max:
        raise InvalidQuery([Fault("expires", "must be today or a later day")])
    return int(datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC).timestamp())


def _told(key: KeyRow) -> str:
    return f"key {key.id}: {' '.join(sorted(key.scopes))}{f' in {key.unit}' if key.unit else ''}"
