"""The till of the payments' tests: the simulator stands in its application."""

from collections.abc import AsyncIterator

import pytest
from tests.payments.till import Till, a_till

from mercer.platform.settings import Settings


@pytest.fixture
async def till(fresh: Settings) -> AsyncIterator[Till]:
    async with a_till(fresh) as made:
        yield made
