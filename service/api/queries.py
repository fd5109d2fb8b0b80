"""What readers may ask for: each parameter of a query described once."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query, Request
from fastapi.dependencies.models import Dependant

from service.errors import Fault, InvalidQuery
from service.operations.asked import Lineage

AnyPulse = Annotated[str | None, Query(description="One released pulse; all of them when left out.")]
OnePulse = Annotated[str | None, Query(description="One released pulse; the last to close when left out.")]
Unit = Annotated[str | None, Query(description="One unit.")]
Block = Annotated[str | None, Query(description="One block or lens.")]
By = Annotated[
    str | None, Query(description="A band, or two with a comma between: its values in place of whole units.")
]
Since = Annotated[date | None, Query(alias="from", description="First closing day.")]
Until = Annotated[date | None, Query(alias="to", description="Last closing day.")]
Viewed = Annotated[
    Lineage,
    Query(
        alias="lineage",
        description="then: units as they were in each pulse. now: those renamed or merged since, followed back.",
    ),
]


def only_declared(request: Request) -> None:
    """A parameter that is misspelt, or that this table does not have, is told: everything in place of what was asked
    for reads like an answer. Names are not repeated, they may hold what somebody sent."""
    declared = _declared(request.scope["route"].dependant)
    if not declared.issuperset(request.query_params):
        known = ", ".join(sorted(declared))
        raise InvalidQuery([Fault("query", f"has a parameter this does not know; it knows {known}")])


def _declared(dependant: Dependant) -> set[str]:
    """The names that a route and what it depends on read from the query."""
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_declared, dependant.dependencies))
