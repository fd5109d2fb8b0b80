"""`/v1/hooks`: whom to tell of a pulse's steps, and what became of telling them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.access import Manager
from service.api.documented import guarded
from service.api.hook_schemas import (
    DeliveriesReply,
    HookBody,
    HooksReply,
    NewHookReply,
    SecretReply,
    TestReply,
    delivery_reply,
    hook_reply,
    new_hook_reply,
)
from service.api.key_first import KeyFirst
from service.api.parts import TheParts
from service.inviting.address import wrong_with
from service.operations import hooks

router = APIRouter(prefix="/v1/hooks", tags=["manage"], responses=guarded(404, 409), route_class=KeyFirst)


@router.post("", status_code=201, summary="Have a system told of every pulse's steps", responses=guarded(409))
def add_hook(principal: Manager, parts: TheParts, body: HookBody) -> NewHookReply:
    """Signed as Standard Webhooks lays down, sent again for about three days until it is answered with a 2xx."""
    runtime = parts.runtime
    private = runtime.settings.private_hooks
    it, secret = hooks.add_hook(
        runtime.database,
        runtime.custody,
        principal,
        body.url,
        body.events,
        lambda url: wrong_with(url, private=private),
    )
    return new_hook_reply(it, secret)


@router.get("", summary="Every webhook; secrets are not shown", responses=guarded())
def list_hooks(principal: Manager, parts: TheParts) -> HooksReply:
    return HooksReply(data=[hook_reply(it) for it in hooks.list_hooks(parts.runtime.database, principal)])


@router.delete("/{hook}", status_code=204, response_class=Response, summary="Tell it nothing any more")
def remove_hook(principal: Manager, parts: TheParts, hook: str) -> Response:
    hooks.remove_hook(parts.runtime.database, parts.runtime.custody, principal, hook)
    return Response(status_code=204)


@router.post("/{hook}/rotate", summary="Another secret in place of a webhook's, at once")
def rotate_hook(principal: Manager, parts: TheParts, hook: str) -> SecretReply:
    return SecretReply(
        id=hook, secret=hooks.rotate_hook(parts.runtime.database, parts.runtime.custody, principal, hook)
    )


@router.post("/{hook}/test", status_code=201, summary="Send hook.test, which says nothing else")
def test_hook(principal: Manager, parts: TheParts, hook: str) -> TestReply:
    return TestReply(delivery=hooks.test_hook(parts.runtime.database, principal, hook))


@router.get("/{hook}/deliveries", summary="What it was and is still to be told, without what was said")
def list_deliveries(principal: Manager, parts: TheParts, hook: str) -> DeliveriesReply:
    found = hooks.deliveries(parts.runtime.database, principal, hook)
    return DeliveriesReply(data=[delivery_reply(it) for it in found])
