from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.callers import calling
from tests.factories.shop import EU, US
from tests.fixtures import writing
from tests.identity.people import acting

from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.settings import Settings


@pytest.fixture
async def shop_settings(fresh: Settings) -> Settings:
    """Settings of an application on a shop of its own that has channels, and nothing else."""
    async with writing(fresh) as context:
        await store_channels(context, channels=[US, EU])
    return fresh


@pytest.fixture
async def context(shop_settings: Settings) -> AsyncIterator[Context]:
    """The program itself, outside of any transaction."""
    async with acting(shop_settings) as context:
        yield context


@pytest.fixture
async def own_http(shop_settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application on the same shop."""
    async with calling(shop_settings) as http:
        yield http
