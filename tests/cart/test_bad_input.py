"""What is refused of carts: each with an answer that says what is wrong, and nothing changed."""

from typing import Any
from uuid import uuid4

import pytest
from tests.callers import calling, shop_caller
from tests.cart.market import ADD, NEW_YORK, UPDATE, Market


@pytest.mark.parametrize("quantity", [0, -1, -(2**31)])
async def test_one_cannot_add_less_than_one(market: Market, quantity: int) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    before = await market.stored()
    answer = await guest.add(market.variants["MUG-1-R"], quantity)
    assert (answer["code"], answer["fields"]) == (
        "INVALID_INPUT",
        [{"path": ["lines", "0", "quantity"], "message": "A quantity is at least 1."}],
    )
    created = await market.create(market.guest(), ("MUG-1-R", quantity))
    assert created["fields"][0]["path"] == ["input", "lines", "0", "quantity"]
    [line] = (await guest.read())["lines"]
    if quantity:
        answer = await guest.update((line["id"], quantity))
        assert answer["fields"][0]["message"] == "A quantity is at least 0, which removes the line."
    assert await market.stored() == before


@pytest.mark.parametrize("quantity", [1.5, "1", True, None, 2**31, -(2**31) - 1, 1e30, [1]])
async def test_what_is_no_int_is_no_quantity(market: Market, quantity: Any) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    before = await market.stored()
    [line] = (await guest.read())["lines"]
    for document, given in (
        (ADD, {"variantId": market.variants["MUG-1-R"], "quantity": quantity}),
        (UPDATE, {"lineId": line["id"], "quantity": quantity}),
    ):
        lines = given if quantity == [1] else [given]
        answer = await guest.caller.send(document, {"id": guest.cart_id, "lines": lines})
        assert answer.status_code in {400, 422}
        assert "data" not in answer.json()
    assert await market.stored() == before


async def test_a_line_holds_9999_after_summing(market: Market) -> None:
    await market.change("UPDATE inventory.stock SET on_hand = 1000000")
    guest = await market.guest_with(("MUG-1-R", 9_999))
    before = await market.stored()
    refused = {"code": "LINE_QUANTITY_EXCEEDED", "most": 9_999}
    for lines in ([("MUG-1-R", 1)], [("GLASS-1", 5_000), ("GLASS-1", 5_000)], [("GLASS-1", 2**31 - 1)]):
        answer = await guest.add_many(*[(market.variants[sku], quantity) for sku, quantity in lines])
        assert refused.items() <= answer.items()
    [line] = (await guest.read())["lines"]
    assert refused.items() <= (await guest.update((line["id"], 10_000))).items()
    assert await market.stored() == before


async def test_a_cart_holds_100_lines(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    refused = {"code": "LINES_TOO_MANY", "most": 100}
    before = await market.stored()
    many = [(str(uuid4()), 1) for _ in range(101)]
    assert refused.items() <= (await guest.add_many(*many)).items()
    assert refused.items() <= (await guest.add_many(*many[:100])).items()
    assert refused.items() <= (await guest.update(*many)).items()
    assert await market.stored() == before


@pytest.mark.parametrize(
    "sku",
    [
        "EU-1",
        "DRAFT-1",
        "ARCHIVED-1",
        "FUTURE-1",
        "PAST-1",
        "MUG-1-OLD",
        "BAG-2",
        "8a3c1f1e-0000-7000-8000-000000000001",
        "",
        "x",
    ],
)
async def test_what_is_not_sold_here_cannot_be_bought(market: Market, sku: str) -> None:
    """Of another channel, unpublished, archived, without a price, unknown."""
    guest = await market.guest_with(("MUG-1-R", 1))
    before = await market.stored()
    answer = await guest.add_many((market.variants["GLASS-1"], 1), (market.variants.get(sku, sku), 1))
    assert (answer["code"], answer["path"]) == ("VARIANT_UNAVAILABLE", ["lines", "1"])
    if sku in market.variants:
        assert answer["variantId"] == market.variants[sku]
    created = await market.create(market.guest(), (sku, 1))
    assert (created["code"], created["path"]) == ("VARIANT_UNAVAILABLE", ["input", "lines", "0"])
    assert await market.stored() == before


async def test_more_than_there_is_cannot_be_added(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 6))
    before = await market.stored()
    mug = market.variants["MUG-1-R"]
    answer = await guest.add(mug, 2)
    assert (answer["code"], answer["available"]) == ("INSUFFICIENT_STOCK", 7)
    assert answer["shortages"] == [{"variantId": mug, "requested": 8, "available": 7}]
    answer = await guest.add_many((market.variants["CLAY-1"], 1))
    assert (answer["code"], answer["available"]) == ("INSUFFICIENT_STOCK", 0)
    assert await market.stored() == before
    assert await market.holds() == {}
    assert (await guest.add(mug, 1))["lines"][0]["quantity"] == 7


