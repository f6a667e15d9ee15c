"""Rows as lines of invoices, and what must be known of a whole file of them."""

import hashlib
import re
from decimal import Decimal

from mercer.catalog.errors import TextInvalid, TextTooLong
from mercer.platform.errors import DomainError
from mercer.transfer.errors import BookkeepingRow, InvoiceMissing, QuantityContrary, SkuMissing, ValueInvalid
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.rows import Content, Row
from mercer.transfer.models.sales import Entry, Key, Sale, Survey
from mercer.transfer.rules.order_mappings import country_of, moment_of
from mercer.transfer.rules.values import LARGEST_AMOUNT, excerpt, parse_amount, parse_count, parse_number, parse_text

LONGEST_TEXT = 200
LONGEST_CODE = 64
LARGEST_QUANTITY = 2**31 - 1

_WHOLE = re.compile(r"([0-9]+)\.0+")
"""A number as programs write it that keep whole ones as fractions too."""
_CUSTOMER = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_DIGEST_BYTES = 8


def invoice_of(row: Row, mapping: OrderMapping) -> str:
    """The number of the row's invoice. Raises `InvoiceMissing`, and as texts do."""
    field = mapping.fields.invoice
    invoice = _code(row.content, field)
    if not invoice:
        raise InvoiceMissing(field=field)
    return invoice


def is_credit(invoice: str, mapping: OrderMapping) -> bool:
    """Whether the invoice takes something back."""
    return mapping.credits is not None and invoice.startswith(mapping.credits.prefix)


def read_sale(row: Row, mapping: OrderMapping) -> Sale:
    """What the row says. Raises what is wrong with it."""
    fields, content = mapping.fields, row.content
    invoice = invoice_of(row, mapping)
    sku = _code(content, fields.sku)
    if not sku:
        raise SkuMissing(field=fields.sku)
    if sku in mapping.bookkeeping:
        raise BookkeepingRow(code=sku)
    quantity = parse_count(content.get(fields.quantity), fields.quantity)
    sold = -quantity if is_credit(invoice, mapping) else quantity
    if sold <= 0:
        raise QuantityContrary(field=fields.quantity, value=excerpt(quantity))
    if sold > LARGEST_QUANTITY:
        raise ValueInvalid(field=fields.quantity, kind="quantity", value=excerpt(quantity))
    return Sale(
        row=row,
        invoice=invoice,
        sku=sku,
        name=_text(content, fields.name) or sku,
        quantity=sold,
        price=parse_amount(content.get(fields.price), mapping.currency, fields.price),
        at=moment_of(mapping, content.get(fields.at)),
        customer=_customer(content, mapping),
        country=country_of(mapping, _text(content, fields.country)),
    )


def amount_of(row: Row, mapping: OrderMapping) -> Decimal:
    """What the row asks for, with its sign, whatever else is wrong with it. Nothing if that cannot be read."""
    numbers = []
    for field in (mapping.fields.quantity, mapping.fields.price):
        try:
            number = parse_number(row.content.get(field), field)
        except ValueInvalid:
            return Decimal(0)
        if number and number.adjusted() > len(str(LARGEST_AMOUNT)):
            return Decimal(0)
        numbers.append(number)
    return numbers[0] * numbers[1]


def note_row(survey: Survey, row: Row, mapping: OrderMapping) -> None:
    """What the first reading learns of a row: whose rows stand apart, and what credits take back."""
    try:
        invoice = invoice_of(row, mapping)
    except DomainError:
        return
    survey.place += 1
    if invoice != survey.previous:
        survey.previous = invoice
        digest = int.from_bytes(hashlib.blake2b(invoice.encode(), digest_size=_DIGEST_BYTES).digest())
        if digest in survey.seen:
            survey.scattered[invoice] = 0
        survey.seen.add(digest)
    if is_credit(invoice, mapping) and (entry := _entry(row, mapping, survey.place)) is not None:
        survey.credits.append(entry)


def note_sold(survey: Survey, row: Row, mapping: OrderMapping, credited: frozenset[Key]) -> None:
    """What the second reading learns of a row: how many rows scattered invoices have, and what credits may be for."""
    try:
        invoice = invoice_of(row, mapping)
    except DomainError:
        return
    survey.place += 1
    if invoice in survey.scattered:
        survey.scattered[invoice] += 1
    if is_credit(invoice, mapping) or not _may_be_credited(row, mapping, credited):
        return
    if (entry := _entry(row, mapping, survey.place)) is not None and entry.key in credited:
        survey.sales.append(entry)


def _may_be_credited(row: Row, mapping: OrderMapping, credited: frozenset[Key]) -> bool:
    """Whether it is worth reading the whole row: few rows are."""
    try:
        customer = _customer(row.content, mapping)
        if customer is None:
            return False
        price = parse_amount(row.content.get(mapping.fields.price), mapping.currency, mapping.fields.price)
        return Key(customer, _code(row.content, mapping.fields.sku), price) in credited
    except DomainError:
        return False


def _entry(row: Row, mapping: OrderMapping, place: int) -> Entry | None:
    try:
        sale = read_sale(row, mapping)
    except DomainError:
        return None
    if sale.customer is None or not sale.price:
        return None
    key = Key(sale.customer, sale.sku, sale.price)
    return Entry(key=key, at=sale.at, place=place, invoice=sale.invoice, quantity=sale.quantity)


def _customer(content: Content, mapping: OrderMapping) -> str | None:
    """The file's own word for the customer, such that it can be a part of an address."""
    field = mapping.fields.customer
    if field is None or not (customer := _code(content, field)):
        return None
    if mapping.customers is not None and not _CUSTOMER.fullmatch(customer):
        raise ValueInvalid(field=field, kind="customer", value=excerpt(customer))
    return customer


def _code(content: Content, field: str) -> str:
    code = _text(content, field)
    if len(code) > LONGEST_CODE:
        raise TextTooLong(field=field, longest=LONGEST_CODE)
    whole = _WHOLE.fullmatch(code)
    return whole[1] if whole else code


def _text(content: Content, field: str | None) -> str:
    """The text without spaces around it; empty if there is none."""
    value = None if field is None else content.get(field)
    if value is None or field is None:
        return ""
    text = parse_text(value, field).strip()
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(field=field, longest=LONGEST_TEXT)
    if not text.isprintable():
        raise TextInvalid(field=field)
    return text
