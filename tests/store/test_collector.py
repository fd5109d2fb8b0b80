"""Group commit without a database: batches, twins, a full queue, a lost database."""

from __future__ import annotations

import asyncio

import pytest

from service.errors import Overloaded, Unavailable
from service.seal.batch import columns
from service.seal.close_key import OVERHEAD, Opener, Opening, Sealing
from service.store.batch import sealed_batch
from service.store.collector import Collector, Submission, row_keys


class Fake:
    """Commits like a database would: a token stands for the first receipt it was spent with."""

    def __init__(self) -> None:
        self.batches: list[list[Submission]] = []
        self.receipts: dict[bytes, bytes] = {}
        self.lost = False
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def commit(self, batch: list[Submission]) -> list[bool]:
        await self.may_go.wait()
        if self.lost:
            raise Unavailable("gone")
        self.batches.append(batch)
        return [self.receipts.setdefault(s.digest, s.receipt) == s.receipt for s in batch]

    async def close(self) -> None:
        pass


def submission(token: bytes, receipt: bytes = b"r") -> Submission:
    return Submission("p", token, receipt, b"\x01", b"", Sealing(b"close key", bytes(32)))


def test_submissions_that_arrive_together_share_a_commit() -> None:
    async def run() -> None:
        fake = Fake()
        collector = Collector(fake, limit=4_096)
        outcomes = await asyncio.gather(*(collector.submit(submission(b"%d" % i)) for i in range(100)))
        assert all(outcomes)
        assert len(fake.batches) <= 2
        assert sum(map(len, fake.batches)) == 100

    asyncio.run(run())


def test_one_token_twice_is_never_in_one_batch() -> None:
    async def run() -> None:
        fake = Fake()
        collector = Collector(fake, limit=4_096)
        twins = [submission(b"t", b"first"), submission(b"t", b"first"), submission(b"t", b"other")]
        outcomes = await asyncio.gather(*map(collector.submit, twins))
        assert outcomes == [True, True, False]
        assert [len(batch) for batch in fake.batches] == [1, 1, 1]

    asyncio.run(run())


def test_beyond_the_limit_nothing_is_taken() -> None:
    async def run() -> None:
        fake = Fake()
        fake.may_go.clear()
        collector = Collector(fake, limit=3)
        first = asyncio.create_task(collector.submit(submission(b"0")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(collector.submit(submission(b"%d" % i))) for i in range(1, 4)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await collector.submit(submission(b"9"))
        fake.may_go.set()
        assert await asyncio.gather(first, *waiting) == [True] * 4
        assert await collector.submit(submission(b"9"))

    asyncio.run(run())


def test_a_lost_database_is_told_to_everyone_and_the_next_batch_goes_on() -> None:
    async def run() -> None:
        fake = Fake()
        fake.lost = True
        collector = Collector(fake, limit=4_096)
        outcomes = await asyncio.gather(
            *(collector.submit(submission(b"%d" % i)) for i in range(5)), return_exceptions=True
        )
        assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
        fake.lost = False
        assert await collector.submit(submission(b"0"))

    asyncio.run(run())


def test_rows_get_random_keys() -> None:
    keys = row_keys(500) + row_keys(500)
    assert len(set(keys)) == 1000
    assert {len(key) for key in keys} == {16}
    assert keys != sorted(keys)


def test_closing_finishes_what_waits() -> None:
    async def run() -> None:
        fake = Fake()
        collector = Collector(fake, limit=4_096)
        waiting = asyncio.create_task(collector.submit(submission(b"t")))
        await asyncio.sleep(0)
        await collector.close()
        assert await waiting

    asyncio.run(run())


def test_a_batch_is_sealed_as_one_and_in_no_order_but_of_chance() -> None:
    key = Opener(bytes(96))
    sent = [
        Submission("p", b"%03d" % it, b"r", bytes([it]), b"\2", Sealing(key.public, bytes(32))) for it in range(200)
    ]
    # Every tenth does not stand: it is not among what is stored.
    units = {it.digest: 7 for it in sent if it.answers[0] % 10}
    orders = []
    for _ in range(2):
        id, sealed = sealed_batch("p", sent, units)
        assert len(sealed) == OVERHEAD + len(units) * (4 + 1 + 1)
        numbers, answers, bands = columns([Opening(key, bytes(32)).open("p", id, sealed)], 1, 1)
        assert (set(numbers.tolist()), set(bands[:, 0].tolist())) == ({7}, {2})
        orders.append(answers[:, 0].tolist())
    came = [it.answers[0] for it in sent if it.digest in units]
    assert sorted(orders[0]) == sorted(orders[1]) == came
    assert len({tuple(it) for it in (*orders, came, came[::-1])}) == 4
