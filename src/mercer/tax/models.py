"""The taxes' nouns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from mercer.values.basket import TaxRate
from mercer.values.places import Area


@dataclass(frozen=True, kw_only=True)
class TaxClass:
    """Goods, or services, that are taxed alike. Exactly one class is the default: that of all that have none."""

    code: str
    name: str
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class TaxZone:
    """Places where the same rates hold. Its code is the jurisdiction of its taxes."""

    code: str
    name: str
    areas: Sequence[Area] = ()


@dataclass(frozen=True, kw_only=True)
class RateTerms:
    """A tax at a rate, from a moment on until another: from `begins_at`, and no longer at `ends_at`."""

    name: str
    """What the tax is called. Of the same name only one rate holds at a time; of several names they add up."""
    rate: Decimal
    """0.19 is 19 per cent."""
    begins_at: datetime | None = None
    """None: it has always held."""
    ends_at: datetime | None = None
    """None: it does not end."""


@dataclass(frozen=True, kw_only=True)
class ZoneRate(RateTerms):
    """A rate of a zone for a class, both by code."""

    zone: str
    tax_class: str


@dataclass(frozen=True, kw_only=True)
class NewRate(RateTerms):
    """A rate of a zone for a class."""

    zone_id: UUID
    tax_class_id: UUID


@dataclass(frozen=True, kw_only=True)
class Taxes:
    """What is taxed how at a place."""

    classes: Mapping[UUID, UUID]
    """By product."""
    rates: Mapping[UUID, tuple[TaxRate, ...]]
    """By class, each in the order of their names; none: not taxed."""


@dataclass(frozen=True, kw_only=True)
class KnownClass(TaxClass):
    """A class as it is stored."""

    id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class KnownZone(TaxZone):
    """A zone as it is stored, its areas in order."""

    id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class KnownRate(NewRate):
    """A rate as it is stored."""

    id: UUID
    version: int


class ClassChanges(TypedDict, total=False):
    """What is to be another in a class. What is left out stays. Its code always does."""

    name: str
    is_default: bool


class ZoneChanges(TypedDict, total=False):
    """What is to be another in a zone. What is left out stays. Its code always does."""

    name: str
    areas: Sequence[Area]


class RateChanges(TypedDict, total=False):
    """What is to be another in a rate. What is left out stays. Its zone and class always do."""

    name: str
    rate: Decimal
    begins_at: datetime | None
    ends_at: datetime | None
