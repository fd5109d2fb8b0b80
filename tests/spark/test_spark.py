"""Spark's count of sealed batches, against the built-in one: the same to the last bit, and refused alike."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete

from service import cli
from service.commands import closing
from service.errors import Altered, NotFound, Unavailable
from service.operations import access
from service.operations.close import close_pulse
from service.operations.unsealing import in_memory
from service.seal.batch import packed
from service.seal.close_key import SECRET, Opener, Opening, Sealing
from service.spark import counting, exchange, session
from service.spark.counting import SparkCounting
from service.spark.exchange import Batch
from service.spark.session import application
from service.store import pulses, tables
from service.tally.partial import Asked
from service.tally.tally import Tally, tally
from tests.faults.world import answer, begun, counted, rows_in
from tests.tally.rows import rows

if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not installed here", allow_module_level=True)
pytest.importorskip("pyspark")

# Spark's client leaves its sockets to the interpreter.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RESPONSE = tables.response
DAY = date(2026, 3, 16)
PULSE, POINTS, SCORED, VALUES = "p" * 16, (5, 4, 3, 5), (True, True, False, True), (3, 2)
#: Unit number 3 stands at no place; the unit at place 4 is in no atom.
PLACES, ATOM_OF = np.array([5, 0, 2, -1, 1, 4, 3]), np.array([0, 0, 2, 2, -1, 5])
UNITS = np.array([0, 1, 2, 4, 5, 6])
PEOPLE, BATCH = 3_000, 7


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCounting]:
    """Counting in files so small that a pulse has many."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with application("local[2]") as context:
            yield SparkCounting(context, tmp_path_factory.mktemp("exchange"), size=60_000)


@pytest.fixture
def sealing() -> tuple[Sealing, Opening]:
    key, seed = Opener(os.urandom(SECRET)), os.urandom(32)
    return Sealing(key.public, seed), Opening(key, seed)


def asked(bands: int = 2) -> Asked:
    return Asked(POINTS, SCORED, VALUES[:bands], PLACES, ATOM_OF)


def batches(sealing: Sealing, missing: float, bands: int = 2) -> list[Batch]:
    """Some of few people and some of many, in the order of their ids."""
    chance = np.random.default_rng(1)
    answers = chance.integers(1, POINTS, (PEOPLE, 4), np.uint8, endpoint=True)
    answers[chance.random(answers.shape) < missing] = 0
    stated = chance.integers(0, VALUES, (PEOPLE, 2), np.uint8, endpoint=True)[:, :bands]
    units = chance.choice(UNITS, PEOPLE).tolist()
    people = [(u, s.tobytes(), a.tobytes()) for u, s, a in zip(units, stated, answers, strict=True)]
    shares = [people[start : start + BATCH] for start in range(0, PEOPLE, BATCH)]
    return sorted(sealing.seal(PULSE, packed(share, [os.urandom(4) for _ in share])) for share in shares)


def alike(one: Tally, other: Tally) -> None:
    for name in ("unit", "bands", "n"):
        assert np.array_equal(getattr(one.cells, name), getattr(other.cells, name))
    assert one.histograms.dtype == other.histograms.dtype
    assert np.array_equal(one.histograms, other.histograms)
    assert one.within.tobytes() == other.within.tobytes()
    assert (one.pooled_n, one.pooled_atoms) == (other.pooled_n, other.pooled_atoms)


@pytest.mark.parametrize(("missing", "bands"), [(0.0, 0), (0.3, 2)])
def test_it_comes_to_what_the_built_in_count_does(
    spark: SparkCounting, sealing: tuple[Sealing, Opening], missing: float, bands: int
) -> None:
    sealed, it = batches(sealing[0], missing, bands), asked(bands)
    assert len(list(exchange.cut(sealed, spark.size))) > 4
    expected = tally(in_memory(sealing[1], PULSE, iter(sealed), it), it, 50)
    found = tally(spark(sealing[1], PULSE, iter(sealed), it), it, 50)
    alike(found, expected)
    assert found.pooled_n > 2_000
    table = rows(PULSE, expected)
    assert np.array_equal(rows(PULSE, found), table)
    assert table["count"].sum() == sum(expected.histograms.sum(axis=(0, 2)))
    assert exchange.left(spark.exchange) == []


