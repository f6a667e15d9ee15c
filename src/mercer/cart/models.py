"""The carts' nouns. Amounts are in minor units of the cart's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from mercer.cart.errors import CartLineProblem
from mercer.orders.models import NewOrder, NewOrderLine, NewOrderShipping
from mercer.shipping.models import ShippingOffer
from mercer.totals.models import NOTHING, PricedBasket, Taxed
from mercer.values.address import Address
from mercer.values.basket import TaxMode


class CartState(StrEnum):
    """What became of a cart."""

    ACTIVE = "active"
    CONVERTED = "converted"
    """An order was made of it."""
    MERGED = "merged"
    """Its lines went into another cart of the same customer."""
    EXPIRED = "expired"
    """Nobody used it for too long."""


class CartNoticeKind(StrEnum):
    """What was changed in a cart without being asked for."""

    SHIPPING_METHOD_DROPPED = "shipping_method_dropped"
    """The chosen shipping method is not offered any more."""
    QUANTITY_CAPPED = "quantity_capped"
    """Two carts became one, which cannot hold so many of a variant."""
    LINE_LEFT_OUT = "line_left_out"
    """Two carts became one, which cannot hold so many lines."""


class CartChangeKind(StrEnum):
    """What is another than it was shown."""

    UNIT_PRICE = "unit_price"
    LINE_TOTAL = "line_total"
    SHIPPING = "shipping"
    TOTAL = "total"


@dataclass(frozen=True, kw_only=True)
class CartChange:
    """Something of a cart that is another than it was shown. Amounts are what is to be paid, where that is known."""

    kind: CartChangeKind
    line_id: UUID | None = None
    sku: str | None = None
    before: Decimal | None = None
    after: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that was changed in a cart without being asked for. It stands there until the cart's next change."""

    kind: CartNoticeKind
    name: str
    """Of the product or the shipping method."""
    sku: str | None = None
    quantity: int | None = None
    """How many are not in the cart."""


@dataclass(frozen=True, kw_only=True)
class LineRequest:
    """So many more of a variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """How many a line is to have from now on. 0 removes it."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class CartLine:
    """So many of a variant, and what was known of it when the cart was priced last."""

    id: UUID
    variant_id: UUID
    quantity: int
    position: int
    sku: str = ""
    product_id: UUID | None = None
    product_name: str = ""
    product_name_translations: Mapping[str, str] = field(default_factory=dict)
    variant_name: str = ""
    variant_name_translations: Mapping[str, str] = field(default_factory=dict)
    weight_grams: int | None = None
    tax_class_id: UUID | None = None
    problem: CartLineProblem | None = None
    unit: Taxed | None = None
    """What one costs. None: it cannot be bought."""
    total: Taxed | None = None


@dataclass(frozen=True, kw_only=True)
class Cart:
    """A cart as it is stored, with what it cost when it was priced last."""

    id: UUID
    state: CartState
    channel_id: UUID
    currency: str
    language: str
    customer_id: UUID | None = None
    token_hash: bytes | None = None
    """SHA-256 of what its guest shows."""
    email: str | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    """None: as the shipping address."""
    shipping_method_id: UUID | None = None
    shipping_method_name: str = ""
    lines: Sequence[CartLine] = ()
    notices: Sequence[Notice] = ()
    merged_into_id: UUID | None = None
    order_id: UUID | None = None
    offers: Sequence[ShippingOffer] = ()
    """What can be chosen. It is written, and not read again."""
    shipping_total: Taxed = NOTHING
    total: Taxed = NOTHING
    priced: PricedBasket | None = None
    """As `offers`."""
    pricing_revision: str = ""
    """The digest of all that its prices came from."""
    revision: int = 0
    """Counts its changes."""
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CreatedCart:
    """A cart, and what opens it: said once. None for a customer's, which his session opens."""

    cart_id: UUID
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ReadyCart:
    """A cart that can be bought as it is, priced now and locked; or one that was, if `order_id` says of which order."""

    id: UUID
    order_id: UUID | None
    channel_id: UUID
    currency: str
    tax_mode: TaxMode
    language: str
    email: str
    customer_id: UUID | None
    token_hash: bytes | None
    shipping_address: Address
    billing_address: Address
    lines: tuple[NewOrderLine, ...]
    shipping: NewOrderShipping | None
    priced: PricedBasket
    changes: tuple[CartChange, ...] = ()
    """What differs from what was shown last."""

    def agreed(self, order_id: UUID) -> NewOrder:
        """The order that it becomes, under this id."""
        return NewOrder(
            id=order_id,
            cart_id=self.id,
            channel_id=self.channel_id,
            language=self.language,
            email=self.email,
            customer_id=self.customer_id,
            cart_token_hash=self.token_hash,
            shipping_address=self.shipping_address,
            billing_address=self.billing_address,
            lines=self.lines,
            shipping=self.shipping,
            totals=self.priced,
        )


@dataclass(frozen=True, kw_only=True)
class GivenAddress:
    """An address as it is typed."""

    last_name: str
    line1: str
    country: str
    first_name: str = ""
    company: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Region:
    """A state or province that an address can name, by its code or by its name."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AddressField:
    """A field of a country's addresses."""

    name: str
    """As the API names it: `postalCode`."""
    label: str
    """What people there call it, in English: `ZIP code`."""
    is_required: bool
    is_upper: bool
    """Whether the post wants it in capitals. Labels write it so; it is stored as it is given."""
    longest: int
    """How many characters it may have."""


@dataclass(frozen=True, kw_only=True)
class AddressFormat:
    """How addresses of a country are written."""

    country: str
    fields: tuple[AddressField, ...]
    """In the order in which people there write them."""
    regions: tuple[Region, ...]
    """Empty: there are none, or they are not known."""
    postal_code_pattern: str | None
    """A regular expression that every postal code matches as a whole, in capitals."""
    postal_code_examples: tuple[str, ...]
