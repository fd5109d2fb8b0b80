"""The threat model names tests that exist and can run, and every promise has its row there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")

HEAD = ["adversary, with what in hand", "wants", "what stops it", "proved by", "what is left"]
_NAME = re.compile(r'<a id="r(\d+)"></a>\*\*R(\d+)\*\* \S')
_PROOF = re.compile(r"`(tests/[\w./]+\.py)::(test_\w+)`")


@dataclass(frozen=True)
class Row:
    cells: list[str]

    @property
    def number(self) -> int:
        """What it is linked by and called; they are one."""
        found = _NAME.match(self.cells[0])
        assert found, f"a row without a name: {self.cells[0][:60]}"
        assert found[1] == found[2], self.cells[0][:60]
        return int(found[1])


def tables(text: str) -> Iterator[list[list[str]]]:
    """Every table of a document as its rows' cells, the head first and without the rule below it."""
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield [lines[0], *lines[2:]]


def rows(text: str) -> list[Row]:
    found = []
    for head, *body in tables(text):
        assert head == HEAD
        found += [Row(cells) for cells in body]
    return found


@cache
def runnable_in(file: str) -> frozenset[str]:
    """The tests of a file that are not skipped wherever they run."""
    if not (ROOT / file).is_file():
        return frozenset()
    functions = [node for node in ast.parse((ROOT / file).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_") and not never_runs(node))


def never_runs(test: ast.FunctionDef) -> bool:
    marks = {ast.unparse(it).partition("(")[0] for it in test.decorator_list}
    first = test.body[1] if ast.get_docstring(test) is not None and len(test.body) > 1 else test.body[0]
    return "pytest.mark.skip" in marks or ast.unparse(first).startswith(("pytest.skip(", "pytest.xfail("))


def faults(row: Row) -> list[str]:
    """What is amiss with a row, in words."""
    if len(row.cells) != len(HEAD) or not all(row.cells):
        return ["a cell is missing or empty"]
    proofs = [_PROOF.fullmatch(said) for said in row.cells[3].split("<br>")]
    found = ["names something that is no test" for proof in proofs if proof is None]
    named = [(proof[1], proof[2]) for proof in proofs if proof is not None]
    found += [f"no such test, or never run: {file}::{test}" for file, test in named if test not in runnable_in(file)]
    return found + ["names a test twice"] * (len(set(named)) < len(named))


def test_every_row_names_tests_that_exist() -> None:
    told = rows(MODEL)
    assert [row.number for row in told] == list(range(1, len(told) + 1))
    assert {row.number: faults(row) for row in told if faults(row)} == {}


def test_rows_that_a_row_speaks_of_are_there() -> None:
    known = {row.number for row in rows(MODEL)}
    assert {int(number) for number in re.findall(r"\bR(\d+)\b", MODEL)} <= known


def promises() -> list[str]:
    """The rows of the table of promises."""
    part = SECURITY.split("## What is promised")[1].split("\n## ")[0]
    (_, *body), *others = tables(part)
    assert not others
    return ["|".join(cells) for cells in body]


def test_every_promise_has_its_rows() -> None:
    known = {row.number for row in rows(MODEL)}
    linked = [set(map(int, re.findall(r"\]\(docs/threat-model\.md#r(\d+)\)", promise))) for promise in promises()]
    assert len(linked) >= 10
    assert all(linked), "a promise without a row that proves it"
    assert set.union(*linked) == known, "a row that no promise leads to, or the other way round"


@pytest.mark.parametrize(
    ("proved", "fault"),
    [
        ("`tests/docs/test_threat_model.py::test_every_promise_has_its_rows`", None),
        ("`tests/docs/test_threat_model.py::test_nobody_wrote`", "no such test"),
        ("`tests/docs/test_no_such_file.py::test_every_promise_has_its_rows`", "no such test"),
        ("`tests/docs/test_threat_model.py::runnable_in`", "no test"),
        ("by looking", "no test"),
        ("", "missing or empty"),
        ("<br>".join(["`tests/docs/test_threat_model.py::test_every_promise_has_its_rows`"] * 2), "twice"),
    ],
)
def test_a_row_without_its_test_is_found(proved: str, fault: str | None) -> None:
    row = Row(["somebody", "something", "a wall", proved, "a door"])
    assert not faults(row) if fault is None else any(fault in said for said in faults(row))


@pytest.mark.parametrize(
    ("source", "never"),
    [
        ("def test_it():\n    assert True", False),
        ("@pytest.mark.skip\ndef test_it():\n    assert True", True),
        ("@pytest.mark.skip(reason='later')\ndef test_it():\n    assert True", True),
        ("@pytest.mark.skipif(WINDOWS, reason='there')\ndef test_it():\n    assert True", False),
        ("def test_it():\n    '''Said.'''\n    pytest.skip('never')", True),
    ],
)
def test_what_never_runs_proves_nothing(source: str, never: bool) -> None:
    (test,) = ast.parse(source).body
    assert isinstance(test, ast.FunctionDef)
    assert never_runs(test) is never
