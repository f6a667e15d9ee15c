"""A market of a test's own."""

from collections.abc import AsyncIterator

import pytest
from tests.cart.market import Market, a_market

from mercer.platform.settings import Settings

_RACING = 12


@pytest.fixture
async def market(fresh: Settings) -> AsyncIterator[Market]:
    async with a_market(fresh) as market:
        yield market


@pytest.fixture
async def rush(fresh: Settings) -> AsyncIterator[Market]:
    """The market as in production, with many connections."""
    changes = {
        "write_connections": _RACING,
        "read_connections": _RACING,
        "verify_reads": False,
        "mutations_per_minute": 1_000_000,
    }
    async with a_market(fresh.model_copy(update=changes)) as market:
        yield market
