"""A catalogue of a test's own: channels, types and categories, or the small shop's products too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from tests import servers
from tests.callers import test_settings
from tests.factories.shop import BAG_TYPE, CATEGORIES, EU, MUG_TYPE, NOW, PRODUCTS, US
from tests.fixtures import writing

from mercer.catalog.service import store_categories, store_product_types, store_products
from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings

_NUMBERS = count()


@asynccontextmanager
async def _writing_catalogue(settings: Settings) -> AsyncIterator[Context]:
    async with writing(settings) as context:
        await store_channels(context, channels=[US, EU])
        await store_product_types(context, product_types=[MUG_TYPE, BAG_TYPE])
        await store_categories(context, categories=CATEGORIES)
        yield context


@pytest.fixture
async def context(fresh: Settings) -> AsyncIterator[Context]:
    """A transaction on an empty database with channels, types and categories."""
    async with _writing_catalogue(fresh) as context:
        yield context


@pytest.fixture(scope="session")
async def catalogue_name(database_url: str, valkey_url: str, worker_id: str) -> str:
    """The name of a database with the small shop's catalogue, to be copied."""
    name = f"catalogue_{worker_id}"
    settings = test_settings(servers.copy_database(database_url, name), valkey_url)
    async with _writing_catalogue(settings) as context:
        assert (await store_products(context, products=PRODUCTS)).rejected == ()
    return name


@pytest.fixture
def catalogue_settings(catalogue_name: str, database_url: str, valkey_url: str) -> Settings:
    """Settings of an application on a copy, of the test's own, of the small shop's catalogue."""
    name = f"{catalogue_name}_{next(_NUMBERS)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(catalogue_name))
        )
    url = sa.make_url(database_url).set(database=name).render_as_string(hide_password=False)
    return test_settings(url, valkey_url, write_connections=8)


@pytest.fixture
async def catalogue(catalogue_settings: Settings) -> AsyncIterator[Context]:
    """A context outside a transaction, on the small shop's catalogue: nothing is noted of how it came to be."""
    assert catalogue_settings.database_url is not None
    database = Database(catalogue_settings, url=catalogue_settings.database_url)
    yield Context(catalogue_settings, database, NOW)
    await database.close()
