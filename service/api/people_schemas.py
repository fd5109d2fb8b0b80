"""What the directory of people answers: numbers and units, nobody's name."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from service.api.schemas import RosterChangeReply, UnitReply, change_reply
from service.operations.directory import Outlook, Standing, Trouble
from service.operations.people_import import Imported
from service.survey.people import ODD_WORDS, Odd
from service.survey.people_csv import PeopleFile
from service.survey.people_mapping import mapping_document


def _odd_number(name: str) -> Any:
    return Field(0, description=f"{ODD_WORDS[name]}.")


class TroubleReply(BaseModel):
    """Why the roster stays as it was."""

    where: str
    why: str
    count: int = Field(description="How often; of very many the first hundred.")


class OddReply(BaseModel):
    """How often people did not fit the mapping."""

    without_unit: int = _odd_number("without_unit")
    in_several: int = _odd_number("in_several")
    spelled_differently: int = _odd_number("spelled_differently")
    led_by_inactive: int = _odd_number("led_by_inactive")
    unknown_managers: int = _odd_number("unknown_managers")
    circles: int = _odd_number("circles")
    nested_elsewhere: int = _odd_number("nested_elsewhere")


class DirectoryReply(BaseModel):
    """How the directory stands; `units`, `odd` and `trouble` as of when people were last counted."""

    mapping: dict[str, Any] = Field(description="As it is sent to PUT /v1/directory.")
    people: int
    active: int
    groups: int
    units: int
    due: bool = Field(description="Whether people changed since they were counted: the roster follows in a minute.")
    odd: OddReply
    trouble: list[TroubleReply]


class DirectoryChangeReply(BaseModel):
    """What people make of the roster; `roster` null where there is trouble or no mapping."""

    applied: bool
    roster: RosterChangeReply | None
    units: list[UnitReply] = Field(description="The tree that comes of it; empty where nothing changes it.")
    odd: OddReply
    trouble: list[TroubleReply]


class PeopleChangeReply(DirectoryChangeReply):
    come: int
    change: int
    leave: int
    stay: int
    taken: dict[str, str] = Field(description="From which column each field was taken.")
    dropped: list[str] = Field(description="Columns nothing was taken from.")


class ForgottenReply(BaseModel):
    people: int
    scrubbed: bool = Field(description="Whether the database's own log was cleared too; if not, see 'redwood scrub'.")


def directory_reply(standing: Standing) -> DirectoryReply:
    return DirectoryReply(
        mapping=mapping_document(standing.mapping),
        people=standing.people,
        active=standing.active,
        groups=standing.groups,
        units=standing.units,
        due=standing.due,
        odd=OddReply(**standing.odd),
        trouble=_trouble(standing.trouble),
    )


def directory_change_reply(found: Outlook, day: date, *, applied: bool) -> DirectoryChangeReply:
    return DirectoryChangeReply(**_outlook(found, day, applied))


def people_change_reply(done: Imported, file: PeopleFile, day: date, *, applied: bool) -> PeopleChangeReply:
    return PeopleChangeReply(
        come=done.come,
        change=done.change,
        leave=done.leave,
        stay=done.stay,
        taken=dict(file.taken),
        dropped=list(file.dropped),
        **_outlook(done.outlook, day, applied),
    )


def _outlook(found: Outlook, day: date, applied: bool) -> dict[str, Any]:
    tree = () if found.roster is None else found.roster.units
    units = [UnitReply(id=it.id, name=it.name, parent=it.parent, headcount=it.headcount, before=[]) for it in tree]
    roster = None if found.change is None else change_reply(found.change, day, len(units), applied=applied)
    odd, trouble = _odd(found.odd), _trouble(found.trouble)
    return {"applied": applied, "roster": roster, "units": units, "odd": odd, "trouble": trouble}


def _odd(odd: Odd) -> OddReply:
    return OddReply(**asdict(odd))


def _trouble(trouble: tuple[Trouble, ...]) -> list[TroubleReply]:
    return [TroubleReply(where=it.where, why=it.why, count=it.count) for it in trouble]
