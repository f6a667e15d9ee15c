"""Cells as typed values. Those of CSV are texts; those of JSON have types of their own."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from mercer.catalog.errors import TextInvalid, TextMissing, TextTooLong
from mercer.catalog.models import AttributeKind, AttributeValue
from mercer.transfer.errors import PriceInvalid, PriceTooExact, ValueInvalid
from mercer.transfer.models.mapping import FieldRule
from mercer.values.currency import digits, to_minor

LARGEST_AMOUNT = 10**15
LONGEST_LABEL = 200
LONGEST_EXCERPT = 50
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
PLAIN = FieldRule()
"""For a field that goes to one attribute as it is."""


def parse_text(value: Any, field: str) -> str:
    """A text, or a number as text. Raises `ValueInvalid`."""
    match value:
        case str():
            return value
        case bool() | dict() | list():
            raise ValueInvalid(field=field, kind="text", value=excerpt(value))
        case _:
            return _plain(value)


def parse_number(value: Any, field: str) -> Decimal:
    """An exact, finite number. Raises `ValueInvalid`."""
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except (InvalidOperation, ValueError):
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise ValueInvalid(field=field, kind="number", value=excerpt(value))


def parse_count(value: Any, field: str) -> int:
    """A whole number. Raises `ValueInvalid`."""
    number = parse_number(value, field)
    if abs(number.adjusted()) > len(str(LARGEST_AMOUNT)) or number != number.to_integral_value():
        raise ValueInvalid(field=field, kind="whole number", value=excerpt(value))
    return int(number)


def parse_amount(value: Any, currency: str, field: str) -> int:
    """Minor units of the currency. Raises `PriceInvalid`, `PriceTooExact`."""
    try:
        amount = parse_number(value, field)
    except ValueInvalid:
        raise PriceInvalid(field=field, value=excerpt(value)) from None
    if amount and (amount < 0 or amount.adjusted() > len(str(LARGEST_AMOUNT))):
        raise PriceInvalid(field=field, value=excerpt(value))
    if amount and amount.adjusted() < -digits(currency):
        raise PriceTooExact(field=field, value=excerpt(value), digits=digits(currency))
    minor = to_minor(amount, currency) if amount else 0
    if minor is None:
        raise PriceTooExact(field=field, value=excerpt(value), digits=digits(currency))
    if minor > LARGEST_AMOUNT:
        raise PriceInvalid(field=field, value=excerpt(value))
    return minor


def parse_attribute(value: Any, kind: AttributeKind, field: str, rule: FieldRule) -> AttributeValue:
    """The attribute's value; choices are still names. Raises `ValueInvalid`, and as texts do."""
    match kind:
        case AttributeKind.CHOICE:
            return _label(value, field, rule)
        case AttributeKind.MULTI_CHOICE:
            return list(dict.fromkeys(_label(each, field, rule) for each in _several(value, rule)))
        case AttributeKind.NUMBER:
            return parse_number(value, field)
        case AttributeKind.BOOLEAN:
            return _parse_boolean(value, field)
        case AttributeKind.DATE:
            return _parse_date(value, field)
        case AttributeKind.TEXT | AttributeKind.RICH_TEXT:
            return _joined(value, field, rule)


def excerpt(value: Any) -> str:
    """The value's beginning, for a message."""
    return str(value)[:LONGEST_EXCERPT]


def _parse_boolean(value: Any, field: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in _BOOLEANS:
        return _BOOLEANS[value.strip().casefold()]
    raise ValueInvalid(field=field, kind="boolean", value=excerpt(value))


def _parse_date(value: Any, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueInvalid(field=field, kind="date", value=excerpt(value)) from None


def _several(value: Any, rule: FieldRule) -> Sequence[Any]:
    if isinstance(value, str) and rule.separator is not None:
        return [part.strip() for part in value.split(rule.separator) if part.strip()]
    return value if isinstance(value, list) else [value]


def _label(value: Any, field: str, rule: FieldRule) -> str:
    """A choice's name: short, and of characters that can be shown."""
    text = str(value).lower() if isinstance(value, bool) else _joined(value, field, rule).strip()
    label = rule.labels.get(text, text)
    if not label:
        raise TextMissing(field=field)
    if len(label) > LONGEST_LABEL:
        raise TextTooLong(field=field, longest=LONGEST_LABEL)
    if not label.isprintable():
        raise TextInvalid(field=field)
    return label


def _joined(value: Any, field: str, rule: FieldRule) -> str:
    if isinstance(value, list) and rule.join is not None:
        return rule.join.join(parse_text(each, field) for each in value)
    return parse_text(value, field)


def _plain(number: int | Decimal) -> str:
    """Without an exponent or zeros at the end, as people write numbers."""
    if isinstance(number, Decimal) and abs(number.adjusted()) < LONGEST_LABEL:
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(number)
