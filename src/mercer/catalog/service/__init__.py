"""What can be done with the catalogue."""

from mercer.catalog.service.attribute_changes import (
    create_attribute,
    create_choice,
    delete_attribute,
    delete_choice,
    reorder_choices,
    update_attribute,
    update_choice,
)
from mercer.catalog.service.bulk_changes import update_products
from mercer.catalog.service.categories import store_categories
from mercer.catalog.service.category_changes import (
    create_category,
    delete_category,
    move_category,
    reorder_categories,
    update_category,
)
from mercer.catalog.service.locks import keep_variants, lock_products, lock_variants
from mercer.catalog.service.media import add_media, remove_media, reorder_media, show_renditions, update_media
from mercer.catalog.service.options import (
    create_option,
    create_option_value,
    delete_option,
    delete_option_value,
    reorder_option_values,
    reorder_options,
    update_option,
    update_option_value,
)
from mercer.catalog.service.product_changes import delete_product, update_product
from mercer.catalog.service.product_creation import create_product
from mercer.catalog.service.products import find_variants, list_product_ids, list_sold_variants, store_products
from mercer.catalog.service.publishing import (
    announce_moments,
    archive_products,
    publish_products,
    restore_products,
    unpublish_products,
)
from mercer.catalog.service.search import complete_search, complete_some_search
from mercer.catalog.service.selling import find_sellable
from mercer.catalog.service.type_changes import (
    create_product_type,
    delete_product_type,
    set_attributes,
    update_product_type,
)
from mercer.catalog.service.types import name_choices, store_product_types
from mercer.catalog.service.variants import (
    archive_variant,
    create_variant,
    delete_variant,
    reorder_variants,
    restore_variant,
    update_variant,
    update_variants,
)

__all__ = [
    "add_media",
    "announce_moments",
    "archive_products",
    "archive_variant",
    "complete_search",
    "complete_some_search",
    "create_attribute",
    "create_category",
    "create_choice",
    "create_option",
    "create_option_value",
    "create_product",
    "create_product_type",
    "create_variant",
    "delete_attribute",
    "delete_category",
    "delete_choice",
    "delete_option",
    "delete_option_value",
    "delete_product",
    "delete_product_type",
    "delete_variant",
    "find_sellable",
    "find_variants",
    "keep_variants",
    "list_product_ids",
    "list_sold_variants",
    "lock_products",
    "lock_variants",
    "move_category",
    "name_choices",
    "publish_products",
    "remove_media",
    "reorder_categories",
    "reorder_choices",
    "reorder_media",
    "reorder_option_values",
    "reorder_options",
    "reorder_variants",
    "restore_products",
    "restore_variant",
    "set_attributes",
    "show_renditions",
    "store_categories",
    "store_product_types",
    "store_products",
    "unpublish_products",
    "update_attribute",
    "update_category",
    "update_choice",
    "update_media",
    "update_option",
    "update_option_value",
    "update_product",
    "update_product_type",
    "update_products",
    "update_variant",
    "update_variants",
]
