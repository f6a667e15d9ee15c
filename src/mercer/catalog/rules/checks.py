"""What a product may say of itself, whatever else is stored."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from stdnum import ean

from mercer.catalog.errors import (
    BarcodeInvalid,
    CostCurrencyUnknown,
    MediaInvalid,
    OptionRepeated,
    OptionUnknown,
    PublicationTimesInvalid,
    SkuInvalid,
    SlugInvalid,
    VariantsMissing,
    WeightInvalid,
)
from mercer.catalog.models import Cost, Media, Option, OptionValue, Product, Publication, Variant
from mercer.catalog.rules.slugs import is_slug
from mercer.catalog.rules.texts import checked_html, checked_name, checked_text, checked_translations
from mercer.platform.errors import InvalidValue
from mercer.values.amounts import minor_amount
from mercer.values.currency import CurrencyUnknown, to_decimal

LONGEST_SKU = 64
LONGEST_TAG = 100
HEAVIEST = 1_000_000_000
LARGEST_SIDE = 100_000


def checked_product(product: Product) -> Product:
    """The product as it may be stored: trimmed, sanitised, each tag once. Raises what is wrong with it."""
    if not product.variants:
        raise VariantsMissing
    if product.slug is not None and not is_slug(product.slug):
        raise SlugInvalid(slug=product.slug)
    _check_publications(product.publications)
    options = [_checked_option(option) for option in product.options]
    _refuse_repeated(option.name for option in options)
    variants = [_checked_variant(variant) for variant in product.variants]
    _check_option_values(variants, options)
    return replace(
        product,
        name=checked_name(product.name),
        name_translations=_checked_translations(product, "name"),
        description=None if product.description is None else checked_html(product.description, "description"),
        description_translations=_checked_translations(product, "description"),
        tags=None if product.tags is None else checked_tags(product.tags),
        options=options,
        variants=variants,
        media=None if product.media is None else _checked_media(product.media),
    )


def checked_sku(sku: str) -> str:
    """The SKU, as it is. Raises `SkuInvalid`."""
    if not sku or len(sku) > LONGEST_SKU or sku != sku.strip() or not sku.isprintable():
        raise SkuInvalid(sku=sku[:LONGEST_SKU])
    return sku


def checked_weight(weight_grams: int) -> int:
    """The weight. Raises `WeightInvalid`."""
    if not 0 <= weight_grams <= HEAVIEST:
        raise WeightInvalid(weight_grams=weight_grams)
    return weight_grams


def checked_cost(amount: Decimal, currency: str) -> Cost:
    """What one unit costs the shop. Raises `CostCurrencyUnknown`, `AmountInvalid`, `AmountInexact`."""
    try:
        return Cost(amount=minor_amount(amount, currency), currency=currency)
    except CurrencyUnknown:
        raise CostCurrencyUnknown(currency=currency[:LONGEST_SKU]).at("currency") from None
    except InvalidValue as invalid:
        raise invalid.at("amount") from None


def checked_barcode(barcode: str) -> str:
    """The barcode's digits. Raises `BarcodeInvalid`."""
    if not ean.is_valid(barcode):
        raise BarcodeInvalid(barcode=barcode[:LONGEST_SKU])
    return str(ean.compact(barcode))


def _checked_translations(product: Product, field: str) -> Mapping[str, str] | None:
    translations: Mapping[str, str] | None = getattr(product, f"{field}_translations")
    if translations is None:
        return None
    return checked_translations(translations, field, is_html=field == "description")


def _checked_variant(variant: Variant) -> Variant:
    checked_sku(variant.sku)
    if variant.weight_grams is not None:
        checked_weight(variant.weight_grams)
    if variant.cost is not None:
        checked_cost(to_decimal(variant.cost.amount, variant.cost.currency), variant.cost.currency)
    translations = variant.name_translations
    return replace(
        variant,
        barcode=None if variant.barcode is None else checked_barcode(variant.barcode),
        name=None if variant.name is None else checked_text(variant.name, "variant.name"),
        name_translations=None if translations is None else checked_translations(translations, "variant.name"),
    )


def _checked_option(option: Option) -> Option:
    values = [
        OptionValue(
            name=checked_name(value.name, "option.value"),
            name_translations=checked_translations(value.name_translations, "option.value"),
        )
        for value in option.values
    ]
    _refuse_repeated(value.name for value in values)
    return Option(
        name=checked_name(option.name, "option.name"),
        name_translations=checked_translations(option.name_translations, "option.name"),
        values=values,
    )


def _check_option_values(variants: Sequence[Variant], options: Sequence[Option]) -> None:
    known = {option.name: {value.name for value in option.values} for option in options}
    combinations = []
    for variant in variants:
        for option, value in (variant.option_values or {}).items():
            if value not in known.get(option, ()):
                raise OptionUnknown(option=option[:LONGEST_TAG], value=value[:LONGEST_TAG])
        if variant.option_values:
            combinations.append(", ".join(f"{name}: {value}" for name, value in sorted(variant.option_values.items())))
    _refuse_repeated(combinations)


def _refuse_repeated(names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise OptionRepeated(name=name)


def checked_tags(tags: Sequence[str]) -> list[str]:
    """The tags, each once, empty ones left out. Raises as texts do."""
    checked = (checked_text(tag, "tags", longest=LONGEST_TAG) for tag in tags)
    return list(dict.fromkeys(tag for tag in checked if tag))


def _checked_media(media: Sequence[Media]) -> list[Media]:
    paths = Counter(each.path for each in media)
    for each in media:
        is_sized = 0 < each.width <= LARGEST_SIDE and 0 < each.height <= LARGEST_SIDE
        if not is_sized or paths[each.path] > 1 or each.path.startswith("/") or ".." in each.path.split("/"):
            raise MediaInvalid(file=each.path[:LONGEST_TAG])
    return [
        replace(
            each,
            path=checked_name(each.path, "media.path"),
            alt=checked_text(each.alt, "media.alt"),
            alt_translations=checked_translations(each.alt_translations, "media.alt"),
        )
        for each in media
    ]


def _check_publications(publications: Mapping[str, Publication]) -> None:
    for channel, publication in publications.items():
        start, stop = publication.publish_at, publication.unpublish_at
        is_zoned = all(time is None or time.tzinfo is not None for time in (start, stop))
        if not is_zoned or (stop is not None and (start is None or stop <= start)):
            raise PublicationTimesInvalid(channel=channel)
