"""The right to answer as a page has it: a token nobody can tie to an invitation, the plain code, or what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.pages.assets import address, assets
from service.pages.form import Filled

#: Built by bin/browser where there is a node; pages go without it else.
_MODULE = "unlinkable.js"
#: What holds of the token on a page: an unlinkable one, the plain code, or none that this pulse takes.
Holds = Literal["unlinkable", "plain", "none"]


@dataclass(frozen=True, slots=True)
class Right:
    """The right to answer, as a page has it. `exchange` is where its script finds the module that makes the plain code
    an unlinkable token, if it may and can; `fingerprint` is what everybody's keys must lead to."""

    holds: Holds
    plain: bool
    exchange: str | None
    fingerprint: str

    @property
    def groups(self) -> str:
        """The whole fingerprint for people to compare: of a part of it a service could make two that are alike."""
        return " ".join(self.fingerprint[start : start + 4] for start in range(0, len(self.fingerprint), 4))


def right(document: Mapping[str, Any], filled: Filled) -> Right:
    """What holds before any script has run, and what a script may make of it."""
    tokens = document["privacy"]["tokens"]
    plain = "plain" in tokens["kinds"]
    offered = "unlinkable" in tokens["kinds"]
    holds: Holds = "unlinkable" if filled.unlinkable else "plain" if plain else "none"
    able = offered and not filled.unlinkable and _MODULE in assets()
    return Right(holds, plain, address(_MODULE) if able else None, tokens["fingerprint"] if offered else "")
