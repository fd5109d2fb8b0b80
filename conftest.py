"""Fixtures that every test may ask for, and when garbage is looked for."""

import gc
from collections.abc import Iterator

import pytest

pytest_plugins = ("tests.postgres", "tests.doors")

# What is loaded stays to the end: looking through all of it for garbage, again and again, takes a tenth of the time.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def custody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Keys of pulses that tests open lie in a folder of their own, for services in processes of their own too."""
    with pytest.MonkeyPatch.context() as environment:
        folder = str(tmp_path_factory.mktemp("custody"))
        environment.setenv("REDWOOD_CUSTODY", f"file:{folder}")
        yield folder
