"""How many SQL statements things take that shoppers do often."""

import pytest
from tests.cart.market import Market

from mercer.platform.observability.statements import counting_statements


@pytest.mark.parametrize(("channel", "sku", "expected"), [("us", "MUG-1-R", 6), ("eu", "MUG-1-B", 7)])
async def test_adding_to_a_cart(rush: Market, channel: str, sku: str, expected: int) -> None:
    """In Europe taxes are known before there is an address: that takes one more."""
    guest = await rush.guest_with((sku, 1), channel=channel)
    with counting_statements() as statements:
        cart = await guest.add(rush.variants[sku])
    assert cart["lines"][0]["quantity"] == 2
    assert statements.total == expected


async def test_adding_to_a_cart_that_goes_somewhere(rush: Market) -> None:
    guest = await rush.ready(("MUG-1-R", 1))
    with counting_statements() as statements:
        await guest.add(rush.variants["GLASS-1"])
    held = statements.total
    with counting_statements() as statements:
        await guest.read()
    assert statements.total == 6
    assert held <= 8 + HOLDING


async def test_a_customers_cart(rush: Market) -> None:
    customer = await rush.customer_with(("MUG-1-R", 1))
    await customer.mine()
    with counting_statements() as statements:
        await customer.add(rush.variants["MUG-1-R"])
    assert statements.total == 6


HOLDING = 2
"""What the offers and the holds take besides, and taxes that are known."""
