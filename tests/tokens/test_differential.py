"""Two implementations of one RFC, each the other's client and server; whatever is bent, both refuse."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from service.tokens import unlinkable
from tests.tokens import reference

ROUNDS = 60
PULSE, UNIT = "p" * 16, "north"


def info(pulse: str, unit: str) -> bytes:
    return b"redwood/token/1\0" + pulse.encode("ascii") + b"\0" + unit.encode()


def worlds() -> Iterator[tuple[bytes, str, str, bytes]]:
    """(seed, pulse, unit, nonce), as different as they come."""
    chance = random.Random(9497)
    for _ in range(ROUNDS):
        unit = "".join(chance.choices("abcÄß工作 .-_\0\U0001f333", k=chance.randint(1, 64)))
        pulse = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=16))
        yield chance.randbytes(32), pulse, unit, chance.randbytes(32)


def test_the_keys_are_the_same() -> None:
    for seed, pulse, unit, _ in worlds():
        assert (
            unlinkable.class_key(seed, pulse, unit).public_key == reference.derive_key_pair(seed, info(pulse, unit))[1]
        )


def test_the_reference_answers_the_service_s_holder() -> None:
    for seed, pulse, unit, nonce in worlds():
        secret, public = reference.derive_key_pair(seed, info(pulse, unit))
        holder = unlinkable.Holder.blind(nonce)
        token = unlinkable.read(holder.token(pulse, unit, public, *reference.blind_evaluate(secret, holder.blinded)))
        assert token == unlinkable.Unlinkable(pulse, unit, nonce, reference.evaluate(secret, nonce))
        assert token.made_by(unlinkable.class_key(seed, pulse, unit))


def test_the_service_answers_the_reference_s_client() -> None:
    for seed, pulse, unit, nonce in worlds():
        issuer = unlinkable.class_key(seed, pulse, unit)
        factor = reference.random_scalar()
        blinded = reference.blind(nonce, factor)
        evaluated, proof = issuer.evaluate(blinded)
        output = reference.finalize(nonce, factor, [evaluated], [blinded], issuer.public_key, proof)
        assert output == issuer.output(nonce)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 64, 127, 128, 129, 1_000, 65_535])
def test_inputs_of_every_length_come_to_one_output(length: int) -> None:
    chance = random.Random(length)
    seed, message = chance.randbytes(32), chance.randbytes(length)
    secret, _ = reference.derive_key_pair(seed, info(PULSE, UNIT))
    assert unlinkable.class_key(seed, PULSE, UNIT).output(message) == reference.evaluate(secret, message)


def test_one_message_blinded_twice_is_never_the_same_and_comes_to_the_same() -> None:
    issuer = unlinkable.class_key(bytes(32), PULSE, UNIT)
    holders = [unlinkable.Holder.blind(b"n" * 32) for _ in range(20)]
    assert len({holder.blinded for holder in holders}) == len(holders)
    tokens = {holder.token(PULSE, UNIT, issuer.public_key, *issuer.evaluate(holder.blinded)) for holder in holders}
    assert len(tokens) == 1


class Exchange:
    """One exchange that holds, with what each side said, to be bent."""

    def __init__(self) -> None:
        self.nonce, self.factor = random.Random(5).randbytes(32), reference.random_scalar()
        self.issuer = unlinkable.class_key(b"s" * 32, PULSE, UNIT)
        self.public = self.issuer.public_key
        self.blinded = reference.blind(self.nonce, self.factor)
        self.evaluated, self.proof = self.issuer.evaluate(self.blinded)
        self.holder = unlinkable.Holder.blind(self.nonce)
        self.held, self.held_proof = self.issuer.evaluate(self.holder.blinded)

    def refused_by_both(self, public: bytes | None = None, evaluated: bytes | None = None, proof: bytes | None = None):
        """The same thing is done to what the service's holder got, and to what the reference's client got."""
        with pytest.raises(ValueError):  # noqa: PT011  the wording is the library's
            self.holder.token(PULSE, UNIT, public or self.public, evaluated or self.held, proof or self.held_proof)
        with pytest.raises(ValueError):  # noqa: PT011
            self.by_reference(public or self.public, evaluated or self.evaluated, proof or self.proof)

    def by_reference(self, public: bytes, evaluated: bytes, proof: bytes) -> bytes:
        return reference.finalize(self.nonce, self.factor, [evaluated], [self.blinded], public, proof)


@pytest.fixture
def exchange() -> Exchange:
    made = Exchange()
    assert made.by_reference(made.public, made.evaluated, made.proof) == made.issuer.output(made.nonce)
    assert made.holder.token(PULSE, UNIT, made.public, made.held, made.held_proof)
    return made


def no_elements() -> dict[str, bytes]:
    good = reference.GENERATOR
    return {
        "identity": reference.IDENTITY,
        "empty": b"",
        "a byte short": good[:-1],
        "a byte long": good + b"\0",
        "the identity as the field's prime": reference.FIELD.to_bytes(32, "little"),
        "above the field": (reference.FIELD + 2).to_bytes(32, "little"),
        "the high bit set": good[:-1] + bytes([good[-1] | 0x80]),
        "negative": (1).to_bytes(32, "little"),
        "no square": (2).to_bytes(32, "little"),
        "all ones": b"\xff" * 32,
        "text": b"not an element of ristretto255!!",
    }


@pytest.mark.parametrize("name", no_elements())
def test_what_is_no_element_is_evaluated_by_nobody(name: str) -> None:
    bad = no_elements()[name]
    assert unlinkable.is_element(reference.GENERATOR)
    assert not unlinkable.is_element(bad)
    with pytest.raises(ValueError, match="no group element"):
        reference.blind_evaluate(b"\x07" + bytes(31), bad)


@pytest.mark.parametrize("name", [name for name in no_elements() if name != "empty"])
def test_what_is_no_element_is_taken_from_no_issuer(exchange: Exchange, name: str) -> None:
    bad = no_elements()[name]
    exchange.refused_by_both(evaluated=bad)
    exchange.refused_by_both(public=bad)


def test_every_bit_of_a_proof_counts(exchange: Exchange) -> None:
    for bit in range(0, 512, 5):
        mask = (1 << bit).to_bytes(64, "little")
        bent, held = (
            bytes(a ^ b for a, b in zip(it, mask, strict=True)) for it in (exchange.proof, exchange.held_proof)
        )
        with pytest.raises(ValueError):  # noqa: PT011
            exchange.holder.token(PULSE, UNIT, exchange.public, exchange.held, held)
        with pytest.raises(ValueError):  # noqa: PT011
            exchange.by_reference(exchange.public, exchange.evaluated, bent)


def test_a_scalar_has_one_way_to_be_written(exchange: Exchange) -> None:
    def above(scalar: bytes) -> bytes:
        return (int.from_bytes(scalar, "little") + reference.ORDER).to_bytes(32, "little")

    for proof in (exchange.proof, exchange.held_proof):
        exchange.refused_by_both(proof=above(proof[:32]) + proof[32:])
        exchange.refused_by_both(proof=proof[:32] + above(proof[32:]))


@pytest.mark.parametrize("proof", [b"\0" * 64, b"\0" * 63, b"\0" * 65, b"\xff" * 64, b"\0" * 32], ids=len)
def test_proofs_of_nothing_are_refused(exchange: Exchange, proof: bytes) -> None:
    exchange.refused_by_both(proof=proof)


def test_another_key_is_refused_with_its_proof_and_without(exchange: Exchange) -> None:
    """A service that tags: it evaluates with a key made for one person, and shows the published one."""
    tagging, own = reference.derive_key_pair(b"t" * 32, b"you")
    evaluated, proof = reference.blind_evaluate(tagging, exchange.holder.blinded)
    for shown in (proof, exchange.held_proof, proof[:32] + exchange.held_proof[32:]):
        with pytest.raises(ValueError):  # noqa: PT011
            exchange.holder.token(PULSE, UNIT, exchange.public, evaluated, shown)
    exchange.refused_by_both(public=own)
    # Under its own key the exchange holds: that key must be shown not to be the published one, by its fingerprint.
    assert exchange.holder.token(PULSE, UNIT, own, evaluated, proof)


def test_a_proof_holds_for_its_own_element_alone(exchange: Exchange) -> None:
    other = unlinkable.Holder.blind(exchange.nonce)
    evaluated, proof = exchange.issuer.evaluate(other.blinded)
    exchange.refused_by_both(proof=proof)
    exchange.refused_by_both(evaluated=evaluated)
    exchange.refused_by_both(evaluated=evaluated, proof=proof)


def test_a_class_s_key_makes_no_other_class_s_tokens() -> None:
    nonce = b"n" * 32
    kin = [(b"s" * 32, PULSE, UNIT), (b"s" * 32, PULSE, "south"), (b"s" * 32, "q" * 16, UNIT), (b"t" * 32, PULSE, UNIT)]
    issuers = [unlinkable.class_key(*one) for one in kin]
    assert len({issuer.public_key for issuer in issuers}) == len({issuer.output(nonce) for issuer in issuers}) == 4
    for maker in issuers:
        token = unlinkable.Unlinkable(PULSE, UNIT, nonce, maker.output(nonce))
        assert [token.made_by(issuer) for issuer in issuers] == [issuer is maker for issuer in issuers]


def test_a_nonce_or_an_output_bent_by_a_bit_is_no_token() -> None:
    issuer = unlinkable.class_key(b"s" * 32, PULSE, UNIT)
    nonce = random.Random(6).randbytes(32)
    output = issuer.output(nonce)
    for bit in range(0, 512, 31):
        mask = (1 << bit).to_bytes(64, "little")
        bent = bytes(a ^ b for a, b in zip(output, mask, strict=True))
        assert not unlinkable.Unlinkable(PULSE, UNIT, nonce, bent).made_by(issuer)
    for bit in range(0, 256, 31):
        mask = (1 << bit).to_bytes(32, "little")
        bent = bytes(a ^ b for a, b in zip(nonce, mask, strict=True))
        assert not unlinkable.Unlinkable(PULSE, UNIT, bent, output).made_by(issuer)
