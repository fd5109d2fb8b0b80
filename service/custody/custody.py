"""What a keeper of secrets does, whichever it is, and how the two secrets of a pulse are called."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["close", "tokens"]

#: Bytes of each: the secret half of the close key, and the seed that token keys are made from.
LENGTHS: dict[Kind, int] = {"close": 96, "tokens": 32}


def name_of(pulse: str, kind: Kind, /) -> str:
    return f"{pulse}.{kind}"


class Custody(Protocol):
    """Raises CustodyFailed where the keeper cannot be asked; a secret it does not hold is None, not an error."""

    #: Whether a secret can be destroyed here, so that a pulse closes once only.
    forgets: bool

    def make(self, pulse: str, kind: Kind, /) -> bytes:
        """A new secret, kept before it is returned."""

    def get(self, pulse: str, kind: Kind, /) -> bytes | None: ...

    def destroy(self, pulse: str, kind: Kind, /) -> bool:
        """Whether nobody can have it from here any more."""

    def worries(self, data: Path | None, /) -> list[str]:
        """What is unsafe about this way of keeping secrets, in words; `data` is the database's file if it is one."""