def test_a_small_pulse_is_counted_here_and_written_nowhere(
    spark: SparkCounting, sealing: tuple[Sealing, Opening], tmp_path: Path
) -> None:
    sealed, it = batches(sealing[0], 0.0), asked()
    here = replace(spark, size=10**9, exchange=tmp_path / "not made")
    alike(
        tally(here(sealing[1], PULSE, iter(sealed), it), it, 50),
        tally(in_memory(sealing[1], PULSE, iter(sealed), it), it, 50),
    )
    assert not here.exchange.exists()


def test_nobody_answered(spark: SparkCounting, sealing: tuple[Sealing, Opening]) -> None:
    it = asked()
    alike(
        tally(spark(sealing[1], PULSE, iter([]), it), it, 50), tally(in_memory(sealing[1], PULSE, iter([]), it), it, 50)
    )


def cut(folder: Path) -> None:
    file = min(folder.iterdir())
    file.write_bytes(file.read_bytes()[:-1])


def one_missing(folder: Path) -> None:
    shutil.copy(max(folder.iterdir()), min(folder.iterdir()))


def flipped(folder: Path) -> None:
    file = max(folder.iterdir())
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("deed", [cut, one_missing, flipped], ids=lambda deed: deed.__name__)
def test_what_is_not_what_was_exported_is_refused(
    spark: SparkCounting,
    sealing: tuple[Sealing, Opening],
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[Path], None],
) -> None:
    run = SparkCounting._run

    def meddled(self: SparkCounting, *it: Any) -> list[bytes | None]:
        deed(spark.exchange / f"redwood-export-{PULSE}")
        return run(self, *it)

    monkeypatch.setattr(SparkCounting, "_run", meddled)
    with pytest.raises(ValueError, match="not what was exported"):
        spark(sealing[1], PULSE, iter(batches(sealing[0], 0.0)), asked())
    assert exchange.left(spark.exchange) == []


def test_another_key_opens_nothing(spark: SparkCounting, sealing: tuple[Sealing, Opening]) -> None:
    sealed = batches(sealing[0], 0.0)
    for wrong in (Opening(Opener(os.urandom(SECRET)), sealing[1].seed), Opening(sealing[1].key, os.urandom(32))):
        with pytest.raises(ValueError, match="not to be opened"):
            spark(wrong, PULSE, iter(sealed), asked())


