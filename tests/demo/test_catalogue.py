"""Measuring catalogues: the same products each time, of the shape that real ones have."""

import hashlib
from collections import Counter
from statistics import median

import pytest
from stdnum import ean

from mercer.demo import catalogue, content

ITEMS = [catalogue.item(number) for number in range(2_000)]


def test_a_number_always_gives_the_same_product() -> None:
    digest = hashlib.sha256(repr(ITEMS[:500]).encode()).hexdigest()
    assert digest == "e7228f661273b7fb55ac42d93149fb2cee857c01b86f14df6dc21661abd6a1be"
    assert catalogue.item(1_234) == ITEMS[1_234]


def test_there_are_two_and_a_half_variants_in_the_mean() -> None:
    counts = Counter(len(item.product.variants) for item in ITEMS)
    assert counts == {1: 500, 2: 500, 3: 500, 4: 500}


def test_slugs_skus_and_barcodes_are_unique_and_right() -> None:
    variants = [variant for item in ITEMS for variant in item.product.variants]
    barcodes = [variant.barcode for variant in variants if variant.barcode]
    assert len({item.product.slug for item in ITEMS}) == len(ITEMS)
    assert len({variant.sku for variant in variants}) == len(variants) == 5_000
    assert len(set(barcodes)) == len(barcodes)
    assert all(ean.is_valid(barcode) for barcode in barcodes)


def test_categories_are_a_tree_of_three_levels_with_a_few_large_ones() -> None:
    categories = list(catalogue.categories())
    parents = {category.slug: category.parent for category in categories}
    sizes = Counter(item.product.category for item in ITEMS)
    assert len(parents) == len(categories) == 202
    assert all(parents[parents[parents[slug] or ""] or ""] is None for slug in sizes if slug)
    assert sizes.most_common(1)[0][1] > 10 * median(sizes.values())


def test_prices_are_plausible_and_none_is_converted() -> None:
    shelves = {
        shelf.type: shelf
        for department in content.vocabulary().departments
        for group in department.groups
        for shelf in group.shelves
    }
    assert shelves.keys() == {product_type.code for product_type in content.shop().product_types}
    for item in ITEMS:
        for price in item.prices:
            assert price.amount is not None
            assert price.amount % 50 == 0
            assert price.before_amount is None or price.before_amount > price.amount
    both = [item for item in ITEMS if len(item.product.publications) == 2]
    assert any(item.prices[0].amount != item.prices[-1].amount for item in both)


def test_costs_are_from_a_third_to_a_half_of_the_price() -> None:
    for item in ITEMS:
        prices = {price.sku: price for price in reversed(item.prices)}
        for variant in item.product.variants:
            assert variant.cost is not None
            amount = prices[variant.sku].amount
            assert amount is not None
            assert 0.34 < variant.cost.amount / amount < 0.55


def test_shares_are_as_in_life() -> None:
    levels = [level for item in ITEMS for level in item.levels]
    assert sum("de" in (item.product.name_translations or {}) for item in ITEMS) == 1_220
    assert sum(len(item.product.publications) == 2 for item in ITEMS) == 1_803
    assert sum(level.on_hand == 0 for level in levels) / len(levels) == pytest.approx(0.15, abs=0.005)
