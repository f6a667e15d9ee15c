"""Plausible products in any number, to measure with.

Each is decided by its number alone: the first thousand are the same whether there are a million or not.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product
from random import Random

from stdnum import ean

from mercer.catalog.models import (
    AttributeKind,
    AttributeValue,
    Category,
    Media,
    Option,
    Product,
    Publication,
    PublicationStatus,
    Text,
    Variant,
)
from mercer.demo import content, shop
from mercer.demo.models import DemoAttribute, Picture, Shelf, Words
from mercer.demo.pictures import View, draw, studio
from mercer.demo.shop import Item
from mercer.inventory.models import StockLevel
from mercer.pricing.models import Price
from mercer.values.names import slug_of

_SEED = "catalogue"
_SKU_PREFIX = "CT"

_FIRST_DAY = datetime(2019, 1, 1, tzinfo=UTC)
_SECONDS = 2_850 * 86_400
"""How long after it the newest products are from."""

# Shares of all products, variants or values.
_IN_GERMAN = 0.6
_IN_ALL_CHANNELS = 0.9
_WITHOUT_OPTIONS = 0.5
_IN_TWO_OPTIONS = 0.5
_FILLED = 0.85
_TRUE = 0.6
_STRUCK_OUT = 0.12
_SOLD_OUT = 0.15
_BARCODED = 0.7

_MOST_VARIANTS = 4
_LARGE = 1.3
"""How much dearer the large ones are."""
_PRICE_STEPS = ((200, 1_000, 100), (20, 100, 0), (0, 50, 0))
"""From which amount on, the step that prices go in, and how much less than it they are, in minor units."""

_SKEW = 0.9
"""How much larger the large categories are: the exponent of Zipf's law."""


@dataclass(frozen=True)
class _Kind:
    """What variants of one product differ in."""

    options: Sequence[Option]
    words: Sequence[Sequence[Words]]
    """The option values of each variant."""
    palettes: Sequence[str]
    """The colours that it is shown in."""


def categories() -> Iterator[Category]:
    """The category tree, three levels deep."""
    for department in content.vocabulary().departments:
        root = _category(department.name)
        yield root
        for group in department.groups:
            middle = _category(group.name, parent=root.slug)
            yield middle
            for shelf in group.shelves:
                yield _category(shelf.name, parent=middle.slug)


def pictures() -> Iterator[tuple[str, str]]:
    """Each picture's path in the media directory, and its SVG."""
    for shape, palette in product(sorted({shelf.shape for shelf in _shelves()}), studio().palettes):
        picture = Picture(shape=shape, palette=palette)
        yield _picture_path(shape, palette), draw(picture, scene="", view=View.FRONT)


def sku(number: int, *, variant: int) -> str:
    """The SKU of a variant of the product with this number, both counted from 0."""
    return f"{_SKU_PREFIX}-{number:06d}-{variant + 1}"


def item(number: int) -> Item:
    """The product with this number, counted from 0."""
    dice = Random(f"{_SEED}/{number}")  # noqa: S311 — nothing here is secret
    shelf = dice.choices(_shelves(), cum_weights=_weights())[0]
    maker, series = dice.choice(content.vocabulary().makers), dice.choice(content.vocabulary().series)
    name = Words(
        en=f"{maker} {series} {shelf.noun.en}",
        de=f"{maker} {shelf.noun.in_german} {series}" if dice.random() < _IN_GERMAN else None,
    )
    kind = _kind(dice, shelf, variants=_variants(number))
    skus = [sku(number, variant=place) for place in range(len(kind.words))]
    since = _FIRST_DAY + timedelta(seconds=dice.randrange(_SECONDS))
    channels = _channels(dice)
    description = _description(dice, name)
    found = Item(
        product=Product(
            slug=f"{slug_of(name.en)}-{number}",
            product_type=shelf.type,
            category=_category_slug(shelf.name),
            name=name.en,
            name_translations=name.translations,
            description=description.en,
            description_translations=description.translations,
            tags=dice.sample(content.vocabulary().tags, k=dice.choice((0, 0, 1, 1, 2, 3))),
            attributes=_attributes(dice, shelf.type, since=since),
            options=kind.options,
            variants=[_variant(dice, code, kind, words) for code, words in zip(skus, kind.words, strict=True)],
            media=[_media(name, shelf, palette) for palette in kind.palettes],
            publications=dict.fromkeys(channels, Publication(status=_status(dice), publish_at=since)),
        ),
        prices=list(_prices(dice, shelf, kind, skus, channels=channels)),
        levels=[
            StockLevel(sku=code, warehouse=warehouse.code, on_hand=_on_hand(dice))
            for warehouse in content.shop().warehouses
            if warehouse.channel in channels
            for code in skus
        ],
    )
    return _with_costs(found)


