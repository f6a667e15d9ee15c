"""What a cart's price is made of, and what differs between two of them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from mercer.cart.errors import CartLineProblem
from mercer.cart.models import Cart, CartChange, CartChangeKind, CartLine, CartNoticeKind, Notice
from mercer.catalog.models import Sellable
from mercer.channels.models import Channel
from mercer.pricing.models import ListedPrice
from mercer.shipping.models import ShippingOffer
from mercer.totals.models import PricedBasket, Taxed
from mercer.values.basket import Basket, BasketLine, BasketShipping, TaxMode, TaxRate
from mercer.values.currency import to_decimal
from mercer.values.language import parent

LARGEST_LINE = 10**15
"""What one line may cost at most, so that a hundred of them with their taxes fit a bigint."""

_PRICED_BY = 1
"""Raised when carts are priced in another way: all of them are outdated then."""

Rates = Mapping[UUID, Sequence[TaxRate]]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where taxes are due."""

    country: str
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that the price of a cart's contents depends on, besides them."""

    channel: Channel
    place: Place | None
    """None: it is not known yet, and neither are taxes."""
    is_estimated: bool
    amounts: Mapping[UUID, int]
    """What one of a variant costs, in minor units."""
    offers: Sequence[ShippingOffer] = ()
    shipping: ShippingOffer | None = None
    """The one that is chosen."""
    shipping_class_id: UUID | None = None
    rates: Rates = field(default_factory=dict)
    """By tax class."""


def place_of(cart: Cart, channel: Channel) -> Place | None:
    """Where the goods go to; without an address, where a channel is whose prices hold the tax already."""
    if (address := cart.shipping_address) is not None:
        return Place(country=address.country, region=address.region, postal_code=address.postal_code)
    return Place(country=channel.country) if channel.tax_mode is TaxMode.GROSS else None


def described(line: CartLine, sellable: Sellable | None, listed: ListedPrice | None) -> CartLine:
    """A line with what is known of its variant now. What is gone keeps the names that it had."""
    problem = _problem(line, sellable, listed)
    if sellable is None:
        return replace(line, problem=problem, unit=None, total=None)
    return replace(
        line,
        sku=sellable.sku,
        product_id=sellable.product_id,
        product_name=sellable.product_name,
        product_name_translations=sellable.product_name_translations,
        variant_name=sellable.variant_name,
        variant_name_translations=sellable.variant_name_translations,
        weight_grams=sellable.weight_grams,
        problem=problem,
        unit=None,
        total=None,
    )


def _problem(line: CartLine, sellable: Sellable | None, listed: ListedPrice | None) -> CartLineProblem | None:
    if sellable is None or not sellable.is_sold:
        return CartLineProblem.UNAVAILABLE
    if listed is None:
        return CartLineProblem.UNPRICED
    return CartLineProblem.TOO_EXPENSIVE if listed.amount * line.quantity > LARGEST_LINE else None


def bought(lines: Iterable[CartLine]) -> list[CartLine]:
    """The lines that can be bought: only they count."""
    return [line for line in lines if line.problem is None]


def weight_of(lines: Iterable[CartLine]) -> int:
    """In grams. What has no weight weighs nothing."""
    return sum(line.quantity * (line.weight_grams or 0) for line in bought(lines))


def value_of(lines: Iterable[CartLine], amounts: Mapping[UUID, int]) -> int:
    """In minor units, in the channel's tax mode."""
    return sum(line.quantity * amounts[line.variant_id] for line in bought(lines))


def basket_of(cart: Cart, known: Known) -> Basket:
    """What is to be priced."""
    return Basket(
        currency=cart.currency,
        mode=known.channel.tax_mode,
        lines=tuple(
            BasketLine(
                id=line.id,
                quantity=line.quantity,
                unit_amount=known.amounts[line.variant_id],
                rates=_rates(known, line.tax_class_id),
            )
            for line in bought(cart.lines)
        ),
        shipping=None
        if known.shipping is None
        else BasketShipping(amount=known.shipping.amount, rates=_rates(known, known.shipping_class_id)),
        is_estimated=known.is_estimated,
    )


