"""Who may do what: organisations, keys with scopes and subtrees, and the sessions pages sign in with."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import Conflict, Fault, InvalidQuery, NotAllowed, NotAuthenticated, NotFound
from service.store import access
from service.store.access import KeyRow
from service.store.database import Database
from service.tokens import keys

SCOPES = ("collect", "manage", "results", "analytics", "scim")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a key's organisation, scopes, and the unit whose subtree it is bound to, if any."""

    key: str
    organisation: str
    scopes: frozenset[str]
    unit: str | None = None

    def require(self, scope: str, *, whole: bool = False) -> None:
        """Raise NotAllowed without `scope`; `whole` asks for a key that is not bound to a subtree."""
        if scope not in self.scopes or (whole and self.unit is not None):
            raise NotAllowed(scope)

    @property
    def reads_pages(self) -> bool:
        """Whether there is any page it may open: one of results or, with a key of the whole, of the manager."""
        return "results" in self.scopes or ("manage" in self.scopes and self.unit is None)


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


def create_key(database: Database, organisation: str, scopes: list[str], unit: str | None, label: str) -> str:
    """The new key's secret, which is stored nowhere. Raises InvalidQuery for an unknown scope."""
    if not scopes or set(scopes) - set(SCOPES):
        raise InvalidQuery([Fault("scope", f"must be one or more of {', '.join(SCOPES)}")])
    secret = keys.new_secret()
    with database.begin() as tx:
        row = KeyRow(keys.new_id(), organisation, frozenset(scopes), unit, label)
        access.add_key(tx, row, keys.digest_of(secret))
    return secret


def list_keys(database: Database, organisation: str) -> list[KeyRow]:
    """Every key by id; secrets are stored nowhere."""
    with database.read() as tx:
        return access.keys(tx, organisation)


def revoke_key(database: Database, organisation: str, id: str) -> None:
    """End a key and the page sessions it signed in. Raises NotFound."""
    with database.begin() as tx:
        if not access.remove_key(tx, organisation, id):
            raise NotFound("key")


def authenticate(database: Database, secret: str) -> Principal:
    """Raises NotAuthenticated for anything but a known key."""
    with database.read() as tx:
        return _principal(access.key_by_digest(tx, keys.digest_of(secret)))


def sign_in(database: Database, secret: str, now: int, hours: int) -> str:
    """A page session's secret, good until `hours` after `now` (seconds since 1970).

    Raises NotAuthenticated, and NotAllowed for a key that may open no page.
    """
    session = keys.new_secret()
    with database.begin() as tx:
        principal = _principal(access.key_by_digest(tx, keys.digest_of(secret)))
        if not principal.reads_pages:
            raise NotAllowed("results")
        access.add_session(tx, keys.digest_of(session), principal.key, now + 3600 * hours)
    return session


def session(database: Database, secret: str, now: int) -> Principal:
    """Who signed in. Raises NotAuthenticated when the session is unknown or over."""
    with database.read() as tx:
        return _principal(access.key_by_session(tx, keys.digest_of(secret), now))


def sign_out(database: Database, secret: str, now: int) -> None:
    with database.begin() as tx:
        access.remove_sessions(tx, keys.digest_of(secret), now)


def _principal(key: KeyRow | None) -> Principal:
    if key is None:
        raise NotAuthenticated
    return Principal(key.id, key.organisation, key.scopes, key.unit)
