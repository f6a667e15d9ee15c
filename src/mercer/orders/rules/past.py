"""What an order of the past may say."""

from collections.abc import Iterator

from mercer.orders.errors import PastOrderInvalid
from mercer.orders.models import FulfilmentStatus, OrderStatus, PastLine, PastOrder
from mercer.orders.rules.states import fulfilment_of
from mercer.totals.models import LARGEST_AMOUNT, NOTHING, AppliedTax, Taxed
from mercer.values.address import Address
from mercer.values.currency import CurrencyUnknown, digits

MOST_OF_A_LINE = 2**31 - 1
_UNKNOWN = Taxed(net=None, tax=None, gross=None)


def total_of(order: PastOrder) -> tuple[Taxed, Taxed, Taxed]:
    """What the goods, the delivery and both together cost."""
    goods = sum((line.total for line in order.lines), NOTHING)
    delivery = order.shipping.total if order.shipping else NOTHING
    return goods, delivery, goods + delivery


def check_past_order(order: PastOrder) -> None:
    """Raise `PastOrderInvalid` with the first field that has a value it cannot have."""
    for field in _faults(order):
        raise PastOrderInvalid(external_id=order.external_id[:200], field=field)


def _faults(order: PastOrder) -> Iterator[str]:
    if not all(map(_is_text, (order.external_id, order.number, order.language))):
        yield "number"
    if order.email is not None and not _is_text(order.email):
        yield "email"
    if not all(map(_is_address, (order.shipping_address, order.billing_address))):
        yield "address"
    try:
        digits(order.currency)
    except CurrencyUnknown:
        yield "currency"
    if not order.lines or not all(_is_line(line) for line in order.lines):
        yield "lines"
    yield from _faults_of_money(order)
    yield from _faults_of_states(order)


def _faults_of_money(order: PastOrder) -> Iterator[str]:
    if order.shipping is not None and not (
        _is_text(order.shipping.code) and _is_text(order.shipping.name) and _adds_up(order.shipping.total)
    ):
        yield "shipping"
    taxes = [tax for line in order.lines for tax in line.taxes]
    taxes += order.shipping.taxes if order.shipping else ()
    if not all(map(_is_tax, taxes)):
        yield "taxes"
    total = total_of(order)[2].gross
    if total is None or not 0 <= total <= LARGEST_AMOUNT or not 0 <= order.discount <= LARGEST_AMOUNT:
        yield "total"


def _faults_of_states(order: PastOrder) -> Iterator[str]:
    """What the lines say of what is shipped must agree, but that of a whole order they need not say it."""
    if order.cancelled_at is not None and order.status is not OrderStatus.CANCELLED:
        yield "cancelled_at"
    found = fulfilment_of((line.quantity, line.shipped_quantity) for line in order.lines)
    is_partial = order.fulfilment_status is FulfilmentStatus.PARTIAL
    if is_partial is not (found is FulfilmentStatus.PARTIAL):
        yield "fulfilment_status"


def _is_line(line: PastLine) -> bool:
    return (
        _is_text(line.sku)
        and _is_text(line.product_name)
        and (line.variant_name is None or _is_text(line.variant_name))
        and 0 < line.quantity <= MOST_OF_A_LINE
        and 0 <= line.shipped_quantity <= line.quantity
        and (line.weight_grams is None or 0 <= line.weight_grams <= MOST_OF_A_LINE)
        and _adds_up(line.unit)
        and _adds_up(line.total)
    )


def _is_tax(tax: AppliedTax) -> bool:
    is_money = max(abs(tax.base), abs(tax.amount)) <= LARGEST_AMOUNT
    return _is_text(tax.name) and _is_text(tax.jurisdiction) and tax.rate.is_finite() and is_money


def _adds_up(amount: Taxed) -> bool:
    net, tax, gross = amount.net, amount.tax, amount.gross
    if net is None or tax is None or gross is None:
        return False
    return net + tax == gross and max(abs(net), abs(tax), abs(gross)) <= LARGEST_AMOUNT


def _is_address(address: Address | None) -> bool:
    return address is None or all(each is None or "\0" not in each for each in vars(address).values())


def _is_text(value: str) -> bool:
    return bool(value) and "\0" not in value
