"""Which claims of a provider give what: a TOML file, read when the service starts, and the first role that fits."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.errors import Fault, InvalidSettings

_PLACE = "REDWOOD_OIDC_ROLES"
#: Claims that hold words with blanks between (RFC 8693), as no other does: a group may have a blank in its name.
_OF_WORDS = {"scope", "scp"}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Role:
    """Whoever's `claim` is or holds `value` gets these scopes, below that unit, in that organisation.

    `unit` None is all of it, `organisation` None the only one there is.
    """

    claim: str
    value: str
    scopes: frozenset[str]
    unit: str | None = None
    organisation: str | None = None


def roles_of(content: str, scopes: Collection[str]) -> tuple[Role, ...]:
    """The roles of a file in its order. Raises InvalidSettings with everything that is wrong; `scopes` are all."""
    try:
        said = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidSettings([Fault(_PLACE, f"is no TOML: {error}")]) from None
    faults = list(_faults(said, scopes))
    if faults:
        raise InvalidSettings([Fault(f"{_PLACE} {fault.where}".rstrip(), fault.why) for fault in faults])
    return tuple(
        Role(
            claim=it.get("claim", said.get("claim")),
            value=it["value"],
            scopes=frozenset(it["scopes"]),
            unit=it.get("unit"),
            organisation=it.get("organisation", said.get("organisation")),
        )
        for it in said["role"]
    )


def first_fitting(roles: Sequence[Role], claims: Mapping[str, Any]) -> Role | None:
    """Of several that fit, the first in the file's order: what a person may do is one role, and never a sum."""
    return next((role for role in roles if role.value in _values(claims, role.claim)), None)


def _values(claims: Mapping[str, Any], claim: str) -> Collection[str]:
    """What a claim holds; its name is taken as it is, and as a way through objects where there is none such. An address
    that nobody made sure of is whatever its holder wrote."""
    if claim == "email" and claims.get("email_verified") is not True:
        return []
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split() if claim in _OF_WORDS else [found]
    return [it for it in found if isinstance(it, str)] if isinstance(found, list) else []


def _faults(said: Mapping[str, Any], scopes: Collection[str]) -> Iterator[Fault]:
    yield from _unknown("", said, {"claim", "organisation", "role"})
    yield from (Fault(name, "must be text") for name in ("claim", "organisation") if not _is_text(said.get(name, "x")))
    listed = said.get("role")
    if not isinstance(listed, list) or not listed or not all(isinstance(it, dict) for it in listed):
        yield Fault("role", "must stand there at least once, as [[role]]")
        return
    seen = set[tuple[Any, Any]]()
    for number, role in enumerate(listed, 1):
        place = f"role {number}"
        yield from _unknown(f"{place}: ", role, {"claim", "organisation", "value", "scopes", "unit"})
        optional = [name for name in ("organisation", "unit") if name in role and not _is_text(role[name])]
        missing = [name for name in ("claim", "value") if not _is_text(role.get(name, said.get(name)))]
        yield from (Fault(f"{place}: {name}", "must be text") for name in (*optional, *missing))
        given = role.get("scopes")
        if not isinstance(given, list) or not given or not all(it in scopes for it in given):
            yield Fault(f"{place}: scopes", f"must be one or more of {', '.join(scopes)}")
        named = (str(role.get("claim", said.get("claim"))), str(role.get("value")))
        if named in seen:
            yield Fault(f"{place}: value", "stands there before, and the first counts")
        seen.add(named)


def _unknown(place: str, said: Mapping[str, Any], known: set[str]) -> Iterator[Fault]:
    yield from (Fault(f"{place}{name[:40]}", "is not known here") for name in said if name not in known)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()
