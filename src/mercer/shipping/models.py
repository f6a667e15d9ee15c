"""Shipping's nouns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from mercer.values.places import Area


class RateBasis(StrEnum):
    """What a method's price depends on."""

    FLAT = "flat"
    """Nothing."""
    WEIGHT = "weight"
    """The parcel's weight, in tiers."""
    VALUE = "value"
    """What the goods are worth, in tiers."""


@dataclass(frozen=True, kw_only=True)
class ShippingZone:
    """Places that a shop ships to in the same ways, and the channels that it does so for."""

    code: str
    name: str
    areas: Sequence[Area] = ()
    channels: Sequence[str] = ()
    """Channel codes."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """What it costs from a weight or value on, up to the next tier."""

    starts_at: int
    """Grams, or minor units."""
    amount: int
    """Minor units."""


@dataclass(frozen=True, kw_only=True)
class MethodTerms:
    """A way of delivery, and what it costs. Amounts are in minor units of the channel's currency.

    Limits are inclusive, and None where there is none. Without a weight, things weigh 0.
    """

    code: str
    """The same way in several zones has the same code: the most specific zone decides what it is there."""
    name: str
    basis: RateBasis
    amount: int | None = None
    """When it is flat."""
    tiers: Sequence[Tier] = ()
    """When it is not: in order, the first one from 0."""
    name_translations: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    description_translations: Mapping[str, str] = field(default_factory=dict)
    carrier: str | None = None
    tax_class_id: UUID | None = None
    """None: the default class."""
    free_from: int | None = None
    """From what value of the goods on it costs nothing."""
    least_weight_grams: int | None = None
    most_weight_grams: int | None = None
    least_value: int | None = None
    most_value: int | None = None
    position: int = 0


@dataclass(frozen=True, kw_only=True)
class ShippingMethod(MethodTerms):
    """A method of a zone in a channel, both by code."""

    zone: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class NewZone:
    """A zone, with the ids of its channels."""

    code: str
    name: str
    areas: Sequence[Area] = ()
    channel_ids: Sequence[UUID] = ()


@dataclass(frozen=True, kw_only=True)
class KnownZone(NewZone):
    """A zone as it is stored, its areas and channels in order."""

    id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class KnownMethod(MethodTerms):
    """A method as it is stored."""

    id: UUID
    zone_id: UUID
    channel_id: UUID
    currency: str
    is_archived: bool
    version: int


class ZoneChanges(TypedDict, total=False):
    """What is to be another in a zone. What is left out stays. Its code always does."""

    name: str
    areas: Sequence[Area]
    channel_ids: Sequence[UUID]


class NewTier(TypedDict, total=False):
    """A tier as staff give it: from a weight, or from a value in the channel's currency."""

    from_weight_grams: int
    from_value: Decimal
    amount: Decimal


class MethodChanges(TypedDict, total=False):
    """What staff say of a method, amounts in the channel's currency. What is left out stays."""

    name: str
    name_translations: Mapping[str, str | None]
    description: str
    description_translations: Mapping[str, str | None]
    carrier: str | None
    tax_class_id: UUID | None
    basis: RateBasis
    amount: Decimal | None
    tiers: Sequence[NewTier]
    free_from: Decimal | None
    least_weight_grams: int | None
    most_weight_grams: int | None
    least_value: Decimal | None
    most_value: Decimal | None
    position: int


class NewMethod(MethodChanges, total=False):
    """A new method: what it is called in imports, and where it is offered."""

    code: str
    zone_id: UUID
    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingOffer:
    """A method that some parcel can take now, and what it costs it."""

    method_id: UUID
    code: str
    name: str
    translations: Mapping[str, str]
    """Of the name."""
    description: str
    description_translations: Mapping[str, str]
    carrier: str | None
    amount: int
    currency: str
    tax_class_id: UUID | None
    """None: the default class."""
