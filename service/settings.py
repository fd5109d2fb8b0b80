"""What the environment decides: each setting's name, default and one line of help; README's table is this class."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import Fault, InvalidSettings

_ADDRESS = re.compile(r"sqlite:///.+|postgresql://[^\s/]+/\S+")
_CUSTODY = re.compile(r"(file|command):\S.*|env:\w+")

#: Passwords that everybody tries first; an account's own name is one besides.
_WELL_KNOWN = {"", "admin", "changeme", "example", "password", "postgres", "redwood", "secret"}
#: This machine, by name, number or the folder of a socket; no host is a socket too.
_HERE = re.compile(r"(localhost|127\.[\d.]+|\[?::1\]?|(/|%2f).*)?(:\d*)?", re.IGNORECASE)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REDWOOD_", frozen=True, extra="ignore")

    database_url: str = Field(
        default="sqlite:///redwood.db",
        description="Where rows live: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        json_schema_extra={"secret": True},
    )
    replica_url: str = Field(
        default="",
        description="A read replica of a PostgreSQL, postgresql://USER:PASSWORD@HOST/NAME: released figures are read "
        "there as soon as it has them.",
        json_schema_extra={"secret": True},
    )
    custody: str = Field(
        default="file:~/.local/state/redwood/keys",
        description="Where keys of open pulses are kept, never in the database: file:FOLDER, env:NAME of a variable "
        "with a secret, or command:PROGRAM.",
    )
    host: str = Field(default="127.0.0.1", description="The address `redwood serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port `redwood serve` listens on.")
    workers: int = Field(
        default=1, ge=1, le=64, description="Processes of `redwood serve`; more than one needs PostgreSQL."
    )
    public_url: str = Field(
        default="",
        description="The address people reach this under, https://pulse.example.org: for links in letters, and for "
        "signing in with a provider.",
    )
    queue_limit: int = Field(
        default=4096, ge=1, le=1_000_000, description="Submissions that may wait for a commit before 503 is answered."
    )
    body_limit: int = Field(
        default=5_000_000,
        ge=10_000,
        le=100_000_000,
        description="Greatest request body in bytes (a response: 16 kB always).",
    )
    stir_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="How often, in minutes, the order in which answers came is taken out of the database.",
    )
    session_hours: int = Field(default=8, ge=1, le=168, description="How long a page session lasts, in hours.")
    secure_cookies: bool = Field(
        default=False, description="Mark the session cookie Secure; turn on wherever pages are served over HTTPS."
    )
    oidc_issuer: str = Field(
        default="", description="Who signs people and machines in besides own keys: an OpenID provider's issuer."
    )
    oidc_client: str = Field(default="", description="By which id the provider knows these pages; none: no sign-in.")
    oidc_secret: str = Field(
        default="",
        description="The provider's secret for these pages; left out where it asks for none (PKCE always stands).",
        json_schema_extra={"secret": True},
    )
    oidc_audience: str = Field(
        default="", description="The audience in tokens of machines that call the API; none: no such token is taken."
    )
    oidc_roles: str = Field(
        default="", description="A TOML file that says which claim gives which scopes, and in which unit."
    )
    smtp_url: str = Field(
        default="",
        description="The mail server for invitations: smtp://USER:PASSWORD@HOST:587 (with STARTTLS) or smtps://.",
        json_schema_extra={"secret": True},
    )
    mail_from: str = Field(default="", description="The address invitations are sent from.")
    mail_batch: int = Field(default=50, ge=1, le=1000, description="Letters sent one after the other before a pause.")
    mail_pause: int = Field(
        default=20, ge=0, le=3600, description="About how many seconds such a pause takes; each is drawn by chance."
    )
    private_hooks: bool = Field(
        default=False,
        description="Whether webhooks may go to private and loopback addresses, and without HTTPS.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="Where traces go, http://HOST:4318, with the extra `telemetry`; respondents' requests never do.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much the server logs; requests are never logged at any level."
    )

    @field_validator("custody")
    @classmethod
    def _is_a_custody(cls, value: str) -> str:
        if not _CUSTODY.fullmatch(value):
            raise ValueError("is none of file:FOLDER, env:NAME and command:PROGRAM")
        return value

    @field_validator("replica_url")
    @classmethod
    def _is_a_replica(cls, value: str) -> str:
        if value and not re.fullmatch(r"postgresql://[^\s/]+/\S+", value):
            raise ValueError("is not postgresql://USER:PASSWORD@HOST/NAME")
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _is_an_endpoint(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
            raise ValueError("is not http://HOST:PORT")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME")
        if has_well_known_password(value) and is_elsewhere(value):
            raise ValueError("has a password that everybody tries first, for another machine: choose a random one")
        return value


def from_environment(**chosen: str) -> Settings:
    """Settings from the environment, but for those `chosen`.

    Raises InvalidSettings naming each variable that is wrong; values are not repeated, they may be secrets."""
    try:
        return Settings(**chosen)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [
            Fault(f"REDWOOD_{str(entry['loc'][0]).upper()}", entry["msg"].removeprefix("Value error, "))
            for entry in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidSettings(faults) from None


def has_well_known_password(address: str) -> bool:
    """Whether a database's address holds one that everybody tries first; one without any leaves it to a password file
    or a certificate."""
    if address.startswith("sqlite"):
        return False
    said, query = urlsplit(address), parse_qs(urlsplit(address).query, keep_blank_values=True)
    passwords = [*([] if said.password is None else [said.password]), *query.get("password", ())]
    known = _WELL_KNOWN | {unquote(name).lower() for name in [said.username or "", *query.get("user", ())]}
    return any(unquote(password).lower() in known for password in passwords)


def is_elsewhere(address: str) -> bool:
    """Whether any host of a database's address may be another machine."""
    said = urlsplit(address)
    query = parse_qs(said.query)
    named = [said.netloc.rpartition("@")[2], *query.get("host", ()), *query.get("hostaddr", ())]
    return not all(_HERE.fullmatch(host) for some in named for host in some.split(","))
