"""What the house asks of its words: a sentence on every door, plain names, short rooms, nothing left for later."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "service").rglob("*.py"))

VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service"}
LONGEST = 300
#: Folders that are made, not written.
MADE = {"__pycache__", "node_modules", "dist", "build"}

# Put together here so that this file does not hold what it looks for.
LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|TEMPO" + r"RARY|X" + r"XX)\b")
#: Folders of the machine it was written on, at the root of a path and not inside one.
MACHINE = re.compile(r"(?<![\w.~*})\]/-])/(wo" + r"rk|t" + r"mp|ro" + r"ot|ho" + r"me)\b|\.lib" + r"rary/")
#: Where packages come from is the business of whoever installs, and of their configuration.
REGISTRY = re.compile(
    "|".join(["py" + r"pi\.(org|python)", "python" + r"hosted\.", "--(extra-)?index" + "-url", "--trusted" + "-host"])
)


@cache
def written_files() -> tuple[Path, ...]:
    """Every file of the repository that git knows or would take; without git, every file that nothing made."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        listed = None
    if listed is not None and listed.returncode == 0:
        return tuple(ROOT / name for name in sorted(listed.stdout.split("\0")) if name and (ROOT / name).is_file())
    return tuple(file for file in sorted(ROOT.rglob("*")) if file.is_file() and not _made(file))


def _made(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    return any(part in MADE or (part.startswith(".") and part not in {".ci", ".dockerignore"}) for part in parts)


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Each place where the pattern stands, in files that are text."""
    places = []
    for file in files:
        content = file.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf-8").splitlines()
        places += [f"{named(file)}:{number}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return places


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_a_module_opens_with_a_sentence(file: Path) -> None:
    docstring = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    opening = docstring.split("\n\n")[0].replace("\n", " ")
    assert re.fullmatch(r"[A-Z`].{10,}[.!?]", opening), f"{named(file)} opens with {opening!r}"


def test_names_say_what_is_inside() -> None:
    folders = ("service/", "tests/", "alembic/", "bin/")
    vague = [named(file) for file in written_files() if named(file).startswith(folders) and _vague_parts(file)]
    assert not vague


def _vague_parts(file: Path) -> set[str]:
    """Vague names on the way to a file and its own; the package's is its name, and the first part."""
    parts = file.relative_to(ROOT).parts
    return {part.partition(".")[0].removeprefix("test_") for part in parts[1:]} & VAGUE


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_a_module_is_short(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("document", ["GLOSSARY.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_paths_that_documents_name_exist(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for path in re.findall(r"`((?:service|tests|bin|openapi|alembic|\.ci)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"\]\(([A-Za-z][\w./-]*)\)", text):
        assert (ROOT / target).exists(), target


def test_nothing_is_left_for_later() -> None:
    folders = ("service/", "tests/", "alembic/", "bin/", ".ci/", "Dockerfile", "compose.yaml", "pyproject.toml")
    files = [file for file in written_files() if named(file).startswith(folders)]
    assert len(files) > 100
    assert not found(LATER, files)


def test_no_file_names_the_machine_it_was_written_on() -> None:
    assert not found(MACHINE, list(written_files()))


def test_no_file_names_a_package_registry() -> None:
    assert not found(REGISTRY, list(written_files()))


@pytest.mark.parametrize(
    ("pattern", "line", "caught"),
    [
        (MACHINE, "cd /" + "work/main", True),
        (MACHINE, "open('/" + "tmp/x')", True),
        (MACHINE, "`/" + "tmp`", True),
        (MACHINE, "=/" + "root/.cache", True),
        (MACHINE, "docs/" + "work/plan.md", False),
        (MACHINE, "{base}/" + "work", False),
        (MACHINE, "tmp_path / 'x'", False),
        (REGISTRY, "https://py" + "pi.org/simple", True),
        (REGISTRY, "--index" + "-url x", True),
        (LATER, "# TO" + "DO: later", True),
        (LATER, "todo()", False),
    ],
)
def test_the_patterns_catch_what_they_should(pattern: re.Pattern[str], line: str, caught: bool) -> None:
    assert bool(pattern.search(line)) is caught
