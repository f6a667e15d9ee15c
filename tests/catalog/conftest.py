"""A transaction on an empty database with channels, types and categories."""

from collections.abc import AsyncIterator

import pytest
from tests.factories.shop import BAG_TYPE, CATEGORIES, EU, MUG_TYPE, US
from tests.fixtures import writing

from mercer.catalog.service import store_categories, store_product_types
from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.settings import Settings


@pytest.fixture
async def context(fresh: Settings) -> AsyncIterator[Context]:
    async with writing(fresh) as context:
        await store_channels(context, channels=[US, EU])
        await store_product_types(context, product_types=[MUG_TYPE, BAG_TYPE])
        await store_categories(context, categories=CATEGORIES)
        yield context
