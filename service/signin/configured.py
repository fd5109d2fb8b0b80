"""What the settings say of a provider, looked at when the service starts: all that is wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import Fault, InvalidSettings
from service.signin.fetching import is_permitted

#: Where providers send a browser back to, below the public address: this and no other.
CALLBACK = "/dashboard/sign-in/callback"


@dataclass(frozen=True, slots=True)
class Configured:
    """`client` is empty where people do not sign in with the provider, `audience` where machines do not."""

    issuer: str
    client: str
    secret: str
    audience: str
    roles: str
    public_url: str

    @property
    def redirect(self) -> str:
        return self.public_url.rstrip("/") + CALLBACK

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https:")


def require_sound(said: Configured) -> None:
    """Raises InvalidSettings with everything that is wrong."""
    faults = list(_faults(said))
    if faults:
        raise InvalidSettings(faults)


def _faults(said: Configured) -> Iterator[Fault]:
    if not said.issuer:
        yield Fault("REDWOOD_OIDC_ISSUER", "must be set where another REDWOOD_OIDC setting is")
        return
    if not is_permitted(said.issuer) or "?" in said.issuer:
        yield Fault("REDWOOD_OIDC_ISSUER", "must be an address with https, without a name, a query or a fragment")
    if not said.client and not said.audience:
        yield Fault("REDWOOD_OIDC_CLIENT", "must be set for people, or REDWOOD_OIDC_AUDIENCE for machines")
    if said.client and said.client == said.audience:
        yield Fault("REDWOOD_OIDC_AUDIENCE", "must not be the client: what signs a person in would open the API")
    if not said.roles:
        yield Fault("REDWOOD_OIDC_ROLES", "must name a file: without one the provider's people may do nothing")
    if said.client and (not is_permitted(said.public_url) or "?" in said.public_url):
        yield Fault("REDWOOD_PUBLIC_URL", "must be the address with https that people reach this under")
