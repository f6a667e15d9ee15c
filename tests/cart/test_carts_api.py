"""Carts as shoppers send for them: the way of the first journey, and everything that is refused on it."""

from uuid import UUID

from tests.cart.market import BERLIN, NEW_YORK, Market


async def test_the_way_of_a_guest_in_the_us(market: Market) -> None:
    guest = market.guest()
    created = await market.create(guest, ("MUG-1-R", 1))
    assert len(created["token"]) >= 43
    cart = created["cart"]
    [line] = cart["lines"]
    assert (line["sku"], line["productName"], line["variantName"], line["variant"]) == (
        "MUG-1-R",
        "Steel Mug",
        "Red",
        {"sku": "MUG-1-R"},
    )
    assert (line["quantity"], line["unitPrice"]) == (1, {"net": "12.50", "gross": None})
    assert cart["total"] == {"net": "12.50", "tax": None, "gross": None, "isEstimated": True}
    assert (cart["taxTotal"], cart["shippingMethods"], cart["shippingAddress"]) == (None, [], None)
    guest = market.guest(cart["id"], created["token"])
    cart = await guest.add(market.variants["MUG-1-R"], 2)
    assert [(line["id"], line["quantity"]) for line in cart["lines"]] == [(line["id"], 3)]
    cart = await guest.update((line["id"], 2))
    assert cart["subtotal"]["net"] == "25.00"
    cart = await guest.email(" Ada@EXAMPLE.com ")
    assert cart["email"] == "Ada@example.com"
    cart = await guest.address({**NEW_YORK, "phone": "(212) 555-0123", "region": "New York", "taxId": "12-34"})
    assert cart["shippingAddress"] == {
        "lastName": "Byron",
        "region": "NY",
        "city": "New York",
        "postalCode": "10001",
        "country": "US",
        "phone": "+12125550123",
        "taxId": "12-34",
    }
    assert cart["billingAddress"] == {"lastName": "Byron", "country": "US"}
    offered = [(each["code"], each["name"], each["price"]["amount"]) for each in cart["shippingMethods"]]
    assert offered == [("standard", "Standard", "5.00"), ("express", "Express", "15.00")]
    cart = await guest.method(cart["shippingMethods"][0]["id"])
    assert cart["shippingMethod"] == {"code": "standard"}
    [line] = cart["lines"]
    assert line["unitPrice"] == {"net": "12.50", "gross": "13.61"}
    assert line["total"] == {"net": "25.00", "tax": "2.22", "gross": "27.22"}
    assert cart["subtotal"] == {"net": "25.00", "tax": "2.22", "gross": "27.22", "isEstimated": False}
    assert cart["shippingTotal"] == {"net": "5.00", "gross": "5.44"}
    assert (cart["discountTotal"], cart["taxTotal"]) == ({"gross": "0.00"}, {"amount": "2.66"})
    assert cart["total"] == {"net": "30.00", "tax": "2.66", "gross": "32.66", "isEstimated": False}
    assert await guest.read() == cart
    assert await guest.mine() == cart
    cart = await guest.update((line["id"], 0))
    assert (cart["lines"], cart["total"]["gross"]) == ([], "0.00")


async def test_prices_in_europe_hold_the_tax_of_where_the_shop_is_until_there_is_an_address(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-B", 1), channel="eu")
    cart = await guest.read()
    assert cart["total"] == {"net": "13.44", "tax": "2.55", "gross": "15.99", "isEstimated": True}
    assert cart["lines"][0]["productName"] == "Stahlbecher"
    cart = await guest.address(BERLIN, {**BERLIN, "lastName": "Payer"})
    assert cart["billingAddress"]["lastName"] == "Payer"
    assert [each["name"] for each in cart["shippingMethods"]] == ["Paket"]
    french = {**BERLIN, "country": "FR", "postalCode": "75001", "city": "Paris"}
    cart = await guest.address(french)
    assert cart["total"] == {"net": "13.32", "tax": "2.67", "gross": "15.99", "isEstimated": False}
    assert cart["billingAddress"] == {"lastName": "Byron", "country": "FR"}
    assert str(UUID(cart["id"])) == cart["id"]
