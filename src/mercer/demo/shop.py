"""The demonstration shop in the words of the modules that store it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zlib import crc32

import msgspec

from mercer.catalog.models import (
    Attribute,
    AttributeKind,
    AttributeValue,
    Category,
    Choice,
    Cost,
    Media,
    Option,
    OptionValue,
    Product,
    ProductType,
    Publication,
    Text,
    Variant,
)
from mercer.channels.models import ChannelTerms
from mercer.demo import content
from mercer.demo.models import DemoAttribute, DemoOption, DemoProduct, DemoVariant, Words
from mercer.demo.pictures import View, describe, draw, studio
from mercer.inventory.models import StockLevel, Warehouse
from mercer.pricing.models import Price
from mercer.values.currency import to_minor

_SCENES = {"kitchen": "kitchen", "table": "table", "desk": "desk", "travel": "road", "outdoor": "hill"}
"""Where the things of each root category are used."""


@dataclass(frozen=True)
class Item:
    """One product, with what other modules say of it."""

    product: Product
    prices: Sequence[Price]
    levels: Sequence[StockLevel]


def channels() -> list[ChannelTerms]:
    """The storefronts."""
    return [ChannelTerms(**msgspec.structs.asdict(channel)) for channel in content.shop().channels]


def warehouses() -> list[Warehouse]:
    """Where stock is kept."""
    return [
        Warehouse(code=each.code, name=each.name, country=each.country, channels=[each.channel])
        for each in content.shop().warehouses
    ]


def product_types() -> list[ProductType]:
    """The kinds of products, with their attributes."""
    attributes = {each.code: _attribute(each) for each in content.shop().attributes}
    return [
        ProductType(
            code=each.code,
            name=each.name.en,
            name_translations=each.name.translations,
            attributes=[attributes[code] for code in each.attributes],
        )
        for each in content.shop().product_types
    ]


def categories() -> list[Category]:
    """The category tree."""
    return [
        Category(
            slug=each.slug,
            parent=each.parent,
            name=each.name.en,
            name_translations=each.name.translations,
            description=each.description.en if each.description else "",
            description_translations=each.description.translations if each.description else {},
        )
        for each in content.shop().categories
    ]


def items() -> list[Item]:
    """All products, with their prices and stock."""
    return [
        Item(
            product=_product(product),
            prices=[_price(product, variant, channel=code) for variant in product.variants for code in product.price],
            levels=[
                StockLevel(sku=variant.sku, warehouse=warehouse, on_hand=on_hand)
                for variant in product.variants
                for warehouse, on_hand in variant.stock.items()
            ],
        )
        for product in content.products()
    ]


def pictures() -> Iterator[tuple[str, str]]:
    """Each picture's path in the media directory, and its SVG."""
    for product in content.products():
        for view in View:
            yield _path(product, view), draw(product.picture, scene=_scene(product), view=view)


def option_of(option: DemoOption, values: Iterable[str]) -> Option:
    """An option with those of its values that a product has."""
    return Option(
        name=option.name.en,
        name_translations=option.name.translations,
        values=[
            OptionValue(name=option.values[code].en, name_translations=option.values[code].translations)
            for code in values
        ],
    )


def variant_name(words: Sequence[Words]) -> Words:
    """What a variant is called among its siblings: `5 l / Pine`."""
    if not words:
        return Words(en="")
    english, german = " / ".join(word.en for word in words), " / ".join(word.in_german for word in words)
    return Words(en=english, de=german if german != english else None)


def midnight(day: date) -> datetime:
    """The day's first moment, in UTC."""
    return datetime.combine(day, time(), UTC)


def _attribute(attribute: DemoAttribute) -> Attribute:
    return Attribute(
        code=attribute.code,
        kind=attribute.kind,
        name=attribute.name.en,
        name_translations=attribute.name.translations,
        unit=attribute.unit,
        is_filterable=attribute.is_filterable,
        choices=[
            Choice(code=code, name=words.en, name_translations=words.translations)
            for code, words in attribute.choices.items()
        ],
    )


