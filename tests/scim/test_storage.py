"""The library's own contract for a storage, in full, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract
from scim2_server.utils import load_default_provider

from service.operations.access import Principal, create_organisation
from service.operations.people import changing_people
from service.scim.storage import PeopleStorage
from service.store.database import Database


@pytest.fixture(scope="module")
def database(kept_database_url: str) -> Iterator[Database]:
    database = Database(kept_database_url)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def default_provider() -> ScimProvider:
    return load_default_provider()


class TestPeopleStorage(ScimStorageContract):
    """With the default provider: the storage keeps whatever its model holds; to narrow that is the service's."""

    @pytest.fixture
    def provider(self, default_provider: ScimProvider) -> ScimProvider:
        return default_provider

    @pytest.fixture
    def storage(self, database: Database, provider: ScimProvider) -> Iterator[PeopleStorage]:
        """Of an organisation of its own, so that every test finds nothing there."""
        principal = Principal("a key", create_organisation(database, uuid4().hex), frozenset({"scim"}))
        with changing_people(database, principal) as people:
            yield PeopleStorage(lambda: people, provider.model_for)
