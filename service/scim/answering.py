"""A request of SCIM and its answer: what directories really send is understood, and what they sent is not repeated."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    BulkOperation,
    BulkRequest,
    Context,
    Error,
    InvalidFilterException,
    InvalidValueException,
    PatchOp,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    UniquenessException,
)
from scim2_server.conditions import Conditions
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService, scim_exception_of

from service.operations.people import People, SaidOfPerson
from service.scim import quirks
from service.scim.declared import provider
from service.scim.many import alike, made, plain_people
from service.scim.moving import moves_of
from service.scim.storage import PeopleStorage

#: Characters of any text that is kept.
LONGEST = 500
#: Characters of a filter: what reads filters takes longer than they are long.
LONGEST_FILTER = 2_000
#: What is said of an error, by its type or status: what was sent is never repeated.
_SAID = {
    "invalidFilter": "The filter is not one of SCIM, or asks for an attribute that is not kept here: see /Schemas.",
    "invalidPath": "A path is not one of SCIM, or leads to an attribute that is not kept here: see /Schemas.",
    "invalidSyntax": "The body is not the JSON that this request needs.",
    "invalidValue": "A required value is missing, or a value does not fit its attribute: see /Schemas.",
    "mutability": "What cannot be changed would be, or what is required would be taken away.",
    "noTarget": "The path leads to nothing that is there.",
    "tooMany": "There are too many results: ask more narrowly.",
    "uniqueness": "Somebody has this user name already.",
    "403": "This cannot be asked for here.",
    "404": "There is nothing here.",
    "405": "Nothing of the kind can be done here.",
    "409": "The state of things forbids this.",
    "412": "It was changed meanwhile: read it again.",
    "413": "The request is too large, or has too many operations: see /ServiceProviderConfig.",
    "415": "The body must be application/scim+json.",
    "500": "Something went wrong on this side.",
    "501": "This is not offered here.",
}


class Speaking(ScimService):
    """The protocol, with the ways of Entra ID and Okta understood."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(provider(most_bytes))

    def read_body(self, model: Any, body: bytes, content_type: str | None, scim_ctx: Context) -> Any:
        document = self.decode_body(body, content_type)
        _require_bounded(document)
        if issubclass(model, PatchOp):
            meant = quirks.patch_as_meant(document)
        else:
            meant = (quirks.bulk_as_meant if issubclass(model, BulkRequest) else quirks.resource_as_meant)(document)
        try:
            return model.model_validate(meant, scim_ctx=scim_ctx)
        except ValidationError as error:
            raise scim_exception_of(error) from error

    def read_plain(self, request: ScimRequest) -> list[tuple[str, SaidOfPerson]] | None:
        """Whom a bulk request makes, where it does nothing else and says each of them plainly."""
        document = self.decode_body(request.body, request.header("Content-Type"))
        _require_bounded(document)
        return plain_people(document)

    def read_search(self, resource_types: list[ResourceType], payload: Any) -> Any:
        if isinstance(payload, dict):
            payload = {name: _filter(value) if alike(name) == "filter" else value for name, value in payload.items()}
        return super().read_search(resource_types, payload)

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """A person is told as it is then, which Okta asks for; of a group nothing, for it may be large."""
        said = super().patch_response(base_url, resource, response_parameters)
        if said.body is not None or self.get_resource_type_of(resource).name != "User":
            return said
        published = self.publish(base_url, resource)
        return self.resource_response(published, Context.RESOURCE_REPLACEMENT_RESPONSE, response_parameters)

    @staticmethod
    def error_of(exception: Exception) -> Error:
        return _without_what_was_sent(ScimService.error_of(exception))

    @staticmethod
    def bulk_validation_failure(
        operation: BulkOperation[Resource[Any]], outcome: dict[str, Any]
    ) -> dict[str, Any] | None:
        failure = ScimService.bulk_validation_failure(operation, outcome)
        if failure is not None:
            failure["response"] = _without_what_was_sent(failure["response"])
        return failure


class Handling(ScimHandler):
    """Members who come and go are moved alone, where nothing of the group is asked for in the answer."""

    storage: PeopleStorage

    def __init__(self, service: ScimService, storage: PeopleStorage, request: ScimRequest) -> None:
        super().__init__(service, storage)
        self._tells = bool({"attributes", "excludedAttributes"} & set(request.query))

    def patch_resource(
        self, resource_type: ResourceType, resource_id: str, patch_op: PatchOp[Any], conditions: Conditions
    ) -> Resource[Any]:
        moves = None if self._tells or resource_type.name != "Group" else moves_of(patch_op)
        if moves is None:
            return super().patch_resource(resource_type, resource_id, patch_op, conditions)
        group = self.storage.brief(resource_type, resource_id)
        self.service.check_preconditions(group, "PATCH", conditions)
        return self.storage.move(resource_type, resource_id, moves)


@cache
def speaking(most_bytes: int) -> Speaking:
    return Speaking(most_bytes)


def answer(
    opening: Callable[[], AbstractContextManager[People]], request: ScimRequest, most_bytes: int
) -> ScimResponse:
    """One transaction, begun when the first is read or written of it, and kept before the answer goes out.

    Raises what the database does when it cannot be asked.
    """
    service = speaking(most_bytes)
    try:
        if (request.method, request.path) == ("POST", "/Bulk"):
            wanted = service.read_plain(request)
            if wanted is not None:
                taken = service.error_of(UniquenessException()).model_dump()
                return ScimResponse(HTTPStatus.OK, made(opening, wanted, request.base_url, taken))
        with ExitStack() as opened:
            people = cache(lambda: opened.enter_context(opening()))
            return Handling(service, PeopleStorage(people, service.get_model), request).handle(request)
    except SCIMException as error:
        return service.error_response(error)


def _require_bounded(value: Any) -> None:
    """Raises InvalidValueException for a text that is too long to keep, or that no database can."""
    if isinstance(value, str) and (len(value) > LONGEST or "\0" in value):
        raise InvalidValueException
    # The keys too: in a PATCH one may be a path.
    inside = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in inside:
        _require_bounded(inner)


def _filter(value: Any) -> Any:
    """What it means. Raises InvalidFilterException, without having read it, for one that is too long."""
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_FILTER:
        raise InvalidFilterException
    return quirks.filter_as_meant(value)


def _without_what_was_sent(error: Error) -> Error:
    said = _SAID.get(error.scim_type or "") or _SAID.get(str(error.status))
    return error.model_copy(update={"detail": said})
