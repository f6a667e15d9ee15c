from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling
from tests.platform.jobs.things import Ground, prepared

from mercer.platform.settings import Settings


@pytest.fixture
async def ground(fresh: Settings) -> AsyncIterator[Ground]:
    async with prepared(fresh) as made:
        yield made


@pytest.fixture
async def http(fresh: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application on the test's own database."""
    async with calling(fresh) as client:
        yield client


@pytest.fixture
def admin(http: httpx2.AsyncClient) -> Caller:
    return admin_caller(http)
