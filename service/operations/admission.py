"""Whoever a provider knows: by which role they come in, as whom they stand in the audit log, their page sessions."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.errors import Conflict, Fault, InvalidQuery, InvalidSettings, NoRole
from service.operations import audit
from service.operations.access import Principal, find_organisation
from service.operations.prepare import require_unit
from service.signin.roles import Role, first_fitting
from service.store import access
from service.store.database import Database
from service.tokens import keys


@dataclass(frozen=True, slots=True)
class Admission:
    """The roles of the file, each with its organisation's id in the place of its name, and whose claims they are of."""

    roles: tuple[Role, ...]
    issuer: str

    def principal(self, claims: Mapping[str, Any], ends_at: int) -> Principal:
        """Whose claims these are, until they end. Raises NoRole."""
        role = first_fitting(self.roles, claims)
        if role is None:
            raise NoRole
        return _principal(role, person_id(claims["iss"], claims["sub"]), ends_at)

    def sign_in(self, database: Database, claims: Mapping[str, Any], now: int, hours: int) -> str:
        """A page session's secret, good until `hours` after `now`. Raises NoRole, also where a role opens no page."""
        session, ends_at = keys.new_secret(), now + 3600 * hours
        principal = self.principal(claims, ends_at)
        role = first_fitting(self.roles, claims)
        with database.begin() as tx:
            if principal.reads_pages and role is not None:
                said = {"key": principal.key, "claim": role.claim, "value": role.value}
                kept = json.dumps({**said, "issuer": _digest(claims["iss"])})
                access.add_session(tx, keys.digest_of(session), None, ends_at, principal=kept)
            audit.record(tx, principal, "signed in" if principal.reads_pages else "refused", "sign-in")
        if not principal.reads_pages:
            raise NoRole
        return session

    def kept(self, kept: str, ends_at: int) -> Principal | None:
        """Whose session it is, by what the role gives now and not by what it gave; None where it gives nothing more,
        and where another provider is asked than then."""
        said = json.loads(kept)
        if said.get("issuer") != _digest(self.issuer):
            return None
        role = next((it for it in self.roles if (it.claim, it.value) == (said["claim"], said["value"])), None)
        return None if role is None else _principal(role, said["key"], ends_at)


def admission(database: Database, roles: Sequence[Role], issuer: str) -> Admission:
    """Raises InvalidSettings for every role of an organisation or a unit that is not there."""
    found, faults = [], []
    for number, role in enumerate(roles, 1):
        try:
            organisation = find_organisation(database, role.organisation)
            if role.unit is not None:
                require_unit(database, organisation, role.unit)
        except (Conflict, InvalidQuery) as error:
            place = "unit" if isinstance(error, InvalidQuery) else "organisation"
            why = error.faults[0].why if isinstance(error, InvalidQuery) else _WHICH
            faults.append(Fault(f"REDWOOD_OIDC_ROLES role {number}: {place}", why))
        else:
            found.append(replace(role, organisation=organisation))
    if faults:
        raise InvalidSettings(faults)
    return Admission(tuple(found), issuer)


_WHICH = "must be one that is there, by its name; it may be left out where there is only one"


def person_id(issuer: str, subject: str) -> str:
    """Who it is, for the audit log: whoever knows the issuer and the subject can work it out, and nobody can turn it
    back. 80 bits of SHA-256 over both, in the letters of a key's id."""
    return _digest(f"{issuer}\n{subject}")


def _digest(said: str) -> str:
    return base64.b32encode(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()[:10]).decode().lower()


def _principal(role: Role, key: str, ends_at: int) -> Principal:
    """No name, no address, nothing the provider said: the log gets a number and the role, in the file's own words."""
    assert role.organisation is not None
    return Principal(key, role.organisation, role.scopes, role.unit, f"role {role.value}", ends_at)
