"""Stock that is set aside for orders, and leaves."""

import pytest
import sqlalchemy as sa
from tests.inventory.promising import AFTERWARDS, Promising, named

from mercer.inventory.errors import InsufficientStock, NotAllocated, QuantityInvalid
from mercer.platform.observability.statements import counting_statements

MUG, GLASS = "MUG-1-R", "GLASS-1"
MOVEMENTS = """
    SELECT kind, on_hand, allocated, held FROM inventory.movement WHERE subject_id = :subject
    ORDER BY kind, on_hand, allocated, held
"""
_BACKORDER = """
    UPDATE inventory.stock SET backorder_limit = :limit WHERE warehouse_id = :warehouse AND variant_id = :variant
"""


async def allow_backorders(promising: Promising, sku: str, warehouse: str, limit: int) -> None:
    async with promising.selling.context.database.transaction() as connection:
        given = {
            "limit": limit,
            "warehouse": promising.selling.warehouses[warehouse],
            "variant": promising.variant(sku),
        }
        await connection.execute(sa.text(_BACKORDER), given)


async def test_a_hold_becomes_an_allocation(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 6, GLASS: 1})
    with counting_statements() as sent:
        taken = await promising.allocate("1001", {MUG: 6, GLASS: 1}, holder="anna")
    assert sent.total == 3  # the outbox is the third
    assert sorted(taken) == [("GLASS-1", "both", 1), ("MUG-1-R", "both", 1), ("MUG-1-R", "us-east", 5)]
    assert {key: level for key, level in (await promising.levels()).items() if key.split()[0] in {MUG, GLASS}} == {
        "GLASS-1 both": (1, 1, 0),
        "MUG-1-R both": (2, 1, 0),
        "MUG-1-R us-east": (5, 5, 0),
    }
    assert await promising.selling.rows(MOVEMENTS, subject=named("1001")) == [
        ("allocated", 0, 1, 0),
        ("allocated", 0, 1, 0),
        ("allocated", 0, 5, 0),
    ]
    assert await promising.is_sound()


async def test_what_is_held_for_nothing_is_let_go_of(promising: Promising) -> None:
    """The order is of less, and of something else, than what waited."""
    await promising.hold_all("anna", {MUG: 6})
    await promising.allocate("1001", {MUG: 1, GLASS: 1}, holder="anna")
    levels = await promising.levels()
    assert sum(level[2] for level in levels.values()) == 0
    assert sum(level[1] for level in levels.values()) == 2
    assert await promising.is_sound()


async def test_without_a_hold(promising: Promising) -> None:
    assert await promising.allocate("1001", {MUG: 5, f"{MUG}#2": 2}) == [
        (MUG, "us-east", 5),
        (f"{MUG}#2", "both", 2),
    ]
    assert await promising.available(MUG) == [0]


async def test_all_or_nothing(promising: Promising) -> None:
    await promising.hold_all("berta", {MUG: 3})
    levels = await promising.levels()
    with pytest.raises(InsufficientStock) as refused:
        await promising.allocate("1001", {GLASS: 1, MUG: 3, f"{MUG}#2": 2})
    [short] = refused.value.shortages
    assert (short.variant_id, short.requested, short.available) == (promising.variant(MUG), 5, 4)
    assert await promising.levels() == levels
    assert await promising.selling.rows("SELECT count(*) FROM inventory.allocation") == [(0,)]
    assert await promising.at(AFTERWARDS).allocate("1001", {GLASS: 1, MUG: 5})
    assert await promising.is_sound()


async def test_near_by_first(promising: Promising) -> None:
    assert await promising.allocate("1", {MUG: 1}, country="US") == [(MUG, "us-east", 1)]
    assert await promising.allocate("2", {MUG: 1}, country="NL") == [(MUG, "both", 1)]
    assert await promising.allocate("3", {MUG: 1}, country=None) == [(MUG, "both", 1)]
    assert await promising.allocate("4", {MUG: 1}, country="NL") == [(MUG, "us-east", 1)]


