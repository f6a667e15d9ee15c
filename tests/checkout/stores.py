"""A store of each test's own: a copy of one that is filled once for each worker."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
from tests import servers
from tests.callers import test_settings
from tests.checkout.purchases import Store, a_store, fill_store
from tests.fixtures import writing

from mercer.platform.settings import Settings

_NUMBERS = count()
_RACING = 12


@pytest.fixture(scope="session")
async def store_name(database_url: str, valkey_url: str, worker_id: str) -> str:
    """A database with the store, to be copied."""
    name = f"store_{worker_id}"
    async with writing(test_settings(servers.copy_database(database_url, name), valkey_url)) as context:
        await fill_store(context)
    return name


@pytest.fixture
def store_settings(store_name: str, database_url: str, valkey_url: str) -> Settings:
    """Settings of an application on a copy of the store, of the test's own."""
    url = servers.copy_database(database_url, f"{store_name}_{next(_NUMBERS)}", template=store_name)
    changes: dict[str, Any] = {"mutations_per_minute": 1_000_000, "carts_per_minute": 1_000_000}
    return test_settings(url, valkey_url, **changes)


@pytest.fixture
async def store(store_settings: Settings) -> AsyncIterator[Store]:
    async with a_store(store_settings) as store:
        yield store


@pytest.fixture
async def rush(store_settings: Settings) -> AsyncIterator[Store]:
    """The store as in production, with many connections."""
    changes = {"write_connections": _RACING, "read_connections": _RACING, "verify_reads": False}
    async with a_store(store_settings.model_copy(update=changes)) as store:
        yield store
