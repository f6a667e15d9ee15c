"""The small shop and those who call it: seeded once for each worker, for tests that only read."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import httpx2
import pytest
from tests import servers
from tests.callers import Caller, admin_caller, calling, shop_caller, test_settings
from tests.factories.shop import NOW, a_shop
from tests.people import ROLES

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings

_NUMBERS = count()


@dataclass(frozen=True)
class Known:
    """The ids of the small shop's things, by what tells them apart."""

    products: Mapping[str, str]
    """By name."""
    slugs: Mapping[str, str]
    """Of products, by name."""
    variants: Mapping[str, str]
    """By SKU."""
    categories: Mapping[str, str]
    """By slug."""
    channels: Mapping[str, str]
    """By code."""


@asynccontextmanager
async def writing(settings: Settings, *, now: datetime = NOW) -> AsyncIterator[Context]:
    """A context whose transaction is committed when the block ends."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        async with database.transaction() as connection:
            yield Context(settings, database, now, connection=connection)
    finally:
        await database.close()


@pytest.fixture(scope="session")
async def seeded(database_url: str, valkey_url: str, worker_id: str) -> Settings:
    """Settings of an application on the small shop. Tests that use it must not write."""
    settings = test_settings(servers.copy_database(database_url, f"shop_{worker_id}"), valkey_url)
    async with writing(settings) as context:
        await a_shop(context)
    return settings


@pytest.fixture
async def fresh(database_url: str, valkey_url: str, worker_id: str) -> Settings:
    """Settings of an application on an empty, migrated database of the test's own."""
    url = servers.copy_database(database_url, f"fresh_{worker_id}_{next(_NUMBERS)}")
    return test_settings(url, valkey_url)


@pytest.fixture(scope="session")
async def http(seeded: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application on the small shop: each of its reads is verified."""
    async with calling(seeded) as client:
        yield client


@pytest.fixture(scope="session")
async def unverified_http(seeded: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application as it runs in production: its reads are passed on as PostgreSQL wrote them."""
    async with calling(seeded.model_copy(update={"verify_reads": False})) as client:
        yield client


@pytest.fixture(scope="session")
def shop(http: httpx2.AsyncClient) -> Caller:
    """A shopper in the United States."""
    return shop_caller(http)


@pytest.fixture(scope="session")
def unverified(unverified_http: httpx2.AsyncClient) -> Caller:
    """A shopper in the United States, of the application as it runs in production."""
    return shop_caller(unverified_http)


@pytest.fixture(scope="session")
def shop_eu(http: httpx2.AsyncClient) -> Caller:
    """A shopper in Europe: German, unless another language is asked for."""
    return shop_caller(http, **{"X-Mercer-Channel": "eu"})


@pytest.fixture(scope="session")
def admin(http: httpx2.AsyncClient) -> Caller:
    """An administrator."""
    return admin_caller(http)


@pytest.fixture(scope="session")
def guest(http: httpx2.AsyncClient) -> Caller:
    """A shopper who is not signed in."""
    return shop_caller(http)


@pytest.fixture(scope="session")
def customer(http: httpx2.AsyncClient) -> Caller:
    """A customer who is signed in."""
    return shop_caller(http, customer="customer")


@pytest.fixture(scope="session")
def other_customer(http: httpx2.AsyncClient) -> Caller:
    """Another one."""
    return shop_caller(http, customer="other_customer")


@pytest.fixture(scope="session", params=ROLES)
def staff(http: httpx2.AsyncClient, request: pytest.FixtureRequest) -> Caller:
    """Staff of each ready role, one after the other."""
    return admin_caller(http, role=request.param)


@pytest.fixture(scope="session")
def nobody(http: httpx2.AsyncClient) -> Caller:
    """Someone at the admin API who is not signed in."""
    return Caller(http, "/admin/graphql", {})


@pytest.fixture(scope="session")
async def known(admin: Caller) -> Known:
    """The ids of the small shop's things."""
    found = await admin("""{
        products(first: 100) { nodes { id name slug variants { id sku } } }
        categories { nodes { id slug } }
        channels { nodes { id code } }
    }""")
    products = found["products"]["nodes"]
    return Known(
        products={product["name"]: product["id"] for product in products},
        slugs={product["name"]: product["slug"] for product in products},
        variants={variant["sku"]: variant["id"] for product in products for variant in product["variants"]},
        categories={category["slug"]: category["id"] for category in found["categories"]["nodes"]},
        channels={channel["code"]: channel["id"] for channel in found["channels"]["nodes"]},
    )
