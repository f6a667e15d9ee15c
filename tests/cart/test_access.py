"""Whose carts open to whom: a token or a session opens one, its id alone never does, and a denial changes nothing."""

from uuid import UUID

import pytest
from tests.callers import Caller, admin_caller
from tests.cart.market import NEW_YORK, Market, Shopper
from tests.people import ROLES

NOT_FOUND = {
    "code": "CART_NOT_FOUND",
    "message": "There is no such cart, or what was shown does not open it.",
    "path": [],
}


async def _is_closed(shopper: Shopper, market: Market) -> None:
    """Nothing of the cart is read or changed by whoever this is."""
    before = await market.stored()
    assert await shopper.read() is None
    assert await shopper.everything() == [NOT_FOUND] * 5
    assert await market.stored() == before


async def test_a_guests_cart_opens_to_its_token_alone(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    other = await market.guest_with(("GLASS-1", 1))
    await _is_closed(market.guest(guest.cart_id), market)
    await _is_closed(market.guest(guest.cart_id, other.token), market)
    await _is_closed(market.guest(guest.cart_id, "mercer_cart_wrong"), market)
    await _is_closed(market.guest(guest.cart_id, "x" * 5_000), market)
    await _is_closed(market.guest(guest.cart_id, guest.cart_id), market)
    await _is_closed(market.customer(guest.cart_id), market)
    assert (await guest.read())["lines"][0]["sku"] == "MUG-1-R"


async def test_a_customers_cart_opens_to_his_session_alone(market: Market) -> None:
    customer = await market.customer_with(("MUG-1-R", 1))
    guest = await market.guest_with(("GLASS-1", 1))
    await _is_closed(market.guest(customer.cart_id), market)
    await _is_closed(market.guest(customer.cart_id, guest.token), market)
    await _is_closed(market.customer(customer.cart_id, name="other_customer"), market)
    assert (await customer.mine())["id"] == customer.cart_id
    assert await market.guest().mine() is None
    assert await market.customer(name="other_customer").mine() is None


@pytest.mark.parametrize(
    "id", ["8a3c1f1e-0000-7000-8000-000000000001", "", "1", "x" * 1_000, str(UUID(int=0)), "' OR true --"]
)
async def test_unknown_and_malformed_ids_are_not_found(market: Market, id: str) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    await _is_closed(market.guest(id, guest.token), market)


async def test_a_customers_cart_has_no_token_and_there_is_one_of_it(market: Market) -> None:
    customer = market.customer()
    first = await market.create(customer, ("MUG-1-R", 1))
    again = await market.create(customer, ("MUG-1-R", 1), ("GLASS-1", 1))
    assert (first["token"], again["token"]) == (None, None)
    assert first["cart"]["id"] == again["cart"]["id"]
    assert [(line["sku"], line["quantity"]) for line in again["cart"]["lines"]] == [("MUG-1-R", 2), ("GLASS-1", 1)]
    assert again["cart"]["email"] == "customer@example.com"


async def test_a_cart_is_used_in_its_own_channel_alone(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    elsewhere = market.guest(guest.cart_id, guest.token, channel="eu")
    before = await market.stored()
    answers = await elsewhere.everything()
    assert {answer["code"] for answer in answers} == {"CART_OF_OTHER_CHANNEL"}
    assert {answer["channelId"] for answer in answers} == {market.selling.channels["us"]}
    assert (await elsewhere.read(), await elsewhere.mine()) == (None, None)
    assert await market.stored() == before


async def test_tokens_are_stored_hashed_and_said_once(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    assert guest.token is not None
    rows = await market.selling.rows("SELECT c::text FROM cart.cart c")
    events = await market.selling.rows(
        "SELECT o::text FROM platform.outbox o UNION ALL SELECT a::text FROM platform.audit a"
    )
    assert all(guest.token not in str(row) for row in [*rows, *events])
    assert len(await market.selling.rows("SELECT FROM cart.cart WHERE octet_length(token_hash) = 32")) == 1


async def test_a_key_does_not_lead_to_a_cart_that_is_a_customers_by_now(market: Market) -> None:
    """Whoever kept a guest's token, and the key of an earlier request, reads nothing of what the customer does."""
    guest = await market.guest_with(("MUG-1-R", 1))
    document = (
        'mutation ($id: ID!) { cartCustomerSet(cartId: $id, email: "a@example.com") { ... on Cart { id email } } }'
    )
    first = await guest.caller(document, {"id": guest.cart_id}, idempotency_key="once")
    assert first["cartCustomerSet"]["email"] == "a@example.com"
    claimed = market.customer(guest.cart_id, guest.token)
    await claimed.email("private@example.com")
    again = (await guest.caller.send(document, {"id": guest.cart_id}, idempotency_key="once")).json()
    assert "private@example.com" not in str(again)
    assert again["errors"][0]["extensions"]["code"] == "RESULT_GONE"


async def test_staff_with_the_permission_see_carts(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 2))
    customer = await market.customer_with(("GLASS-1", 1))
    await guest.address(NEW_YORK)
    document = """query ($id: ID!) { cart(id: $id) { state channel { code } customer { email } total { gross }
        shippingAddress { city } lines { sku quantity variant { sku } } } }"""
    admin = market.selling.admin
    assert (await admin(document, {"id": guest.cart_id}))["cart"] == {
        "state": "ACTIVE",
        "channel": {"code": "us"},
        "customer": None,
        "total": {"gross": "27.22"},
        "shippingAddress": {"city": "New York"},
        "lines": [{"sku": "MUG-1-R", "quantity": 2, "variant": {"sku": "MUG-1-R"}}],
    }
    found = await admin("{ me { id } carts { totalCount nodes { id customer { email } } } }")
    assert {each["id"] for each in found["carts"]["nodes"]} == {guest.cart_id, customer.cart_id}
    listing = "query ($filter: CartFilter) { carts(filter: $filter) { nodes { id } } }"
    for filter, expected in (
        ({"state": {"in": ["ACTIVE"]}}, {guest.cart_id, customer.cart_id}),
        ({"state": {"in": ["EXPIRED", "MERGED"]}}, set()),
        ({"channel": {"in": [market.selling.channels["eu"]]}}, set()),
        ({"updatedAt": {"lte": "2026-11-22T12:00:00Z"}}, {guest.cart_id, customer.cart_id}),
        ({"updatedAt": {"gte": "2026-11-22T12:00:01Z"}}, set()),
    ):
        answer = await admin(listing, {"filter": filter})
        assert {each["id"] for each in answer["carts"]["nodes"]} == expected


@pytest.mark.parametrize("role", ROLES)
async def test_staff_without_the_permission_see_none(market: Market, role: str) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    answer = (await admin_caller(market.selling.http, role=role).send(READ_BARE, {"id": guest.cart_id})).json()
    if role in {"administrator", "customer_support"}:
        assert answer["data"]["cart"] == {"id": guest.cart_id}
    else:
        assert answer["errors"][0]["message"] == "This needs the permission carts.read."


async def test_nobody_sees_carts_at_the_admin_api(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    nobody = Caller(market.selling.http, "/admin/graphql", {"X-Mercer-Cart": guest.token or ""})
    assert (await nobody.send(READ_BARE, {"id": guest.cart_id})).status_code == 401


async def test_two_guests_who_ask_the_same_at_once_are_each_answered_their_own(market: Market) -> None:
    first, other = await market.guest_with(("MUG-1-R", 1)), await market.guest_with(("GLASS-1", 1))
    asked = await market.selling.at_once([first.mine(), other.mine(), first.mine(), other.mine()])
    assert [cart["id"] for cart in asked] == [first.cart_id, other.cart_id] * 2


READ_BARE = "query ($id: ID!) { cart(id: $id) { id } }"
