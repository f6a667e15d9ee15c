"""Currencies and the digits of their minor units (ISO 4217, as CLDR lists them)."""

from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

USUAL_DIGITS = 2


class CurrencyUnknown(ValueError):
    """No such currency is in use."""


@cache
def digits(currency: str) -> int:
    """How many digits its minor unit has: 0 (JPY), 2 (EUR), 3 (KWD). Raises `CurrencyUnknown`."""
    if currency not in list_currencies():
        raise CurrencyUnknown(currency)
    return get_currency_precision(currency)


@cache
def exceptions() -> dict[int, tuple[str, ...]]:
    """The currencies whose minor unit does not have the usual two digits, by how many it has."""
    found: dict[int, list[str]] = {}
    for code in sorted(list_currencies()):
        if get_currency_precision(code) != USUAL_DIGITS:
            found.setdefault(get_currency_precision(code), []).append(code)
    return {count: tuple(codes) for count, codes in found.items()}


def to_minor(amount: Decimal, currency: str) -> int | None:
    """Minor units of an exact amount: `12.50` EUR is 1250. None if it has more digits than the currency."""
    scaled = amount.scaleb(digits(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else None


def to_decimal(minor: int, currency: str) -> Decimal:
    """The amount with its currency's own digits: 1250 minor units are `12.50` EUR."""
    return Decimal(minor).scaleb(-digits(currency))
