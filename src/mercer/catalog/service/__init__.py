"""What can be done with the catalogue."""

from collections.abc import Mapping, Sequence

from mercer.catalog.models import Category, Choice, Product, ProductType, StoredProducts, VariantKey
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_product_types(context: Context, *, product_types: Sequence[ProductType]) -> Stored:
    """Create or update product types with their attributes and choices; counts are of types."""
    raise NotImplementedError


async def store_choices(context: Context, *, choices: Mapping[str, Sequence[Choice]]) -> Stored:
    """Add choices to attributes, by attribute code. Those stored before keep their place."""
    raise NotImplementedError


async def store_categories(context: Context, *, categories: Sequence[Category]) -> Stored:
    """Create or update categories. Raises `CategoryUnknown` for a parent, `CategoryCycle`."""
    raise NotImplementedError


async def store_products(context: Context, *, products: Sequence[Product]) -> StoredProducts:
    """Create or update products, some thousands at a time. A faulty one is rejected; the others are stored.

    Follow it with `pricing.service.refresh_listed` for `touched`, in the same transaction.
    """
    raise NotImplementedError


async def complete_search(context: Context) -> int:
    """Add what products are found by in languages that a channel brought. Returns how many rows were added."""
    raise NotImplementedError


async def find_variants(context: Context, *, skus: Sequence[str]) -> dict[str, VariantKey]:
    """The variants with these SKUs, by SKU."""
    raise NotImplementedError
