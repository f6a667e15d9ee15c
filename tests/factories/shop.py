"""A small shop for tests: two channels, a tree of categories, every kind of attribute, every state of publication."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from mercer.catalog import service as catalog
from mercer.catalog.models import (
    Attribute,
    AttributeKind,
    Category,
    Choice,
    Media,
    Option,
    OptionValue,
    Product,
    ProductType,
    Publication,
    PublicationStatus,
    Text,
    Variant,
)
from mercer.channels import service as channels
from mercer.channels.models import ChannelTerms
from mercer.inventory import service as inventory
from mercer.inventory.models import StockLevel, Warehouse
from mercer.platform.context import Context
from mercer.pricing import service as pricing
from mercer.pricing.models import Price
from mercer.values.basket import TaxMode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

US = ChannelTerms(
    code="us",
    name="United States",
    currency="USD",
    languages=("en",),
    country="US",
    time_zone="America/New_York",
    tax_mode=TaxMode.NET,
    is_default=True,
)
EU = ChannelTerms(
    code="eu",
    name="Europe",
    currency="EUR",
    languages=("de", "en"),
    country="DE",
    time_zone="Europe/Berlin",
    tax_mode=TaxMode.GROSS,
    origins=("https://shop.example",),
)

MUG_TYPE = ProductType(
    code="drinkware",
    name="Drinkware",
    name_translations={"de": "Trinkgefäße"},
    attributes=[
        Attribute(
            code="material",
            name="Material",
            kind=AttributeKind.CHOICE,
            choices=[
                Choice(code="steel", name="Steel", name_translations={"de": "Stahl"}),
                Choice(code="glass", name="Glass", name_translations={"de": "Glas"}),
                Choice(code="clay", name="Clay", name_translations={"de": "Ton"}),
            ],
        ),
        Attribute(
            code="uses",
            name="Uses",
            name_translations={"de": "Verwendung"},
            kind=AttributeKind.MULTI_CHOICE,
            choices=[Choice(code="coffee", name="Coffee"), Choice(code="tea", name="Tea")],
        ),
        Attribute(code="volume", name="Volume", kind=AttributeKind.NUMBER, unit="ml"),
        Attribute(code="dishwasher", name="Dishwasher safe", kind=AttributeKind.BOOLEAN),
        Attribute(code="since", name="Made since", kind=AttributeKind.DATE),
        Attribute(code="maker", name="Maker", kind=AttributeKind.TEXT),
        Attribute(code="care", name="Care", kind=AttributeKind.RICH_TEXT),
    ],
)
BAG_TYPE = ProductType(code="bags", name="Bags", name_translations={"de": "Taschen"})

CATEGORIES = [
    Category(slug="kitchen", name="Kitchen", name_translations={"de": "Küche"}, description="<p>All for it.</p>"),
    Category(slug="mugs", name="Mugs", parent="kitchen", name_translations={"de": "Becher"}),
    Category(slug="travel-mugs", name="Travel mugs", parent="mugs"),
    Category(slug="outdoor", name="Outdoor", name_translations={"de": "Draußen"}),
]


def published(days: int = 1, **changes: Any) -> Publication:
    """Published that many days ago."""
    return Publication(publish_at=NOW - timedelta(days=days), **changes)


def mug(name: str, sku: str, *, german: str | None = None, **changes: Any) -> Product:
    """A product of one variant, published in both channels unless changed."""
    return Product(
        **{
            "product_type": "drinkware",
            "category": "mugs",
            "name": name,
            "name_translations": {"de": german} if german else None,
            "variants": [Variant(sku=sku)],
            "publications": {"us": published(), "eu": published()},
            **changes,
        }
    )


PRODUCTS: Sequence[Product] = [
    mug(
        "Steel Mug",
        "MUG-1",
        german="Stahlbecher",
        description="<p>Keeps warm.</p>",
        description_translations={"de": "<p>Hält warm.</p>"},
        tags=["new", "bestseller"],
        attributes={
            "material": "steel",
            "uses": ["coffee", "tea"],
            "volume": Decimal("350.50"),
            "dishwasher": True,
            "since": date(2019, 4, 1),
            "maker": Text(text="By hand", translations={"de": "Von Hand"}),
            "care": "<p>Rinse.</p>",
        },
        options=[
            Option(
                name="Colour",
                name_translations={"de": "Farbe"},
                values=[
                    OptionValue(name="Red", name_translations={"de": "Rot"}),
                    OptionValue(name="Blue", name_translations={"de": "Blau"}),
                ],
            )
        ],
        variants=[
            Variant(
                sku="MUG-1-R", barcode="4006381333931", name="Red", option_values={"Colour": "Red"}, weight_grams=300
            ),
            Variant(sku="MUG-1-B", name="Blue", option_values={"Colour": "Blue"}),
            Variant(sku="MUG-1-OLD", name="Old", is_archived=True),
        ],
        media=[
            Media(path="mug-front.svg", width=800, height=600, alt="A mug", alt_translations={"de": "Ein Becher"}),
            Media(path="mug-side.svg", width=800, height=600),
        ],
        publications={"us": published(3), "eu": published(3)},
    ),
    mug("Äpfel Glass", "GLASS-1", attributes={"material": "glass", "uses": ["tea"], "volume": 200}, tags=["new"]),
    mug("Clay Cup", "CLAY-1", attributes={"material": "clay", "volume": 90, "dishwasher": False}),
    mug("Travel Mug", "TRAVEL-1", category="travel-mugs", german="Reisebecher", attributes={"material": "steel"}),
    mug("Rucksack", "BAG-1", product_type="bags", category="outdoor"),
    mug("Unpriced Bag", "BAG-2", product_type="bags", category="outdoor", publications={"us": published(5)}),
    mug("American Mug", "US-1", publications={"us": published(2)}),
    mug("European Mug", "EU-1", german="Europabecher", publications={"eu": published(2)}),
    mug("Draft Mug", "DRAFT-1", publications={"us": published(status=PublicationStatus.DRAFT)}),
    mug("Archived Mug", "ARCHIVED-1", publications={"us": published(status=PublicationStatus.ARCHIVED)}),
    mug("Future Mug", "FUTURE-1", publications={"us": published(-1)}),
    mug("Past Mug", "PAST-1", publications={"us": published(9, unpublish_at=NOW - timedelta(days=2))}),
]
HIDDEN_IN_US = ("European Mug", "Draft Mug", "Archived Mug", "Future Mug", "Past Mug")

PRICES: Mapping[str, tuple[int, int]] = {
    "MUG-1-R": (1250, 1399),
    "MUG-1-B": (1500, 1599),
    "MUG-1-OLD": (100, 100),
    "GLASS-1": (800, 899),
    "CLAY-1": (2000, 2200),
    "TRAVEL-1": (3000, 3200),
    "BAG-1": (9900, 9900),
    "US-1": (1250, 1399),
    "EU-1": (1250, 1399),
    "DRAFT-1": (1, 1),
}
"""By SKU: minor units in the US and in Europe."""


async def a_shop(context: Context) -> None:
    """Store the small shop."""
    await channels.store_channels(context, channels=[US, EU])
    await catalog.store_product_types(context, product_types=[MUG_TYPE, BAG_TYPE])
    await catalog.store_categories(context, categories=CATEGORIES)
    stored = await catalog.store_products(context, products=PRODUCTS)
    assert stored.rejected == ()
    prices = [
        Price(
            sku=sku, channel=channel, amount=amount, before_amount=1999 if (sku, channel) == ("MUG-1-R", "us") else None
        )
        for sku, amounts in PRICES.items()
        for channel, amount in zip(("us", "eu"), amounts, strict=True)
    ]
    assert (await pricing.store_prices(context, prices=prices)).rejected == ()
    await inventory.store_warehouses(
        context,
        warehouses=[
            Warehouse(code="us-east", name="East", country="US", channels=["us"]),
            Warehouse(code="eu-central", name="Central", country="DE", channels=["eu"]),
            Warehouse(code="both", name="Both", country="NL", channels=["us", "eu"]),
        ],
    )
    levels = [
        StockLevel(sku="MUG-1-R", warehouse="us-east", on_hand=5),
        StockLevel(sku="MUG-1-R", warehouse="both", on_hand=2),
        StockLevel(sku="MUG-1-B", warehouse="eu-central", on_hand=4),
        StockLevel(sku="GLASS-1", warehouse="both", on_hand=1),
        StockLevel(sku="CLAY-1", warehouse="us-east", on_hand=0),
    ]
    assert (await inventory.store_levels(context, levels=levels)).rejected == ()
