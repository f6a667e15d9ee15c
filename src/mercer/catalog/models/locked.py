"""What others build on while nobody changes it."""

from dataclasses import dataclass

from mercer.catalog.models.stored import VariantKey


@dataclass(frozen=True, kw_only=True)
class LockedVariant(VariantKey):
    """A variant that stays as it is until the transaction ends."""

    sku: str
    is_archived: bool
