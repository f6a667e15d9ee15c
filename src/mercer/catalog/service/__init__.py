"""What can be done with the catalogue."""

from mercer.catalog.service.categories import store_categories
from mercer.catalog.service.products import find_variants, list_product_ids, list_sold_variants, store_products
from mercer.catalog.service.search import complete_search
from mercer.catalog.service.types import name_choices, store_product_types

__all__ = [
    "complete_search",
    "find_variants",
    "list_product_ids",
    "list_sold_variants",
    "name_choices",
    "store_categories",
    "store_product_types",
    "store_products",
]
