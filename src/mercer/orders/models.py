"""The orders' nouns. Amounts are in minor units of the order's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from mercer.orders.errors import OrderStatus
from mercer.payments.models import PaymentStatus
from mercer.totals.models import AppliedTax, PricedBasket, PricedLine, PricedShipping, Taxed
from mercer.values.address import Address
from mercer.values.basket import Rounding, TaxMode


class FulfilmentStatus(StrEnum):
    """How much of an order is shipped."""

    NOT_REQUIRED = "not_required"
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class TransitionCause(StrEnum):
    """By what an order's status changes."""

    STAFF = "staff"
    PAYMENT = "payment"
    """What came of its payment."""
    FULFILMENT = "fulfilment"
    """What was shipped of it."""
    EXPIRY = "expiry"
    """It was not paid in time."""


class TimelineKind(StrEnum):
    """What happened to an order."""

    CREATED = "created"
    PLACED = "placed"
    PAYMENT_CHANGED = "payment_changed"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class NewOrderLine:
    """So many of one thing, as it was when it was bought."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    product_name: str
    variant_name: str | None
    weight_grams: int | None
    """Of one."""
    priced: PricedLine
    tax_class_id: UUID | None = None

    @property
    def quantity(self) -> int:
        return self.priced.quantity


@dataclass(frozen=True, kw_only=True)
class NewOrderShipping:
    """How an order is delivered."""

    method_id: UUID
    code: str
    name: str
    priced: PricedShipping
    tax_class_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """An order as it is agreed on. Addresses are copied; taxes are known."""

    id: UUID
    """See `values.ids.new_id`: what is done for the order before it is written names it already."""
    cart_id: UUID
    channel_id: UUID
    language: str
    """BCP 47: what mails about it are written in, and what its names are in."""
    email: str
    customer_id: UUID | None
    cart_token_hash: bytes | None
    shipping_address: Address
    billing_address: Address
    lines: Sequence[NewOrderLine]
    shipping: NewOrderShipping | None
    totals: PricedBasket


@dataclass(frozen=True, kw_only=True)
class PlacedOrder:
    """An order that was written."""

    id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class OrderHead:
    """Where an order stands. Locked, nobody else changes it now."""

    id: UUID
    number: str
    channel_id: UUID
    cart_id: UUID | None
    customer_id: UUID | None
    email: str | None
    language: str
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    subtotal_net: int
    shipping_net: int
    total_net: int
    total_tax: int
    total_gross: int
    shipping_country: str | None
    created_at: datetime
    placed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    expires_at: datetime | None
    """When an order that nobody paid is cancelled. None: never."""
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """A line of an order, and how much of it is shipped."""

    id: UUID
    order_id: UUID
    position: int
    variant_id: UUID | None
    product_id: UUID | None
    sku: str
    product_name: str
    variant_name: str | None
    quantity: int
    shipped_quantity: int
    unit: Taxed
    total: Taxed

    @property
    def remaining(self) -> int:
        return self.quantity - self.shipped_quantity


@dataclass(frozen=True, kw_only=True)
class WholeOrder:
    """An order with all that was agreed on: what mails and documents say."""

    head: OrderHead
    shipping_address: Address | None
    billing_address: Address | None
    lines: tuple[OrderLine, ...]
    shipping_name: str | None
    subtotal: Taxed
    shipping: Taxed
    total: Taxed
    discount: int
    tax_mode: TaxMode
    token: str
    """What opens the order without signing in."""


@dataclass(frozen=True, kw_only=True)
class TokenKey:
    """What tokens of orders are made and checked with: two secrets of 32 bytes."""

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PastLine:
    """A line of an order that came about elsewhere. What is not in the catalogue has no ids."""

    sku: str
    product_name: str
    quantity: int
    unit: Taxed
    total: Taxed
    taxes: Sequence[AppliedTax] = ()
    variant_name: str | None = None
    variant_id: UUID | None = None
    product_id: UUID | None = None
    weight_grams: int | None = None
    shipped_quantity: int = 0


@dataclass(frozen=True, kw_only=True)
class PastShipping:
    """How an order that came about elsewhere was delivered."""

    code: str
    name: str
    total: Taxed
    taxes: Sequence[AppliedTax] = ()


@dataclass(frozen=True, kw_only=True)
class PastOrder:
    """An order that came about elsewhere, or in a demonstration: what it says is taken as it is.

    Its totals are the sums of its lines and its delivery.
    """

    external_id: str
    """What tells it apart where it comes from: `uci:536365`. Given again, it is left as it is."""
    number: str
    channel_id: UUID
    currency: str
    tax_mode: TaxMode
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    created_at: datetime
    lines: Sequence[PastLine]
    language: str = "en"
    email: str | None = None
    """None: it is not known."""
    customer_id: UUID | None = None
    shipping: PastShipping | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_country: str | None = None
    """Where it went to, if the address is not known. Otherwise the address says it."""
    placed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    discount: int = 0
    rounding: Rounding = Rounding.HALF_UP


__all__ = [
    "FulfilmentStatus",
    "NewOrder",
    "NewOrderLine",
    "NewOrderShipping",
    "OrderHead",
    "OrderLine",
    "OrderStatus",
    "PastLine",
    "PastOrder",
    "PastShipping",
    "PlacedOrder",
    "TimelineData",
    "TimelineKind",
    "TokenKey",
    "TransitionCause",
    "WholeOrder",
]

TimelineData = Mapping[str, Any]
"""What a timeline's entry says besides its kind: JSON values, nothing personal but what staff wrote."""