async def test_what_costs_more_than_can_be_reckoned_with_is_refused(market: Market) -> None:
    await market.change("UPDATE inventory.stock SET on_hand = 1000000")
    await market.change("UPDATE pricing.listed SET amount = 1000000000000000")
    guest = await market.guest_with(("MUG-1-R", 1), ("GLASS-1", 1))
    assert (await guest.read())["total"]["net"] == "20000000000000.00"
    before = await market.stored()
    answer = await guest.add(market.variants["GLASS-1"], 9_000)
    assert (answer["code"], answer["path"]) == ("TOTAL_TOO_LARGE", ["lines", "0", "quantity"])
    assert await market.stored() == before


async def test_lines_that_are_not_there_or_given_twice(market: Market) -> None:
    guest, other = await market.guest_with(("MUG-1-R", 1)), await market.guest_with(("GLASS-1", 1))
    [line], [foreign] = (await guest.read())["lines"], (await other.read())["lines"]
    before = await market.stored()
    answer = await guest.update((line["id"], 2), (foreign["id"], 2))
    assert (answer["code"], answer["lineId"], answer["path"]) == (
        "LINE_NOT_FOUND",
        foreign["id"],
        ["lines", "1", "lineId"],
    )
    answer = await guest.update((line["id"], 2), (line["id"], 3))
    assert answer["fields"] == [{"path": ["lines", "1", "lineId"], "message": "This line was given before."}]
    assert await market.stored() == before


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b\n.com", "a" * 250 + "@b.de"]
)
async def test_what_is_no_address_of_mail(market: Market, email: str) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    before = await market.stored()
    answer = await guest.email(email)
    assert answer["fields"] == [{"path": ["email"], "message": "This is no e-mail address."}]
    assert await market.stored() == before


async def test_all_that_is_wrong_with_both_addresses_is_told_at_once(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    before = await market.stored()
    shipping = {**NEW_YORK, "lastName": "<script>alert(1)</script>", "postalCode": "K1A 0B1", "phone": "12"}
    billing = {**NEW_YORK, "country": "XX"}
    answer = await guest.address(shipping, billing)
    assert answer["code"] == "INVALID_INPUT"
    assert {tuple(each["path"]) for each in answer["fields"]} == {
        ("shipping", "lastName"),
        ("shipping", "postalCode"),
        ("shipping", "phone"),
        ("billing", "country"),
    }
    assert await market.stored() == before
    assert await market.holds() == {}


async def test_a_method_that_is_not_offered_is_refused(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    method = str(uuid4())
    assert (await guest.method(method))["code"] == "ADDRESS_MISSING"
    await guest.address()
    before = await market.stored()
    answer = await guest.method(method)
    assert (answer["code"], answer["methodId"]) == ("SHIPPING_METHOD_UNAVAILABLE", method)
    assert (await guest.method("x"))["code"] == "SHIPPING_METHOD_UNAVAILABLE"
    assert await market.stored() == before


async def test_carts_are_begun_at_a_measured_pace(market: Market) -> None:
    settings = market.selling.settings.model_copy(update={"carts_per_minute": 2})
    async with calling(settings) as http:
        caller = shop_caller(http, **{"X-Forwarded-For": "203.0.113.7"})
        codes = []
        for _ in range(3):
            answer = (await caller.send("mutation { cartCreate { __typename } }")).json()
            codes.append(answer.get("errors", [{"extensions": {"code": "fine"}}])[0]["extensions"]["code"])
    assert codes[-1] == "TOO_MANY_REQUESTS"