def test_a_worker_that_fails_is_said_and_leaves_nothing(
    spark: SparkCounting, sealing: tuple[Sealing, Opening], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SparkCounting._run

    def gone(self: SparkCounting, *it: Any) -> list[bytes | None]:
        shutil.rmtree(spark.exchange / f"redwood-export-{PULSE}")
        return run(self, *it)

    monkeypatch.setattr(SparkCounting, "_run", gone)
    with pytest.raises(Unavailable, match="nothing was changed"):
        spark(sealing[1], PULSE, iter(batches(sealing[0], 0.0)), asked())
    assert exchange.left(spark.exchange) == []


def test_what_a_kill_left_is_replaced(spark: SparkCounting, sealing: tuple[Sealing, Opening]) -> None:
    left = spark.exchange / f"redwood-export-{PULSE}"
    left.mkdir()
    (left / "00000.parquet").write_bytes(b"half a file")
    (left / "99999.parquet").write_bytes(b"of a greater pulse")
    sealed, it = batches(sealing[0], 0.0), asked()
    alike(
        tally(spark(sealing[1], PULSE, iter(sealed), it), it, 50),
        tally(in_memory(sealing[1], PULSE, iter(sealed), it), it, 50),
    )
    assert exchange.left(spark.exchange) == []


def test_neither_an_answer_nor_a_key_is_ever_on_a_disk(
    spark: SparkCounting, sealing: tuple[Sealing, Opening], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for in the exchange and in Spark's folder when a pulse was counted, and in what a task tells of itself."""
    sealed, key, seen = batches(sealing[0], 0.0), sealing[1].key.secret, hashlib.sha256()
    content = sealing[1].open(PULSE, *sealed[0])
    collect = SparkCounting._run

    def looked(self: SparkCounting, task: Any, parts: Any) -> list[bytes | None]:
        found = collect(self, task, parts)
        assert key.hex() not in repr(task)
        assert repr(key) not in repr(task)
        for folder in (self.exchange, Path(self.context._temp_dir).parent):
            for file in folder.rglob("*"):
                if file.is_file():
                    seen.update(text := file.read_bytes())
                    assert not any(it in text for it in (content, key, key[:32], task.seed))
        assert all(content not in sums for sums in found if sums)
        return found

    monkeypatch.setattr(SparkCounting, "_run", looked)
    spark(sealing[1], PULSE, iter(sealed), asked())
    assert seen.digest() != hashlib.sha256().digest()


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_pulse_closes_by_it_or_stays_open(doors: Any, spark: SparkCounting, spoilt: bool) -> None:
    pulse, tokens = begun(doors, 8)
    assert [answer(doors, pulse, token, 4) for token in tokens[:6]] == [204] * 6
    if spoilt:
        with doors.parts.database.begin() as tx:
            one = tx.execute(RESPONSE.select().where(RESPONSE.c.pulse_id == pulse)).first()
            tx.execute(delete(RESPONSE).where(RESPONSE.c.id == one.id))
    was = rows_in(doors.parts.database)

    def close() -> None:
        operator = access.operator(doors.organisation)
        close_pulse(doors.parts.database, doors.parts.custody, operator, pulse, DAY, replace(spark, size=2_000))

    if spoilt:
        with pytest.raises(Altered):
            close()
        assert rows_in(doors.parts.database) == was
    else:
        close()
        doors.ok("POST", f"/v1/pulses/{pulse}/release")
        assert counted(doors, pulse) == (6, 24)
    assert exchange.left(spark.exchange) == []


Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def redwood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, spark: SparkCounting
) -> Command:
    """The command with this module's application, of which a process can have one only: its exit code and document."""
    monkeypatch.setenv("REDWOOD_DATABASE_URL", database_url)
    monkeypatch.setattr(counting, "SparkCounting", partial(SparkCounting, size=2_000))
    monkeypatch.setattr(session, "application", lambda _: nullcontext(spark.context))

    def run(*words: str) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["redwood", *words, "--exchange", str(spark.exchange), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(said) if said else None

    return run


def test_pulses_of_several_organisations_close_in_one_application(doors: Any, redwood: Command) -> None:
    whose = access.create_organisation(doors.parts.database, "Other Works")
    key = access.create_key(doors.parts.database, whose, ["manage"], None, "test")
    other = replace(doors, organisation=whose, manager={"Authorization": f"Bearer {key}"})
    opened = [(it, *begun(it, 8)) for it in (doors, other, other)]
    for number, (it, pulse, tokens) in enumerate(opened):
        assert [answer(it, pulse, token, 3 + number) for token in tokens[:6]] == [204] * 6
    (_, first, _), (_, spoilt, _), (_, last, _) = opened
    with doors.parts.database.begin() as tx:
        tx.execute(delete(RESPONSE).where(RESPONSE.c.pulse_id == spoilt))
    code, said = redwood("close-many", first, spoilt, "nosuchpulse", last, "--spark", "local[2]")
    assert code == 1
    assert [it.get("state", it.get("problem", "").partition(":")[0]) for it in said["pulses"]] == [
        "closed",
        Altered.title,
        NotFound.title,
        "closed",
    ]
    assert [other.ok("GET", f"/v1/pulses/{pulse}")["state"] for pulse in (spoilt, last)] == ["open", "closed"]
    doors.ok("POST", f"/v1/pulses/{first}/release")
    assert counted(doors, first) == (6, 18)


def test_one_pulse_closes_by_the_command(doors: Any, redwood: Command) -> None:
    pulse, tokens = begun(doors, 8)
    assert [answer(doors, pulse, token, 4) for token in tokens[:6]] == [204] * 6
    assert redwood("pulse", "close", pulse, "--spark", "local[2]")[1]["state"] == "closed"
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (6, 24)


def test_what_a_kill_left_is_scrubbed_but_not_while_somebody_counts(
    doors: Any, redwood: Command, spark: SparkCounting, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse, _ = begun(doors, 8)
    for left in (pulse, "another databases"):
        (spark.exchange / f"redwood-export-{left}").mkdir()
    if not doors.parts.database.is_sqlite:
        with doors.parts.database.begin() as tx:
            pulses.locked(tx, pulse, doors.organisation)
            closing.clear_exchange(spark.exchange)
            assert pulse in exchange.left(spark.exchange)
    code, said = redwood("scrub")
    assert (code, said["exports_left"]) == (1, ["another databases"])
    assert exchange.left(spark.exchange) == ["another databases"]
    (spark.exchange / "redwood-export-another databases").rmdir()
    assert redwood("scrub")[0] == 0


def test_spark_wants_to_know_where(redwood: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["redwood", "pulse", "close", "any", "--spark", "local[2]"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
