"""Where a product to be stored belongs among those that are: which rows it changes, and which it may not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from mercer.catalog.errors import (
    AttributeUnknown,
    CategoryUnknown,
    ProductTypeUnknown,
    SkuRepeated,
    SkuTaken,
    SlugTaken,
)
from mercer.catalog.models import AttributeKind, Product, Publication, Variant
from mercer.catalog.rules.slugs import choose_slug
from mercer.catalog.rules.values import AttributeCells, cells_of
from mercer.channels.errors import ChannelUnknown


class StoredVariant(NamedTuple):
    """A variant as it stands."""

    id: UUID
    product_id: UUID
    is_first: bool
    """Whether it is its product's first variant, the one that the product is known by."""


class TypeAttribute(NamedTuple):
    """An attribute of a product type."""

    id: UUID
    kind: AttributeKind
    choices: Mapping[str, UUID]
    """By code."""


@dataclass(kw_only=True)
class Known:
    """What is stored of all that a batch of products names. It grows as they are placed, one after another."""

    ids: Iterator[UUID]
    """New ones, in order."""
    product_types: Mapping[str, UUID]
    attributes: Mapping[UUID, Mapping[str, TypeAttribute]]
    """By product type, by code."""
    categories: Mapping[str, UUID]
    channels: Mapping[str, UUID]
    variants: Mapping[str, StoredVariant]
    """By SKU."""
    slugs: Mapping[UUID, str]
    """The slug of each product stored."""
    slug_owners: dict[str, UUID]
    """Whose each slug is, or was."""
    skus: set[str] = field(default_factory=set)
    """Those of the products placed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedVariant:
    id: UUID
    is_new: bool
    variant: Variant


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A product with the ids of all that it names."""

    product: Product
    id: UUID
    is_new: bool
    product_type_id: UUID
    category_id: UUID | None
    slug: str
    variants: Sequence[PlacedVariant]
    attributes: Sequence[tuple[UUID, AttributeCells | None]]
    """By attribute id. None removes the value."""
    publications: Sequence[tuple[UUID, Publication]]
    """By channel id."""


def place(product: Product, known: Known) -> Placed:
    """Find what the product names, and a slug. Raises what stands against it; then `known` is as before."""
    stored_id = _find_product(product, known)
    if (product_type_id := known.product_types.get(product.product_type)) is None:
        raise ProductTypeUnknown(product_type=product.product_type)
    if product.category is not None and product.category not in known.categories:
        raise CategoryUnknown(category=product.category)
    attributes = _place_attributes(product, known, product_type_id, is_new=stored_id is None)
    publications = _place_publications(product, known)
    product_id = stored_id or next(known.ids)
    slug = _choose_slug(product, known, product_id, is_new=stored_id is None)
    known.slug_owners[slug] = product_id
    known.skus.update(variant.sku for variant in product.variants)
    return Placed(
        product=product,
        id=product_id,
        is_new=stored_id is None,
        product_type_id=product_type_id,
        category_id=None if product.category is None else known.categories[product.category],
        slug=slug,
        variants=[_place_variant(variant, known) for variant in product.variants],
        attributes=attributes,
        publications=publications,
    )


def _find_product(product: Product, known: Known) -> UUID | None:
    """The stored product that this one is; None for a new one."""
    skus = set[str]()
    for variant in product.variants:
        if variant.sku in skus or variant.sku in known.skus:
            raise SkuRepeated(sku=variant.sku)
        skus.add(variant.sku)
    stored = {sku: known.variants[sku] for sku in skus if sku in known.variants}
    products = {variant.product_id for variant in stored.values() if variant.is_first}
    if len(products) > 1 or any(variant.product_id not in products for variant in stored.values()):
        raise SkuTaken(sku=next(variant.sku for variant in product.variants if variant.sku in stored))
    return next(iter(products), None)


def _place_variant(variant: Variant, known: Known) -> PlacedVariant:
    stored = known.variants.get(variant.sku)
    return PlacedVariant(id=stored.id if stored else next(known.ids), is_new=stored is None, variant=variant)


def _place_attributes(
    product: Product, known: Known, product_type_id: UUID, *, is_new: bool
) -> list[tuple[UUID, AttributeCells | None]]:
    attributes = known.attributes[product_type_id]
    placed: list[tuple[UUID, AttributeCells | None]] = []
    for code, value in product.attributes.items():
        if (attribute := attributes.get(code)) is None:
            raise AttributeUnknown(attribute=code)
        if value is not None:
            cells = cells_of(value, attribute.kind, attribute=code, choices=attribute.choices)
            placed.append((attribute.id, cells))
        elif not is_new:
            placed.append((attribute.id, None))
    return placed


def _place_publications(product: Product, known: Known) -> list[tuple[UUID, Publication]]:
    for channel in product.publications:
        if channel not in known.channels:
            raise ChannelUnknown(channel=channel)
    return [(known.channels[channel], publication) for channel, publication in product.publications.items()]


def _choose_slug(product: Product, known: Known, product_id: UUID, *, is_new: bool) -> str:
    if product.slug is not None:
        if known.slug_owners.get(product.slug, product_id) != product_id:
            raise SlugTaken(slug=product.slug)
        return product.slug
    if not is_new:
        return known.slugs[product_id]
    slug = choose_slug(product.name, key=product.variants[0].sku, taken=known.slug_owners)
    if slug is None:
        raise SlugTaken(slug=product.name)
    return slug
