"""Several who ship one order at once."""

from collections import Counter

from tests.fulfilment.buying import SHIP, asked, buy, standing
from tests.inventory.test_stock_changes import DIFFERING
from tests.selling import Selling

ON_HAND = """SELECT s.on_hand, s.allocated FROM inventory.stock s JOIN catalog.variant v ON v.id = s.variant_id
    JOIN inventory.warehouse w ON w.id = s.warehouse_id WHERE v.sku = 'MUG-1-R' AND w.code = 'us-east'"""


async def test_several_at_once_never_ship_more_than_was_bought(racing: Selling) -> None:
    bought = await buy(racing, {"MUG-1-R": 4})
    given = {"input": asked(bought, {"MUG-1-R": 1})}
    answers = await racing.at_once(racing.change(SHIP, given) for _ in range(12))
    kinds = Counter(answer["__typename"] for answer in answers)
    # Once all are shipped the order is complete, and nothing of it may leave.
    assert kinds == {"Shipment": 4, "OrderStatusConflict": 8}
    assert await standing(racing, bought) == ("completed", "fulfilled", {"MUG-1-R": 4}, 4)
    assert await racing.rows(ON_HAND) == [(1, 0)]
    assert await racing.rows(DIFFERING) == [(0,)]


async def test_of_several_who_ship_all_that_is_left_one_does(racing: Selling) -> None:
    bought = await buy(racing, {"MUG-1-R": 5})
    answers = await racing.at_once(racing.change(SHIP, {"input": asked(bought)}) for _ in range(12))
    assert Counter(answer["__typename"] for answer in answers) == {"Shipment": 1, "OrderStatusConflict": 11}
    assert await standing(racing, bought) == ("completed", "fulfilled", {"MUG-1-R": 5}, 1)
    assert await racing.rows(ON_HAND) == [(0, 0)]


async def test_orders_of_the_same_goods_are_shipped_at_once(racing: Selling) -> None:
    orders = [await buy(racing, {"MUG-1-R": 1}) for _ in range(5)]
    answers = await racing.at_once(racing.change(SHIP, {"input": asked(each)}) for each in orders)
    assert [answer["__typename"] for answer in answers] == ["Shipment"] * 5
    assert await racing.rows(ON_HAND) == [(0, 0)]
    assert await racing.rows(DIFFERING) == [(0,)]


async def test_one_request_repeated_at_once_ships_once(racing: Selling) -> None:
    bought = await buy(racing, {"MUG-1-R": 4})
    given = {"input": asked(bought, {"MUG-1-R": 2})}
    answers = await racing.at_once(racing.admin(SHIP, given, idempotency_key="one") for _ in range(12))
    assert len({answer["shipmentCreate"]["id"] for answer in answers}) == 1
    assert await standing(racing, bought) == ("open", "partial", {"MUG-1-R": 2}, 1)
