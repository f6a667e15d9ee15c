"""Whatever buyers, staff, a provider and time do to a shop: nothing is sold twice, and no cent is lost.

Carts are filled, bought, paid in every way the simulator knows, shipped and cancelled; processes die, webhooks come
late, twice, in another order or never; hours pass. After each step the shop's books agree, and its stock is what a
small model says. At the end, when all leases have run out, each order is open and paid, or cancelled and not.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from tests.callers import calling
from tests.properties.selling import World
from tests.properties.selling_tables import EMPTIED, KEPT, MOVEMENTS, ON_HAND, STOCK, step
from tests.recovery.dying import Wire, mortality
from tests.trading import (
    SELLING,
    Trade,
    a_trade,
)

from mercer.checkout.service import paying
from mercer.platform.jobs.worker import Worker
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey

EXAMPLES = int(os.environ.get("EXAMPLES", "14"))


@dataclass(repr=False)
class Shop:
    """A shop, its process that dies, and its worker."""

    trade: Trade
    mortal: Trade
    worker: Worker


@pytest.fixture
async def shop(fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(paying, "WAIT_S", 0.0)
    changes = {"verify_reads": False, "data_dir": tmp_path, "mutations_per_minute": 1_000_000, "log_level": "error"}
    settings = fresh.model_copy(update=changes)
    async with a_trade(settings, on_hand=ON_HAND) as trade, trade.worker(modules=SELLING) as worker:
        with mortality():
            async with calling(settings, now=lambda: trade.clock.now, transport=Wire(trade.http._transport)) as mortal:
                yield Shop(trade, replace(trade, http=mortal), worker)


async def reset(trade: Trade, worker: Worker) -> None:
    """As if nothing had been."""
    worker.number, worker._tick_at = None, 0.0
    async with trade.context.database.transaction() as connection:
        found = (await connection.execute(sa.text(EMPTIED), {"kept": KEPT})).all()
        guarded = [table for table, schema in found if schema != "procrastinate"]
        for table in guarded:  # what is append-only refuses to be emptied, as it should
            await connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        await connection.execute(sa.text(f"TRUNCATE {', '.join(table for table, _ in found)} CASCADE"))
        for table in guarded:
            await connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        await connection.execute(sa.text("UPDATE platform.dispatcher SET position = 0"))
        for sku, places in ON_HAND.items():
            for warehouse, on_hand in places.items():
                values = {"sku": sku, "warehouse": warehouse, "on_hand": on_hand}
                await connection.execute(sa.text(STOCK), values)
        await connection.execute(sa.text(MOVEMENTS))
    assert trade.settings.valkey_url is not None
    valkey = Valkey(trade.settings.valkey_url)
    await valkey.client.flushdb()
    await valkey.close()


@pytest.mark.timeout(3600 if "EXAMPLES" in os.environ else 300)
@given(steps=st.lists(step, min_size=8, max_size=20))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
async def test_nothing_is_sold_twice_and_no_cent_is_lost(shop: Shop, steps: list[Any]) -> None:
    trade, mortal, worker = shop.trade, shop.mortal, shop.worker
    await reset(trade, worker)
    world = World(trade, mortal, worker)
    for each in steps:
        note(str(each))
        await world.do(each)
        await world.check()
    await world.settle()
