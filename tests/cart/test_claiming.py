"""Guests' carts that become customers': nothing is lost, nothing is left behind, and two devices are no trouble."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from tests.cart.market import Market

from mercer.cart.service import claiming

NOT_FOUND = "CART_NOT_FOUND"


def _lines(cart: dict[str, object]) -> dict[str, int]:
    lines = cart["lines"]
    assert isinstance(lines, list)
    return {line["sku"]: line["quantity"] for line in lines}


async def test_a_guests_cart_becomes_the_customers_who_shows_its_token(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 2))
    customer = market.customer(guest.cart_id, guest.token)
    cart = await customer.mine()
    assert (cart["id"], _lines(cart), cart["email"]) == (guest.cart_id, {"MUG-1-R": 2}, "customer@example.com")
    assert (await market.customer().mine())["id"] == guest.cart_id
    assert (await guest.read(), await guest.mine()) == (None, None)
    assert (await guest.add(market.variants["GLASS-1"]))["code"] == NOT_FOUND
    assert await market.customer(guest.cart_id, guest.token, name="other_customer").read() is None


async def test_the_cart_that_he_had_goes_into_it_and_its_id_leads_there(market: Market) -> None:
    own = await market.customer_with(("MUG-1-R", 2), ("GLASS-1", 1))
    await own.address()
    assert await market.holds() == {"MUG-1-R": 2, "GLASS-1": 1}
    guest = await market.guest_with(("MUG-1-R", 3))
    await guest.email("guest@example.com")
    cart = await market.customer(own.cart_id, guest.token).add(market.variants["MUG-1-R"], 1)
    assert (cart["id"], cart["email"], cart["notices"]) == (guest.cart_id, "guest@example.com", [])
    assert _lines(cart) == {"MUG-1-R": 6, "GLASS-1": 1}
    assert cart["shippingAddress"]["postalCode"] == "10001"
    assert (await own.read())["id"] == guest.cart_id
    assert (await own.update((cart["lines"][0]["id"], 1)))["id"] == guest.cart_id
    states = await market.selling.rows("SELECT id::text, state, merged_into_id::text FROM cart.cart ORDER BY state")
    assert states == [(guest.cart_id, "active", None), (own.cart_id, "merged", guest.cart_id)]
    later = await market.guest_with(("MUG-1-R", 1))
    assert (await market.customer(own.cart_id, later.token).read())["id"] == later.cart_id
    assert (await replace(own, cart_id=guest.cart_id).read())["id"] == later.cart_id
    assert (await market.guest(own.cart_id).read(), await market.guest(guest.cart_id, guest.token).read()) == (
        None,
        None,
    )


async def test_what_does_not_fit_is_told(market: Market) -> None:
    await market.change("UPDATE inventory.stock SET on_hand = 1000000")
    own = await market.customer_with(("MUG-1-R", 6_000), ("GLASS-1", 1))
    guest = await market.guest_with(("MUG-1-R", 6_000))
    await market.change(
        """INSERT INTO cart.line (cart_id, variant_id, quantity, position, currency, sku, product_name, variant_name)
        SELECT :cart, uuidv7(), 1, n, 'USD', 'GONE-' || n, 'Gone', '' FROM generate_series(1, 99) n""",
        cart=guest.cart_id,
    )
    cart = await market.customer(guest.cart_id, guest.token).mine()
    assert len(cart["lines"]) == 100
    assert (_lines(cart)["MUG-1-R"], own.cart_id != cart["id"]) == (9_999, True)
    assert cart["notices"] == [
        {"kind": "QUANTITY_CAPPED", "name": "Steel Mug", "sku": "MUG-1-R", "quantity": 2_001},
        {"kind": "LINE_LEFT_OUT", "name": "Äpfel Glass", "sku": "GLASS-1", "quantity": 1},
    ]
    assert (await market.customer(cart["id"]).email("a@example.com"))["notices"] == []


async def test_a_merge_that_fails_in_the_middle_leaves_both_carts(market: Market) -> None:
    own = await market.customer_with(("MUG-1-R", 2))
    guest = await market.guest_with(("GLASS-1", 1))
    before = await market.stored()
    for step in ("release_holds", "mark_merged", "price_cart", "write_cart"):
        with patch.object(claiming, step, side_effect=RuntimeError("dies here")), pytest.raises(RuntimeError):
            await market.customer(own.cart_id, guest.token).mine()
        assert await market.stored() == before
    assert (await own.read())["id"] == own.cart_id
    assert (await guest.read())["id"] == guest.cart_id


async def test_two_devices_at_once_lose_nothing(rush: Market) -> None:
    await rush.change("UPDATE inventory.stock SET on_hand = 1000000")
    own = await rush.customer_with(("MUG-1-R", 1))
    devices = [await rush.guest_with(("MUG-1-R", 1), ("GLASS-1", 2)) for _ in range(6)]
    seen = [rush.customer(each.cart_id, each.token) for each in devices]
    carts = await rush.selling.at_once(
        [*(each.mine() for each in seen), *(each.add(rush.variants["MUG-1-R"]) for each in seen)]
    )
    assert all(cart.get("id") for cart in carts), carts
    cart = await rush.customer().mine()
    assert _lines(cart) == {"MUG-1-R": 13, "GLASS-1": 12}
    assert (await own.read())["id"] == cart["id"]
    for each in devices:
        assert (await rush.customer(each.cart_id).read())["id"] == cart["id"]
    assert await rush.selling.rows("SELECT count(*)::int FROM cart.cart WHERE state = 'active'") == [(1,)]


async def test_a_guest_who_adds_while_his_cart_is_claimed_loses_nothing(rush: Market) -> None:
    await rush.change("UPDATE inventory.stock SET on_hand = 1000000")
    guest = await rush.guest_with(("MUG-1-R", 1))
    customer = rush.customer(guest.cart_id, guest.token)
    mug = rush.variants["MUG-1-R"]
    answers = await rush.selling.at_once(
        [*(guest.add(mug) for _ in range(8)), customer.mine(), *(customer.add(mug) for _ in range(8))]
    )
    added = sum("lines" in answer for place, answer in enumerate(answers) if place != 8)
    assert {answer["code"] for answer in answers if answer and "code" in answer} <= {NOT_FOUND}
    assert _lines(await rush.customer().mine()) == {"MUG-1-R": 1 + added}


async def test_two_customers_who_show_one_token_at_once(rush: Market) -> None:
    guest = await rush.guest_with(("MUG-1-R", 1))
    both = [rush.customer(guest.cart_id, guest.token, name=name) for name in ("customer", "other_customer")]
    carts = await rush.selling.at_once([each.mine() for each in both])
    assert sorted(cart is None for cart in carts) == [False, True]
    owners = await rush.selling.rows("SELECT count(DISTINCT customer_id)::int, count(*)::int FROM cart.cart")
    assert owners == [(1, 1)]


async def test_a_customer_who_begins_several_carts_at_once_has_one(rush: Market) -> None:
    created = await rush.selling.at_once([rush.create(rush.customer(), ("MUG-1-R", 1)) for _ in range(7)])
    assert len({each["cart"]["id"] for each in created}) == 1
    assert _lines(await rush.customer().mine()) == {"MUG-1-R": 7}
