"""From a sealed release to one that everybody may read: attacked once more, then published and never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from service.errors import Unsafe
from service.operations import audit, hooks
from service.operations.access import Principal
from service.release import codec
from service.release.attack import LOOKED_BACK, attack
from service.release.report import report_document
from service.store import findings, pulses, results
from service.store.database import Database
from service.survey.pulse import Pulse, State, require_step


@dataclass(frozen=True, slots=True)
class Released:
    pulse: Pulse
    policy_hash: str | None
    digest: str


def release_pulse(database: Database, principal: Principal, id: str) -> Released:
    """Publish what was sealed at close.

    Raises NotFound, Conflict unless the pulse is closed, and Unsafe when this version's adversary gets through a
    release that an earlier one sealed: then it stays sealed.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        require_step(pulse.state, State.RELEASED)
        earlier = results.released_before(tx, pulse, LOOKED_BACK)
        content = results.sealed_content(tx, id)
        report = attack(content, map(codec.decode, earlier))
        if not report.passed:
            raise Unsafe(report.failed)
        # What closed later may have been published first: nobody has looked at the two together yet.
        later = results.released_after(tx, pulse, LOOKED_BACK)
        made = [codec.decode(content)] if later else []
        for it in later:
            beside = attack(it, made)
            if not beside.passed:
                raise Unsafe(beside.failed)
        digest = results.publish(tx, id, pulse.organisation)
        pulses.set_released(tx, id)
        findings.forget_later(tx, id)
        hooks.tell(tx, principal.organisation, "pulse.released", id, {"digest": digest})
        audit.record(tx, principal, "pulse released", f"pulse {id}")
        return Released(pulses.pulse_by_id(tx, id), pulses.policy_hash(tx, id), digest)


def attack_again(database: Database, principal: Principal, id: str) -> dict[str, Any]:
    """The adversary's report on a stored release, made anew from its bytes. Raises NotFound.

    What the auditor tried when the pulse closed needed the answers' counts, which are gone: that is taken from the
    stored report.
    """
    principal.require("results", whole=True)
    with database.read() as tx:
        content, digest = results.release_content(tx, principal.organisation, id)
        stored = json.loads(results.attack_report(tx, id))
        earlier = list(map(codec.decode, results.released_before(tx, pulses.pulse_by_id(tx, id), LOOKED_BACK)))
    again = report_document(id, digest, attack(content, earlier))
    return again | {"at_close": [it for it in stored["attempts"] if it["when"] == "close"]}
