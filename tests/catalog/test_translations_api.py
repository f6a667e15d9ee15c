"""Texts in the language that was asked for, else in the channel's own, else as they were written."""

from typing import Any

import pytest
from tests.callers import Caller

PRODUCT = """{ product(slug: "steel-mug") {
    name description productType { name } category { name } breadcrumbs { name } thumbnail { alt }
    options { name values } variants { name options { name value } } attributes { code name value choices { name } }
} }"""

GERMAN = {
    "name": "Stahlbecher",
    "description": "<p>Hält warm.</p>",
    "productType": {"name": "Trinkgefäße"},
    "category": {"name": "Becher"},
    "breadcrumbs": [{"name": "Küche"}, {"name": "Becher"}],
    "thumbnail": {"alt": "Ein Becher"},
    "options": [{"name": "Farbe", "values": ["Rot", "Blau"]}],
    "variants": [
        {"name": "Red", "options": [{"name": "Farbe", "value": "Rot"}]},
        {"name": "Blue", "options": [{"name": "Farbe", "value": "Blau"}]},
    ],
    "attributes": [
        {"code": "material", "name": "Material", "value": "Stahl", "choices": [{"name": "Stahl"}]},
        {
            "code": "uses",
            "name": "Verwendung",
            "value": "Coffee, Tea",
            "choices": [{"name": "Coffee"}, {"name": "Tea"}],
        },
        {"code": "volume", "name": "Volume", "value": "350.5", "choices": []},
        {"code": "dishwasher", "name": "Dishwasher safe", "value": "true", "choices": []},
        {"code": "since", "name": "Made since", "value": "2019-04-01", "choices": []},
        {"code": "maker", "name": "Maker", "value": "Von Hand", "choices": []},
        {"code": "care", "name": "Care", "value": "<p>Rinse.</p>", "choices": []},
    ],
}
ENGLISH = {
    "name": "Steel Mug",
    "description": "<p>Keeps warm.</p>",
    "productType": {"name": "Drinkware"},
    "category": {"name": "Mugs"},
    "breadcrumbs": [{"name": "Kitchen"}, {"name": "Mugs"}],
    "thumbnail": {"alt": "A mug"},
    "options": [{"name": "Colour", "values": ["Red", "Blue"]}],
    "variants": [
        {"name": "Red", "options": [{"name": "Colour", "value": "Red"}]},
        {"name": "Blue", "options": [{"name": "Colour", "value": "Blue"}]},
    ],
    "attributes": [
        {"code": "material", "name": "Material", "value": "Steel", "choices": [{"name": "Steel"}]},
        {"code": "uses", "name": "Uses", "value": "Coffee, Tea", "choices": [{"name": "Coffee"}, {"name": "Tea"}]},
        {"code": "volume", "name": "Volume", "value": "350.5", "choices": []},
        {"code": "dishwasher", "name": "Dishwasher safe", "value": "true", "choices": []},
        {"code": "since", "name": "Made since", "value": "2019-04-01", "choices": []},
        {"code": "maker", "name": "Maker", "value": "By hand", "choices": []},
        {"code": "care", "name": "Care", "value": "<p>Rinse.</p>", "choices": []},
    ],
}


async def test_everything_is_translated(shop_eu: Caller) -> None:
    assert await shop_eu(PRODUCT, accept_language="de") == {"product": GERMAN}
    assert await shop_eu(PRODUCT, accept_language="en") == {"product": ENGLISH}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de", GERMAN),
        ("de-AT", GERMAN),
        ("de-AT, en;q=0.5", GERMAN),
        ("en;q=0.5, de;q=0.6", GERMAN),
        ("EN-us,de;q=0.9", ENGLISH),
        ("fr, en;q=0.1", ENGLISH),
        ("fr", GERMAN),
        ("*", GERMAN),
        ("de;q=0, en", ENGLISH),
        ("", GERMAN),
        (";;;,,,q=", GERMAN),
        ("\\u0000'; DROP TABLE", GERMAN),
        ("en" * 5_000, GERMAN),
        (", ".join(["fr"] * 5_000) + ", en", GERMAN),
    ],
)
async def test_the_header_is_negotiated_with_what_the_channel_speaks(
    shop_eu: Caller, header: str, expected: dict[str, Any]
) -> None:
    query = '{ product(slug: "steel-mug") { name } }'
    assert await shop_eu(query, accept_language=header) == {"product": {"name": expected["name"]}}


@pytest.mark.parametrize("header", ["de", "de-AT", "fr", "en"])
async def test_a_channel_speaks_no_more_than_its_languages(shop: Caller, header: str) -> None:
    assert await shop(PRODUCT, accept_language=header) == {"product": ENGLISH}


async def test_what_has_no_translation_is_as_written(shop_eu: Caller) -> None:
    query = '{ product(slug: "clay-cup") { name description } category(slug: "travel-mugs") { name description } }'
    assert await shop_eu(query) == {
        "product": {"name": "Clay Cup", "description": ""},
        "category": {"name": "Travel mugs", "description": ""},
    }


async def test_facets_speak_the_language_too(shop_eu: Caller) -> None:
    query = """{ products(filter: {productType: {eq: "drinkware"}}) { facets { name values(first: 2) { label } } } }"""

    async def facets(language: str) -> list[tuple[str, list[str]]]:
        found = await shop_eu(query, accept_language=language)
        return [(facet["name"], [value["label"] for value in facet["values"]]) for facet in found["products"]["facets"]]

    assert await facets("de-CH") == [
        ("Kategorie", ["Küche", "Becher"]),
        ("Stichwörter", ["new", "bestseller"]),
        ("Material", ["Stahl", "Glas"]),
        ("Verwendung", ["Tea", "Coffee"]),
        ("Dishwasher safe", ["Ja", "Nein"]),
    ]
    assert await facets("en") == [
        ("Category", ["Kitchen", "Mugs"]),
        ("Tags", ["new", "bestseller"]),
        ("Material", ["Steel", "Glass"]),
        ("Uses", ["Tea", "Coffee"]),
        ("Dishwasher safe", ["No", "Yes"]),
    ]
