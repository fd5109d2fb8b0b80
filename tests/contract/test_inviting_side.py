"""People are on the inviting side: nothing that takes, opens, counts, publishes or tells of answers reaches them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.inviting_tables import metadata

SERVICE = Path(__file__).parents[2] / "service"
#: What knows people, and their tables.
KNOWING = {"store.people", "store.groups", "store.directory", "store.letters", "store.rewriting"}
PEOPLE = {"person", "person_group", "membership", "directory", "mailing", "mailing_round"}
ANSWERS = {"invitation", "redemption", "response", "sealed", "release", "forecast"}
#: What reads, opens, counts or publishes answers, or takes them.
_ANSWERING = """
tally release analytics seal spark exports
api.door api.routes.responding api.routes.findings api.routes.reading
operations.collect operations.issue operations.exposure operations.questionnaire
operations.close operations.unsealing operations.publish operations.discard operations.stir operations.keys
operations.asked operations.report operations.stored operations.unbroken operations.trending operations.analyse
operations.forecast operations.participation operations.preview operations.prepare
store.responses store.results store.room store.batch store.collector store.findings store.released
"""
#: Where tables are defined.
TABLES = {"service.store.tables", "service.store.inviting_tables"}
#: Moves and empties whole tables by their names, and knows none of them.
WHOLESALE = {"store.tables", "store.inviting_tables", "store.snapshot", "store.copying", "store.migrate"}
#: One module, one table of people, one reason.
EXCEPTIONS = {
    ("store.responses", "mailing"): "a close destroys the letters with the invitations, by the pulse's id",
    ("store.responses", "mailing_round"): "and who was to be reminded",
}


def modules(root: Path) -> dict[str, ast.Module]:
    found = {}
    for file in root.rglob("*.py"):
        parts = [part for part in file.relative_to(root).with_suffix("").parts if part != "__init__"]
        found[".".join(parts)] = ast.parse(file.read_text("utf-8"))
    return found


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Modules of ours, wherever the import stands."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.startswith("service.") and name.removeprefix("service.") in known:
                yield name.removeprefix("service.")


def reached(start: str, trees: dict[str, ast.Module]) -> dict[str, str]:
    """Everything that is imported by and by, each with who imported it first."""
    found, ahead = {start: ""}, [start]
    while ahead:
        here = ahead.pop()
        for name in imported(trees[here], trees.keys() - {""}):
            if name not in found:
                found[name] = here
                ahead.append(name)
    return found


TREES = modules(SERVICE)


@pytest.mark.parametrize("room", _ANSWERING.split())
def test_nothing_that_answers_reaches_people(room: str) -> None:
    rooms = [name for name in TREES if name == room or name.startswith(f"{room}.")]
    assert rooms
    for name in rooms:
        found = reached(name, TREES)
        assert {knowing: found[knowing] for knowing in KNOWING & found.keys()} == {}


def test_a_way_to_people_is_found_however_long(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "operations").mkdir()
    (tmp_path / "store" / "people.py").write_text("")
    (tmp_path / "operations" / "between.py").write_text("def late():\n    from service.store import people\n")
    (tmp_path / "operations" / "close.py").write_text("from service.operations.between import late\n")
    assert reached("operations.close", modules(tmp_path))["store.people"] == "operations.between"


def test_no_table_of_people_and_none_of_answers_refer_to_each_other() -> None:
    for table in metadata.tables.values():
        others = {key.column.table.name for key in table.foreign_keys}
        assert not (table.name in PEOPLE and others & ANSWERS)
        assert not (table.name in ANSWERS and others & PEOPLE)
        shared = {column.name for column in table.columns} & {"person_id", "user_name", "member_id", "address", "email"}
        assert table.name in PEOPLE or not shared


def tables_of(tree: ast.Module) -> set[str]:
    """The tables a module of the store names: by import, or in the text of a statement."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in TABLES:
            named |= {alias.name for alias in node.names}
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.search(r"\b(FROM|INTO|UPDATE|JOIN|TABLE|COPY)\b", text):
            named |= set(re.findall(r"[a-z_]+", text))
    return named & metadata.tables.keys()


def joining(trees: dict[str, ast.Module]) -> list[str]:
    excepted = {name: {table for module, table in EXCEPTIONS if module == name} for name in trees}
    store = {name: tables_of(tree) - excepted[name] for name, tree in trees.items() if name.startswith("store.")}
    return [name for name, its in store.items() if its & PEOPLE and its & ANSWERS and name not in WHOLESALE]


def test_no_module_that_speaks_sql_names_people_and_answers() -> None:
    assert joining(TREES) == []
    assert {"store.people", "store.directory"} <= {name for name, tree in TREES.items() if tables_of(tree) & PEOPLE}


@pytest.mark.parametrize(
    "planted",
    [
        "from service.store.inviting_tables import person\nfrom service.store.tables import response",
        'QUERY = "SELECT * FROM invitation, person"',
    ],
)
def test_a_module_that_names_both_is_found(planted: str) -> None:
    assert joining({"store.planted": ast.parse(planted)}) == ["store.planted"]
