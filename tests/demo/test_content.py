"""The demonstration shop is complete and right, whatever is stored."""

from collections.abc import Iterator

import nh3
import pytest
from stdnum import ean

from mercer.catalog.models import AttributeKind, PublicationStatus
from mercer.demo import content, shop
from mercer.demo.models import DemoProduct, Words
from mercer.values.names import slug_of

IN_ENGLISH_ONLY = {"treecreeper-spoons", "siskin-pencils", "stonechat-luggage-tag", "dovekie-fire-steel"}
"""Not translated, so that the fallback can be seen."""

ALIKE_IN_GERMAN = {"18 cm", "20 cm", "21 cm", "24 cm", "27 cm", "28 cm", "S", "M", "L", "XL", "A5", "A6"} | {
    "1 l", "2 l", "3 l", "5 l", "18 l", "24 l"
}  # fmt: skip

PRODUCTS = pytest.mark.parametrize("product", content.products(), ids=lambda product: product.slug)


def frame_words() -> Iterator[Words]:
    frame = content.shop()
    for category in frame.categories:
        yield category.name
        if category.description:
            yield category.description
    for attribute in frame.attributes:
        yield attribute.name
        yield from attribute.choices.values()
    for product_type in frame.product_types:
        yield product_type.name
    for option in frame.options.values():
        yield option.name
        yield from option.values.values()


def test_the_range_is_as_large_as_it_says() -> None:
    assert len(content.products()) == 68
    assert sum(len(product.variants) for product in content.products()) == 197


def test_all_words_around_the_products_are_in_german() -> None:
    assert {words.en for words in frame_words() if words.de is None} == ALIKE_IN_GERMAN


@PRODUCTS
def test_product_is_in_german_unless_it_shows_the_fallback(product: DemoProduct) -> None:
    is_translated = product.slug not in IN_ENGLISH_ONLY
    assert (product.name.de is not None) is is_translated
    assert (product.description.de is not None) is is_translated


@PRODUCTS
def test_description_is_rich_text_that_sanitising_leaves_alone(product: DemoProduct) -> None:
    for text in (product.description.en, product.description.de):
        if text is not None:
            assert text.startswith("<p>")
            assert nh3.clean(text) == text


@PRODUCTS
def test_slug_says_what_the_product_is(product: DemoProduct) -> None:
    assert slug_of(product.slug) == product.slug


@PRODUCTS
def test_product_has_only_attributes_of_its_type(product: DemoProduct) -> None:
    types = {each.code: set(each.attributes) for each in content.shop().product_types}
    assert product.attributes.keys() <= types[product.type]


@PRODUCTS
def test_variants_differ(product: DemoProduct) -> None:
    assert 1 <= len(product.variants) <= 12
    assert len({tuple(variant.values) for variant in product.variants}) == len(product.variants)


@PRODUCTS
def test_variants_are_stocked_where_they_are_sold(product: DemoProduct) -> None:
    sold_in = {each.code for each in content.shop().warehouses if each.channel in product.price}
    assert all(variant.stock.keys() == sold_in for variant in product.variants)


def test_each_variant_has_a_price_wherever_its_product_is_published() -> None:
    for item in shop.items():
        priced = {(price.sku, price.channel) for price in item.prices}
        wanted = {(each.sku, channel) for each in item.product.variants for channel in item.product.publications}
        assert priced == wanted
        assert all(price.amount is not None and price.amount > 0 for price in item.prices)
        assert all(price.before_amount is None or price.before_amount > (price.amount or 0) for price in item.prices)


def test_slugs_skus_and_barcodes_are_unique() -> None:
    variants = [variant for product in content.products() for variant in product.variants]
    barcodes = [variant.barcode for variant in variants if variant.barcode]
    for keys in ([product.slug for product in content.products()], [variant.sku for variant in variants], barcodes):
        assert len(keys) == len(set(keys))
    assert all(variant.sku.startswith("LM-") for variant in variants)


def test_barcodes_have_right_check_digits_and_only_some_variants_have_them() -> None:
    barcodes = [variant.barcode for product in content.products() for variant in product.variants]
    assert barcodes.count(None) == 107
    assert all(ean.is_valid(barcode) for barcode in barcodes if barcode)


def test_every_kind_of_attribute_is_used() -> None:
    kinds = {attribute.code: attribute.kind for attribute in content.shop().attributes}
    assert {kinds[code] for product in content.products() for code in product.attributes} == set(AttributeKind)


def test_every_option_value_and_choice_is_used() -> None:
    for code, option in content.shop().options.items():
        having = [product for product in content.products() if code in product.options]
        used = {variant.values[each.options.index(code)] for each in having for variant in each.variants}
        assert used == option.values.keys()
    for attribute in content.shop().attributes:
        values = [product.attributes.get(attribute.code) for product in content.products()]
        assert all(
            any(choice == value or choice in _several(value) for value in values) for choice in attribute.choices
        )


def test_every_state_of_visibility_can_be_seen() -> None:
    products = content.products()
    newest = max(product.since for product in products)
    assert [each.slug for each in products if each.status is PublicationStatus.DRAFT] == [
        "ouzel-wok",
        "raven-solar-panel",
    ]
    assert [each.slug for each in products if each.status is PublicationStatus.ARCHIVED] == ["year-of-birds-2026"]
    assert [each.slug for each in products if each.since == newest] == ["peregrine-field-glasses"]
    assert [each.slug for each in products if each.until] == ["brambling-candle"]
    assert [each.slug for each in products if set(each.price) == {"us"}] == ["partridge-camp-stove"]
    assert [each.slug for each in products if set(each.price) == {"eu"}] == ["heron-floor-lamp"]


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def test_every_variant_has_a_cost_below_its_price() -> None:
    for item in shop.items():
        prices = {price.sku: price for price in reversed(item.prices)}
        for variant in item.product.variants:
            assert variant.cost is not None
            assert 0 < variant.cost.amount < (prices[variant.sku].amount or 0)
