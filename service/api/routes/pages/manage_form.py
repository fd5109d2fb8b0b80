"""How a manager's forms arrive: fields, and files beside them, up to what the settings let a request hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from service.api.parts import TheParts
from service.errors import Fault, InvalidQuery, TooLarge
from service.pages.form import Fields

_MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Sent:
    """Fields in order, and by their fields' names the files that hold something."""

    fields: Fields
    files: dict[str, bytes] = field(default_factory=dict)


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
