"""What of stored findings is kept in memory: bounded, the right one, and never what was replaced."""

from __future__ import annotations

import numpy as np

from service.exports.packed import Part
from service.operations.stored import Unpacked


def part(numbers: int) -> Part:
    """Eight bytes each."""
    return Part((np.zeros(numbers, "<f8"),), (None,))


def test_what_is_asked_for_longest_ago_is_let_go_first() -> None:
    kept = Unpacked(most=100)
    first, second, third = part(5), part(5), part(5)
    kept.put(("p", "changes", "1"), first)
    kept.put(("p", "changes", "2"), second)
    assert kept.get(("p", "changes", "1")) is first
    kept.put(("p", "changes", "3"), third)
    assert kept.get(("p", "changes", "2")) is None
    assert kept.get(("p", "changes", "1")) is first
    assert kept.get(("p", "changes", "3")) is third


def test_what_is_larger_than_all_that_may_be_kept_is_not() -> None:
    kept = Unpacked(most=100)
    kept.put(("p", "trends", "1"), part(13))
    assert kept.get(("p", "trends", "1")) is None


def test_findings_of_another_digest_are_others() -> None:
    kept = Unpacked(most=100)
    kept.put(("p", "changes", "1"), part(1))
    assert kept.get(("p", "changes", "2")) is None
    assert kept.get(("q", "changes", "1")) is None
