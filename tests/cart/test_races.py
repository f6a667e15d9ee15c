"""Many at one cart: no change is lost, nothing is held twice, and nobody waits for ever."""

import asyncio
from uuid import UUID

import sqlalchemy as sa
from tests.cart.market import Market

from mercer.cart import service
from mercer.cart.models import Cart
from mercer.cart.queries.carts import Key, lock_cart
from mercer.platform.transactions import transaction

_WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_twenty_adds_at_once_are_twenty_more(rush: Market) -> None:
    await rush.change("UPDATE inventory.stock SET on_hand = 1000000")
    guest = await rush.guest_with(("MUG-1-R", 1))
    skus = ["MUG-1-R", "GLASS-1"] * 10
    answers = await rush.selling.at_once([guest.add(rush.variants[sku]) for sku in skus])
    assert all("lines" in answer for answer in answers)
    cart = await guest.read()
    assert {line["sku"]: line["quantity"] for line in cart["lines"]} == {"MUG-1-R": 11, "GLASS-1": 10}
    assert cart["subtotal"]["net"] == "217.50"


async def test_adds_updates_and_reads_at_once_leave_a_cart_that_adds_up(rush: Market) -> None:
    guest = await rush.guest_with(("MUG-1-R", 1), ("GLASS-1", 1))
    await guest.address()
    [mug, glass] = (await guest.read())["lines"]
    calls = []
    for _ in range(6):
        calls += [
            guest.update((mug["id"], 2)),
            guest.update((mug["id"], 3)),
            guest.read(),
            guest.update((glass["id"], 1)),
        ]
    answers = await rush.selling.at_once(calls)
    assert all("lines" in answer for answer in answers)
    cart = await guest.read()
    quantities = {line["sku"]: line["quantity"] for line in cart["lines"]}
    assert await rush.holds() == quantities
    assert cart["subtotal"]["net"] == f"{quantities['MUG-1-R'] * 12.5 + 8:.2f}"


async def test_thirty_buyers_hold_no_more_than_there_is(rush: Market) -> None:
    buyers = [await rush.guest_with(("MUG-1-R", 1)) for _ in range(30)]
    answers = await rush.selling.at_once([buyer.address() for buyer in buyers])
    assert sorted(answer.get("code", "held") for answer in answers) == ["INSUFFICIENT_STOCK"] * 23 + ["held"] * 7
    assert await rush.holds() == {"MUG-1-R": 7}


async def test_opposite_orders_of_lines_do_not_deadlock(rush: Market) -> None:
    await rush.change("UPDATE inventory.stock SET on_hand = 1000000")
    forth = [await rush.guest_with(("MUG-1-R", 1), ("GLASS-1", 1)) for _ in range(8)]
    back = [await rush.guest_with(("GLASS-1", 1), ("MUG-1-R", 1)) for _ in range(8)]
    answers = await rush.selling.at_once([buyer.address() for buyer in [*forth, *back]])
    assert all("lines" in answer for answer in answers)
    assert await rush.holds() == {"MUG-1-R": 16, "GLASS-1": 16}


async def test_a_cart_that_was_read_while_it_changed_shows_no_half_of_it(rush: Market) -> None:
    """A read that found prices outdated, and then another revision, prices what is there by then."""
    guest = await rush.guest_with(("MUG-1-R", 1))
    await rush.change("UPDATE pricing.listed SET amount = 1000")
    answers = await rush.selling.at_once([*(guest.read() for _ in range(6)), guest.add(rush.variants["MUG-1-R"])])
    assert all(answer["subtotal"]["net"] in {"10.00", "20.00"} for answer in answers)
    assert (await guest.read())["subtotal"]["net"] == "20.00"


async def test_nobody_else_changes_a_cart_that_is_being_bought(rush: Market) -> None:
    buyer = await rush.ready(("MUG-1-R", 1))
    async with transaction(rush.selling.context) as context:
        ready = await service.prepare_cart(context, cart_id=UUID(buyer.cart_id))
        with_lock = await rush.selling.rows(
            "SELECT count(*)::int FROM (SELECT FROM cart.cart WHERE id = :id FOR UPDATE SKIP LOCKED) c",
            id=buyer.cart_id,
        )
    assert (with_lock, ready.order_id) == ([(0,)], None)


async def test_whoever_waited_for_a_cart_sees_its_lines_as_they_are_by_then(rush: Market) -> None:
    guest = await rush.guest_with(("MUG-1-R", 1))
    context = rush.selling.context
    key = Key(customer_id=None, token_hash=None, is_program=True)
    async with context.database.transaction() as first:
        await lock_cart(first, UUID(guest.cart_id), key)
        await first.execute(sa.text("UPDATE cart.line SET quantity = 5"))
        await first.execute(sa.text("UPDATE cart.cart SET revision = revision + 1"))

        async def wait() -> Cart | None:
            async with context.database.transaction() as second:
                return await lock_cart(second, UUID(guest.cart_id), key)

        waiting = asyncio.create_task(wait())
        while not await rush.selling.rows(_WAITING):
            pass
    cart = await waiting
    assert cart is not None
    assert [line.quantity for line in cart.lines] == [5]
