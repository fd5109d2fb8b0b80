"""Whether the time of a refusal tells why: `python -m tests.load.oracles --rounds N`, on both databases over HTTP.

Nothing decides by it: times of single requests move with whatever else a machine does. Kinds of tokens take turns,
and of each pair the medians and the rank test's p-value are printed (Mann-Whitney; small where one is slower).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import secrets
import socket
import statistics
import string
import tempfile
import time
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

import httpx
from scipy.stats import mannwhitneyu

from service.tokens.unlinkable import OUTPUT, Unlinkable, read, written
from tests.fuzz.serving import ITEMS, Target, served
from tests.load.client import post
from tests.postgres import PostgresServer

RIGHT, OTHER = dict.fromkeys(ITEMS, 3), dict.fromkeys(ITEMS, 4)


def bodies(target: Target, client: httpx.Client) -> dict[str, tuple[str, list[dict[str, object]]]]:
    """By kind of token the path and some bodies to send there; spends what is to be spent first."""
    path = f"/v1/pulses/{target.pulse}/responses"
    plain, own = target.invitations[0], target.unlinkable[0]
    for token in (plain, own):
        client.post(path, json={"token": token, "answers": RIGHT}).raise_for_status()
    closed = _closed(client)
    unknown = [f"{target.pulse}.{_letters(43)}" for _ in range(50)]

    def sent(tokens: list[str], answers: dict[str, int] = RIGHT) -> list[dict[str, object]]:
        return [{"token": token, "answers": answers} for token in tokens]

    return {
        "unknown": (path, sent(unknown)),
        "spent, other answers": (path, sent([plain], OTHER)),
        "spent, same answers": (path, sent([plain])),
        "exchanged": (path, sent([target.exchanged])),
        "other pulse's": (path, sent([f"{'a' * 16}.{_letters(43)}" for _ in range(50)])),
        "closed pulse": (f"/v1/pulses/{closed}/responses", sent([f"{closed}.{_letters(43)}" for _ in range(50)])),
        "unlinkable, forged": (path, sent([forged(own) for _ in range(50)])),
        "unlinkable, spent, other answers": (path, sent([own], OTHER)),
        "unlinkable, spent, same answers": (path, sent([own])),
    }


def forged(token: str) -> str:
    """Of the same pulse and unit, with a nonce and an output nobody made."""
    known = read(token)
    assert known is not None
    return written(Unlinkable(known.pulse, known.unit, secrets.token_bytes(32), secrets.token_bytes(OUTPUT)))


def _letters(count: int) -> str:
    return "".join(random.choices(string.ascii_letters + string.digits, k=count))


def _closed(client: httpx.Client) -> str:
    pulse: str = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": ITEMS}).json()["id"]
    for step in ("invitations", "open", "close"):
        client.post(f"/v1/pulses/{pulse}/{step}").raise_for_status()
    return pulse


def measure(target: Target, rounds: int) -> dict[str, list[float]]:
    """Seconds of each request by kind, in turns of their own random order, over one connection."""
    key = {"Authorization": f"Bearer {target.keys['manage']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{target.port}", headers=key, timeout=60) as client:
        kinds = {
            name: (path, [json.dumps(it).encode() for it in its])
            for name, (path, its) in bodies(target, client).items()
        }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    with socket.create_connection(("127.0.0.1", target.port)) as talking:
        for turn in range(rounds + 20):
            for name in random.sample(list(kinds), len(kinds)):
                path, its = kinds[name]
                request = post(path, its[turn % len(its)])
                begun = time.perf_counter()
                talking.sendall(request)
                _whole(talking)
                if turn >= 20:
                    times[name].append(time.perf_counter() - begun)
    return times


def _whole(talking: socket.socket) -> None:
    """Read one reply to its end: it may come in several pieces."""
    reply = talking.recv(65_536)
    while True:
        head, end, body = reply.partition(b"\r\n\r\n")
        said = re.search(rb"content-length: (\d+)", head)
        if end and len(body) >= (int(said[1]) if said else 0):
            return
        reply += talking.recv(65_536)


def report(name: str, times: dict[str, list[float]]) -> None:
    print(f"\n{name}: medians in ms of {len(next(iter(times.values())))} requests each")
    for kind, its in times.items():
        low, middle, high = statistics.quantiles(its, n=4)
        print(f"  {kind:<36}{1000 * middle:>8.3f}   half between {1000 * low:.3f} and {1000 * high:.3f}")
    print("  pairs whose times differ, by the rank test (p < 0.01), and how often the second takes longer:")
    for this, that in combinations(times, 2):
        test = mannwhitneyu(times[this], times[that])
        if test.pvalue < 0.01:
            share = 1 - test.statistic / (len(times[this]) * len(times[that]))
            print(f"  {this} / {that}: p {test.pvalue:.2g}, {100 * share:.0f} %")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=1_000)
    chosen = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        urls = {"SQLite": f"sqlite:///{folder / 'redwood.db'}", "PostgreSQL": postgres.create_database()}
        for name, url in urls.items():
            (folder / name).mkdir()
            with served(url, folder / name) as target:
                report(name, measure(target, chosen.rounds))


if __name__ == "__main__":
    main()
