"""The catalogue as staff see it: all of it, with its translations."""

from typing import Any

import pytest
from tests.callers import Caller
from tests.catalog.listing import LISTED
from tests.fixtures import Known

PRODUCT = """{ product(slug: "steel-mug") {
    id name nameTranslations description descriptionTranslations tags createdAt updatedAt
    productType { code nameTranslations } category { slug nameTranslations parent { slug } }
    publications { channel { code } status publishAt unpublishAt }
    media { url alt altTranslations position }
    attributes { code kind unit value textTranslations }
    options { name values { name } }
    variants { sku name nameTranslations position archivedAt options { name value } product { slug } }
} }"""


async def test_all_of_a_product(admin: Caller, known: Known) -> None:
    at = "2026-11-22T12:00:00.000000Z"

    def attribute(code: str, kind: str, value: str, unit: str | None = None, **texts: str) -> dict[str, Any]:
        return {"code": code, "kind": kind, "unit": unit, "value": value, "textTranslations": texts}

    def variant(position: int, sku: str, name: str, archived: str | None = None) -> dict[str, Any]:
        return {
            "sku": sku,
            "name": name,
            "nameTranslations": {},
            "position": position,
            "archivedAt": archived,
            "options": [] if archived else [{"name": "Colour", "value": name}],
            "product": {"slug": "steel-mug"},
        }

    product = (await admin(PRODUCT))["product"]
    product["publications"].sort(key=lambda publication: publication["channel"]["code"])
    since = {"status": "PUBLISHED", "publishAt": "2026-11-19T12:00:00.000000Z", "unpublishAt": None}
    assert product == {
        "id": known.products["Steel Mug"],
        "name": "Steel Mug",
        "nameTranslations": {"de": "Stahlbecher"},
        "description": "<p>Keeps warm.</p>",
        "descriptionTranslations": {"de": "<p>Hält warm.</p>"},
        "tags": ["new", "bestseller"],
        "createdAt": at,
        "updatedAt": at,
        "productType": {"code": "drinkware", "nameTranslations": {"de": "Trinkgefäße"}},
        "category": {"slug": "mugs", "nameTranslations": {"de": "Becher"}, "parent": {"slug": "kitchen"}},
        "publications": [{"channel": {"code": "eu"}, **since}, {"channel": {"code": "us"}, **since}],
        "media": [
            {
                "url": "http://test/media/mug-front.svg",
                "alt": "A mug",
                "altTranslations": {"de": "Ein Becher"},
                "position": 0,
            },
            {"url": "http://test/media/mug-side.svg", "alt": "", "altTranslations": {}, "position": 1},
        ],
        "attributes": [
            attribute("material", "CHOICE", "Steel"),
            attribute("uses", "MULTI_CHOICE", "Coffee, Tea"),
            attribute("volume", "NUMBER", "350.5", "ml"),
            attribute("dishwasher", "BOOLEAN", "true"),
            attribute("since", "DATE", "2019-04-01"),
            attribute("maker", "TEXT", "By hand", de="Von Hand"),
            attribute("care", "RICH_TEXT", "<p>Rinse.</p>"),
        ],
        "options": [{"name": "Colour", "values": [{"name": "Red"}, {"name": "Blue"}]}],
        "variants": [
            variant(0, "MUG-1-R", "Red"),
            variant(1, "MUG-1-B", "Blue"),
            variant(2, "MUG-1-OLD", "Old", archived=at),
        ],
    }


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"publication": {}}, 12),
        ({"publication": {"status": ["DRAFT"]}}, ["Draft Mug"]),
        ({"publication": {"status": ["DRAFT", "ARCHIVED"]}}, ["Archived Mug", "Draft Mug"]),
        ({"publication": {"status": []}}, []),
        ({"publication": {"channel": "EU"}}, 6),
        ({"publication": {"channel": "EU", "status": ["PUBLISHED"]}, "tags": {"anyOf": ["new"]}}, 2),
        ({"publication": {"channel": "nonsense"}}, []),
        ({"updatedAt": {"gte": "2026-11-22T12:00:00Z", "lte": "2026-11-22T13:00:00+01:00"}}, 12),
        ({"updatedAt": {"gte": "2026-11-22T12:00:00.000001Z"}}, []),
        ({"productType": {"eq": "bags"}}, ["Rucksack", "Unpriced Bag"]),
        ({"category": {"slug": "travel-mugs"}}, ["Travel Mug"]),
    ],
)
async def test_filters(admin: Caller, known: Known, filter: dict[str, Any], expected: list[str] | int) -> None:
    publication = filter.get("publication")
    if publication and publication.get("channel") == "EU":
        filter = filter | {"publication": publication | {"channel": known.channels["eu"]}}
    products = (await admin(LISTED, {"filter": filter, "sort": {"field": "NAME"}}))["products"]
    names = [product["name"] for product in products["nodes"]]
    assert products["totalCount"] == len(names)
    assert (len(names) if isinstance(expected, int) else names) == expected


async def test_the_newest_stand_first(admin: Caller) -> None:
    products = (await admin(LISTED))["products"]
    names = [product["name"] for product in products["nodes"]]
    assert (names[0], names[-1], len(names)) == ("Past Mug", "Steel Mug", 12)


async def test_product_types_and_attributes(admin: Caller) -> None:
    query = """{
        productTypes { nodes { code name nameTranslations attributes { code } } totalCount }
        productType(code: "bags") { code attributes { code } }
        attribute(code: "material") {
            kind unit isFilterable choices(first: 2) { code name nameTranslations position }
        }
        attributes(first: 2, sort: {field: CODE, direction: DESC}) { nodes { code unit kind } totalCount }
        nothing: attribute(code: "unheard") { code }
        none: productType(id: "nonsense") { code }
    }"""
    codes = ["material", "uses", "volume", "dishwasher", "since", "maker", "care"]
    assert await admin(query) == {
        "productTypes": {
            "nodes": [
                {"code": "bags", "name": "Bags", "nameTranslations": {"de": "Taschen"}, "attributes": []},
                {
                    "code": "drinkware",
                    "name": "Drinkware",
                    "nameTranslations": {"de": "Trinkgefäße"},
                    "attributes": [{"code": code} for code in codes],
                },
            ],
            "totalCount": 2,
        },
        "productType": {"code": "bags", "attributes": []},
        "attribute": {
            "kind": "CHOICE",
            "unit": None,
            "isFilterable": True,
            "choices": [
                {"code": "steel", "name": "Steel", "nameTranslations": {"de": "Stahl"}, "position": 0},
                {"code": "glass", "name": "Glass", "nameTranslations": {"de": "Glas"}, "position": 1},
            ],
        },
        "attributes": {
            "nodes": [
                {"code": "volume", "unit": "ml", "kind": "NUMBER"},
                {"code": "uses", "unit": None, "kind": "MULTI_CHOICE"},
            ],
            "totalCount": 7,
        },
        "nothing": None,
        "none": None,
    }
