"""Prices as both APIs tell them: exact, in the digits of their currency."""

from dataclasses import replace

from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import US, a_shop, mug, published
from tests.fixtures import writing

from mercer.catalog import service as catalog
from mercer.channels import service as channels
from mercer.platform.settings import Settings
from mercer.pricing import service as pricing
from mercer.pricing.models import Price
from mercer.values.basket import TaxMode

PRICES = """{ product(slug: "steel-mug") {
    priceRange { start { amount currency isTaxIncluded } stop { amount currency } }
    variants { sku price { amount before currency isTaxIncluded } }
} }"""


async def test_prices_in_a_channel_without_tax(shop: Caller) -> None:
    assert await shop(PRICES) == {
        "product": {
            "priceRange": {
                "start": {"amount": "12.50", "currency": "USD", "isTaxIncluded": False},
                "stop": {"amount": "15.00", "currency": "USD"},
            },
            "variants": [
                {
                    "sku": "MUG-1-R",
                    "price": {"amount": "12.50", "before": "19.99", "currency": "USD", "isTaxIncluded": False},
                },
                {
                    "sku": "MUG-1-B",
                    "price": {"amount": "15.00", "before": None, "currency": "USD", "isTaxIncluded": False},
                },
            ],
        }
    }


async def test_prices_in_a_channel_with_tax(shop_eu: Caller) -> None:
    assert await shop_eu(PRICES) == {
        "product": {
            "priceRange": {
                "start": {"amount": "13.99", "currency": "EUR", "isTaxIncluded": True},
                "stop": {"amount": "15.99", "currency": "EUR"},
            },
            "variants": [
                {
                    "sku": "MUG-1-R",
                    "price": {"amount": "13.99", "before": None, "currency": "EUR", "isTaxIncluded": True},
                },
                {
                    "sku": "MUG-1-B",
                    "price": {"amount": "15.99", "before": None, "currency": "EUR", "isTaxIncluded": True},
                },
            ],
        }
    }


async def test_staff_see_the_prices_of_every_channel(admin: Caller) -> None:
    query = """query ($sku: String) { productVariant(sku: $sku) {
        prices { channel { code } amount before currency updatedAt }
    } }"""
    at = "2026-11-22T12:00:00.000000Z"
    found = await admin(query, {"sku": "MUG-1-R"})
    assert sorted(found["productVariant"]["prices"], key=lambda price: price["currency"]) == [
        {"channel": {"code": "eu"}, "amount": "13.99", "before": None, "currency": "EUR", "updatedAt": at},
        {"channel": {"code": "us"}, "amount": "12.50", "before": "19.99", "currency": "USD", "updatedAt": at},
    ]
    assert await admin(query, {"sku": "BAG-2"}) == {"productVariant": {"prices": []}}


async def test_amounts_have_the_digits_of_their_currency(fresh: Settings) -> None:
    """Filters take exact amounts in it, too: what lies between two minor units is rounded inward."""
    terms = {"jp": "JPY", "kw": "KWD", "cl": "CLF", "hu": "HUF"}
    async with writing(fresh) as context:
        await a_shop(context)
        await channels.store_channels(
            context,
            channels=[
                replace(US, code=code, currency=currency, is_default=False, tax_mode=TaxMode.GROSS)
                for code, currency in terms.items()
            ],
        )
        await catalog.complete_search(context)
        coin = mug("Coin", "COIN", publications={code: published() for code in terms})
        await catalog.store_products(context, products=[coin])
        prices = [Price(sku="COIN", channel=code, amount=1250, before_amount=10**15) for code in terms]
        assert (await pricing.store_prices(context, prices=prices)).rejected == ()
    query = """query ($gte: Decimal, $lte: Decimal) {
        product(slug: "coin") { variants { price { amount before currency } } }
        products(filter: {price: {gte: $gte, lte: $lte}}, sort: {field: PRICE}) { totalCount }
    }"""
    expected = {
        "jp": ("1250", "1000000000000000"),
        "kw": ("1.250", "1000000000000.000"),
        "cl": ("0.1250", "100000000000.0000"),
        "hu": ("12.50", "10000000000000.00"),
    }
    async with calling(fresh) as http:
        for code, (amount, before) in expected.items():
            shop = shop_caller(http, **{"X-Mercer-Channel": code})
            found = await shop(query, {"gte": amount, "lte": amount})
            price = {"amount": amount, "before": before, "currency": terms[code]}
            assert found == {"product": {"variants": [{"price": price}]}, "products": {"totalCount": 1}}
            above = {"gte": f"{amount if '.' in amount else amount + '.'}00001"}
            assert (await shop(query, above))["products"] == {"totalCount": 0}
        staff = await admin_caller(http)('{ productVariant(sku: "COIN") { prices { amount currency } } }')
    assert sorted((price["currency"], price["amount"]) for price in staff["productVariant"]["prices"]) == [
        ("CLF", "0.1250"),
        ("HUF", "12.50"),
        ("JPY", "1250"),
        ("KWD", "1.250"),
    ]
