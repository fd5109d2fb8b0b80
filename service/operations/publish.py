"""From a folded tally to a release: through the gate, past the adversary, written once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from service.errors import Unsafe
from service.operations.access import Principal
from service.release import codec
from service.release.attack import attack, report_document
from service.release.gate import release
from service.release.policy import Policy
from service.release.release import Release
from service.store import pulses, results
from service.store.database import Connection, Database
from service.store.scrub import scrub
from service.survey.pulse import Pulse, State, require_step
from service.tally import codec as tally_codec


@dataclass(frozen=True, slots=True)
class Released:
    """`scrubbed` is false where traces of the tally may still stand in the database's own log."""

    pulse: Pulse
    policy_hash: str | None
    digest: str
    scrubbed: bool


def release_pulse(database: Database, principal: Principal, id: str) -> Released:
    """Publish and forget the tally.

    Raises NotFound, Conflict unless the pulse is closed, and Unsafe when the adversary got through: then nothing
    is stored and the pulse stays closed.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        require_step(pulse.state, State.RELEASED)
        made = _made(tx, pulse)
        report = attack(made)
        if not report.passed:
            raise Unsafe
        content = codec.encode(made)
        digest = codec.digest(content)
        text = json.dumps({"pulse": id, "release": digest, **report_document(report)}, sort_keys=True).encode()
        results.add_release(tx, id, pulse.organisation, digest, content, text)
        results.forget_tally(tx, id)
        pulses.set_released(tx, id)
        released = pulses.pulse_by_id(tx, id), pulses.policy_hash(tx, id), digest
    return Released(*released, scrubbed=scrub(database))


def _made(tx: Connection, pulse: Pulse) -> Release:
    if pulse.opened_on is None or pulse.closed_on is None or pulse.number is None:
        raise AssertionError("a closed pulse has both days and its number")
    return release(
        pulse=pulse.id,
        label=pulse.label,
        series=pulse.series,
        instrument=pulse.instrument,
        items=pulse.items,
        policy=Policy(pulse.threshold),
        policy_hash=pulses.policy_hash(tx, pulse.id) or "",
        opened_on=pulse.opened_on,
        closed_on=pulse.closed_on,
        number=pulse.number,
        roster=pulses.frozen_roster(tx, pulse.id),
        tally=tally_codec.decode(results.tally_content(tx, pulse.id)),
    )


def attack_again(database: Database, principal: Principal, id: str) -> dict[str, Any]:
    """The adversary's report on a stored release, made anew from its bytes. Raises NotFound."""
    principal.require("results", whole=True)
    with database.read() as tx:
        content, digest = results.release_content(tx, principal.organisation, id)
    return {"pulse": id, "release": digest, **report_document(attack(codec.decode(content)))}
