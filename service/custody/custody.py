"""What a keeper of secrets does, whichever it is, and how the secrets of a pulse and of a webhook are called."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["close", "tokens", "letters", "mark", "hook"]

#: Bytes of each: the secret half of the close key, the seed that token keys are made from, what addresses and
#: invitations on their way are sealed with, what shows where a pulse's keys were kept, and what a webhook signs with.
LENGTHS: dict[Kind, int] = {"close": 96, "tokens": 32, "letters": 32, "mark": 32, "hook": 32}
#: Those a pulse may have, in the order in which they are destroyed: if anything stops that, what is left opens nothing.
OF_A_PULSE: tuple[Kind, ...] = ("close", "letters", "tokens")
#: The mark is not among them: it opens nothing, and goes when the database knows that they are gone. A custody without
#: it may be another one, in which their absence says nothing.
#: Those without which an open pulse cannot go on.
NEEDED: tuple[Kind, ...] = ("close", "tokens")


def name_of(owner: str, kind: Kind, /) -> str:
    """`owner` is the id of a pulse; of a webhook for its secret."""
    return f"{owner}.{kind}"


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


def kept(custody: Custody, owner: str, kind: Kind) -> bytes:
    """The secret that is there, else a new one."""
    found = custody.get(owner, kind)
    return custody.make(owner, kind) if found is None else found
