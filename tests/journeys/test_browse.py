"""A shopper looks around: the catalogue's queries of the first journey, as they are promised."""

from typing import Any

import pytest
from tests.callers import Caller

LISTING = """
query   { products(first: 24, search: "mug", filter: {category: {slug: "kitchen"}}, sort: {field: PRICE, direction: ASC}) {
            nodes { id name slug thumbnail { url alt } priceRange { start { amount currency } stop { amount currency } }
                    category { name slug } variants { id sku name available price { amount currency } } }
            totalCount pageInfo { hasNextPage endCursor } facets { name values { value label count } } } }
"""  # noqa: E501 — as it is promised
PRODUCT = """
query   { product(slug: "steel-mug") { id name description media { url alt } attributes { name value } options { name values }
            variants { id sku available isAvailable price { amount currency } options { name value } } breadcrumbs { name slug } } }
"""  # noqa: E501


def without_ids(value: Any) -> Any:
    """The answer without what differs from shop to shop."""
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key not in ("id", "endCursor")}
    return value


def money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "name": "Steel Mug",
        "description": "<p>Keeps warm.</p>",
        "alt": "A mug",
        "breadcrumbs": [{"name": "Kitchen", "slug": "kitchen"}, {"name": "Mugs", "slug": "mugs"}],
        "attributes": [
            ("Material", "Steel"),
            ("Uses", "Coffee, Tea"),
            ("Volume", "350.5"),
            ("Dishwasher safe", "true"),
            ("Made since", "2019-04-01"),
            ("Maker", "By hand"),
            ("Care", "<p>Rinse.</p>"),
        ],
        "options": ("Colour", ["Red", "Blue"]),
    },
    "de": {
        "name": "Stahlbecher",
        "description": "<p>Hält warm.</p>",
        "alt": "Ein Becher",
        "breadcrumbs": [{"name": "Küche", "slug": "kitchen"}, {"name": "Becher", "slug": "mugs"}],
        "attributes": [
            ("Material", "Stahl"),
            ("Verwendung", "Coffee, Tea"),
            ("Volume", "350.5"),
            ("Dishwasher safe", "true"),
            ("Made since", "2019-04-01"),
            ("Maker", "Von Hand"),
            ("Care", "<p>Rinse.</p>"),
        ],
        "options": ("Farbe", ["Rot", "Blau"]),
    },
}
STOCK = {
    "us": {"currency": "USD", "Red": ("12.50", 7), "Blue": ("15.00", 0)},
    "eu": {"currency": "EUR", "Red": ("13.99", 2), "Blue": ("15.99", 4)},
}


@pytest.mark.parametrize(("channel", "language"), [("us", "en"), ("eu", "en"), ("eu", "de")])
async def test_a_product_page(shop: Caller, channel: str, language: str) -> None:
    words, stock = WORDS[language], STOCK[channel]
    option, values = words["options"]
    variants = [
        {
            "sku": sku,
            "available": stock[name][1],
            "isAvailable": stock[name][1] > 0,  # type: ignore[operator]
            "price": money(stock[name][0], stock["currency"]),  # type: ignore[arg-type]
            "options": [{"name": option, "value": value}],
        }
        for (sku, name), value in zip((("MUG-1-R", "Red"), ("MUG-1-B", "Blue")), values, strict=True)
    ]
    answer = await shop(PRODUCT, x_mercer_channel=channel, accept_language=language)
    assert without_ids(answer["product"]) == {
        "name": words["name"],
        "description": words["description"],
        "media": [
            {"url": "http://test/media/mug-front.svg", "alt": words["alt"]},
            {"url": "http://test/media/mug-side.svg", "alt": ""},
        ],
        "attributes": [{"name": name, "value": value} for name, value in words["attributes"]],
        "options": [{"name": option, "values": values}],
        "variants": variants,
        "breadcrumbs": words["breadcrumbs"],
    }


async def test_a_listing_in_english(shop: Caller) -> None:
    products = (await shop(LISTING))["products"]
    assert [(node["name"], node["priceRange"]["start"]) for node in products["nodes"]] == [
        ("Steel Mug", money("12.50", "USD")),
        ("American Mug", money("12.50", "USD")),
        ("Travel Mug", money("30.00", "USD")),
    ]
    assert without_ids(products["nodes"][0]) == {
        "name": "Steel Mug",
        "slug": "steel-mug",
        "thumbnail": {"url": "http://test/media/mug-front.svg", "alt": "A mug"},
        "priceRange": {"start": money("12.50", "USD"), "stop": money("15.00", "USD")},
        "category": {"name": "Mugs", "slug": "mugs"},
        "variants": [
            {"sku": "MUG-1-R", "name": "Red", "available": 7, "price": money("12.50", "USD")},
            {"sku": "MUG-1-B", "name": "Blue", "available": 0, "price": money("15.00", "USD")},
        ],
    }
    assert (products["totalCount"], products["pageInfo"]["hasNextPage"]) == (3, False)
    assert [
        (facet["name"], [(value["label"], value["count"]) for value in facet["values"]]) for facet in products["facets"]
    ] == [
        ("Category", [("Kitchen", 3), ("Mugs", 3), ("Travel mugs", 1)]),
        ("Tags", [("bestseller", 1), ("new", 1)]),
        ("Material", [("Steel", 2)]),
        ("Uses", [("Coffee", 1), ("Tea", 1)]),
        ("Dishwasher safe", [("Yes", 1)]),
    ]


async def test_a_listing_in_german(shop_eu: Caller) -> None:
    products = (await shop_eu(LISTING.replace("mug", "reisebecher")))["products"]
    assert without_ids(products) == {
        "nodes": [
            {
                "name": "Reisebecher",
                "slug": "travel-mug",
                "thumbnail": None,
                "priceRange": {"start": money("32.00", "EUR"), "stop": money("32.00", "EUR")},
                "category": {"name": "Travel mugs", "slug": "travel-mugs"},
                "variants": [{"sku": "TRAVEL-1", "name": "", "available": 0, "price": money("32.00", "EUR")}],
            }
        ],
        "totalCount": 1,
        "pageInfo": {"hasNextPage": False},
        "facets": [
            {
                "name": "Kategorie",
                "values": [
                    {"value": value["value"], "label": label, "count": 1}
                    for value, label in zip(
                        products["facets"][0]["values"], ("Küche", "Becher", "Travel mugs"), strict=True
                    )
                ],
            },
            {"name": "Material", "values": [{"value": "steel", "label": "Stahl", "count": 1}]},
        ],
    }
    assert products["pageInfo"]["endCursor"]
