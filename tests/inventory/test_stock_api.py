"""What can be bought, as shoppers see it, and where it lies, as staff do."""

import pytest
import sqlalchemy as sa
from tests.callers import Caller, calling, shop_caller
from tests.factories.shop import a_shop
from tests.fixtures import writing

from mercer.platform.settings import Settings

AVAILABLE = "query ($sku: String) { productVariant(sku: $sku) { available isAvailable } }"

# No verb promises stock yet.
_LEVEL = sa.text("""
    UPDATE inventory.stock s SET backorder_limit = :backorder, held = :held, allocated = :allocated
    FROM catalog.variant v, inventory.warehouse w
    WHERE v.id = s.variant_id AND v.sku = :sku AND w.id = s.warehouse_id AND w.code = 'us-east'
""")


@pytest.mark.parametrize(
    ("sku", "in_us", "in_eu"),
    [("MUG-1-R", 7, 2), ("MUG-1-B", 0, 4), ("GLASS-1", 1, 1), ("CLAY-1", 0, 0), ("TRAVEL-1", 0, 0)],
)
async def test_stock_of_the_warehouses_that_serve_the_channel(
    shop: Caller, shop_eu: Caller, sku: str, in_us: int, in_eu: int
) -> None:
    for caller, available in ((shop, in_us), (shop_eu, in_eu)):
        assert await caller(AVAILABLE, {"sku": sku}) == {
            "productVariant": {"available": available, "isAvailable": available > 0}
        }


async def test_what_is_promised_to_others_and_what_can_be_ordered_without_stock(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
        await context.db.execute(_LEVEL, {"sku": "CLAY-1", "backorder": 3, "held": 0, "allocated": 2})
        await context.db.execute(_LEVEL, {"sku": "MUG-1-R", "backorder": 0, "held": 1, "allocated": 3})
    async with calling(fresh) as http:
        shop = shop_caller(http)
        assert await shop(AVAILABLE, {"sku": "CLAY-1"}) == {"productVariant": {"available": 0, "isAvailable": True}}
        assert await shop(AVAILABLE, {"sku": "MUG-1-R"}) == {"productVariant": {"available": 3, "isAvailable": True}}
        listed = await shop("{ products(filter: {isAvailable: {eq: true}}, sort: {field: NAME}) { nodes { name } } }")
    assert [product["name"] for product in listed["products"]["nodes"]] == ["Äpfel Glass", "Clay Cup", "Steel Mug"]


async def test_staff_see_each_warehouse(admin: Caller) -> None:
    query = """{
        productVariant(sku: "MUG-1-R") {
            stock { warehouse { code } onHand allocated held backorderLimit available }
        }
        warehouse(code: "both") { code name country channels { code } }
        warehouses { nodes { code channels { code } } totalCount }
        none: warehouse(code: "nowhere") { code }
    }"""
    nothing = {"allocated": 0, "held": 0, "backorderLimit": 0}
    found = await admin(query)
    found["productVariant"]["stock"].sort(key=lambda level: level["warehouse"]["code"])
    assert found == {
        "productVariant": {
            "stock": [
                {"warehouse": {"code": "both"}, "onHand": 2, "available": 2, **nothing},
                {"warehouse": {"code": "us-east"}, "onHand": 5, "available": 5, **nothing},
            ]
        },
        "warehouse": {
            "code": "both",
            "name": "Both",
            "country": "NL",
            "channels": [{"code": "eu"}, {"code": "us"}],
        },
        "warehouses": {
            "nodes": [
                {"code": "both", "channels": [{"code": "eu"}, {"code": "us"}]},
                {"code": "eu-central", "channels": [{"code": "eu"}]},
                {"code": "us-east", "channels": [{"code": "us"}]},
            ],
            "totalCount": 3,
        },
        "none": None,
    }
