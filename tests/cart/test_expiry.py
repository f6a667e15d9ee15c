"""Carts that nobody uses any more."""

from datetime import timedelta
from uuid import UUID

from tests.cart.market import Market, a_market
from tests.factories.shop import NOW
from tests.working import work_off

from mercer.cart import service
from mercer.cart.jobs import expire_carts
from mercer.cart.service import retention
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction


async def _states(market: Market) -> dict[str, str]:
    return {str(id): state for id, state in await market.selling.rows("SELECT id, state FROM cart.cart")}


async def test_carts_end_when_nobody_changes_them_for_long(market: Market, market_settings: Settings) -> None:
    guest, customer = await market.guest_with(("MUG-1-R", 1)), await market.customer_with(("MUG-1-R", 1))
    bought = await market.ready(("MUG-1-R", 1))
    async with transaction(market.selling.context) as context:
        await service.prepare_cart(context, cart_id=UUID(bought.cart_id))
        await service.convert_cart(context, cart_id=UUID(bought.cart_id), order_id=UUID(int=5))
    await guest.email("ada@example.com")
    await guest.address()
    for age, expected in (
        (retention.GUESTS_FOR, ("active", "active")),
        (retention.GUESTS_FOR + timedelta(seconds=1), ("expired", "active")),
        (retention.CUSTOMERS_FOR + timedelta(seconds=1), ("expired", "expired")),
    ):
        async with a_market(market_settings, now=NOW + age) as later:
            await expire_carts.run(later.selling.context)
        states = await _states(market)
        assert (states[guest.cart_id], states[customer.cart_id], states[bought.cart_id]) == (*expected, "converted")
    cart = await guest.read()
    assert (cart["state"], cart["email"], cart["shippingAddress"]) == ("EXPIRED", None, None)
    assert [line["sku"] for line in cart["lines"]] == ["MUG-1-R"]
    assert {answer["code"] for answer in await guest.everything()} == {"CART_EXPIRED"}
    assert (await guest.mine(), await customer.mine()) == (None, None)
    again = await market.create(market.customer(), ("MUG-1-R", 1))
    assert again["cart"]["id"] != customer.cart_id


async def test_a_change_gives_a_cart_another_month(market: Market, market_settings: Settings) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    async with a_market(market_settings, now=NOW + timedelta(days=29)) as later:
        await later.guest(guest.cart_id, guest.token).email("ada@example.com")
    async with a_market(market_settings, now=NOW + timedelta(days=31)) as later:
        await expire_carts.run(later.selling.context)
    assert set((await _states(market)).values()) == {"active"}


async def test_a_worker_ends_them_some_at_a_time(market: Market, market_settings: Settings) -> None:
    for _ in range(3):
        await market.guest_with()
    async with (
        a_market(market_settings, now=NOW + timedelta(days=31)) as later,
        transaction(later.selling.context) as within,
    ):
        assert await service.expire_carts(within, limit=2)
        assert not await service.expire_carts(within, limit=2)
    assert list((await _states(market)).values()) == ["expired"] * 3
    await work_off(market_settings)
