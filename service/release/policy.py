"""The rules of a release: the least number that may be shown, and the hash that fixes it before anyone answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from service.survey.pulse import Pulse
from service.survey.roster import Roster

FLOOR = 4
DEFAULT_THRESHOLD = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """`threshold` is k: no combination of published figures may involve fewer respondents."""

    threshold: int = DEFAULT_THRESHOLD

    @property
    def distribution(self) -> int:
        """The least n for a distribution: a histogram says more of each person than a mean does."""
        return 2 * self.threshold

    @property
    def scatter(self) -> float:
        """The least variance of an item within groups, in squared scale units a person, for its pooled moments.

        None at all would say that everybody answered what their team's mean is, and next to none whose did not.
        """
        return 0.25

    @property
    def pool(self) -> int:
        """The least n for the organisation's pooled moments, far above where sheets can be rebuilt."""
        return 10 * self.threshold


@dataclass(frozen=True, slots=True)
class Keys:
    """What binds a pulse's keys: the suite and fingerprint of its tokens', and SHA-256 of the key answers are sealed
    to, both in hexadecimal."""

    suite: str
    fingerprint: str
    sealed_to: str


def policy_document(pulse: Pulse, roster: Roster, keys: Keys) -> dict[str, object]:
    """What binds a pulse once it is open, all of it public: so anybody can make the hash again.

    `roster` is the frozen tree, pools and all. Headcounts are left out, and how many are of each class: the release
    hides those of small units, and a hash of small numbers can be guessed. Names may change without changing a
    promise.
    """
    policy = Policy(pulse.threshold)
    return {
        "format": "redwood-policy/2",
        "threshold": policy.threshold,
        "floor": FLOOR,
        "distribution": policy.distribution,
        "pool": policy.pool,
        "items": list(pulse.items),
        "bands": [{"id": band.id, "values": list(band.values)} for band in pulse.bands],
        "crosses": [list(cross) for cross in pulse.crosses],
        "pools": [{"id": pool.id, "units": list(pool.units)} for pool in pulse.pools],
        "instrument": {"id": pulse.instrument.id, "version": pulse.instrument.version},
        "units": [{"id": unit.id, "parent": unit.parent} for unit in roster.units],
        "tokens": {"kinds": list(pulse.tokens), "suite": keys.suite, "fingerprint": keys.fingerprint},
        "sealed_to": keys.sealed_to,
    }


def digest_of(document: Mapping[str, object]) -> str:
    """SHA-256 over the canonical JSON (keys sorted, no blanks, UTF-8), in hexadecimal."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