def _rates(known: Known, class_id: UUID | None) -> Sequence[TaxRate] | None:
    return None if known.place is None or class_id is None else known.rates[class_id]


def revision_of(cart: Cart, known: Known) -> str:
    """The digest of all that a cart's price, and what is shown beside it, comes from."""
    said: list[Any] = [
        _PRICED_BY,
        cart.currency,
        known.channel.tax_mode,
        known.place,
        known.is_estimated,
        [
            (
                line.id,
                line.quantity,
                line.problem,
                line.sku,
                line.product_name,
                line.product_name_translations,
                line.variant_name,
                line.variant_name_translations,
                line.weight_grams,
                line.tax_class_id,
                known.amounts.get(line.variant_id),
            )
            for line in sorted(cart.lines, key=lambda line: line.id)
        ],
        known.offers,
        known.shipping and known.shipping.method_id,
        known.shipping_class_id,
        sorted((str(class_id), rates) for class_id, rates in known.rates.items()),
    ]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def with_prices(cart: Cart, known: Known, priced: PricedBasket) -> Cart:
    """The cart with what it costs. A method that is not offered any more is dropped, which is told."""
    by_id = {line.id: line for line in priced.lines}
    dropped = cart.shipping_method_id is not None and known.shipping is None and bool(by_id)
    notice = Notice(kind=CartNoticeKind.SHIPPING_METHOD_DROPPED, name=cart.shipping_method_name)
    return replace(
        cart,
        lines=tuple(
            replace(line, unit=by_id[line.id].unit, total=by_id[line.id].total) if line.id in by_id else line
            for line in cart.lines
        ),
        offers=known.offers,
        shipping_method_id=None if dropped else cart.shipping_method_id,
        notices=(*cart.notices, notice) if dropped else tuple(cart.notices),
        shipping_total=priced.shipping_total,
        total=priced.total,
        priced=priced,
        pricing_revision=revision_of(cart, known),
    )


def changes_between(before: Cart, after: Cart, mode: TaxMode) -> tuple[CartChange, ...]:
    """What costs something else than before, line by line."""
    had = {line.id: line for line in before.lines}
    changes: list[CartChange] = []
    for line in after.lines:
        kinds = (
            (CartChangeKind.UNIT_PRICE, had[line.id].unit, line.unit),
            (CartChangeKind.LINE_TOTAL, had[line.id].total, line.total),
        )
        for kind, was, now in kinds:
            if was != now:
                changes.append(_change(kind, was, now, mode, after.currency, line))
                break
    if before.shipping_total != after.shipping_total:
        kind = CartChangeKind.SHIPPING
        changes.append(_change(kind, before.shipping_total, after.shipping_total, mode, after.currency))
    if before.total != after.total:
        changes.append(_change(CartChangeKind.TOTAL, before.total, after.total, mode, after.currency))
    return tuple(changes)


def _change(
    kind: CartChangeKind,
    was: Taxed | None,
    now: Taxed | None,
    mode: TaxMode,
    currency: str,
    line: CartLine | None = None,
) -> CartChange:
    return CartChange(
        kind=kind,
        line_id=None if line is None else line.id,
        sku=None if line is None else line.sku,
        before=_paid(was, mode, currency),
        after=_paid(now, mode, currency),
    )


def _paid(amount: Taxed | None, mode: TaxMode, currency: str) -> Decimal | None:
    """What is to be paid: with tax, where that is known."""
    if amount is None:
        return None
    minor = amount.gross if amount.gross is not None else amount.given(mode)
    return to_decimal(minor, currency)


def name_in(name: str, translations: Mapping[str, str], language: str) -> str:
    """A name in a language, or as it stands."""
    return translations.get(language) or translations.get(parent(language)) or name
