"""Expected failures of taxes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class TaxClassNotFound(DomainError):
    """No tax class has this id."""

    id: UUID


@dataclass(eq=False)
class TaxClassCodeTaken(DomainError):
    """Another tax class has this code."""

    tax_class: str


@dataclass(eq=False)
class TaxClassInUse(DomainError):
    """Rates or products are of this class. Delete or move them first."""

    rates: int
    products: int


@dataclass(eq=False)
class DefaultTaxClassNeeded(DomainError):
    """One tax class is that of all goods that have none. Make another one the default first."""


@dataclass(eq=False)
class TaxZoneNotFound(DomainError):
    """No tax zone has this id."""

    id: UUID


@dataclass(eq=False)
class TaxZoneCodeTaken(DomainError):
    """Another tax zone has this code."""

    zone: str


@dataclass(eq=False)
class TaxZoneInUse(DomainError):
    """The zone has rates. Delete them first."""

    rates: int


@dataclass(eq=False)
class TaxAreaTaken(DomainError):
    """This area is part of a zone already, or overlaps one that is."""

    zone: str
    """The code of the other zone, or of the same one when it names the area twice."""


@dataclass(eq=False)
class TaxRateNotFound(DomainError):
    """No tax rate has this id."""

    id: UUID


@dataclass(eq=False)
class TaxRatesOverlap(DomainError):
    """Another rate of the same zone, class and name holds for some of this time."""

    id: UUID
    """The other one."""
    begins_at: datetime | None
    ends_at: datetime | None


@dataclass(eq=False)
class ProductsTooMany(InvalidValue):
    """At most 250 products can be moved to a tax class at once, and one at least."""


@dataclass(eq=False)
class TaxClassUnknown(DomainError):
    """No tax class has this code."""

    tax_class: str


@dataclass(eq=False)
class TaxZoneUnknown(DomainError):
    """No tax zone has this code."""

    zone: str


@dataclass(eq=False)
class TaxClassInvalid(DomainError):
    """The tax class's field has a value that it cannot have."""

    tax_class: str
    field: str


@dataclass(eq=False)
class TaxZoneInvalid(DomainError):
    """The tax zone's field has a value that it cannot have."""

    zone: str
    field: str


@dataclass(eq=False)
class TaxRateInvalid(DomainError):
    """The tax rate's field has a value that it cannot have."""

    zone: str
    tax_class: str
    field: str
