"""What official statistics' own software hides, tried against the three things a release must stand.

Tables and results of the R package SSBtools 1.8.6 (Statistics Norway), which are not shipped here: the tests look for
them in the folder that REDWOOD_SDC_CASES names, or beside the checkout, and skip where there are none.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from service.release.audit import audit
from tests.attack.gauss_suppression import secondary

FOLDER = Path(os.environ.get("REDWOOD_SDC_CASES", Path(__file__).parents[3] / "shared" / "sdc_cases"))
FILES = {path.stem: path for path in sorted([*FOLDER.glob("ssb/*.json"), *FOLDER.glob("ours/org_*.json")])}
RANDOM = FOLDER / "ours" / "level2_random_150.json"

#: The fewest people that some combination of the figures R publishes is about, where they are below the threshold. In
#: `rd_example_sz_true` three cells of one person each are hidden by empty cells only; elsewhere the combination is none
#: of the groups that were named, which is all that R promises. What is not listed is safe.
BREACHES = {
    ("d2_k3", "none"): 2,
    ("z3_k5", "none"): 2,
    **{("z3_k5", method): 3 for method in ("anySum", "anySum0")},
    **{("z2_default", method): 3 for method in ("none", "anySum", "anySum0")},
    **{
        (name, method): least
        for name, least in (("org_12_teams_k5", 3), ("org_40_teams_k5", 2), ("rd_example_sz_true", 1))
        for method in ("none", "anySumNOTprimary", "anySum0")
    },
}

#: The tables that what is said above is about; another that lies beside them is tried all the same.
NINE = {name for name, _ in BREACHES} | {"example1", "mun_accidents_k4", "z1_default"}

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A table: how many are in each cell, the cells of each group, and R's lists of groups, all counted from 0."""

    counts: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    threshold: int
    candidates: tuple[int, ...]
    primary: tuple[int, ...]
    found: dict[str, frozenset[int]]
    default: str

    def published(self, method: str) -> list[tuple[int, ...]]:
        hidden = self.found[method].union(self.primary)
        return [cells for group, cells in enumerate(self.groups) if group not in hidden]

    def small(self) -> list[tuple[int, ...]]:
        return [cells for cells in (self.groups[p] for p in self.primary) if sum(self.counts[c] for c in cells)]


@cache
def case_of(name: str) -> Case:
    raw: dict[str, Any] = json.loads(FILES[name].read_text())
    groups: list[list[int]] = [[] for _ in range(raw["n_groups"])]
    for cell, group in zip(raw["x_inner"], raw["x_group"], strict=True):
        groups[group - 1].append(cell - 1)
    found = {method: frozenset(g - 1 for g in it["secondary"]) for method, it in raw["secondary_by_method"].items()}
    candidates, primary = (tuple(g - 1 for g in raw[key]) for key in ("candidates", "primary"))
    counts, cells_of = tuple(raw["inner_freq"]), tuple(map(tuple, groups))
    return Case(counts, cells_of, raw["maxN"] + 1, candidates, primary, found, raw["default_singletonMethod"])


RUNS = [(name, method) for name in FILES for method in case_of(name).found]


def matrix(groups: list[tuple[int, ...]], cells: npt.NDArray[np.bool_]) -> Matrix:
    full = np.zeros((len(groups), len(cells)))
    for row, group in zip(full, groups, strict=True):
        row[list(group)] = 1
    return full[:, cells]


def spaces(rows: Matrix) -> tuple[Matrix, Matrix]:
    """Orthonormal bases of what `rows` tell and of what they leave open."""
    _, sizes, right = np.linalg.svd(rows)
    rank = int((sizes > 1e-9 * sizes.max(initial=1)).sum())
    return right[:rank], right[rank:]


def known(small: Matrix, published: Matrix) -> int:
    """How many of the small groups follow from the published ones, which is when nothing of them is left open."""
    left = np.linalg.norm(small @ spaces(published)[1].T, axis=1)
    assert not ((left > 1e-9) & (left < 1e-3)).any()  # no doubt that rounding could raise
    return int((left <= 1e-9).sum())


