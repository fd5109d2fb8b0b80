"""How a manager's forms arrive, fields and files beside them, and that what they would do is looked at first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from service.api.parts import TheParts
from service.api.problems import STATUS
from service.api.routes.pages.replies import page
from service.errors import Conflict, Fault, InvalidQuery, TooLarge
from service.pages.form import Fields
from service.pages.manage.form import Form

_MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Sent:
    """Fields in order, and by their fields' names the files that hold something."""

    fields: Fields
    files: dict[str, bytes] = field(default_factory=dict)


def file_text(sent: Sent, form: Form) -> str | None:
    """What the file of the field `file` says, with plain ends of lines; None without one, and where it is no text,
    which is then a fault."""
    if "file" not in sent.files:
        return None
    try:
        return sent.files["file"].decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        form.fault("file", "is not UTF-8 text: save it from the spreadsheet as 'CSV UTF-8'")
        return None


class DryRun(Protocol):
    """What a form would do; `seen` stands for exactly this, and it may be nothing."""

    @property
    def seen(self) -> str: ...
    @property
    def is_none(self) -> bool: ...


def dry_run(form: Form, action: str, found: DryRun, content: Callable[[bool], str]) -> Response | None:
    """The page to look at first, None where it is to be applied and is what was seen.

    `content` is told whether another was looked at before.
    """
    overtaken = action == "apply" and form.text("seen") != found.seen and not found.is_none
    if action == "check" or overtaken:
        return page(content(overtaken), STATUS[Conflict][0] if overtaken else 200)
    return None


async def _sent(request: Request, parts: TheParts) -> Sent:
    largest = parts.runtime.settings.body_limit
    try:
        async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=largest) as form:
            entries = form.multi_items()
            files = {name: await it.read() for name, it in entries if isinstance(it, UploadFile)}
    except HTTPException as error:
        if error.status_code == 413:
            raise TooLarge from error
        raise InvalidQuery([Fault("form", "is not the form of this page")]) from None
    fields = [(name, value) for name, value in entries if isinstance(value, str)]
    return Sent(fields, {name: content for name, content in files.items() if content})


#: The fields and files of a posted form. Raises TooLarge, and InvalidQuery for a body that is no form.
TheSent = Annotated[Sent, Depends(_sent)]
