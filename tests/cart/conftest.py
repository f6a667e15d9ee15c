"""A market of a test's own."""

from collections.abc import AsyncIterator
from itertools import count

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from tests import servers
from tests.callers import test_settings
from tests.cart.market import Market, a_market, fill_market
from tests.fixtures import writing

from mercer.platform.settings import Settings

_NUMBERS = count()
_RACING = 12


@pytest.fixture(scope="session")
async def market_name(database_url: str, valkey_url: str, worker_id: str) -> str:
    """The name of a database with the market, to be copied."""
    name = f"market_{worker_id}"
    settings = test_settings(servers.copy_database(database_url, name), valkey_url)
    async with writing(settings) as context:
        await fill_market(context)
    return name


@pytest.fixture
def market_settings(market_name: str, database_url: str, valkey_url: str) -> Settings:
    """Settings of an application on a copy of the market, of the test's own."""
    name = f"{market_name}_{next(_NUMBERS)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(market_name))
        )
    url = sa.make_url(database_url).set(database=name).render_as_string(hide_password=False)
    return test_settings(url, valkey_url)


@pytest.fixture
async def market(market_settings: Settings) -> AsyncIterator[Market]:
    async with a_market(market_settings) as market:
        yield market


@pytest.fixture
async def rush(market_settings: Settings) -> AsyncIterator[Market]:
    """The market as in production, with many connections."""
    changes = {"write_connections": _RACING, "read_connections": _RACING, "verify_reads": False}
    async with a_market(market_settings.model_copy(update=changes)) as market:
        yield market
