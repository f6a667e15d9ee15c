"""Invoices as orders."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from mercer.catalog.models import VariantKey
from mercer.identity.models import NewCustomer
from mercer.orders.models import FulfilmentStatus, OrderStatus, PastLine, PastOrder, PastShipping
from mercer.payments.models import PaymentStatus
from mercer.platform.errors import DomainError
from mercer.totals.errors import TotalTooLarge
from mercer.totals.models import LARGEST_AMOUNT, NOTHING, PricedLine
from mercer.totals.service import price_basket
from mercer.transfer.errors import InvoiceContradictory, NothingSold, ValueInvalid
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.sales import Draft, DraftLine, Invoice, Matches, Refusal, Sale
from mercer.transfer.rules.order_mappings import rates_of
from mercer.transfer.rules.sales import LARGEST_QUANTITY, is_credit, read_sale
from mercer.values.basket import Basket, BasketLine, TaxMode, TaxRate
from mercer.values.currency import to_decimal

_MOST_NAMED = 20
"""Of the invoices that a reason names."""


class Terms(NamedTuple):
    """What all orders of an import have in common."""

    mapping: OrderMapping
    channel_id: UUID


def draft_order(invoice: Invoice, mapping: OrderMapping, matches: Matches) -> Iterator[Draft | Refusal]:
    """The order that the rows of an invoice make, unless all of them are refused; and those that are."""
    sales: list[Sale] = []
    for row in invoice.rows:
        try:
            sale = read_sale(row, mapping)
            _check_agreement(sale, sales)
        except DomainError as error:
            yield Refusal(row, error.with_traceback(None))
        else:
            sales.append(sale)
    if not any(sale.price or sale.customer for sale in sales):
        yield from (Refusal(sale.row, NothingSold(invoice=invoice.number)) for sale in sales)
        return
    try:
        yield _draft(invoice.number, sales, mapping, matches)
    except DomainError as error:
        yield from (Refusal(sale.row, error.with_traceback(None)) for sale in sales)


def past_order(
    draft: Draft, terms: Terms, variants: Mapping[str, VariantKey], customer: tuple[str, UUID] | None
) -> PastOrder:
    """The order, with the ids of what it names as far as they are known. `customer` is his address and id."""
    mapping, state = terms.mapping, _state(draft)
    is_shipped = state.fulfilment is FulfilmentStatus.FULFILLED
    pairs = zip(draft.lines, draft.priced, strict=True)
    return PastOrder(
        external_id=f"{mapping.source}:{draft.invoice}",
        number=f"{mapping.number_prefix}{draft.invoice}",
        channel_id=terms.channel_id,
        currency=mapping.currency,
        tax_mode=mapping.tax_mode,
        status=state.status,
        payment_status=state.payment,
        fulfilment_status=state.fulfilment,
        created_at=draft.at,
        placed_at=None if draft.is_credit else draft.at,
        cancelled_at=state.cancelled_at,
        cancel_reason=state.reason,
        language=mapping.language,
        email=customer[0] if customer else None,
        customer_id=customer[1] if customer else None,
        shipping_country=draft.country,
        lines=[_past_line(line, priced, variants.get(line.sku), is_shipped=is_shipped) for line, priced in pairs],
        shipping=None
        if draft.delivery is None or draft.fee is None
        else PastShipping(code=draft.delivery[0], name=draft.delivery[1], total=draft.fee.total, taxes=draft.fee.taxes),
    )


def buyer_of(draft: Draft, mapping: OrderMapping) -> NewCustomer | None:
    """The account of whoever bought. None: a guest, or nobody has accounts."""
    if draft.customer is None or mapping.customers is None:
        return None
    email, name = (
        pattern.replace("{}", draft.customer) for pattern in (mapping.customers.email, mapping.customers.name)
    )
    return NewCustomer(email=email, name=name, language=mapping.language)


def is_all_taken(draft: Draft) -> bool:
    """Whether credits took back all that an order cost."""
    return draft.taken is not None and draft.taken.amount >= draft.total


class _State(NamedTuple):
    status: OrderStatus
    payment: PaymentStatus
    fulfilment: FulfilmentStatus
    cancelled_at: datetime | None = None
    reason: str | None = None


def _state(draft: Draft) -> _State:
    """A credit is a cancelled order, and so is an order of which all was taken back."""
    if draft.is_credit:
        from_ = f"Takes back from {_named(draft.told)}." if draft.told else "Takes back from an order that is not told."
        return _State(OrderStatus.CANCELLED, PaymentStatus.REFUNDED, FulfilmentStatus.CANCELLED, draft.at, from_)
    if (taken := draft.taken) is None:
        return _State(OrderStatus.COMPLETED, PaymentStatus.PAID, FulfilmentStatus.FULFILLED)
    if not is_all_taken(draft):
        return _State(OrderStatus.COMPLETED, PaymentStatus.PARTIALLY_REFUNDED, FulfilmentStatus.FULFILLED)
    reason = f"Taken back by {_named(taken.credits)}."
    return _State(OrderStatus.CANCELLED, PaymentStatus.REFUNDED, FulfilmentStatus.CANCELLED, taken.last_at, reason)


def _named(invoices: Sequence[str]) -> str:
    """Some of the invoices, by number."""
    rest = len(invoices) - _MOST_NAMED
    return ", ".join(invoices[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _past_line(line: DraftLine, priced: PricedLine, variant: VariantKey | None, *, is_shipped: bool) -> PastLine:
    return PastLine(
        sku=line.sku,
        product_name=line.name,
        quantity=line.quantity,
        unit=priced.unit,
        total=priced.total,
        taxes=priced.taxes,
        variant_id=variant.id if variant else None,
        product_id=variant.product_id if variant else None,
        shipped_quantity=line.quantity if is_shipped else 0,
    )


def _draft(invoice: str, sales: Sequence[Sale], mapping: OrderMapping, matches: Matches) -> Draft:
    goods = [sale for sale in sales if sale.sku not in mapping.delivery] or sales
    delivery = [sale for sale in sales if sale.sku in mapping.delivery] if len(goods) < len(sales) else []
    lines: dict[tuple[str, str, int], int] = {}
    for sale in goods:
        same = sale.sku, sale.name, sale.price
        lines[same] = lines.get(same, 0) + sale.quantity
    if max(lines.values()) > LARGEST_QUANTITY:
        raise ValueInvalid(field=mapping.fields.quantity, kind="quantity", value=str(max(lines.values())))
    first, at = sales[0], min(sale.at for sale in sales)
    rates = tuple(rates_of(mapping, first.country, at))
    priced = [_price(mapping, price, quantity, rates) for (_, _, price), quantity in lines.items()]
    fee = _price(mapping, sum(sale.amount for sale in delivery), 1, rates) if delivery else None
    total = sum((each.total for each in (*priced, *([fee] if fee else []))), NOTHING)
    if (total.gross or 0) > LARGEST_AMOUNT:
        raise TotalTooLarge
    return Draft(
        invoice=invoice,
        rows=[sale.row for sale in sales],
        is_credit=is_credit(invoice, mapping),
        at=at,
        customer=first.customer,
        country=first.country,
        lines=[DraftLine(sku=sku, name=name, quantity=quantity) for (sku, name, _), quantity in lines.items()],
        delivery=(delivery[0].sku, delivery[0].name) if delivery else None,
        priced=priced,
        fee=fee,
        total=total.given(mapping.tax_mode),
        given=to_decimal(sum(sale.amount for sale in sales), mapping.currency),
        merged=len(sales) - len(lines) - bool(delivery),
        taken=matches.taken.get(invoice),
        told=matches.told.get(invoice, ()),
    )


def _price(mapping: OrderMapping, price: int, quantity: int, rates: tuple[TaxRate, ...]) -> PricedLine:
    return _priced(mapping.currency, mapping.tax_mode, price, quantity, rates)


@lru_cache(maxsize=20_000)
def _priced(currency: str, mode: TaxMode, price: int, quantity: int, rates: tuple[TaxRate, ...]) -> PricedLine:
    """A line by itself: nothing of past orders depends on other lines, and wholesalers sell the same over and over."""
    line = BasketLine(id=UUID(int=0), quantity=quantity, unit_amount=price, rates=rates)
    return price_basket(Basket(currency=currency, mode=mode, lines=[line])).lines[0]


def _check_agreement(sale: Sale, others: Sequence[Sale]) -> None:
    for field in ("customer", "country"):
        if others and getattr(sale, field) != getattr(others[0], field):
            raise InvoiceContradictory(invoice=sale.invoice, field=field)
