"""SCIM's resources kept as people and groups: what the library asks for, in terms of the operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from service.errors import NotFound
from service.operations.people import Group, People, Person, Sought
from service.scim.forms import group_document, person_document, said_of_group, said_of_person, version_of
from service.scim.moving import Move
from service.scim.seeking import sought, storable

_PERSON = "User"


class PeopleStorage(ScimStorage):
    """`people` is asked when something is to be read or written: a transaction need not begin before.

    `model_of` gives the model of a type as the service describes it.
    """

    def __init__(self, people: Callable[[], People], model_of: Callable[[ResourceType], Any]) -> None:
        self._opened, self._model_of = people, model_of

    @property
    def _people(self) -> People:
        return self._opened()

    @contextmanager
    def operation(self) -> Iterator[None]:
        with self._people.step():
            yield

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return self._resource(resource_type, self._row(resource_type, resource_id), _with_members(response_parameters))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002  # of pages by cursor, which are not offered
    ) -> SearchPage:
        if search_request.filter is None and search_request.sort_by is None:
            return self._listed(resource_types, search_request)
        return self._chosen(resource_types, search_request)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        document = resource.model_dump()
        if resource_type.name != _PERSON:
            return self._resource(resource_type, self._people.add_group(said_of_group(document)))
        return self._resource(resource_type, _free(self._people.add_person(said_of_person(document))))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        before = self._row(resource_type, str(resource.id), expected_version)
        document = resource.model_dump()
        if isinstance(before, Group):
            return self._resource(resource_type, self._people.change_group(before, said_of_group(document)))
        return self._resource(resource_type, _free(self._people.change_person(before, said_of_person(document))))

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        row = self._row(resource_type, resource_id, expected_version)
        if isinstance(row, Group):
            self._people.remove_group(row.id)
        else:
            self._people.remove_person(row.id)

    def brief(self, resource_type: ResourceType, resource_id: str) -> Resource[Any]:
        """A group without its members, who may be very many."""
        return self._resource(resource_type, self._row(resource_type, resource_id), with_members=False)

    def move(self, resource_type: ResourceType, resource_id: str, moves: Iterable[Move]) -> Resource[Any]:
        """A group after some came and some went, without its members."""
        row = self._row(resource_type, resource_id)
        assert isinstance(row, Group)
        for coming, going in moves:
            row = self._people.change_members(row, coming, going)
        return self._resource(resource_type, row, with_members=False)

    def _row(self, type: ResourceType, id: str, version: str | None = None) -> Person | Group:
        if not storable(id):
            raise NotFoundException
        try:
            row = self._people.person(id) if type.name == _PERSON else self._people.group(id)
        except NotFound as error:
            raise NotFoundException from error
        if version not in {None, version_of(row)}:
            raise PreconditionFailedException
        return row

    def _resource(self, type: ResourceType, row: Person | Group, with_members: bool = True) -> Resource[Any]:
        if isinstance(row, Group):
            document = group_document(row, self._people.members(row.id) if with_members else None)
        else:
            document = person_document(row)
        resource: Resource[Any] = self._model_of(type).model_validate(document)
        return resource

    def _rows(
        self, type: ResourceType, known: Sought, start: int = 0, count: int | None = None
    ) -> Iterator[Person] | Iterator[Group]:
        if type.name == _PERSON:
            return self._people.people(known, start, count)
        return self._people.groups(known, start, count)

    def _number(self, type: ResourceType) -> int:
        return (
            self._people.number_of_people(Sought()) if type.name == _PERSON else self._people.number_of_groups(Sought())
        )

    def _listed(self, types: list[ResourceType], request: SearchRequest[Any]) -> SearchPage:
        """A page of everything: only it is read."""
        numbers = [self._number(type) for type in types]
        start, left, found = request.start_index_0 or 0, request.count, list[Resource[Any]]()
        for type, number in zip(types, numbers, strict=True):
            if left is None or left > 0:
                rows: list[Person | Group] = [*self._rows(type, Sought(), start, left)]
                found += [self._resource(type, row, _with_members(request)) for row in rows]
                left = None if left is None else left - len(rows)
            start = max(0, start - number)
        return SearchPage(sum(numbers), found)

    def _chosen(self, types: list[ResourceType], request: SearchRequest[Any]) -> SearchPage:
        """Every candidate is looked at and let go of: what is remembered is by what it is sorted, and its id."""
        chosen = [place for type in types for place in self._places(type, request)]
        if request.sort_by is not None:
            descending = request.sort_order == SearchRequest.SortOrder.descending
            chosen.sort(key=lambda it: it[0], reverse=descending)
        page = chosen[request.start_index_0 : request.stop_index_0]
        return SearchPage(len(chosen), [self.get(type, id, response_parameters=request) for _, type, id in page])

    def _places(
        self, type: ResourceType, request: SearchRequest[Any]
    ) -> Iterator[tuple[tuple[bool, Any], ResourceType, str]]:
        """By what each is sorted (who has nothing of it comes last), its type and its id."""
        known = sought(request.filter, type.name or "")
        if known is None:
            return
        asked = request.filter is not None and "members" in str(request.filter).lower()
        for row in self._rows(type, known):
            resource = self._resource(type, row, asked)
            if request.filter is None or request.filter.match(resource):
                value = request.sort_value(resource)
                yield (value is None, "" if value is None else value), type, row.id


def _free(row: Person | None) -> Person:
    if row is None:
        raise UniquenessException
    return row


def _with_members(parameters: ResponseParameters[Any] | None) -> bool:
    """Whether a reply that is cut down so may hold members: of large groups they are most of the work."""
    if parameters is None:
        return True
    if parameters.attributes:
        return any("members" in str(path).lower() for path in parameters.attributes)
    return not any(str(path).lower().endswith("members") for path in parameters.excluded_attributes or ())
