"""The auditor of nested groups agrees with trying everything, and its certificates hold and cannot be forged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest

from service.release.audit import audit
from service.release.structured import Proof, prove, verify
from tests.attack.exhaustive import involves, least


@dataclass
class Case:
    """One release for both auditors: `groups` of classes, and the `atoms` of each class."""

    n: list[int]
    groups: list[list[int]]
    atoms: list[list[int]]
    threshold: int


def drawn(chance: Random, bands: int, units: int, values: int, threshold: int, lawless: float = 0.3) -> Case:
    """A random tree with lawful totals, and slices by bands: a share of them published come what may."""
    parents = [-1, *(chance.randrange(unit) for unit in range(1, units))]
    above = [[unit] for unit in range(units)]
    for unit in range(1, units):
        above[unit] += above[parents[unit]]
    cells: dict[tuple[int, ...], int] = {}
    for unit in range(units):
        for _ in range(chance.randint(0, values)):
            cell = (unit, *(chance.randrange(values) for _ in range(bands)))
            cells[cell] = 1 if chance.random() < 0.5 else chance.randint(1, threshold)
    cells[(0,) + (0,) * bands] = chance.choice([threshold, threshold + 2])
    keys, n = list(cells), list(cells.values())
    families = [[[row for row, key in enumerate(keys) if unit in above[key[0]]] for unit in range(units)]]
    for band in range(1, bands + 1):
        families += [
            [[row for row in members if keys[row][band] == value] for members in families[0]] for value in range(values)
        ]
    groups: list[list[int]] = []
    shown: list[list[int]] = []
    for number, members in enumerate(families):
        careless = number > 0 and chance.random() < lawless
        chosen: list[int] = [0] if number == 0 else []
        for unit in chance.sample(range(units), units):
            if (number == 0 or unit in shown[0]) and unit not in chosen and chance.random() < 0.7:
                larger = [*chosen, unit]
                if (careless and members[unit]) or lawful(larger, members, above, n, threshold):
                    chosen = larger
        shown.append(chosen)
        groups += [members[unit] for unit in chosen]
    atoms = [[-1] * (bands + 1) for _ in keys]
    for row, key in enumerate(keys):
        for family in range(bands + 1):
            number = 0 if family == 0 else 1 + (family - 1) * values + key[family]
            deepest = next((unit for unit in above[key[0]] if unit in shown[number]), None)
            atoms[row][family] = -1 if deepest is None else number * units + deepest
    return Case(n, groups, atoms, threshold)


def lawful(chosen: list[int], members: list[list[int]], above: list[list[int]], n: list[int], threshold: int) -> bool:
    """Whether every chosen group less those chosen inside it holds enough."""
    for unit in chosen:
        inside = {row for other in chosen if unit in above[other] and other != unit for row in members[other]}
        if sum(n[row] for row in members[unit] if row not in inside) < threshold:
            return False
    return True


def agrees(case: Case, exhaustive: bool = True) -> bool:
    """All auditors say the same, and the certificate verifies just when that is safe; whether it is."""
    n, groups, threshold = case.n, case.groups, case.threshold
    proof = prove(n, case.atoms, threshold)
    verdict = audit(n, groups, threshold)
    assert (proof.safe, proof.least, proof.complete) == (verdict.safe, verdict.least, verdict.complete), case
    if exhaustive:
        assert proof.least == least(n, groups, threshold), case
    if proof.least is not None:
        assert sum(n[row] for row in proof.classes) == proof.least, case
        assert involves(n, groups, proof.classes), case
    assert verify(n, case.atoms, threshold, proof) == proof.safe, case
    return proof.safe


@pytest.mark.parametrize("bands", [1, 2, 3])
def test_verdicts_are_those_of_trying_everything(bands: int) -> None:
    chance = Random(bands)
    times = 800
    safe = sum(
        agrees(drawn(chance, bands, chance.randint(1, 5), chance.randint(2, 3), chance.randint(2, 4)))
        for _ in range(times)
    )
    assert times / 10 < safe < times * 9 / 10, "both verdicts must be put to the test"


def test_both_auditors_agree_where_trying_everything_would_take_too_long() -> None:
    chance = Random(40)
    safe = [agrees(drawn(chance, 2, 12, 2, 2, lawless=0), exhaustive=False) for _ in range(100)]
    assert 5 < sum(safe) < 95


#: Two units of twenty, halved by one band that is published for both together: classes (unit, half) of ten each.
HALVES = [[0, 2], [0, 3], [1, 2], [1, 3]]
TENS = [10, 10, 10, 10]


def proven() -> Proof:
    proof = prove(TENS, HALVES, 3)
    assert proof.safe
    assert verify(TENS, HALVES, 3, proof)
    return proof


def test_a_certificate_is_disjoint_sets_that_each_span_the_last() -> None:
    proof = proven()
    assert [listed.tolist() for listed in proof.sets] == [
        [[0, 1], [1, 1]],
        [[0, 1], [1, 1]],
        [[0, 8], [1, 8], [2, 10], [3, 10]],
    ]
    assert proof.searched == 0


def tampered(place: int, listed: list[list[int]]) -> Proof:
    proof = proven()
    sets = list(proof.sets)
    sets[place] = np.array(listed, np.int64).reshape(-1, 2)
    return replace(proof, sets=tuple(sets))


@pytest.mark.parametrize(
    ("place", "listed"),
    [
        (1, [[0, 2], [1, 1]]),  # one more of a class over all sets than it holds
        (2, [[0, 8], [1, 9], [2, 10], [3, 10]]),  # one of the first set again
        (2, [[0, 8], [0, 1], [1, 8]]),  # the same in two lines
        (0, [[0, 1], [2, 1]]),  # swapped classes: no difference inside a unit
        (0, [[0, 1]]),
        (0, []),
        (0, [[0, 1], [1, 0]]),
        (2, [[0, 8], [1, -8]]),
        (2, [[0, 8], [4, 8]]),
        (2, [[0, 8], [-1, 8]]),
    ],
)
def test_a_tampered_certificate_is_refused(place: int, listed: list[list[int]]) -> None:
    assert not verify(TENS, HALVES, 3, tampered(place, listed))


def test_a_smaller_last_set_is_no_forgery_but_is_searched_again() -> None:
    assert verify(TENS, HALVES, 3, tampered(2, [[0, 8]]))
    assert not verify([8, 2, 8, 8], [*HALVES[:1], [0, -1], *HALVES[2:]], 3, tampered(2, [[0, 6]]))


def test_a_certificate_with_a_set_missing_or_for_another_threshold_is_refused() -> None:
    proof = proven()
    assert not verify(TENS, HALVES, 3, replace(proof, sets=proof.sets[1:]))
    assert not verify(TENS, HALVES, 3, replace(proof, safe=False))
    assert not verify(TENS, HALVES, 4, proof)
    assert not verify(TENS, HALVES, 2, proof)
    assert not verify(TENS, HALVES, 3, replace(proof, sets=(proof.sets[0].reshape(-1), *proof.sets[1:])))


def test_a_certificate_for_other_data_is_refused() -> None:
    proof = proven()
    assert not verify([10, 9, 10, 10], HALVES, 3, proof)
    assert not verify(TENS, [[0, 2], [0, 3], [1, 4], [1, 5]], 3, proof)
    assert not verify([10, 10, 10, 10, 2], [*HALVES, [6, -1]], 3, proof)


def test_calling_an_unsafe_release_safe_does_not_make_a_certificate() -> None:
    forged, chance = 0, Random(3)
    for _ in range(200):
        case = drawn(chance, 2, 4, 2, 3)
        proof = prove(case.n, case.atoms, 3)
        if not proof.safe:
            everybody = np.array(list(enumerate(case.n)), np.int64)
            nobody = everybody[:0]
            for sets in ((nobody, nobody, everybody), (everybody, nobody, nobody), (nobody, nobody, nobody)):
                assert not verify(case.n, case.atoms, 3, replace(proof, safe=True, sets=sets))
                forged += 1
    assert forged > 100


def test_a_small_unit_is_found_and_whatever_is_smaller_still() -> None:
    assert prove([9, 2], [[0, -1], [1, -1]], 3).classes == (1,)
    inside = prove([9, 1, 9, 3], [[0, 2], [0, -1], [1, 2], [1, -1]], 5)
    assert (inside.least, inside.classes) == (4, (1, 3))
    larger = prove([9, 4, 3], [[0, 2], [0, -1], [1, -1]], 5)
    assert (larger.least, larger.classes) == (3, (2,))
    smaller = prove([9, 1, 3, 0], [[0, 2], [0, 3], [1, 2], [1, -1]], 5)
    assert (smaller.least, smaller.classes) == (1, (1,))


def test_nobody_is_safe_and_who_has_no_unit_is_an_error() -> None:
    nobody = prove([0, 0], [[0, 2], [-1, 3]], 3)
    assert nobody.safe
    assert verify([0, 0], [[0, 2], [-1, 3]], 3, nobody)
    with pytest.raises(ValueError, match="unit atom"):
        prove([1], [[-1, 3]], 3)


def test_numbers_of_atoms_may_leave_gaps() -> None:
    far = [[first * 10**9, second * 10**12] for first, second in HALVES]
    assert prove(TENS, far, 3).safe


def test_a_search_that_is_cut_off_is_not_safe() -> None:
    chance = Random(11)
    cases = [drawn(chance, 2, 4, 3, 3) for _ in range(200)]
    cut = [case for case in cases if not prove(case.n, case.atoms, case.threshold, patience=0).complete]
    assert not any(prove(case.n, case.atoms, case.threshold, patience=0).safe for case in cut)
    proofs = [prove(case.n, case.atoms, case.threshold) for case in cut]
    assert {proof.safe for proof in proofs} == {True, False}
    for case, proof in zip(cut, proofs, strict=True):
        assert not verify(case.n, case.atoms, case.threshold, proof, patience=0)


def test_the_sets_hold_everybody_once() -> None:
    chance = Random(5)
    safe = 0
    for _ in range(100):
        case = drawn(chance, 2, 8, 2, 3, lawless=0)
        proof = prove(case.n, case.atoms, 3)
        if proof.safe:
            held = np.zeros(len(case.n), np.int64)
            for listed in proof.sets:
                held[listed[:, 0]] += listed[:, 1]
            assert held.tolist() == case.n
            safe += 1
    assert safe > 10
