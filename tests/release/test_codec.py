"""A release as bytes: canonical, complete, and the same again after a round trip."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from service.release import codec
from service.release.release import Release
from tests.release.worlds import released, world


@pytest.fixture(scope="module")
def some() -> Release:
    return released(world(5, size=30))


def test_decoding_and_encoding_again_gives_the_same_bytes(some: Release) -> None:
    for seed in range(10):
        content = codec.encode(released(world(seed)))
        assert codec.encode(codec.decode(content)) == content
    assert codec.encode(codec.decode(codec.encode(some))) == codec.encode(some)


def test_nothing_is_lost(some: Release) -> None:
    again = codec.decode(codec.encode(some))
    assert replace(again, pooled=None) == replace(some, pooled=None)
    assert again.pooled is not None
    assert some.pooled is not None
    assert (again.pooled.items, again.pooled.n, again.pooled.atoms) == (
        some.pooled.items,
        some.pooled.n,
        some.pooled.atoms,
    )
    np.testing.assert_allclose(again.pooled.within, some.pooled.within, atol=5e-10, rtol=0)


def test_the_bytes_are_canonical_json(some: Release) -> None:
    content = codec.encode(some)
    document = json.loads(content)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content == text.encode()
    assert document["format"] == "redwood-release/1"
    assert codec.digest(content) == "sha256:" + hashlib.sha256(content).hexdigest()


def test_what_is_withheld_says_suppressed_and_nothing_else(some: Release) -> None:
    document = json.loads(codec.encode(some))
    for unit, written in zip(some.units, document["units"], strict=True):
        if unit.figures is None:
            assert written == {"id": unit.id, "name": unit.name, "parent": unit.parent, "status": "suppressed"}
            continue
        assert (written["status"], written["n"], written["headcount"]) == ("ok", unit.figures.n, unit.figures.headcount)
        for item in some.items:
            figures = unit.figures.items.get(item)
            if figures is None:
                assert written["items"][item] == {"status": "suppressed"}
            else:
                assert ("favourable" in written["items"][item]) == (figures.favourable is not None)
                assert ("counts" in written["items"][item]) == (figures.counts is not None)


def test_a_lineage_is_written_where_there_is_one_and_left_out_elsewhere(some: Release) -> None:
    assert b'"before"' not in codec.encode(some)
    first, *others = some.units
    told = replace(some, units=(replace(first, before=("t1", "t2")), *others))
    document = json.loads(codec.encode(told))
    assert [unit.get("before") for unit in document["units"]] == [["t1", "t2"], *[None] * len(others)]
    assert [unit.before for unit in codec.decode(codec.encode(told)).units] == [("t1", "t2"), *[()] * len(others)]


def test_a_zero_has_one_spelling(some: Release) -> None:
    assert some.pooled is not None
    for tiny in (-0.0, -1e-12, 0.0):
        within = some.pooled.within.copy()
        within[0, 1] = tiny
        content = codec.encode(replace(some, pooled=replace(some.pooled, within=within)))
        assert b"-0.0" not in content


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        codec.decode(b'{"format":"redwood-release/2"}')
