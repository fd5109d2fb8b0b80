"""What a service that would know somebody again could say, besides the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from service.tokens import fingerprint
from service.tokens.fingerprint import Step
from service.tokens.unlinkable import decoded, encoded
from tests.tokens import by_hand, reference
from tests.tokens.between import Lie

TAGGING, TAGGED = reference.derive_key_pair(b"t" * 32, b"you, and nobody else")
#: The unit that is asked for, and a key that others are given.
UNIT, USUAL = "many", reference.GENERATOR


def with_a_key_of_your_own(sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """An exchange as the tagging key would answer it, with a proof that holds for that key."""
    evaluated, proof = reference.blind_evaluate(TAGGING, decoded(sent["blinded"]))
    return said | {"evaluated": encoded(evaluated), "proof": encoded(proof)}


def shown_as_published(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    return with_a_key_of_your_own(sent, said) if path.endswith("/tokens") else said


def shown_as_it_is(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    if not path.endswith("/tokens"):
        return said
    return with_a_key_of_your_own(sent, said) | {"public_key": encoded(TAGGED)}


def under_its_own_fingerprint(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The exchange is right in itself: only the questionnaire says that the fingerprint is another."""
    if not path.endswith("/tokens"):
        return said
    root = fingerprint.root({said["unit"]: TAGGED}).hex()
    return shown_as_it_is(path, sent, said) | {"path": [], "fingerprint": root}


def all_but_the_strangers_key(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """A questionnaire of your own as well; but somebody of whom nothing is known is shown the published key."""
    if "/questionnaire" not in path:
        return under_its_own_fingerprint(path, sent, said)
    tokens = said["privacy"]["tokens"] | {"fingerprint": fingerprint.root({UNIT: TAGGED}).hex()}
    return said | {"privacy": said["privacy"] | {"tokens": tokens}}


def all_but_the_promise(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Strangers are shown the same key as you; only the fingerprint of the questionnaire is the true one."""
    told = under_its_own_fingerprint(path, sent, said)
    return told | {"public_key": encoded(TAGGED)} if "/issuer" in path else told


def everything(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Lies to all who ask: seen only by whoever has the fingerprint from elsewhere."""
    told = all_but_the_strangers_key(path, sent, said)
    return told | {"public_key": encoded(TAGGED)} if "/issuer" in path else told


def under_one_fingerprint(way: Sequence[Step]) -> Lie:
    """To everybody the same fingerprint and the same key, and all of it fits: but the path is not the unit's."""
    root = by_hand.up(by_hand.leaf(UNIT, TAGGED), way).hex()
    steps = [{"side": side, "hash": sibling.hex()} for side, sibling in way]

    def lie(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        if "/questionnaire" in path:
            tokens = said["privacy"]["tokens"] | {"fingerprint": root}
            return said | {"privacy": said["privacy"] | {"tokens": tokens}}
        told = said | {"public_key": encoded(TAGGED), "fingerprint": root, "path": steps}
        return with_a_key_of_your_own(sent, told) if path.endswith("/tokens") else told

    return lie


def beside_the_usual_key() -> Lie:
    """The unit is in the tree twice: whoever takes the sides as they come takes either key."""
    return under_one_fingerprint(by_hand.turned(by_hand.steps(UNIT, [by_hand.leaf(UNIT, USUAL)])))


def below_every_place() -> Lie:
    """The unit is in the tree twice, one step below where the bits of its place end: no bit says which is right."""
    beside: Step = ("right", by_hand.leaf(UNIT, USUAL))
    return under_one_fingerprint([beside, *by_hand.steps(UNIT, [by_hand.EMPTY] * 256)])


def changed(name: str, value: Callable[[Any], Any]) -> Lie:
    def lie(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        return said | {name: value(said[name])} if path.endswith("/tokens") else said

    return lie


def bent(text: str) -> str:
    octets = decoded(text)
    return encoded(octets[:-1] + bytes([octets[-1] ^ 2]))


LIES: dict[str, Lie] = {
    "another key's evaluation, shown as the published one's": shown_as_published,
    "another key, shown as it is": shown_as_it_is,
    "another key, under a fingerprint of its own": under_its_own_fingerprint,
    "another key, a questionnaire of your own": all_but_the_strangers_key,
    "another key, to strangers too": all_but_the_promise,
    "a proof bent": changed("proof", bent),
    "a proof of nothing": changed("proof", lambda _: encoded(bytes(64))),
    "a proof too short": changed("proof", lambda text: text[:-4]),
    "another element": changed("evaluated", lambda _: encoded(reference.GENERATOR)),
    "the identity": changed("evaluated", lambda _: encoded(bytes(32))),
    "no element": changed("evaluated", lambda _: encoded(b"\xff" * 32)),
    "the identity as key": changed("public_key", lambda _: encoded(bytes(32))),
    "another key, beside the usual one": beside_the_usual_key(),
    "another key, below every place": below_every_place(),
    "a step too many": changed("path", lambda steps: [*steps, {"side": "left", "hash": "00" * 32}]),
    "a step too few": changed("path", lambda steps: steps[1:]),
    "a side turned": changed("path", lambda steps: [steps[0] | {"side": "left"}, *steps[1:]]),
    "no side": changed("path", lambda steps: [step | {"side": "up"} for step in steps]),
    "another unit": changed("unit", lambda unit: unit + "-you"),
}


def truth(path: str, sent: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    return said
