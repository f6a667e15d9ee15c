"""The small API on a database of the test's own."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.platform.graphql.mutations.small_api import Small, prepare, small_shop
from tests.platform.graphql.mutations.small_mutations import Outside

from mercer.platform.settings import Settings


@pytest.fixture
async def prepared(fresh: Settings) -> Settings:
    """Settings of the small API, with its table."""
    Outside.calls.clear()
    settings = fresh.model_copy(update={"write_connections": 8})
    await prepare(settings)
    return settings


@pytest.fixture
async def http(prepared: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with small_shop(prepared) as client:
        yield client


@pytest.fixture
async def small(http: httpx2.AsyncClient, prepared: Settings) -> AsyncIterator[Small]:
    """Asks the small API, and looks into its database."""
    async with Small.of(http, prepared) as asking:
        yield asking
