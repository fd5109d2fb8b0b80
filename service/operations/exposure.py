"""Before answering: which groups a respondent will be counted in, how many were invited into each, and who reads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

from service.errors import NotFound
from service.operations import promise
from service.release.headcounts import Told, stated, told
from service.release.policy import Policy
from service.release.tree import Flags
from service.store import invitations, pulses
from service.store.database import Connection, Database
from service.survey.pulse import Pulse, State
from service.survey.roster import Roster
from service.tokens import plain, unlinkable

#: Open pulses whose groups are remembered: what is told of them is fixed, and working it out may take a second.
_KEPT = 16


@dataclass(frozen=True, slots=True)
class _Groups:
    """Everything that is told of one pulse's invited people."""

    roster: Roster
    shown: Flags
    families: tuple[Told, ...]

    def line(self, unit: str) -> Iterator[int]:
        """The unit and those above it whose headcounts are stated, upwards."""
        at = self.roster.position[unit]
        while at >= 0:
            if self.shown[at]:
                yield at
            at = self.roster.parents[at]


class Exposure:
    """What is told of each open pulse, worked out once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, _Groups] = OrderedDict()
        self._making = Lock()

    def of_unit(self, id: str, unit: str) -> dict[str, Any]:
        """What somebody of that unit may know. Raises NotFound alike for a pulse that is not open and a unit that
        is not in it."""
        with self._database.read() as tx:
            pulse = pulses.pulse_by_id(tx, id)
            groups = self._groups(tx, pulse)
            policy_hash = pulses.policy_hash(tx, id)
        if unit not in groups.roster:
            raise NotFound("pulse")
        return _document(pulse, policy_hash, groups, unit)

    def of_token(self, token: str) -> dict[str, Any] | None:
        """The same for the unit a token speaks for; None when it speaks for none. Spends nothing, and whether an
        unlinkable one is genuine is not looked at: anybody may ask this of any unit.

        Whether the token is spent makes no difference and is not looked at: who keeps a list of tokens would else
        learn, without a trace, who has answered.
        """
        found = unlinkable.read(token)
        if found is not None:
            return self._if_asked(found.pulse, found.unit)
        pulse = plain.pulse_of(token)
        if pulse is None:
            return None
        with self._database.read() as tx:
            unit = invitations.unit_of(tx, pulse, plain.digest_of(token))
        return None if unit is None else self.of_unit(pulse, unit)

    def _if_asked(self, pulse: str, unit: str) -> dict[str, Any] | None:
        try:
            return self.of_unit(pulse, unit)
        except NotFound:
            return None

    def _groups(self, tx: Connection, pulse: Pulse) -> _Groups:
        if pulse.state is not State.OPEN:
            raise NotFound("pulse")
        # Everybody comes at once when a pulse opens: one works it out, the others wait.
        with self._making:
            known = self._known.get(pulse.id)
            if known is None:
                roster = pulses.frozen_roster(tx, pulse.id)
                shown = stated(roster, pulse.threshold)
                known = self._known[pulse.id] = _Groups(roster, shown, told(pulse, roster, shown))
            self._known.move_to_end(pulse.id)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known


def _document(pulse: Pulse, policy_hash: str | None, groups: _Groups, unit: str) -> dict[str, Any]:
    policy = Policy(pulse.threshold)
    line = list(groups.line(unit))
    classes, uncounted = _classes(groups, line)
    return {
        "pulse": pulse.id,
        "unit": unit,
        "state": pulse.state.value,
        "opened_on": None if pulse.opened_on is None else pulse.opened_on.isoformat(),
        "threshold": policy.threshold,
        "policy_hash": policy_hash,
        "counted_in": [*(_group(groups.roster, at, groups.roster.totals[at]) for at in line), *classes],
        "not_counted": uncounted,
        "rule": promise.rule(policy),
        "readers": promise.readers(policy),
        "kept_until": promise.KEPT_UNTIL,
        "final": promise.FINAL,
    }


def _classes(groups: _Groups, line: list[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """For each value the class she is counted in, at the deepest unit that has it open; and the values without."""
    counted, uncounted = [], []
    for family in groups.families:
        for place, values in enumerate(family.values):
            band = {"by": list(family.by), "bands": list(values)}
            at = next((unit for unit in line if family.open[unit, place]), None)
            if at is None:
                uncounted.append(band)
            else:
                people, exact = int(family.invited[at, place]), bool(family.exact[at, place])
                counted.append(_group(groups.roster, at, people) | band | {"exact": exact})
    return counted, uncounted


def _group(roster: Roster, at: int, invited: int) -> dict[str, Any]:
    unit = roster.units[at]
    return {"by": [], "bands": [], "unit": unit.id, "name": unit.name, "invited": invited, "exact": True}
