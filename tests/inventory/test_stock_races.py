"""Stock moved by many at once."""

from tests.inventory.test_stock_changes import ADJUST, ADJUST_MANY, COUNT, DIFFERING, LEVELS, adjust, at
from tests.selling import Selling


async def test_no_more_than_there_are(racing: Selling) -> None:
    """Fifty take one of twenty: twenty get it."""
    await adjust(racing, delta=15)
    results = await racing.at_once(adjust(racing, delta=-1) for _ in range(50))
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("StockMovement"), kinds.count("InsufficientStock")) == (20, 30)
    assert ("MUG-1-R", "us-east", 0) in await racing.rows(LEVELS)
    assert await racing.rows(DIFFERING) == [(0,)]


async def test_opposite_orders_at_once(racing: Selling) -> None:
    """None waits for another in a circle, whether the levels were there or not."""
    skus = ["MUG-1-R", "TRAVEL-1", "CLAY-1", "GLASS-1", "BAG-1", "BAG-2", "US-1"]

    async def move(number: int) -> str:
        places = skus if number % 2 else list(reversed(skus))
        adjustments = [at(racing, sku, "us-east", delta=1) for sku in places]
        given = {"adjustments": adjustments, "reason": "Delivery"}
        result = await racing.change(ADJUST_MANY, given)
        return str(result["__typename"])

    before = {sku: on_hand for sku, code, on_hand in await racing.rows(LEVELS) if code == "us-east"}
    assert set(await racing.at_once(map(move, range(20)))) == {"StockAdjusted"}
    after = {sku: on_hand for sku, code, on_hand in await racing.rows(LEVELS) if code == "us-east"}
    assert after == {sku: before.get(sku, 0) + 20 for sku in skus}
    assert await racing.rows(DIFFERING) == [(0,)]
    deadlocks = await racing.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks == [(0,)]


async def test_one_key_once(racing: Selling) -> None:
    """Fifty send the same: one effect, fifty equal answers."""
    for mutation, given in (
        (ADJUST, {"input": at(racing, delta=-1, reason="Broken")}),
        (ADJUST_MANY, {"adjustments": [at(racing, delta=-1)], "reason": "Broken"}),
        (COUNT, {"counts": [at(racing, onHand=9, expected=3)], "reason": "Stocktaking"}),
    ):
        results = await racing.at_once(racing.change(mutation, given, idempotency_key="once") for _ in range(50))
        assert all(result == results[0] for result in results)
    assert ("MUG-1-R", "us-east", 9) in await racing.rows(LEVELS)
    assert len(await racing.audit()) == 3


async def test_counts_of_the_same_at_once(racing: Selling) -> None:
    """Only one was counted from what there was."""
    results = await racing.at_once(
        racing.change(COUNT, {"counts": [at(racing, onHand=number, expected=5)], "reason": "Stocktaking"})
        for number in range(10, 30)
    )
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("StockCounted"), kinds.count("StockMoved")) == (1, 19)
