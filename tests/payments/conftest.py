"""The till, of each test its own."""

from collections.abc import AsyncIterator

import pytest
from tests.payments.till import RACING, Till, a_till

from mercer.payments.models import CaptureMode
from mercer.platform.settings import Settings


@pytest.fixture
async def till(fresh: Settings) -> AsyncIterator[Till]:
    async with a_till(fresh) as made:
        yield made


@pytest.fixture
async def capturing(fresh: Settings) -> AsyncIterator[Till]:
    """A shop that captures by hand what the simulator authorised."""
    async with a_till(fresh, capture=CaptureMode.MANUAL) as made:
        yield made


@pytest.fixture
async def busy(fresh: Settings) -> AsyncIterator[Till]:
    """A shop with many connections, as in production."""
    changes = {"write_connections": RACING, "read_connections": RACING, "verify_reads": False}
    async with a_till(fresh.model_copy(update=changes)) as made:
        yield made
