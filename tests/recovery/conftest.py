"""A shop whose processes die, beside a provider that lives on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from tests.callers import calling
from tests.recovery.dying import Wire, mortality
from tests.trading import Trade, a_trade

from mercer.platform.settings import Settings

STOCK = {"TRAVEL-1": {"us-east": 5_000, "both": 5_000}}


@dataclass(frozen=True)
class Frail:
    """Two processes of one shop: one that dies, and one, with the provider in it, that lives on."""

    trade: Trade
    """What lives on."""
    mortal: httpx2.AsyncClient
    """Calls the one that dies."""
    wire: Wire
    """Leads from it to the provider."""


@pytest.fixture
async def frail(fresh: Settings, tmp_path: Path) -> AsyncIterator[Frail]:
    changes = {
        "verify_reads": False,
        "data_dir": tmp_path,
        "jobs_at_once": 1,
        "log_level": "error",
    }
    settings = fresh.model_copy(update=changes)
    async with a_trade(settings, on_hand=STOCK) as trade:
        # The first order begins its channel's numbers: from now on each completion makes the same steps.
        assert (await (await trade.ready({"TRAVEL-1": 1})).complete())["paymentStatus"] == "PAID"
        wire = Wire(trade.http._transport)
        with mortality():
            async with calling(settings, now=lambda: trade.clock.now, transport=wire) as mortal:
                yield Frail(trade, mortal, wire)


def through(frail: Frail) -> Trade:
    """The shop, called by the process that dies."""
    return replace(frail.trade, http=frail.mortal)
