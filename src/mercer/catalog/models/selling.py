"""Variants as whoever sells them sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Sellable:
    """A variant that there is, and whether it is sold in a channel now."""

    variant_id: UUID
    product_id: UUID
    sku: str
    product_name: str
    product_name_translations: Mapping[str, str]
    variant_name: str
    """Empty where the product has this variant alone."""
    variant_name_translations: Mapping[str, str]
    weight_grams: int | None
    is_sold: bool
    """Whether its product is published in the channel now, and neither of them is archived."""
