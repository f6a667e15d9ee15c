from collections.abc import AsyncIterator

import pytest
from tests.platform.jobs.things import Ground, prepared

from mercer.platform.settings import Settings


@pytest.fixture
async def ground(fresh: Settings) -> AsyncIterator[Ground]:
    async with prepared(fresh) as made:
        yield made
