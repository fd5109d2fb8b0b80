"""Who may know whom: the table as data, and a reader of source trees that yields every breach of it.

It reads imports, which are text; it runs nothing. What goes past imports (one module's names taken from another that
imported them) is caught by mypy, whose strict mode knows no implicit re-export.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """What a room may import: of ours, of others, and of others only inside a function or for types."""

    ours: str = ""
    theirs: str = ""
    late: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    where: str
    why: str


#: All that is known of the gate to its right: what it made, how that is written, and the numbers of its rules.
PUBLIC = "release.release release.codec release.policy"
#: Rows that no answer can be read from.
OPEN_STORE = "store.database store.access store.findings store.pulses store.replica store.results"

READ = "operations.access operations.asked operations.report operations.stored operations.trending operations.unbroken"

#: The most particular row holds. Names are within `service`; a row grants nothing that does not stand in it.
ROOMS = {
    "errors": Room(),
    "survey": Room("survey errors"),
    "survey.cadence": Room("errors", late="dateutil"),
    "tally": Room("tally survey", "numpy"),
    "release": Room("release survey tally", "numpy", "scipy"),
    "analytics": Room(f"analytics survey {PUBLIC}", "numpy", "scipy sklearn threadpoolctl"),
    "exports": Room(f"exports errors survey {PUBLIC} analytics", "numpy pydantic_core", "pyarrow"),
    "pages": Room(f"pages errors survey {PUBLIC} analytics exports.table", "jinja2", "segno"),
    # Pictures are drawn of what pages hand them, not the other way round.
    "pages.charts": Room("pages.charts pages.assets pages.bounds pages.heat analytics.clusters.plane"),
    "tokens": Room("tokens errors", "voprf"),
    "seal": Room("seal", "cryptography numpy"),
    "custody": Room("custody errors", "cryptography"),
    "demo": Room("demo errors survey", "numpy"),
    "store": Room(
        "store errors survey seal.batch seal.close_key.Sealing", "sqlalchemy asyncpg psycopg numpy", "alembic"
    ),
    "settings": Room("errors", "pydantic pydantic_settings"),
    "bootstrap": Room("settings store custody errors"),
    # What is read, is read from releases: an operation is of this kind unless a row of its own says otherwise.
    "operations": Room(f"{READ} errors survey {PUBLIC} analytics exports {OPEN_STORE}"),
    "operations.trending": Room(f"operations.stored operations.unbroken exports {PUBLIC}"),
    "operations.stored": Room("errors exports store.database store.findings store.replica", "numpy"),
    "operations.analyse": Room(
        f"operations.access operations.released errors {PUBLIC} exports store.database store.findings store.results"
    ),
    "operations.released": Room(
        "operations.access operations.asked operations.report exports store.database store.findings store.released"
    ),
    "operations.bi": Room(
        "operations.access operations.audit operations.released errors store.bi_roles store.database"
    ),
    "operations.access": Room("operations.audit errors store.access store.database tokens"),
    "operations.audit": Room("operations.access errors store.audit store.database"),
    "operations.keys": Room("custody errors release.policy seal.close_key store.database store.pulses tokens"),
    "operations.stir": Room("store.database store.stirring"),
    "operations.issue": Room("operations.keys custody errors survey store tokens"),
    "operations.instruments": Room("operations.access operations.audit errors survey store.database store.instruments"),
    "operations.prepare": Room(
        "operations.access operations.audit operations.hooks operations.instruments operations.keys custody errors "
        "survey release.bands release.policy store tokens"
    ),
    "operations.reorganise": Room(
        "operations.access operations.audit errors survey store.access store.database store.directory store.rosters"
    ),
    "operations.preview": Room(
        "operations.access operations.instruments errors survey release.policy release.preview store.database "
        "store.pulses store.rosters"
    ),
    "operations.questionnaire": Room(
        "operations.collect operations.promise errors survey release.policy store.database store.pulses "
        "tokens.unlinkable"
    ),
    "operations.promise": Room("release.policy"),
    "operations.exposure": Room(
        "operations.promise errors survey release.headcounts release.policy release.tree store.database "
        "store.invitations store.pulses tokens"
    ),
    "operations.collect": Room(
        "operations.keys custody errors survey seal.close_key.Sealing store.collector store.database store.invitations "
        "store.pulses "
        "store.rosters tokens"
    ),
    "operations.forecast": Room(f"{READ} errors survey {PUBLIC} analytics {OPEN_STORE} store.forecasts"),
    "operations.participation": Room(
        f"operations.access errors survey release.headcounts analytics.participation exports store.invitations "
        f"{OPEN_STORE} store.rosters",
    ),
    "operations.invited": Room("operations.access survey store.database store.invitations store.pulses store.rosters"),
    "operations.close": Room(
        "operations.access operations.audit operations.hooks operations.keys operations.unsealing custody errors "
        "survey tally release seal.close_key store",
        "numpy",
    ),
    "operations.publish": Room("operations.access operations.audit operations.hooks errors survey tally release store"),
    "operations.backup": Room("operations.access operations.audit custody errors store survey"),
    "operations.discard": Room(
        "operations.access operations.audit operations.keys operations.unsealing custody errors store survey"
    ),
    "operations.unsealing": Room(
        "errors seal store.database store.invitations store.responses store.rosters survey tally", "numpy"
    ),
    # People, for inviting them: nobody who reads or opens answers knows of them.
    "operations.directory": Room(
        "operations.access operations.audit operations.reorganise errors survey store.database store.access "
        "store.directory store.people store.groups store.rosters"
    ),
    "operations.people_import": Room(
        "operations.access operations.audit operations.directory errors survey store.database store.directory "
        "store.letters store.people store.rewriting store.scrub tokens.keys"
    ),
    "operations.people": Room(
        "operations.access operations.audit operations.directory errors survey store.database store.directory "
        "store.people store.groups tokens.keys"
    ),
    "operations.hooks": Room(
        "operations.access operations.audit custody errors store.access store.database store.hooks store.pulses "
        "tokens.keys"
    ),
    "operations.letters": Room(
        "operations.access operations.audit operations.directory operations.prepare operations.hooks custody errors "
        "seal.letter survey store.database store.hooks store.letters store.pulses tokens.keys"
    ),
    # Neither knows anything of a network: what sends is handed in.
    "operations.delivering": Room("custody errors seal.letter store.database store.hooks"),
    "operations.mailing": Room(
        "custody errors seal.letter store.access store.database store.letters store.pulses survey"
    ),
    "operations.schedules": Room(
        "operations.access operations.audit operations.instruments operations.prepare errors survey store.access "
        "store.database store.pulses store.schedules tokens.keys"
    ),
    "operations.rounds": Room(
        "operations.access operations.audit operations.close operations.discard operations.letters operations.prepare "
        "operations.schedules custody errors survey store.access store.database store.invitations store.schedules "
        "store.scrub"
    ),
    "operations.readiness": Room("errors store.database store.migrate store.writing"),
    "operations.doctor": Room(
        "operations.access operations.hooks operations.keys operations.schedules custody errors store.bi_roles "
        "store.condition store.database store.migrate"
    ),
    "operations.standbys": Room("operations.doctor errors store.database store.standbys"),
    "operations.demonstrate": Room("operations custody errors survey demo store.database", "numpy"),
    "scim": Room("scim operations.people errors", "pydantic scim2_server scim2_models"),
    "signin": Room("signin errors", "", "joserfc httpx"),
    "operations.admission": Room(
        "operations.access operations.audit operations.prepare signin.roles errors store.access store.database "
        "tokens.keys"
    ),
    "inviting": Room("inviting", "standardwebhooks"),
    "telemetry": Room("telemetry errors", "", "prometheus_client opentelemetry"),
    "spark": Room("spark errors seal tally", "", "py4j pyarrow pyspark"),
    "api": Room(
        "api operations exports pages survey errors settings bootstrap scim signin telemetry inviting",
        "anyio fastapi starlette pydantic",
        "scim2_server",
    ),
    "commands": Room(
        "commands operations inviting custody.custody exports survey errors settings bootstrap telemetry",
        "typer rich",
        "uvicorn httpx",
    ),
    "cli": Room("commands errors", "typer"),
}

#: One module, one import, one reason. A test asks that each is still needed.
EXCEPTIONS = {
    ("api.keyring", "store.database"): "holds the database to hand it to an operation; asks it nothing",
    ("api.signing", "store.database"): "holds the database to hand it to an operation; asks it nothing",
    ("commands.looking", "api.signing"): "looks at the settings as serving will",
    ("api.auditing", "store.database"): "holds the database to hand it to an operation; asks it nothing",
    ("api.auditing", "tokens.token"): "blots out of an address what looks like an invitation",
    ("api.routes.pages.answer", "tokens.token"): "reads from a token's own text which pulse it is for",
    ("commands.closing", "spark"): "hands the count to whom the command names; no operation knows of Spark",
    ("commands.console", "store.database"): "opens what the settings name; a Runtime would start a collector",
    ("commands.demo", "store.migrate"): "the demo makes its database",
    ("commands.schedules", "api.inviting"): "asks whether letters can be sent, as serving will",
    ("commands.serving", "api.signing"): "looks at the settings before it serves",
    ("commands.serving", "api.app"): "serving is what this command does",
    ("commands.serving", "store.migrate"): "`migrate` brings the tables, of which no operation knows",
}

#: Ours that belong inside a function, each for a reason of weight.
LATE = {
    ("commands.closing", "spark"): "brings Spark's client, which no other command uses",
    ("operations.analyse", "exports.analysis"): "brings all of analytics, which a process that only answers never uses",
    ("api.routes.scim", "scim"): "brings SCIM's library, which a process that no directory speaks to never uses",
}

#: A pure room gets time, chance and the world as arguments.
PURE = {"errors", "survey", "tally", "release", "analytics", "exports", "pages", "demo"}
WORLD = {"asyncio", "http", "logging", "multiprocessing", "os", "random", "secrets"}
WORLD |= {"socket", "sqlite3", "subprocess", "threading", "time"}
CLOCK = {"now", "today", "utcnow"}
DYNAMIC = {"__import__", "exec", "eval", "compile", "globals", "__builtins__"}
DYNAMIC_MODULES = {"importlib", "builtins", "runpy", "pkgutil", "imp"}
#: What answers with confidential figures, or opens what is sealed, and who may call it.
CONFIDENTIAL = {
    "read_sealed": {"operations.unsealing"},
    "unsealed": {"operations.close", "operations.unsealing"},
    "require_whole": {"operations.discard", "operations.unsealing"},
    "opener": {"operations.close", "operations.discard", "operations.keys"},
    "sealed_content": {"operations.publish"},
}


def breaches(service: Path) -> Iterator[Breach]:
    """Every breach in a tree whose root is the package `service`, in the order of files and lines."""
    for file in sorted(service.rglob("*.py")):
        parts = file.relative_to(service).with_suffix("").parts
        tree = ast.parse(file.read_text("utf-8"))
        module = ".".join(part for part in parts if part != "__init__")
        for line, why in sorted(_breaches_in(module, tree)):
            yield Breach(f"{file.relative_to(service).as_posix()}:{line}", why)


def _breaches_in(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    room = _room(module)
    if room is None:
        if module:
            yield 1, f"{module} has no row in the table"
        room = Room()
    for node, when in _imports(tree):
        for name in _names(node):
            why = _judged(module, room, name, when)
            if why:
                yield node.lineno, why
    yield from _told_by_names(module, tree)


def _room(module: str) -> Room | None:
    parts = module.split(".")
    rows = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((ROOMS[row] for row in rows if row in ROOMS), None)


def _imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Each import, and whether it stands at the top of its module, is there for types only, or is hidden."""
    typing = {id(inner) for node in tree.body if _is_for_types(node) for inner in getattr(node, "body", [])}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, "top" if node in tree.body else "types" if id(node) in typing else "hidden"


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """What is imported, in full; a relative import keeps its dots."""
    if isinstance(node, ast.ImportFrom):
        return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    # `import service.x` binds the root, from which everything that is loaded can be reached.
    return ["service" if alias.name.startswith("service.") and not alias.asname else alias.name for alias in node.names]


