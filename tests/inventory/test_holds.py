"""Stock that waits for a buyer."""

from datetime import timedelta

import pytest
from tests.inventory.promising import AFTERWARDS, LATER, Promising, named

from mercer.inventory import jobs
from mercer.inventory.errors import InsufficientStock, QuantityInvalid
from mercer.platform.observability.statements import counting_statements

MUG, GLASS = "MUG-1-R", "GLASS-1"
MOVEMENTS = "SELECT kind, held, subject_id FROM inventory.movement WHERE subject_id IS NOT NULL ORDER BY at, id"


async def test_what_is_held_waits(promising: Promising) -> None:
    with counting_statements() as sent:
        await promising.hold_all("anna", {MUG: 4, GLASS: 1})
    assert sent.total <= 3  # the outbox is the third
    levels = await promising.levels()
    assert (levels["MUG-1-R us-east"], levels["GLASS-1 both"]) == ((5, 0, 4), (1, 0, 1))
    assert await promising.available(MUG, GLASS) == [3, 0]
    assert await promising.available(MUG, GLASS, holder="anna") == [7, 1]
    assert await promising.selling.rows(MOVEMENTS) == [("held", 4, named("anna")), ("held", 1, named("anna"))]
    events = [payload for name, payload in await promising.selling.events() if name == "inventory.StockChanged"]
    assert set(events[-1]["variant_ids"]) == {str(promising.variant(MUG)), str(promising.variant(GLASS))}
    assert await promising.selling.tags() >= {"stock", f"product:{promising.selling.products['steel-mug']}"}
    assert await promising.selling.shop('{ productVariant(sku: "MUG-1-R") { available } }') == {
        "productVariant": {"available": 3}
    }
    assert await promising.is_sound()


async def test_holds_are_exactly_what_is_asked_for(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 4})
    await promising.hold_all("anna", {MUG: 6})
    assert [level[2] for key, level in sorted((await promising.levels()).items()) if key.startswith(MUG)] == [1, 5]
    await promising.hold_all("anna", {MUG: 2, GLASS: 0})
    await promising.hold_all("anna", {GLASS: 1})
    held = {key: level[2] for key, level in (await promising.levels()).items() if level[2]}
    assert held == {"GLASS-1 both": 1}
    await promising.hold_all("anna", {})
    assert await promising.selling.rows("SELECT count(*) FROM inventory.hold") == [(0,)]
    assert await promising.is_sound()


async def test_the_same_again_only_lasts_longer(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 4})
    events, movements = await promising.selling.events(), await promising.selling.rows(MOVEMENTS)
    await promising.hold_all("anna", {MUG: 4}, until=AFTERWARDS)
    assert (await promising.selling.events(), await promising.selling.rows(MOVEMENTS)) == (events, movements)
    assert await promising.selling.rows("SELECT expires_at FROM inventory.hold") == [(AFTERWARDS,)]


async def test_too_many(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 3})
    levels = await promising.levels()
    with pytest.raises(InsufficientStock) as refused:
        await promising.hold_all("berta", {GLASS: 1, MUG: 5, "CLAY-1": 2})
    shortages = {each.variant_id: (each.requested, each.available) for each in refused.value.shortages}
    assert shortages == {promising.variant(MUG): (5, 4), promising.variant("CLAY-1"): (2, 0)}
    assert await promising.levels() == levels
    # One's own count: the whole stock is there for who holds a part of it.
    await promising.hold_all("anna", {MUG: 7})
    assert await promising.available(MUG, holder="anna") == [7]
    assert await promising.is_sound()


async def test_unknown_things_are_short(promising: Promising) -> None:
    with pytest.raises(InsufficientStock) as refused:
        await promising.hold_all("anna", {"EU-1": 1})  # no level anywhere that serves
    assert refused.value.available == 0


@pytest.mark.parametrize("quantity", [-1, 1_000_000_001, 2**40])
async def test_quantities_that_cannot_be(promising: Promising, quantity: int) -> None:
    with pytest.raises(QuantityInvalid):
        await promising.hold_all("anna", {MUG: quantity})
    assert await promising.selling.rows("SELECT count(*) FROM inventory.hold") == [(0,)]


async def test_released_once(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 6, GLASS: 1})
    await promising.hold_all("berta", {MUG: 1})
    for _ in range(2):
        with counting_statements() as sent:
            await promising.release_holds("anna")
    assert sent.total == 1
    assert sum(level[2] for level in (await promising.levels()).values()) == 1
    assert await promising.is_sound()


async def test_expired_holds_hold_nothing(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 7, GLASS: 1})
    later = promising.at(AFTERWARDS)
    assert await later.available(MUG) == [7]
    # Whoever finds too little has them swept: those of what he wants, and no others.
    await later.hold_all("berta", {MUG: 2})
    holders = "SELECT holder_id, sum(quantity) FROM inventory.hold GROUP BY holder_id ORDER BY 2, 1"
    assert set(await promising.selling.rows(holders)) == {(named("anna"), 1), (named("berta"), 2)}
    assert await later.is_sound()


async def test_ones_own_expired_hold_is_still_ones_own(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 7})
    later = promising.at(AFTERWARDS)
    await later.hold_all("anna", {MUG: 6}, until=AFTERWARDS + timedelta(minutes=15))
    assert await later.available(MUG) == [1]
    await later.allocate("1001", {MUG: 7}, holder="anna")
    assert await promising.is_sound()


async def test_the_sweeper(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 6, GLASS: 1})
    await promising.hold_all("berta", {MUG: 1}, until=AFTERWARDS)
    assert not await promising.sweep()
    await jobs.sweep_holds.run(promising.at(LATER).context)
    rows = await promising.selling.rows("SELECT holder_id, quantity FROM inventory.hold")
    assert rows == [(named("berta"), 1)]
    released = "SELECT sum(held) FROM inventory.movement WHERE kind = 'hold_released' AND subject_id = :holder"
    assert await promising.selling.rows(released, holder=named("anna")) == [(-7,)]
    assert await promising.is_sound()


async def test_a_warehouse_that_serves_no_longer(promising: Promising) -> None:
    """What is held there is let go of, and nothing more is taken from it."""
    await promising.hold_all("anna", {MUG: 5})
    update = """mutation ($id: ID!, $channels: [ID!]!) {
        warehouseUpdate(id: $id, input: {channelIds: $channels}) { __typename } }"""
    await promising.selling.change(update, {"id": promising.selling.warehouses["us-east"], "channels": []})
    with pytest.raises(InsufficientStock):
        await promising.hold_all("anna", {MUG: 3})
    await promising.hold_all("anna", {MUG: 2})
    held = {key: level[2] for key, level in (await promising.levels()).items() if level[2]}
    assert held == {"MUG-1-R both": 2}
    assert await promising.is_sound()