def least_of(counts: tuple[int, ...], groups: list[tuple[int, ...]], threshold: int) -> int | None:
    """The fewest people any combination of the groups is about, if fewer than `threshold`, by trying all few cells.

    A combination has its coefficients on some cells and on no others exactly when those cells' columns of the space
    left open depend on each other, with those coefficients.
    """
    n = np.array(counts)
    columns = spaces(matrix(groups, n > 0))[1].T
    few = np.flatnonzero(n[n > 0] < threshold)
    least = _dependent(columns[few], n[n > 0][few], 0, threshold)
    return least if least < threshold else None


def _dependent(columns: Matrix, n: npt.NDArray[np.int64], spent: int, limit: int) -> int:
    """Cells chosen so far hold `spent` people, and `columns` is what of the other cells' does not depend on them."""
    sizes = np.linalg.norm(columns, axis=1)
    limit = min([limit, *(spent + n[sizes < 1e-7]).tolist()])
    for cell in np.flatnonzero(sizes >= 1e-7).tolist():
        now = spent + int(n[cell])
        after = cell + 1 + np.flatnonzero(now + n[cell + 1 :] < limit)
        if len(after):
            unit = columns[cell] / sizes[cell]
            rest = columns[after] - np.outer(columns[after] @ unit, unit)
            limit = _dependent(rest, n[after], now, limit)
    return limit


@cache
def least_of_run(name: str, method: str) -> int | None:
    case = case_of(name)
    return least_of(case.counts, case.published(method), case.threshold)


@pytest.mark.parametrize("name", FILES)
def test_the_reference_hides_what_r_hides(name: str) -> None:
    case = case_of(name)
    assert secondary(case.groups, case.candidates, case.primary) == case.found["none"]


@pytest.mark.parametrize(("name", "method"), RUNS)
def test_no_small_group_follows_from_what_r_publishes(name: str, method: str) -> None:
    """Unless one knows which cells are empty: R may hide those, and lets them protect cells that are not."""
    case = case_of(name)
    published, small = case.published(method), case.small()
    everywhere, peopled = np.ones(len(case.counts), np.bool_), np.array(case.counts) > 0
    assert known(matrix(small, everywhere), matrix(published, everywhere)) == 0
    expected = 3 if name == "rd_example_sz_true" else 0
    assert known(matrix(small, peopled), matrix(published, peopled)) == expected


@pytest.mark.skipif(not FILES.keys() >= NINE, reason="not all nine tables are on this machine")
def test_sixteen_of_27_results_of_r_tell_of_fewer_people_than_the_threshold() -> None:
    runs = [run for run in RUNS if run[0] in NINE]
    assert (len(runs), len(BREACHES)) == (27, 16)
    assert {run: least for run in runs if (least := least_of_run(*run)) is not None} == BREACHES
    # Plain elimination fails in six of the nine cases, and in five of them what R does with zeros by default.
    assert sum((name, "none") in BREACHES for name in NINE) == 6
    assert sum((name, case_of(name).default) in BREACHES for name in NINE) == 5


@pytest.mark.parametrize(("name", "method"), RUNS)
def test_the_auditor_judges_r_s_results_as_trying_everything_does(name: str, method: str) -> None:
    case, least = case_of(name), least_of_run(name, method)
    verdict = audit(case.counts, case.published(method), case.threshold)
    assert (verdict.safe, verdict.least, verdict.complete) == (least is None, least, True)
    assert sum(case.counts[cell] for cell in verdict.cells) == (least or 0)
    if verdict.cells:  # a combination is about them alone: the others' columns have not the whole rank
        peopled = np.array(case.counts) > 0
        others = peopled & ~np.isin(np.arange(len(peopled)), verdict.cells)
        ranks = [np.linalg.matrix_rank(matrix(case.published(method), cells)) for cells in (others, peopled)]
        assert ranks[0] < ranks[1]


@pytest.mark.skipif(not RANDOM.is_file(), reason="the random cases are not on this machine")
def test_trying_everything_finds_what_exhaustive_search_over_rationals_found() -> None:
    cases = json.loads(RANDOM.read_text())["cases"]
    found = [least_of(tuple(it["cell_counts"]), [tuple(group) for group in it["groups"]], it["k"]) for it in cases]
    assert found == [it["min_isolated"] for it in cases]
    assert found.count(None) == sum(it["safe"] for it in cases) == 57
