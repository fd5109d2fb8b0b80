"""People and groups as a directory hands them over: one transaction a request, recorded without a name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from service.errors import NotFound
from service.operations import audit
from service.operations.access import Principal
from service.store import directory, groups, people
from service.store.database import Connection, Database
from service.store.groups import GroupRow
from service.store.people import Known, PersonRow
from service.tokens.keys import new_id

#: As they are handed over to whoever speaks for the directory.
Person = PersonRow
Group = GroupRow
Sought = Known

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class SaidOfPerson:
    """What a directory says of a person; `document` is whatever else of its JSON is kept."""

    user_name: str
    external_id: str | None
    active: bool
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SaidOfGroup:
    name: str
    external_id: str | None
    document: dict[str, Any]
    members: frozenset[str]


class People:
    """An organisation's people and groups in one transaction; `people_changed` and `groups_changed` count changes."""

    def __init__(self, tx: Connection, organisation: str, *, writing: bool) -> None:
        self._tx, self._organisation, self._writing = tx, organisation, writing
        self.people_changed = self.groups_changed = 0

    def step(self) -> AbstractContextManager[object]:
        """Around one of several things to be done: undone alone where it fails."""
        return self._undoing() if self._writing else nullcontext()

    @contextmanager
    def _undoing(self) -> Iterator[None]:
        before = self.people_changed, self.groups_changed
        try:
            with self._tx.begin_nested():
                yield
        except BaseException:
            self.people_changed, self.groups_changed = before
            raise

    def person(self, id: str) -> PersonRow:
        """Raises NotFound."""
        return _found(people.person_of(self._tx, self._organisation, id), "person")

    def people(self, sought: Known, start: int = 0, count: int | None = None) -> Iterator[PersonRow]:
        return people.people(self._tx, self._organisation, sought, start, count)

    def number_of_people(self, sought: Known) -> int:
        return people.number_of_people(self._tx, self._organisation, sought)

    def add_person(self, said: SaidOfPerson) -> PersonRow | None:
        """None where somebody has that user name already, however it is written."""
        now = int(time.time())
        row = PersonRow(new_id(), said.user_name, said.external_id, said.active, said.document, 1, now, now)
        if not people.add_person(self._tx, self._organisation, row):
            return None
        self.people_changed += 1
        return row

    def add_people(self, said: Sequence[SaidOfPerson]) -> list[PersonRow | None]:
        """The same for many at once; where two of them have one user name, the first has it."""
        now = int(time.time())
        rows = [PersonRow(new_id(), it.user_name, it.external_id, it.active, it.document, 1, now, now) for it in said]
        added = people.add_people(self._tx, self._organisation, rows)
        self.people_changed += len(added)
        return [row if row.id in added else None for row in rows]

    def change_person(self, before: PersonRow, said: SaidOfPerson) -> PersonRow | None:
        """None where the user name is somebody else's."""
        row = PersonRow(
            before.id,
            said.user_name,
            said.external_id,
            said.active,
            said.document,
            before.version + 1,
            before.created_at,
            int(time.time()),
        )
        if not people.change_person(self._tx, self._organisation, row, before.version):
            return None
        self.people_changed += 1
        return row

    def remove_person(self, id: str) -> None:
        people.remove_person(self._tx, self._organisation, id)
        self.people_changed += 1

    def group(self, id: str) -> GroupRow:
        """Raises NotFound."""
        return _found(groups.group_of(self._tx, self._organisation, id), "group")

    def groups(self, sought: Known, start: int = 0, count: int | None = None) -> Iterator[GroupRow]:
        return groups.groups(self._tx, self._organisation, sought, start, count)

    def number_of_groups(self, sought: Known) -> int:
        return groups.number_of_groups(self._tx, self._organisation, sought)

    def members(self, group: str) -> list[tuple[str, bool]]:
        """Their ids, and whether each is a group."""
        return groups.members(self._tx, self._organisation, group)

    def add_group(self, said: SaidOfGroup) -> GroupRow:
        """Members that are nobody known here are left out."""
        now = int(time.time())
        row = GroupRow(new_id(), said.name, said.external_id, said.document, 1, now, now)
        groups.add_group(self._tx, self._organisation, row)
        groups.add_members(self._tx, self._organisation, row.id, self._known(said.members))
        self.groups_changed += 1
        return row

    def change_group(self, before: GroupRow, said: SaidOfGroup) -> GroupRow:
        """Members that are nobody known here are left out."""
        version, now = before.version + 1, int(time.time())
        row = GroupRow(before.id, said.name, said.external_id, said.document, version, before.created_at, now)
        groups.change_group(self._tx, self._organisation, row, before.version)
        present = {id for id, _ in self.members(row.id)}
        groups.remove_members(self._tx, self._organisation, row.id, present - said.members)
        groups.add_members(self._tx, self._organisation, row.id, self._known(said.members - present))
        self.groups_changed += 1
        return row

    def change_members(self, before: GroupRow, coming: Iterable[str], going: Iterable[str]) -> GroupRow:
        """Some come and some go; nobody else of the group is looked at, which may have very many."""
        leaving = set(going)
        present = groups.present_members(self._tx, self._organisation, before.id, {*coming, *leaving})
        arriving = self._known(set(coming) - present)
        if not arriving and not present & leaving:
            return before
        row = replace(before, version=before.version + 1, changed_at=int(time.time()))
        groups.change_group(self._tx, self._organisation, row, before.version)
        groups.remove_members(self._tx, self._organisation, row.id, present & leaving)
        groups.add_members(self._tx, self._organisation, row.id, arriving)
        self.groups_changed += 1
        return row

    def remove_group(self, id: str) -> None:
        groups.remove_group(self._tx, self._organisation, id)
        self.groups_changed += 1

    def _known(self, ids: Iterable[str]) -> set[str]:
        return groups.known_members(self._tx, self._organisation, ids)


@contextmanager
def reading_people(database: Database, principal: Principal) -> Iterator[People]:
    """Raises NotAllowed without the scope `scim` or with a key that is bound to a unit."""
    principal.require("scim", whole=True)
    with database.read() as tx:
        yield People(tx, principal.organisation, writing=False)


@contextmanager
def changing_people(database: Database, principal: Principal) -> Iterator[People]:
    """What is done inside is done as a whole; who else changes people waits. Raises NotAllowed as reading does."""
    principal.require("scim", whole=True)
    with database.begin() as tx:
        directory.touch(tx, principal.organisation, 0)
        work = People(tx, principal.organisation, writing=True)
        yield work
        changes = work.people_changed + work.groups_changed
        if changes:
            directory.touch(tx, principal.organisation, changes)
            audit.record(tx, principal, "people changed", _told(work.people_changed, work.groups_changed))


def _found(row: _Row | None, what: str) -> _Row:
    if row is None:
        raise NotFound(what)
    return row


def _told(people: int, groups: int) -> str:
    """How many, and never who."""
    said = [f"{people} {'person' if people == 1 else 'people'}"] if people else []
    return ", ".join(said + ([f"{groups} {'group' if groups == 1 else 'groups'}"] if groups else []))
