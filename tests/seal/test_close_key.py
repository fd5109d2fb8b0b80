"""Sealing: opened by a second hand, and by nobody else: not for another pulse, another key, or a byte changed."""

from __future__ import annotations

import hashlib
import random
import secrets

import pytest

from service.seal.close_key import OVERHEAD, SECRET, NotOpened, Opener, Sealer, fingerprint_of
from tests.seal.reference import reopened

PULSE, OTHER = "a" * 16, "b" * 16
CONTENT = random.Random(1).randbytes(640)
#: Fixed, so that what fails fails again.
KEY = random.Random(2).randbytes(SECRET)


@pytest.fixture(scope="module")
def opener() -> Opener:
    return Opener(KEY)


@pytest.fixture(scope="module")
def sealed(opener: Opener) -> bytes:
    return Sealer(opener.public).seal(PULSE, CONTENT)


def test_what_is_sealed_is_opened(opener: Opener) -> None:
    for content in (b"", b"\0", CONTENT, secrets.token_bytes(40_000)):
        assert opener.open(PULSE, Sealer(opener.public).seal(PULSE, content)) == content


def test_it_is_hpke_as_the_papers_have_it(sealed: bytes) -> None:
    assert reopened(KEY, b"redwood responses/1 " + PULSE.encode(), sealed) == CONTENT


def test_a_batch_is_bound_to_its_pulse(opener: Opener, sealed: bytes) -> None:
    for pulse in (OTHER, "", PULSE[:-1], PULSE + "a"):
        with pytest.raises(NotOpened):
            opener.open(pulse, sealed)


def test_another_key_opens_nothing(sealed: bytes) -> None:
    for other in (secrets.token_bytes(SECRET), KEY[:-32] + bytes(32), bytes(64) + KEY[64:]):
        with pytest.raises(NotOpened):
            Opener(other).open(PULSE, sealed)


def test_no_byte_may_be_another(opener: Opener, sealed: bytes) -> None:
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1 << at % 8
        # The top bit of X25519's encoded point counts for nothing there (RFC 7748, 5); X-Wing binds the bytes all the
        # same.
        with pytest.raises(NotOpened):
            opener.open(PULSE, bytes(changed))
    changed = bytearray(sealed)
    changed[1119] ^= 0x80
    with pytest.raises(NotOpened):
        opener.open(PULSE, bytes(changed))


def test_what_is_cut_or_longer_or_nothing_is_not_opened(opener: Opener, sealed: bytes) -> None:
    for wrong in (b"", sealed[:1], sealed[:1120], sealed[: OVERHEAD - 1], sealed[:-1], sealed + b"\0", sealed[1:]):
        with pytest.raises(NotOpened):
            opener.open(PULSE, wrong)
    with pytest.raises(NotOpened):
        opener.open(PULSE, bytes(len(sealed)))


def test_sealing_twice_shows_nothing_of_it_being_the_same(opener: Opener) -> None:
    sealer = Sealer(opener.public)
    first, second = sealer.seal(PULSE, CONTENT), sealer.seal(PULSE, CONTENT)
    for part in (slice(0, 1088), slice(1088, 1120), slice(1120, -16), slice(-16, None)):
        assert first[part] != second[part]
    # Nor do the two differ only where the content does: of 640 bytes some few agree by chance.
    assert sum(a == b for a, b in zip(first[1120:], second[1120:], strict=True)) < 20


def test_only_the_length_of_the_content_shows(opener: Opener) -> None:
    sealer = Sealer(opener.public)
    for length in (0, 1, 19, 640):
        for content in (bytes(length), b"\xff" * length, secrets.token_bytes(length)):
            assert len(sealer.seal(PULSE, content)) == length + OVERHEAD


def test_the_halves_belong_together_and_have_one_length(opener: Opener) -> None:
    assert len(opener.public) == 1184 + 32
    assert Opener(KEY).public == opener.public != Opener(secrets.token_bytes(SECRET)).public
    assert fingerprint_of(opener.public) == hashlib.sha256(opener.public).hexdigest()
    for wrong in (b"", KEY[:-1], KEY + b"\0"):
        with pytest.raises(ValueError, match="96 bytes"):
            Opener(wrong)
    for wrong in (b"", opener.public[:-1], opener.public + b"\0"):
        with pytest.raises(ValueError):  # noqa: PT011 - the library words it
            Sealer(wrong)


def test_the_public_half_has_no_way_to_open(opener: Opener) -> None:
    assert not hasattr(Sealer(opener.public), "open")
