from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from tests.contents import fetch
from tests.factories.shop import a_shop
from tests.fixtures import writing

from mercer.channels.errors import ChannelUnknown
from mercer.inventory.errors import WarehouseInvalid
from mercer.inventory.models import StockLevel, Warehouse
from mercer.inventory.service import store_levels, store_warehouses
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.values.stored import Stored

SERVED = """
    SELECT w.code, array_agg(c.code ORDER BY c.code) FROM inventory.warehouse_channel wc
    JOIN inventory.warehouse w ON w.id = wc.warehouse_id JOIN channels.channel c ON c.id = wc.channel_id
    GROUP BY w.code ORDER BY w.code
"""


@pytest.fixture
async def context(fresh: Settings) -> AsyncIterator[Context]:
    async with writing(fresh) as context:
        await a_shop(context)
        yield context


async def test_warehouses_serve_the_channels_given(context: Context) -> None:
    warehouses = [
        Warehouse(code="both", name="Both", country="NL", channels=["eu"]),
        Warehouse(code="us-east", name="East", country="US", channels=["us"]),
        Warehouse(code="us-west", name="West", country="US", channels=["us", "eu", "us"]),
    ]
    assert await store_warehouses(context, warehouses=warehouses) == Stored(created=1, updated=1, unchanged=1)
    assert await store_warehouses(context, warehouses=warehouses) == Stored(created=0, updated=0, unchanged=3)
    assert await fetch(context.db, SERVED) == [
        ("both", ["eu"]),
        ("eu-central", ["eu"]),
        ("us-east", ["us"]),
        ("us-west", ["eu", "us"]),
    ]


@pytest.mark.parametrize(
    ("warehouse", "error"),
    [
        (Warehouse(code="A B", name="A", country="US"), WarehouseInvalid),
        (Warehouse(code="a", name=" ", country="US"), WarehouseInvalid),
        (Warehouse(code="a", name="A", country="USA"), WarehouseInvalid),
        (Warehouse(code="a", name="A", country="US", channels=["mars"]), ChannelUnknown),
    ],
)
async def test_faulty_warehouses_are_refused(context: Context, warehouse: Warehouse, error: type[Exception]) -> None:
    with pytest.raises(error):
        await store_warehouses(context, warehouses=[warehouse])


async def test_levels_are_set_and_faulty_ones_rejected(context: Context) -> None:
    reserve = "UPDATE inventory.stock s SET allocated = 2, held = 1 FROM catalog.variant v WHERE v.id = s.variant_id "
    await context.db.execute(sa.text(reserve + "AND v.sku = 'MUG-1-B'"))
    levels = [
        StockLevel(sku="MUG-1-R", warehouse="us-east", on_hand=5),
        StockLevel(sku="MUG-1-R", warehouse="both", on_hand=3),
        StockLevel(sku="CLAY-1", warehouse="both", on_hand=9),
        StockLevel(sku="MUG-1-B", warehouse="eu-central", on_hand=2),
        StockLevel(sku="NOPE", warehouse="both", on_hand=1),
        StockLevel(sku="CLAY-1", warehouse="nowhere", on_hand=1),
        StockLevel(sku="CLAY-1", warehouse="us-east", on_hand=-1),
        StockLevel(sku="CLAY-1", warehouse="us-east", on_hand=2**31),
        StockLevel(sku="CLAY-1", warehouse="both", on_hand=1),
    ]
    stored = await store_levels(context, levels=levels)
    assert (stored.created, stored.updated, stored.unchanged) == (1, 1, 1)
    assert [(each.index, type(each.error).__name__) for each in stored.rejected] == [
        (3, "QuantityReserved"),
        (4, "VariantUnknown"),
        (5, "WarehouseUnknown"),
        (6, "QuantityInvalid"),
        (7, "QuantityInvalid"),
        (8, "LevelRepeated"),
    ]
    assert vars(stored.rejected[0].error) == {"on_hand": 2, "reserved": 3}
    least = [StockLevel(sku="MUG-1-B", warehouse="eu-central", on_hand=3)]
    assert (await store_levels(context, levels=least)).updated == 1