def _with_costs(item: Item) -> Item:
    """The product, and what its variants cost the shop, which follows from its prices."""
    product = item.product
    costs = {price.sku: shop.cost_of(price, key=product.slug or "") for price in reversed(item.prices)}
    variants = [replace(each, cost=costs[each.sku]) for each in product.variants]
    return replace(item, product=replace(product, variants=variants))


@cache
def _shelves() -> tuple[Shelf, ...]:
    departments = content.vocabulary().departments
    shelves = [shelf for department in departments for group in department.groups for shelf in group.shelves]
    Random(0).shuffle(shelves)  # noqa: S311 — so that the large categories are not all in one department
    return tuple(shelves)


@cache
def _weights() -> tuple[float, ...]:
    return tuple(accumulate((place + 1) ** -_SKEW for place in range(len(_shelves()))))


@cache
def _category_slug(name: Words) -> str:
    return f"catalogue-{slug_of(name.en)}"


def _category(name: Words, *, parent: str | None = None) -> Category:
    return Category(slug=_category_slug(name), parent=parent, name=name.en, name_translations=name.translations)


def _variants(number: int) -> int:
    """How many it has: within each four products one has one, one two, one three and one four, in turns."""
    return 1 + (number + number // _MOST_VARIANTS) % _MOST_VARIANTS


def _kind(dice: Random, shelf: Shelf, *, variants: int) -> _Kind:
    palettes = dice.sample(list(studio().palettes), k=variants)
    if variants == 1 and dice.random() < _WITHOUT_OPTIONS:
        return _Kind(options=[], words=[[]], palettes=palettes)
    if shelf.option == "size":
        used = {"size": ["s", "m", "l", "xl"][:variants]}
    elif variants == _MOST_VARIANTS and dice.random() < _IN_TWO_OPTIONS:
        used = {"size": ["small", "large"], "colour": palettes[:2]}
    else:
        used = {"colour": palettes}
    options = [content.shop().options[code] for code in used]
    return _Kind(
        options=[shop.option_of(option, codes) for option, codes in zip(options, used.values(), strict=True)],
        words=[
            [option.values[code] for option, code in zip(options, codes, strict=True)]
            for codes in product(*used.values())
        ],
        palettes=used.get("colour", palettes[:1]),
    )


def _variant(dice: Random, code: str, kind: _Kind, words: Sequence[Words]) -> Variant:
    name = shop.variant_name(words)
    return Variant(
        sku=code,
        barcode=_barcode(dice) if dice.random() < _BARCODED else None,
        name=name.en,
        name_translations=name.translations,
        weight_grams=10 * dice.randint(3, 320),
        option_values={option.name: word.en for option, word in zip(kind.options, words, strict=True)},
    )


def _barcode(dice: Random) -> str:
    """A GTIN-13 of the range that shops number their own things from."""
    digits = f"21{dice.randrange(10**10):010d}"
    return digits + str(ean.calc_check_digit(digits))


def _channels(dice: Random) -> list[str]:
    """Where it is sold."""
    codes = [channel.code for channel in content.shop().channels]
    return codes if dice.random() < _IN_ALL_CHANNELS else [dice.choice(codes)]


def _status(dice: Random) -> PublicationStatus:
    statuses = (PublicationStatus.PUBLISHED, PublicationStatus.DRAFT, PublicationStatus.ARCHIVED)
    return dice.choices(statuses, weights=(96, 3, 1))[0]


def _prices(
    dice: Random, shelf: Shelf, kind: _Kind, skus: Sequence[str], *, channels: Sequence[str]
) -> Iterator[Price]:
    """Cheap ones are commoner than dear ones; a large one costs more than a small one."""
    least, most = shelf.price
    base = least * (most / least) ** dice.betavariate(2, 3)
    struck_out = dice.uniform(1.15, 1.6) if dice.random() < _STRUCK_OUT else None
    for channel in channels:
        level = base * dice.uniform(0.94, 1.1)
        for code, words in zip(skus, kind.words, strict=True):
            amount = level * (_LARGE if any(word.en == "Large" for word in words) else 1)
            before = _rounded(amount * struck_out + 1) if struck_out else None
            yield Price(sku=code, channel=channel, amount=_rounded(amount), before_amount=before)


def _rounded(amount: float) -> int:
    """Minor units of an amount as shops write it: in halves, in whole ones, in tens less one."""
    step, less = next((step, less) for least, step, less in _PRICE_STEPS if amount >= least)
    return round(amount * 100 / step) * step - less


def _on_hand(dice: Random) -> int:
    return 0 if dice.random() < _SOLD_OUT else 1 + int(dice.expovariate(1 / 60))


@cache
def _attributes_of(product_type: str) -> list[DemoAttribute]:
    by_code = {attribute.code: attribute for attribute in content.shop().attributes}
    named = next(each.attributes for each in content.shop().product_types if each.code == product_type)
    return [by_code[code] for code in named]


def _attributes(dice: Random, product_type: str, *, since: datetime) -> dict[str, AttributeValue | None]:
    return {
        attribute.code: _attribute_value(dice, attribute, product_type, since=since)
        for attribute in _attributes_of(product_type)
        if dice.random() < _FILLED
    }


def _attribute_value(dice: Random, attribute: DemoAttribute, product_type: str, *, since: datetime) -> AttributeValue:
    match attribute.kind:
        case AttributeKind.CHOICE:
            return _early(dice, list(attribute.choices))
        case AttributeKind.MULTI_CHOICE:
            codes = content.vocabulary().materials[product_type] if attribute.code == "material" else attribute.choices
            return list(dict.fromkeys(_early(dice, list(codes)) for _ in range(dice.choice((1, 1, 2, 3)))))
        case AttributeKind.NUMBER:
            least, most, step = content.vocabulary().numbers[attribute.code]
            return least + step * dice.randint(0, int((most - least) / step))
        case AttributeKind.BOOLEAN:
            return dice.random() < _TRUE
        case AttributeKind.DATE:
            return since.date()
        case AttributeKind.TEXT | AttributeKind.RICH_TEXT:
            words = dice.choice(content.vocabulary().texts[attribute.code])
            return Text(text=words.en, translations=words.translations)


def _early(dice: Random, codes: Sequence[str]) -> str:
    """One of them, those that stand first more often."""
    return codes[int(len(codes) * dice.random() ** 2)]


def _description(dice: Random, name: Words) -> Words:
    opening, closing = dice.choice(content.vocabulary().openings), dice.choice(content.vocabulary().closings)
    english = f"<p>{opening.en.format(name=html.escape(name.en, quote=False))} {closing.en}</p>"
    if name.de is None:
        return Words(en=english)
    german = f"<p>{opening.in_german.format(name=html.escape(name.de, quote=False))} {closing.in_german}</p>"
    return Words(en=english, de=german)


def _media(name: Words, shelf: Shelf, palette: str) -> Media:
    colour = content.shop().options["colour"].values[palette]
    size = studio().size
    return Media(
        path=_picture_path(shelf.shape, palette),
        width=size,
        height=size,
        alt=f"{name.en}, {colour.en}",
        alt_translations={"de": f"{name.de}, {colour.in_german}"} if name.de else {},
    )


def _picture_path(shape: str, palette: str) -> str:
    return f"demo/catalogue/{shape}-{palette}.svg"
