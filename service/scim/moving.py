"""Members who come and go by name: what directories send most of groups, done without looking at everybody in one."""

from __future__ import annotations

import re
from typing import Any

from scim2_models import PatchOp

#: Who comes and who goes, by id.
Move = tuple[list[str], list[str]]

_ONE = re.compile(r'members\[value eq "([^"\\]+)"\]', re.IGNORECASE)


def moves_of(patch: PatchOp[Any]) -> list[Move] | None:
    """What a PATCH does, in its order; None where it does anything else as well."""
    moves = [_move(it.op.value, str(it.path or ""), it.value) for it in patch.operations or ()]
    known = [it for it in moves if it is not None]
    return known if len(known) == len(moves) else None


def _move(op: str, path: str, value: Any) -> Move | None:
    one = _ONE.fullmatch(path)
    if op == "remove" and one is not None and value is None:
        return [], [one[1]]
    ids = _ids(value) if path.lower() == "members" else None
    if ids is None or op not in {"add", "remove"}:
        return None
    return (ids, []) if op == "add" else ([], ids)


def _ids(value: Any) -> list[str] | None:
    entries = value if isinstance(value, list) else [value]
    ids = [it.get("value") if isinstance(it, dict) else None for it in entries]
    return [id for id in ids if isinstance(id, str)] if all(isinstance(id, str) for id in ids) else None
