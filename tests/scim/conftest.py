"""One service for all tests of a module, and in it an organisation for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from service.operations import access
from tests.doors import Doors, standing


@pytest.fixture(scope="module")
def house(kept_database_url: str) -> Iterator[Doors]:
    with standing(kept_database_url) as doors:
        yield doors


@pytest.fixture
def doors(house: Doors) -> Doors:
    organisation = access.create_organisation(house.parts.database, uuid4().hex)
    own = replace(house, organisation=organisation)
    return replace(own, manager=own.key("manage", "results", "analytics", "collect", "scim"))
