"""What routes work with, hung on the application when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from service.api.analyst import Analyst
from service.api.guesses import Guesses
from service.api.keyring import Keyring
from service.api.readiness import Readiness
from service.api.signing import Signing
from service.bootstrap import Runtime
from service.operations.collect import Collection
from service.operations.exposure import Exposure
from service.operations.issue import Issuing
from service.operations.report import Library
from service.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Parts:
    runtime: Runtime
    collection: Collection
    exposure: Exposure
    issuing: Issuing
    library: Library
    analyst: Analyst
    keyring: Keyring
    guesses: Guesses
    readiness: Readiness
    metrics: Metrics
    signing: Signing | None

    @staticmethod
    def today() -> date:
        """The only time Redwood keeps: a pulse's days, in UTC."""
        return datetime.now(UTC).date()


def parts_of(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


TheParts = Annotated[Parts, Depends(parts_of)]


def called_from_outside(request: Request, parts: Parts) -> str:
    """The address this service is called under from outside, without the last stroke."""
    return (parts.runtime.settings.public_url or str(request.base_url)).rstrip("/")
