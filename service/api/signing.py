"""Signing in with an organisation's own provider, as the settings have it: nothing at all where they name none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.errors import Fault, InvalidQuery, InvalidSettings, NotAuthenticated, ProviderSilent
from service.operations.access import SCOPES, Principal
from service.operations.admission import Admission, admission
from service.operations.doctor import Finding
from service.settings import Settings
from service.signin.begun import Begun
from service.signin.configured import Configured, require_sound
from service.signin.flow import Flow
from service.signin.provider import Provider, described
from service.signin.roles import Role, roles_of
from service.signin.signed import Refused
from service.store.database import Database


@dataclass(frozen=True, slots=True)
class Signing:
    """Who the provider's people and machines are here."""

    configured: Configured
    admission: Admission
    flow: Flow

    async def called(self, text: str) -> Principal:
        """Whoever holds an access token. Raises NotAuthenticated, NoRole and ProviderSilent."""
        if not self.configured.audience:
            raise NotAuthenticated
        believed = await self.flow.called(text, time.time())
        return self.admission.principal(believed.claims, believed.ends_at)

    async def finished(self, begun: Begun, said: Mapping[str, str]) -> Mapping[str, object]:
        """What the provider says of whoever came back. Raises NotAuthenticated and ProviderSilent."""
        return (await self.flow.finished(begun, said, time.time())).claims

    def kept(self, kept: str, ends_at: int) -> Principal | None:
        """Whose session it is; nobody's where people do not sign in with the provider any more."""
        return self.admission.kept(kept, ends_at) if self.configured.client else None


def signing_of(settings: Settings, database: Database) -> Signing | None:
    """None where the settings name no provider. Raises InvalidSettings with what is wrong in them or in the roles."""
    configured = _configured(settings)
    if not any((configured.issuer, configured.client, configured.audience, configured.roles)):
        return None
    require_sound(configured)
    roles = _read(Path(configured.roles).expanduser())
    flow = Flow(configured, Provider(configured.issuer), {role.claim for role in roles})
    return Signing(configured, admission(database, roles, configured.issuer), flow)


def looked_at(settings: Settings, database: Database) -> Iterator[Finding]:
    """Whether whoever a provider knows can come in, the provider asked; nothing where none is named."""
    try:
        signing = signing_of(settings, database)
        if signing is not None:
            asyncio.run(described(signing.configured.issuer))
            words = f"the provider answers, and {len(signing.admission.roles)} roles can be given"
            yield Finding("sign-in", "ok", words)
    except InvalidSettings as error:
        yield Finding("sign-in", "broken", str(error))
    except ProviderSilent:
        words = "the provider does not answer, or calls its issuer otherwise than REDWOOD_OIDC_ISSUER, to the letter"
        yield Finding("sign-in", "broken", words)


def judged(settings: Settings, database: Database, text: str) -> Principal:
    """Whose an access token is. Raises InvalidQuery, which says by which rule it is refused; NoRole; ProviderSilent."""
    signing = signing_of(settings, database)
    if signing is None or not signing.configured.audience:
        raise InvalidSettings([Fault("REDWOOD_OIDC_AUDIENCE", "must be set where access tokens are to be taken")])
    try:
        believed = asyncio.run(signing.flow.judged(text, time.time()))
    except Refused as error:
        raise InvalidQuery([Fault("token", str(error))]) from None
    return signing.admission.principal(believed.claims, believed.ends_at)


def _read(file: Path) -> tuple[Role, ...]:
    try:
        return roles_of(file.read_text("utf-8"), SCOPES)
    except (OSError, UnicodeDecodeError):
        raise InvalidSettings([Fault("REDWOOD_OIDC_ROLES", "names a file that cannot be read")]) from None


def _configured(settings: Settings) -> Configured:
    return Configured(
        issuer=settings.oidc_issuer,
        client=settings.oidc_client,
        secret=settings.oidc_secret,
        audience=settings.oidc_audience,
        roles=settings.oidc_roles,
        public_url=settings.public_url,
    )
