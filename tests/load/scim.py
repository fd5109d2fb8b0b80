"""How fast people come in through /scim/v2: by /Bulk, one by one, and into a large group. On both databases.

python -m tests.load.scim [people]
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from service.api.app import create_app
from service.bootstrap import runtime
from service.operations import access
from service.settings import Settings
from service.store.database import Database
from service.store.migrate import upgrade
from tests.access.calling import call
from tests.doors import AtOnce
from tests.postgres import PostgresServer
from tests.scim.speaking import GROUP, patch, person

BATCH = 1_000
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def document(number: int) -> dict[str, Any]:
    name = f"person.{number}@works.example"
    work = {"organization": "Works", "division": f"D{number % 9}", "department": f"T{number % 400}"}
    more = {"name": {"givenName": "Given", "familyName": f"Family {number}"}, "displayName": f"Given Family {number}"}
    mail = [{"value": name, "type": "work", "primary": True}]
    return person(name, externalId=f"e{number}", emails=mail, **more, **{_ENTERPRISE: work})


async def measured(url: str, people: int) -> None:
    parts = runtime(Settings(database_url=url))
    organisation = access.create_organisation(parts.database, "Load Works")
    secret = access.create_key(parts.database, organisation, ["scim"], None, "load")
    app = create_app(parts, AtOnce(parts.database))
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/scim+json"}

    async def say(method: str, path: str, body: Any = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        reply = await call(app, method, f"/scim/v2{path}", headers, sent)
        assert reply.status < 300, reply
        return json.loads(reply.body) if reply.body else None

    await say("GET", "/ServiceProviderConfig")
    ids: list[str] = []
    begun, worked = time.perf_counter(), time.process_time()
    for start in range(0, people, BATCH):
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": str(it), "data": document(it)}
            for it in range(start, start + BATCH)
        ]
        reply = await say("POST", "/Bulk", {"Operations": operations})
        assert all(it["status"] == "201" for it in reply["Operations"]), reply["Operations"][0]
        ids += [it["location"].rpartition("/")[2] for it in reply["Operations"]]
    took(f"{people} people by /Bulk", people, begun, worked)

    begun, worked = time.perf_counter(), time.process_time()
    for number in range(200):
        await say("POST", "/Users", document(people + number))
    took("200 people one by one", 200, begun, worked)

    begun, worked = time.perf_counter(), time.process_time()
    for number in range(100):
        found = await say("GET", f"/Users?filter=userName+eq+%22person.{number}%40works.example%22")
        assert found["totalResults"] == 1
    took("100 found by user name", 100, begun, worked)

    group = (await say("POST", "/Groups", {"schemas": [GROUP], "displayName": "All"}))["id"]
    begun, worked = time.perf_counter(), time.process_time()
    for start in range(0, len(ids), 100):
        members = [{"value": id} for id in ids[start : start + 100]]
        await say("PATCH", f"/Groups/{group}", patch({"op": "Add", "path": "members", "value": members}))
    took(f"{len(ids)} members, 100 at a time", len(ids), begun, worked)

    begun, worked = time.perf_counter(), time.process_time()
    await say("GET", "/Users?sortBy=name.familyName&count=100")
    took("a sorted page of everybody", 1, begun, worked)
    print(f"  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
    await parts.close()


def took(what: str, count: int, begun: float, worked: float) -> None:
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    print(f"  {what}: {count / seconds:.0f} a second ({count / cpu:.0f} a second of this process's CPU)", flush=True)


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer()
        for kind, url in (
            ("SQLite", f"sqlite:///{Path(folder) / 'load.db'}"),
            ("PostgreSQL", server.create_database()),
        ):
            upgrade(Database(url))
            print(kind)
            asyncio.run(measured(url, people))
        server.stop()


if __name__ == "__main__":
    main()