def _judged(module: str, room: Room, name: str, when: str) -> str | None:
    root = name.partition(".")[0]
    if name.startswith("."):
        return "a relative import"
    if root == "service":
        return _judged_ours(module, room, name.removeprefix("service").lstrip("."), when)
    if root in DYNAMIC_MODULES and not name.startswith(("importlib.resources", "importlib.metadata")):
        return f"{root} imports what no reader can see"
    if name == "sys.modules":
        return "sys.modules goes around the table"
    if root in sys.stdlib_module_names:
        if module.partition(".")[0] in PURE and root in WORLD:
            return f"a pure room reaches for the world: {root}"
        return f"a hidden import of {root}" if when == "hidden" else None
    return _judged_theirs(room, root, when)


def _judged_ours(module: str, room: Room, name: str, when: str) -> str | None:
    granted = [*room.ours.split(), *(what for who, what in EXCEPTIONS if who == module)]
    if not any(name == one or name.startswith(f"{one}.") for one in granted):
        return f"may not import {name or 'the whole house'}"
    late = any(module == who and (name == what or name.startswith(f"{what}.")) for who, what in LATE)
    if late:
        return None if when == "hidden" else f"{name} belongs inside a function"
    return f"a hidden import of {name}" if when == "hidden" else None


def _judged_theirs(room: Room, root: str, when: str) -> str | None:
    early, late = root in room.theirs.split(), root in room.late.split()
    if not early and not late:
        return f"may not import {root}"
    if when == "top" and late:
        return f"{root} belongs inside a function"
    return f"a hidden import of {root}" if when == "hidden" and early else None


