"""Which class products are of."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.errors import ProductNotFound
from mercer.catalog.service import lock_products
from mercer.platform.context import Context
from mercer.tax.errors import ProductsTooMany, TaxClassNotFound
from mercer.tax.events import ProductTaxClassChanged
from mercer.tax.queries import products as queries
from mercer.tax.queries import settings
from mercer.tax.rules import MOST_PRODUCTS

_MOST_TAGS = 50


async def assign_class(context: Context, *, product_ids: Sequence[UUID], tax_class_id: UUID | None) -> list[UUID]:
    """Let products be taxed as this class, or as the default one whichever it is: all of them, or none.

    Returns the products, each once. Raises `ProductsTooMany`, `ProductNotFound`, `TaxClassNotFound`.
    """
    wanted = list(dict.fromkeys(product_ids))
    if not 0 < len(wanted) <= MOST_PRODUCTS:
        raise ProductsTooMany().at("product_ids")
    known = await lock_products(context, product_ids=wanted)
    for index, product_id in enumerate(product_ids):
        if product_id not in known:
            raise ProductNotFound(id=product_id).at("product_ids", str(index))
    if tax_class_id is not None and not await settings.lock_class(context.db, tax_class_id, is_kept=True):
        raise TaxClassNotFound(id=tax_class_id).at("tax_class_id")
    before = await queries.load_classes(context.db, wanted)
    changed = [each for each in sorted(wanted) if before.get(each) != tax_class_id]
    if not changed:
        return wanted
    if tax_class_id is None:
        await queries.remove_classes(context.db, changed)
    else:
        await queries.write_classes(context.db, changed, tax_class_id)
    for product_id in changed:
        context.record("Product", product_id, {"tax_class_id": (before.get(product_id), tax_class_id)})
    context.announce(ProductTaxClassChanged(product_ids=tuple(changed)))
    context.outdate(*(f"product:{each}" for each in changed) if len(changed) <= _MOST_TAGS else ("catalog",))
    return wanted
