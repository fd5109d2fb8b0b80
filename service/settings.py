"""What the environment decides: each setting's name, default and one line of help; README's table is this class."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import Fault, InvalidSettings

_ADDRESS = re.compile(r"sqlite:///.+|postgresql://[^\s/]+/\S+")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REDWOOD_", frozen=True, extra="ignore")

    database_url: str = Field(
        default="sqlite:///redwood.db",
        description="Where rows live: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        json_schema_extra={"secret": True},
    )
    host: str = Field(default="127.0.0.1", description="The address `redwood serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port `redwood serve` listens on.")
    queue_limit: int = Field(
        default=4096, ge=1, le=1_000_000, description="Submissions that may wait for a commit before 503 is answered."
    )
    body_limit: int = Field(
        default=5_000_000,
        ge=10_000,
        le=100_000_000,
        description="Greatest request body in bytes (a response: 16 kB always).",
    )
    session_hours: int = Field(default=8, ge=1, le=168, description="How long a page session lasts, in hours.")
    secure_cookies: bool = Field(
        default=False, description="Mark the session cookie Secure; turn on wherever pages are served over HTTPS."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much the server logs; requests are never logged at any level."
    )

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME")
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