def _told_by_names(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Breaches that are no imports: code made of text, a clock in a pure room, a Release made elsewhere."""
    package = module.partition(".")[0]
    said = {id(inner) for node in ast.walk(tree) for note in _annotations(node) for inner in ast.walk(note)}
    for node in ast.walk(tree):
        name = next((getattr(node, key) for key in ("attr", "id", "name") if hasattr(node, key)), None)
        if name in DYNAMIC and isinstance(node, ast.Name):
            yield node.lineno, f"{name} runs what no reader can see"
        if name == "modules" and ast.unparse(node) == "sys.modules":
            yield node.lineno, "sys.modules goes around the table"
        if name in CLOCK and package in PURE and isinstance(node, ast.Attribute):
            yield node.lineno, f"a pure room reads the clock: {name}"
        if package != "store" and name in CONFIDENTIAL and module not in CONFIDENTIAL[name]:
            yield node.lineno, f"{name} is confidential"
        if package != "release" and _makes_a_release(node, said):
            yield node.lineno, "only release makes a Release"


def _makes_a_release(node: ast.AST, said: set[int]) -> bool:
    """Outside an annotation the class itself is only good for making one; a second name for it hides that."""
    if isinstance(node, ast.alias):
        return node.name == "Release" and node.asname is not None
    by_name = isinstance(node, ast.Name) and node.id == "Release"
    by_attribute = isinstance(node, ast.Attribute) and node.attr == "Release"
    return (by_name or by_attribute) and id(node) not in said


def _annotations(node: ast.AST) -> list[ast.expr]:
    found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [note for note in found if isinstance(note, ast.expr)]