def _product(product: DemoProduct) -> Product:
    options = [content.shop().options[code] for code in product.options]
    used = [dict.fromkeys(variant.values[place] for variant in product.variants) for place in range(len(options))]
    publication = Publication(
        status=product.status,
        publish_at=midnight(product.since),
        unpublish_at=midnight(product.until) if product.until else None,
    )
    return Product(
        slug=product.slug,
        product_type=product.type,
        category=product.category,
        name=product.name.en,
        name_translations=product.name.translations,
        description=product.description.en,
        description_translations=product.description.translations,
        tags=product.tags,
        attributes=_attribute_values(product.attributes),
        options=[option_of(option, values) for option, values in zip(options, used, strict=True)],
        variants=[_variant(product, variant, options) for variant in product.variants],
        media=[_media(product, view) for view in View],
        publications=dict.fromkeys(product.price, publication),
    )


def _attribute_values(values: Mapping[str, object]) -> dict[str, AttributeValue | None]:
    kinds = {attribute.code: attribute.kind for attribute in content.shop().attributes}
    return {code: _attribute_value(kinds[code], value) for code, value in values.items()}


def _attribute_value(kind: AttributeKind, value: object) -> AttributeValue:
    match kind:
        case AttributeKind.TEXT | AttributeKind.RICH_TEXT:
            words = msgspec.convert(value, Words)
            return Text(text=words.en, translations=words.translations)
        case AttributeKind.NUMBER:
            return Decimal(str(value))
        case AttributeKind.MULTI_CHOICE:
            return msgspec.convert(value, list[str])
        case AttributeKind.CHOICE:
            return msgspec.convert(value, str)
        case AttributeKind.BOOLEAN:
            return msgspec.convert(value, bool)
        case AttributeKind.DATE:
            return msgspec.convert(value, date)


def _variant(product: DemoProduct, variant: DemoVariant, options: list[DemoOption]) -> Variant:
    words = [option.values[code] for option, code in zip(options, variant.values, strict=True)]
    name = variant_name(words)
    return Variant(
        sku=variant.sku,
        barcode=variant.barcode,
        name=name.en,
        name_translations=name.translations,
        weight_grams=variant.weight,
        cost=cost_of(_price(product, variant, channel=next(iter(product.price))), key=product.slug),
        option_values={option.name.en: word.en for option, word in zip(options, words, strict=True)},
    )


def cost_of(price: Price, *, key: str) -> Cost:
    """What a shop may well have paid for what it sells at this price: from 35 to 54 per cent of it, by product."""
    currency = next(each.currency for each in content.shop().channels if each.code == price.channel)
    return Cost(amount=(price.amount or 0) * (35 + crc32(key.encode()) % 20) // 100, currency=currency)


def _price(product: DemoProduct, variant: DemoVariant, *, channel: str) -> Price:
    currency = next(each.currency for each in content.shop().channels if each.code == channel)
    amount = to_minor(variant.price.get(channel, product.price[channel]), currency)
    before = product.before.get(channel)
    return Price(
        sku=variant.sku,
        channel=channel,
        amount=amount,
        before_amount=None if before is None else to_minor(before, currency),
    )


def _media(product: DemoProduct, view: View) -> Media:
    alt = describe(name=product.name, scene=_scene(product), view=view)
    size = studio().size
    return Media(path=_path(product, view), width=size, height=size, alt=alt.en, alt_translations=alt.translations)


def _path(product: DemoProduct, view: View) -> str:
    return f"demo/{product.slug}-{view}.svg"


def _scene(product: DemoProduct) -> str:
    parents = {category.slug: category.parent for category in content.shop().categories}
    root = product.category
    while above := parents[root]:
        root = above
    return product.picture.scene or _SCENES[root]
