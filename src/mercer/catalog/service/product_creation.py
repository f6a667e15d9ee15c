"""Creating a product with its options and variants."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import BarcodeTaken, CategoryNotFound, ProductTypeNotFound, SkuTaken, SlugTaken
from mercer.catalog.events import ProductCreated
from mercer.catalog.models import AttributeSetting, NewProduct, Product
from mercer.catalog.queries import lookups
from mercer.catalog.queries import variants as variant_queries
from mercer.catalog.rules.creation import checked_new_product
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.placing import Known, Placed, place
from mercer.catalog.rules.settings import cells_set
from mercer.catalog.rules.values import AttributeCells
from mercer.catalog.service.costs import check_costs, told_cost
from mercer.catalog.service.editing import as_created, referred_to
from mercer.catalog.service.outdating import outdate_products
from mercer.catalog.service.products import write_placed
from mercer.catalog.service.search import refresh_search_of
from mercer.catalog.service.values import describe_values
from mercer.platform.context import Context


async def create_product(context: Context, *, product: NewProduct) -> UUID:
    """Create a product with its options and variants, published nowhere yet. Returns its id.

    Raises `ProductTypeNotFound`, `CategoryNotFound`, `SlugTaken`, `SkuTaken`, `BarcodeTaken`, `InvalidInput`, and as
    `check_costs` does.
    """
    check_costs(context, product.get("variants", ()))
    faults = Faults()
    checked = checked_new_product(product, faults)
    if checked is None:
        faults.refuse()
        raise AssertionError("what is wrong was noted")
    await lookups.lock_catalogue(context.db)
    checked = await _of_its_kind(context, product, checked)
    known = await lookups.load_known(context.db, [checked], channels={})
    await _refuse_taken(context, checked, known)
    values = _values(product.get("attributes", ()), known, checked, faults)
    faults.refuse()
    try:
        placed = place(checked, known)
    except SlugTaken as error:
        raise error.at("slug") from None
    attributes = known.attributes[placed.product_type_id]
    set_values = {code: (attributes[code].id, None, cells) for code, cells in values.items()}
    placed = replace(placed, attributes=[(id, cells) for id, _, cells in set_values.values()])
    await write_placed(context, placed=[placed])
    await refresh_search_of(context, product_ids=[placed.id])
    described = await describe_values(context, changed=set_values)
    _note_created(context, placed, {name: after for name, (_, after) in described.items()})
    return placed.id


async def _of_its_kind(context: Context, product: NewProduct, checked: Product) -> Product:
    """The product with its type and category named."""
    kind = await referred_to(
        context,
        table=tables.product_type,
        id=product["product_type_id"],
        missing=ProductTypeNotFound,
        at="product_type_id",
    )
    slug = None
    if (category_id := product.get("category_id")) is not None:
        missing = CategoryNotFound
        category = await referred_to(context, table=tables.category, id=category_id, missing=missing, at="category_id")
        slug = category["slug"]
    return replace(checked, product_type=kind["code"], category=slug)


async def _refuse_taken(context: Context, product: Product, known: Known) -> None:
    barcodes = [variant.barcode for variant in product.variants if variant.barcode is not None]
    taken = await variant_queries.list_taken_barcodes(context.db, barcodes)
    for index, variant in enumerate(product.variants):
        if variant.sku in known.variants:
            raise SkuTaken(sku=variant.sku).at("variants", str(index), "sku")
        if variant.barcode is not None and (variant.barcode in taken or barcodes.count(variant.barcode) > 1):
            raise BarcodeTaken(barcode=variant.barcode).at("variants", str(index), "barcode")


def _values(
    settings: Sequence[AttributeSetting], known: Known, product: Product, faults: Faults
) -> Mapping[str, AttributeCells]:
    attributes = known.attributes[known.product_types[product.product_type]]
    cells = cells_set(settings, attributes=attributes, before={}, faults=faults)
    return {code: value for code, value in cells.items() if value is not None}


def _note_created(context: Context, placed: Placed, described: Mapping[str, object]) -> None:
    product = placed.product
    values = {
        "name": product.name,
        "name_translations": product.name_translations,
        "slug": placed.slug,
        "description": product.description,
        "description_translations": product.description_translations,
        "product_type_id": placed.product_type_id,
        "category_id": placed.category_id,
        "tags": product.tags,
        "options": {option.name: [value.name for value in option.values] for option in product.options},
    }
    context.record("Product", placed.id, as_created({**values, **described}))
    for each in placed.variants:
        variant = {
            "product_id": placed.id,
            "sku": each.variant.sku,
            "barcode": each.variant.barcode,
            "name": each.variant.name,
            "name_translations": each.variant.name_translations,
            "weight_grams": each.variant.weight_grams,
            "cost": None if each.variant.cost is None else told_cost(each.variant.cost),
            "option_values": each.variant.option_values,
        }
        context.record("ProductVariant", each.id, as_created(variant))
    context.announce(ProductCreated(product_id=placed.id))
    outdate_products(context, product_ids=[placed.id])
