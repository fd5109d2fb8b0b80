"""A hostile client: `python -m tests.fuzz.hostile --requests N --seed S` attacks a live server on both databases.

Of every reply it holds: no status from 500 on but a 503 that says when to come again; nothing that was sent is told
back, in no header either; no inside of the program shows; the connection does not hang. And of all of them together:
the server still answers, its log holds nothing that was sent, and no table has a row more or less.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.attacks import MARK, Attack, attacks
from tests.fuzz.serving import Target, served
from tests.postgres import PostgresServer

#: Seconds after which a connection counts as hanging.
_PATIENCE = 10.0


@dataclass
class Found:
    """What came back by status, and everything that broke a rule, with the attack that did it."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, attack: Attack, what: str, reply: bytes = b"") -> None:
        self.faults.append(f"{attack.name}: {what}\n  sent {attack.content[:400]!r}\n  got {reply[:400]!r}")


def attack_all(target: Target, seed: int, count: int) -> Found:
    found = Found()
    before = target.counts()
    for attack in attacks(seed, count, target):
        try:
            _judge(found, attack, _answered(target.port, attack))
        except TimeoutError:
            found.fault(attack, f"the connection hangs for {_PATIENCE:g} s")
    if not target.answers():
        found.faults.append("the server no longer answers")
    if target.counts() != before:
        found.faults.append(f"the database changed: {before} became {target.counts()}")
    log = target.log.read_text("utf-8", "replace")
    found.faults += [f"the log holds {word!r}" for word in (MARK, "Traceback", target.pulse) if word in log]
    return found


def _answered(port: int, attack: Attack) -> bytes:
    """Everything that comes back until the server closes. Raises TimeoutError."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as talking:
        try:
            if attack.ending == "slow":
                for at in range(0, len(attack.content), 40):
                    talking.sendall(attack.content[at : at + 40])
                    time.sleep(0.005)
            else:
                talking.sendall(attack.content)
            if attack.ending == "gone":
                return b""
            if attack.ending == "half":
                talking.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent
        return _rest(talking)


def _rest(talking: socket.socket) -> bytes:
    reply = b""
    deadline = time.monotonic() + _PATIENCE
    try:
        while piece := talking.recv(65_536):
            reply += piece
            if time.monotonic() > deadline:
                raise TimeoutError
    except ConnectionResetError:
        pass
    return reply


def _judge(found: Found, attack: Attack, reply: bytes) -> None:
    if not reply:
        found.statuses[0] += 1
        if attack.ending == "whole":
            found.fault(attack, "no answer")
        return
    status = int(reply[9:12]) if reply[:5] == b"HTTP/" and reply[9:12].isdigit() else -1
    found.statuses[status] += 1
    head = reply.partition(b"\r\n\r\n")[0].lower()
    if status == 503 and b"\r\nretry-after: " in head:
        return
    if not 200 <= status < 500:
        found.fault(attack, f"status {status}", reply)
    if attack.refused and 200 <= status < 300 and not attack.name.startswith("form /answer"):
        found.fault(attack, "was to be refused", reply)
    if MARK.encode() in reply:
        found.fault(attack, "tells back what was sent", reply[reply.index(MARK.encode()) - 150 :])
    if b"Traceback" in reply or b"site-packages" in reply or b"sqlalchemy" in reply:
        found.fault(attack, "shows the inside", reply)
    if b"\r\ndate:" in head or b"\r\nserver:" in head:
        found.fault(attack, "says when or what it is", reply)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    chosen = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        urls = {"sqlite": f"sqlite:///{folder / 'redwood.db'}", "postgresql": postgres.create_database()}
        failed = False
        for name, url in urls.items():
            (folder / name).mkdir()
            with served(url, folder / name) as target:
                begun = time.perf_counter()
                found = attack_all(target, chosen.seed, chosen.requests)
            took = time.perf_counter() - begun
            print(f"{name}: seed {chosen.seed}, {chosen.requests} requests in {took:.0f} s, {dict(found.statuses)}")
            print(*found.faults[:20], sep="\n")
            failed |= bool(found.faults)
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()
