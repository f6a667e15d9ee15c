"""What happens to taxes."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class TaxClassCreated(Event):
    """There is a new tax class."""

    tax_class_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxClassUpdated(Event):
    """A tax class is described in another way, or became the default."""

    tax_class_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxClassDeleted(Event):
    """A tax class is gone."""

    tax_class_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxZoneCreated(Event):
    """There is a new tax zone."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxZoneUpdated(Event):
    """A tax zone is described in another way, or holds other areas."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxZoneDeleted(Event):
    """A tax zone is gone."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxRatesChanged(Event):
    """Rates of these zones are others, from some moment on."""

    zone_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ProductTaxClassChanged(Event):
    """These products are taxed as another class than before."""

    product_ids: tuple[UUID, ...]
