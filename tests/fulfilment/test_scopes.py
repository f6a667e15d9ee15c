"""Shipments from some warehouses, of orders of some channels."""

from typing import Any
from uuid import UUID

import pytest
from tests.bounded_staff import codes, in_channels, in_warehouses, somebody
from tests.fulfilment.buying import SHIP, asked, buy, standing
from tests.selling import Selling

SHIPMENTS = "{ shipments { totalCount nodes { order { number } warehouse { code } } } }"
OF_ORDER = "query ($id: ID) { order(id: $id) { shipments { id } } }"
SHIPS = ("shipments.manage", "orders.read", "stock.read")
BEYOND = "This needs the permission shipments.manage; yours is limited by {}."


def bound(selling: Selling, *, channel: str | None, warehouse: str | None) -> dict[str, Any]:
    channels = in_channels(selling.channels[channel]) if channel else {}
    warehouses = in_warehouses(selling.warehouses[warehouse]) if warehouse else {}
    return {"shipments.manage": channels | warehouses}


@pytest.mark.parametrize(
    ("channel", "warehouse", "beyond"),
    [
        ("us", "us-east", None),
        ("us", None, None),
        (None, "us-east", None),
        ("us", "both", "warehouse"),
        ("eu", "us-east", "channel"),
        (None, "eu-central", "warehouse"),
    ],
)
async def test_what_may_leave(selling: Selling, channel: str | None, warehouse: str | None, beyond: str | None) -> None:
    bought = await buy(selling, {"MUG-1-R": 2})
    bounds = bound(selling, channel=channel, warehouse=warehouse)
    caller = somebody(selling.settings, selling.http, *SHIPS, bounds=bounds)
    answer = await caller.send(SHIP, {"input": asked(bought)}, idempotency_key="x")
    if beyond is None:
        assert answer.json()["data"]["shipmentCreate"]["__typename"] == "Shipment"
        return
    assert codes(answer) == [("FORBIDDEN", BEYOND.format(beyond))]
    assert await standing(selling, bought) == ("open", "unfulfilled", {"MUG-1-R": 0}, 0)


async def test_another_channels_order_is_refused_before_it_is_said_how_it_stands(selling: Selling) -> None:
    unpaid = await buy(selling, {"MUG-1-R": 1}, paid=None)
    bounds = bound(selling, channel="eu", warehouse=None)
    caller = somebody(selling.settings, selling.http, *SHIPS, bounds=bounds)
    answer = await caller.send(SHIP, {"input": asked(unpaid)}, idempotency_key="x")
    assert codes(answer) == [("FORBIDDEN", BEYOND.format("channel"))]


async def test_shipments_of_other_channels_and_warehouses_are_not_there(selling: Selling) -> None:
    american, german = await buy(selling, {"MUG-1-R": 1}), await buy(selling, {"MUG-1-B": 1}, channel="eu")
    for bought in (american, german):
        assert (await selling.change(SHIP, {"input": asked(bought)}))["__typename"] == "Shipment"
    bounds = {
        "shipments.read": in_channels(selling.channels["eu"]),
        "stock.read": in_warehouses(UUID(int=9)),
    }
    permissions = ("shipments.read", "orders.read", "stock.read")
    caller = somebody(selling.settings, selling.http, *permissions, bounds=bounds)
    found = {"totalCount": 1, "nodes": [{"order": {"number": german.number}, "warehouse": None}]}
    assert (await caller(SHIPMENTS))["shipments"] == found
    assert (await caller(OF_ORDER, {"id": str(american.id)}))["order"] == {"shipments": []}
    assert len((await caller(OF_ORDER, {"id": str(german.id)}))["order"]["shipments"]) == 1
