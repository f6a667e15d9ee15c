"""Stock promised to many at once."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from tests.inventory.promising import AFTERWARDS, LATER, Promising

from mercer.inventory.errors import InsufficientStock, NotAllocated
from mercer.platform.errors import DomainError

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
SKUS = ["MUG-1-R", "GLASS-1", "MUG-1-B", "TRAVEL-1", "CLAY-1", "BAG-1"]


async def outcome(attempt: Awaitable[Any]) -> Any:
    """What it returns, or the name of its refusal."""
    try:
        return await attempt or "done"
    except DomainError as error:
        return type(error).__name__


async def stock_up(shop: Promising, **quantities: int) -> None:
    """So many of each on hand in one warehouse, whatever there was."""
    set_ = """mutation ($counts: [StockCountInput!]!) { stockSet(counts: $counts, reason: "x") { __typename } }"""
    warehouse = shop.selling.warehouses["us-east"]
    counts = [
        {"variantId": str(shop.variant(sku.replace("_", "-"))), "warehouseId": warehouse, "onHand": number}
        for sku, number in quantities.items()
    ]
    assert (await shop.selling.change(set_, {"counts": counts}))["__typename"] == "StockCounted"


async def test_thirty_buyers_ten_units(crowded: Promising) -> None:
    """Ten get one, whether they hold first or not; the others are told that there is none."""
    await stock_up(crowded, MUG_1_R=8)  # two more lie elsewhere

    async def buy(number: int) -> Any:
        if number % 2:
            held = await outcome(crowded.hold_all(f"cart {number}", {"MUG-1-R": 1}))
            if held != "done":
                return held
        return await outcome(crowded.allocate(f"order {number}", {"MUG-1-R": 1}, holder=f"cart {number}"))

    outcomes = await crowded.selling.at_once(map(buy, range(30)))
    assert outcomes.count("InsufficientStock") == 20
    levels = await crowded.levels()
    assert (levels["MUG-1-R us-east"], levels["MUG-1-R both"]) == ((8, 8, 0), (2, 2, 0))
    assert await crowded.is_sound()


async def test_opposite_orders_at_once(crowded: Promising) -> None:
    """None waits for another in a circle: holding, allocating, releasing and shipping across each other."""
    await stock_up(crowded, **{sku.replace("-", "_"): 500 for sku in SKUS})

    async def buy(number: int) -> None:
        lines = dict.fromkeys(SKUS if number % 2 else reversed(SKUS), 2)
        cart, order = f"cart {number}", f"order {number}"
        await crowded.hold_all(cart, lines)
        if number % 5 == 0:
            await crowded.release_holds(cart)
        await crowded.allocate(order, lines, holder=cart)
        if number % 3 == 0:
            await crowded.release(order)
        else:
            await crowded.ship(order, dict.fromkeys(lines, 1))

    await crowded.selling.at_once(map(buy, range(24)))
    assert await crowded.selling.rows(DEADLOCKS) == [(0,)]
    assert await crowded.is_sound()
    assert sum(level[1] for level in (await crowded.levels()).values()) == 16 * len(SKUS)


async def test_expiry_against_conversion(crowded: Promising) -> None:
    """While the sweeper sweeps, their owners buy what had expired, and others want it: nothing is sold twice."""
    await stock_up(crowded, GLASS_1=11)
    for number in range(12):
        await crowded.hold_all(f"cart {number}", {"GLASS-1": 1}, until=LATER)
    later = crowded.at(AFTERWARDS)

    async def convert(number: int) -> Any:
        return await outcome(later.allocate(f"order {number}", {"GLASS-1": 1}, holder=f"cart {number}"))

    async def sweep(_: int) -> Any:
        return await outcome(later.sweep())

    buyers = [convert(number) for number in range(24)]
    outcomes = await crowded.selling.at_once([each for buyer in buyers for each in (buyer, sweep(0))])
    bought = [each for each in outcomes if isinstance(each, list)]
    assert (len(bought), outcomes.count("InsufficientStock")) == (12, 12)
    while await later.sweep():
        pass
    assert await crowded.selling.rows("SELECT count(*) FROM inventory.hold") == [(0,)]
    assert await crowded.is_sound()
    assert await crowded.selling.rows(DEADLOCKS) == [(0,)]


async def test_released_by_many(crowded: Promising) -> None:
    """What twenty let go of at once is let go of once: holds, and allocations against a shipment."""
    await crowded.hold_all("anna", {"MUG-1-R": 6})
    await asyncio.gather(*(crowded.release_holds("anna") for _ in range(10)))
    assert sum(level[2] for level in (await crowded.levels()).values()) == 0
    await crowded.allocate("1001", {"MUG-1-R": 6, "GLASS-1": 1})
    ways = [crowded.release("1001") if number % 2 else crowded.ship("1001", {"MUG-1-R": 5}) for number in range(12)]
    results = await crowded.selling.at_once(map(outcome, ways))
    shipped = [each for each in results if isinstance(each, list)]
    assert sum(each for each in results if isinstance(each, int)) == (2 if shipped else 7)
    assert len(shipped) + results.count("NotAllocated") == 6
    assert sum(level[1] for level in (await crowded.levels()).values()) == 0
    assert await crowded.is_sound()


async def test_more_shipped_than_set_aside(crowded: Promising) -> None:
    """Ten ships of two: of seven, three leave."""
    await crowded.allocate("1001", {"MUG-1-R": 7})
    results = await crowded.selling.at_once(outcome(crowded.ship("1001", {"MUG-1-R": 2})) for _ in range(10))
    assert results.count(NotAllocated.__name__) == 7
    assert sum(quantity for each in results if isinstance(each, list) for _, _, quantity in each) == 6
    assert await crowded.is_sound()


async def test_one_holder_twice_at_once(crowded: Promising) -> None:
    """Carts are locked by their verbs. If they were not, stock would still be what its movements say."""
    await asyncio.gather(*(outcome(hold(crowded, number)) for number in range(10)), return_exceptions=True)
    assert await crowded.is_sound()


async def hold(shop: Promising, number: int) -> None:
    await shop.hold_all("anna", {"MUG-1-R": number % 3 + 1, "GLASS-1": number % 2})


async def test_counting_against_buying(crowded: Promising) -> None:
    """Staff take away what buyers want: whoever is first."""
    await stock_up(crowded, MUG_1_R=8)
    adjust = """mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) { __typename } }"""
    place = {"variantId": str(crowded.variant("MUG-1-R")), "warehouseId": crowded.selling.warehouses["us-east"]}

    async def take(_: int) -> Any:
        return (await crowded.selling.change(adjust, {"input": place | {"delta": -1, "reason": "x"}}))["__typename"]

    async def buy(number: int) -> Any:
        return await outcome(crowded.allocate(f"order {number}", {"MUG-1-R": 1}))

    outcomes = await crowded.selling.at_once([way(number) for number in range(12) for way in (take, buy)])
    bought, taken = sum(isinstance(each, list) for each in outcomes), outcomes.count("StockMovement")
    assert bought + taken == 10
    assert outcomes.count(InsufficientStock.__name__) == 14
    assert await crowded.is_sound()
