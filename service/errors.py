"""Every error a caller can cause, one class each; what each means over HTTP is the shell's business.

A message says where something is wrong and which rule it breaks. It never repeats what was sent: a
rejected answer in a log or a reply would be an answer outside the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RedwoodError(Exception):
    """Something the caller can put right. `title` is for people, `str(error)` says what to do."""

    title = "The request cannot be carried out"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the place (`units[3].parent`) and the rule it breaks."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class Invalid(RedwoodError):
    """Input that breaks rules; carries every place that does, so that one round trip mends all."""

    title = "The input is not valid"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


class InvalidInstrument(Invalid):
    title = "The instrument is not valid"


class InvalidRoster(Invalid):
    title = "The roster is not valid"


class InvalidPulse(Invalid):
    title = "The pulse is not valid"


class InvalidResponse(Invalid):
    title = "The response is not valid"


class InvalidQuery(Invalid):
    title = "The query is not valid"


class InvalidSettings(Invalid):
    """What the environment says cannot be used; read at start, so no request ever meets it."""

    title = "The settings are not valid"


class NotFound(RedwoodError):
    """Missing, or not yours to see: the two are one answer on purpose."""

    title = "Nothing here"

    def __init__(self, what: str = "resource") -> None:
        super().__init__(f"There is no such {what}, or this key may not see it.")


class Conflict(RedwoodError):
    """The state of things forbids it: a pulse's life runs one way, a version is written once."""

    title = "The state of things forbids this"


class Overinvited(Conflict):
    """More are invited than there are people: such a draft is never opened, but set up again."""

    title = "More are invited than there are people"

    def __init__(self) -> None:
        super().__init__("The roster shrank below the invitations issued: set the pulse up again.")


class NotAuthenticated(RedwoodError):
    title = "A valid key is needed"

    def __init__(self) -> None:
        super().__init__("Send a valid key as 'Authorization: Bearer rw_...'.")


class NotAllowed(RedwoodError):
    title = "This key may not do that"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a key with the scope '{scope}' that is not bound more narrowly.")


class NoRole(RedwoodError):
    """The provider knows who it is, and the file of roles gives them nothing, or nothing here."""

    title = "No role here"

    def __init__(self) -> None:
        super().__init__("You are known to the provider, but no role of yours opens this: ask whoever gives out roles.")


class TokenRefused(RedwoodError):
    """Spent, unknown, expired, or of another pulse: one answer, so that nobody learns which."""

    title = "This invitation cannot be used"

    def __init__(self) -> None:
        super().__init__("The invitation is not valid for this pulse, or no longer.")


class TooManyGuesses(RedwoodError):
    """Too many keys in a row that nobody has, from one place: what was sent was not looked at."""

    title = "Too many wrong keys"

    def __init__(self, seconds: int = 1) -> None:
        super().__init__("Too many wrong keys came from where this came from: try again a little later.")
        self.seconds = seconds


class TooLarge(RedwoodError):
    title = "The request is too large"

    def __init__(self) -> None:
        super().__init__("Send less at once; nothing was changed.")


class Overloaded(RedwoodError):
    """The queue is full; nothing was stored."""

    title = "Too busy"

    def __init__(self) -> None:
        super().__init__("Too many submissions at once; nothing was stored. Send it again shortly.")


class Unsafe(RedwoodError):
    """The gate's own check got through what was to be sealed or published: says by which attack, not to whom."""

    title = "The release did not pass its own attack"

    def __init__(self, attacks: Sequence[str]) -> None:
        super().__init__(
            f"Nothing was stored or published, and the pulse is as it was. What got through: {', '.join(attacks)}."
        )


class KeyGone(RedwoodError):
    """Without its key nobody can go on with a pulse, not even end it."""

    title = "The pulse's key is gone"

    def __init__(self) -> None:
        super().__init__(
            "Nothing was changed. The key of this pulse is not where REDWOOD_CUSTODY says it is: put it back, or "
            "discard the pulse. Without it nobody can read its answers."
        )


class Altered(RedwoodError):
    """What was collected is no longer what came in."""

    title = "The collected responses were altered"

    def __init__(self) -> None:
        super().__init__(
            "Nothing was changed, and the pulse is open. Its sealed responses cannot all be opened, or are not as many "
            "as the tokens that were spent: somebody changed the database, or restored a part of it."
        )


class Unavailable(RedwoodError):
    """A part this needs (the database, an optional package) cannot be reached."""

    title = "Not available"


class ProviderSilent(Unavailable):
    """Whoever signs people and machines in says nothing, or nothing that can be used; own keys go on working."""

    title = "The provider cannot be reached"

    def __init__(self) -> None:
        super().__init__("Whoever would say who this is cannot be asked right now: try again, or use a key (rw_...).")


class FindingsDue(Unavailable):
    """What is asked for is being computed from a release, and will stand in a moment."""

    title = "Not computed yet"

    def __init__(self) -> None:
        super().__init__("The findings of this release are being computed; ask again in a moment.")


class CustodyFailed(Unavailable):
    """Where secrets are kept cannot be reached."""

    title = "The keys cannot be reached"

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing was changed. The keys of pulses cannot be reached: {why}. See REDWOOD_CUSTODY.")
