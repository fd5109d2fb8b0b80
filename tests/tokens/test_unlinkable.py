"""A token's text: written one way, read back as it was, and nothing else is read as one."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tokens import unlinkable
from service.tokens.unlinkable import Unlinkable, read, written

GOOD = Unlinkable("a" * 16, "north", bytes(range(32)), bytes(range(64)))
PULSES = st.text(alphabet=string.ascii_lowercase + "234567", min_size=16, max_size=16)
UNITS = st.text(min_size=1, max_size=64).filter(lambda text: not any("\ud800" <= it <= "\udfff" for it in text))


@given(PULSES, UNITS, st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(pulse: str, unit: str, nonce: bytes, output: bytes) -> None:
    token = Unlinkable(pulse, unit, nonce, output)
    text = written(token)
    assert read(text) == token
    assert set(text) <= set(string.ascii_letters + string.digits + "-_.")


@given(st.text(max_size=300))
def test_what_anybody_sends_is_read_as_a_token_only_if_it_is_written_as_one(text: str) -> None:
    found = read(text)
    assert found is None or written(found) == text


@given(st.integers(0, len(written(GOOD)) - 1), st.characters())
def test_a_changed_character_is_another_token_or_none(place: int, character: str) -> None:
    text = written(GOOD)
    changed = text[:place] + character + text[place + 1 :]
    assert read(changed) != GOOD or changed == text


def parts() -> list[str]:
    return written(GOOD).split(".")


def malformed() -> dict[str, str]:
    mark, pulse, unit, nonce, output = parts()
    return {
        "empty": "",
        "dots": "....",
        "a plain token": f"{pulse}.{'x' * 43}",
        "no mark": ".".join((pulse, unit, nonce, output)),
        "another mark": ".".join(("u2", pulse, unit, nonce, output)),
        "the mark in capitals": ".".join(("U1", pulse, unit, nonce, output)),
        "a part too many": ".".join((mark, pulse, unit, nonce, output, "")),
        "a part too few": ".".join((mark, pulse, unit, nonce)),
        "a nonce too short": ".".join((mark, pulse, unit, nonce[:-4], output)),
        "a nonce too long": ".".join((mark, pulse, unit, nonce + "AAAA", output)),
        "an output too short": ".".join((mark, pulse, unit, nonce, output[:-4])),
        "an output too long": ".".join((mark, pulse, unit, nonce, output + "AAAA")),
        "nonce and output changed about": ".".join((mark, pulse, unit, output, nonce)),
        "padding": ".".join((mark, pulse, unit, nonce + "=", output)),
        "the other alphabet": ".".join((mark, pulse, unit, nonce, "+/" + output[2:])),
        "bits beyond the last byte": ".".join((mark, pulse, unit, nonce[:-1] + "9", output)),
        "a space": ".".join((mark, pulse, unit, nonce, output)) + " ",
        "a line's end": ".".join((mark, pulse, unit, nonce, output)) + "\n",
        "a line's end within": ".".join((mark, pulse, unit, nonce[:20] + "\n" + nonce[20:], output)),
        "a unit that is no text": ".".join((mark, pulse, "_w", nonce, output)),
        "a unit with bits beyond": ".".join((mark, pulse, unit[:-1] + "B", nonce, output)),
        "a pulse that is not ASCII": ".".join((mark, "ä" * 16, unit, nonce, output)),
        "a surrogate": ".".join((mark, pulse, "\ud800", nonce, output)),
        "zero bytes": "\0" * 200,
    }


@pytest.mark.parametrize("name", malformed())
def test_what_is_malformed_is_no_token(name: str) -> None:
    assert read(written(GOOD)) == GOOD
    assert read(malformed()[name]) is None


def test_a_nullifier_is_of_nonce_and_output_and_not_of_where_it_is_used() -> None:
    elsewhere = Unlinkable("b" * 16, "south", GOOD.nonce, GOOD.output)
    assert elsewhere.nullifier == GOOD.nullifier
    assert Unlinkable(GOOD.pulse, GOOD.unit, GOOD.nonce, bytes(64)).nullifier != GOOD.nullifier
    assert Unlinkable(GOOD.pulse, GOOD.unit, bytes(32), GOOD.output).nullifier != GOOD.nullifier
    assert len(GOOD.nullifier) == 32


@given(st.binary(max_size=100))
def test_base64_without_padding_comes_back(octets: bytes) -> None:
    assert unlinkable.decoded(unlinkable.encoded(octets)) == octets
    assert "=" not in unlinkable.encoded(octets)