@pytest.mark.parametrize("quantity", [0, -1, 1_000_000_001])
async def test_quantities_that_no_line_has(promising: Promising, quantity: int) -> None:
    levels = await promising.levels()
    with pytest.raises(QuantityInvalid):
        await promising.allocate("1001", {MUG: 1, GLASS: quantity})
    await promising.allocate("1002", {MUG: 1})
    with pytest.raises(QuantityInvalid):
        await promising.ship("1002", {MUG: quantity})
    await promising.release("1002")
    assert await promising.levels() == levels


async def test_released_once(promising: Promising) -> None:
    levels = await promising.levels()
    await promising.allocate("1001", {MUG: 6, f"{MUG}#2": 1, GLASS: 1})
    with counting_statements() as sent:
        assert await promising.release("1001", [f"{MUG}#2"]) == 1
    assert sent.total == 2
    assert await promising.release("1001", [f"{MUG}#2"]) == 0
    assert await promising.release("1001") == 7
    assert (await promising.release("1001"), await promising.release("1002")) == (0, 0)
    assert await promising.levels() == levels
    assert await promising.is_sound()


async def test_goods_leave(promising: Promising) -> None:
    await promising.allocate("1001", {MUG: 6, GLASS: 1})
    with counting_statements() as sent:
        assert await promising.ship("1001", {MUG: 2}, warehouse="us-east", shipment="first") == [(MUG, "us-east", 2)]
    assert sent.total == 2
    assert (await promising.levels())["MUG-1-R us-east"] == (3, 3, 0)
    left = await promising.ship("1001", {MUG: 4, GLASS: 1}, shipment="second")
    assert sorted(left) == [(GLASS, "both", 1), (MUG, "both", 1), (MUG, "us-east", 3)]
    assert await promising.selling.rows(MOVEMENTS, subject=named("second")) == [
        ("shipped", -3, -3, 0),
        ("shipped", -1, -1, 0),
        ("shipped", -1, -1, 0),
    ]
    assert await promising.release("1001") == 0
    assert await promising.available(MUG, GLASS) == [1, 0]
    assert await promising.is_sound()


@pytest.mark.parametrize(
    ("lines", "warehouse", "line", "allocated"),
    [
        ({GLASS: 1, MUG: 4}, None, MUG, 3),
        ({MUG: 2}, "us-east", MUG, 1),
        ({MUG: 3}, "eu-central", MUG, 0),
        ({"CLAY-1": 1}, None, "CLAY-1", 0),
        ({MUG: 10**9}, None, MUG, 3),
    ],
)
async def test_more_than_is_set_aside(
    promising: Promising, lines: dict[str, int], warehouse: str | None, line: str, allocated: int
) -> None:
    await promising.allocate("0", {MUG: 4})
    await promising.allocate("1001", {MUG: 3, GLASS: 1})
    levels, movements = (
        await promising.levels(),
        await promising.selling.rows("SELECT count(*) FROM inventory.movement"),
    )
    with pytest.raises(NotAllocated) as refused:
        await promising.ship("1001", lines, warehouse=warehouse)
    assert (refused.value.line_id, refused.value.allocated) == (named(line), allocated)
    for order in ("1002", "0"):
        with pytest.raises(NotAllocated):
            await promising.ship(order, {GLASS: 1})
    assert await promising.levels() == levels
    assert await promising.selling.rows("SELECT count(*) FROM inventory.movement") == movements


async def test_what_is_sold_before_it_is_there(promising: Promising) -> None:
    await allow_backorders(promising, "CLAY-1", "us-east", 2)
    assert await promising.available("CLAY-1") == [2]
    await promising.hold_all("anna", {"CLAY-1": 2})
    await promising.allocate("1001", {"CLAY-1": 2}, holder="anna")
    with pytest.raises(InsufficientStock):
        await promising.hold_all("berta", {"CLAY-1": 1})
    with pytest.raises(InsufficientStock) as refused:
        await promising.ship("1001", {"CLAY-1": 1})
    assert refused.value.available == 0
    assert (await promising.levels())["CLAY-1 us-east"] == (0, 2, 0)
    assert await promising.is_sound()


async def test_nothing_of_nothing(promising: Promising) -> None:
    levels = await promising.levels()
    assert (await promising.allocate("1001", {}), await promising.ship("1001", {})) == ([], [])
    assert (await promising.levels(), await promising.available()) == (levels, [])
