"""What a mapping of past orders may say, and what it makes of countries, times and taxes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mercer.transfer.errors import MappingInvalid, ValueInvalid
from mercer.transfer.models.order_mapping import OrderMapping, TaxRule
from mercer.transfer.rules.values import excerpt
from mercer.values.basket import TaxRate
from mercer.values.currency import CurrencyUnknown, digits
from mercer.values.language import TAG
from mercer.values.places import is_country

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS_OF_RATES = 6
_GAP = "{}"


def check_order_mapping(name: str, mapping: OrderMapping) -> None:
    """Raise `MappingInvalid` if parts of the mapping do not fit together."""
    for reason in _faults(mapping):
        raise MappingInvalid(mapping=name, reason=reason)


def country_of(mapping: OrderMapping, name: str | None) -> str | None:
    """A country's code, from its name in the file or its code. None: it is not known. Raises `ValueInvalid`."""
    if name is None:
        return None
    code = mapping.countries.get(name, name)
    if code and not is_country(code):
        raise ValueInvalid(field=mapping.fields.country or "", kind="country", value=excerpt(name))
    return code or None


def moment_of(mapping: OrderMapping, text: object) -> datetime:
    """A moment, in UTC. One without an offset is of the mapping's time zone. Raises `ValueInvalid`."""
    try:
        moment = _moment(str(text), mapping.time_format, mapping.time_zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment < _EARLIEST:
        raise ValueInvalid(field=mapping.fields.at, kind="moment", value=excerpt(text))
    return moment


def rates_of(mapping: OrderMapping, country: str | None, at: datetime) -> Sequence[TaxRate]:
    """The taxes on what goes to a country at a moment."""
    day = at.astimezone(ZoneInfo(mapping.time_zone)).date()
    return [
        TaxRate(name=rule.name, jurisdiction=rule.jurisdiction, rate=rule.rate)
        for rule in mapping.taxes
        if country in rule.countries
        and (rule.begins_on is None or rule.begins_on <= day)
        and (rule.ends_on is None or day < rule.ends_on)
    ]


@lru_cache(maxsize=1_000)
def _moment(text: str, format_: str | None, zone: str) -> datetime:
    """The lines of an order have the same moment, and come together."""
    moment = datetime.fromisoformat(text) if format_ is None else datetime.strptime(text, format_)  # noqa: DTZ007 — below
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _faults(mapping: OrderMapping) -> Iterator[str]:
    yield from _faults_of_words(mapping)
    if mapping.customers is not None:
        if mapping.fields.customer is None:
            yield "customers are described, but no field names them"
        if mapping.customers.email.count(_GAP) != 1:
            yield "the customers' email has no {}"
    codes = [*mapping.countries.values(), *(code for rule in mapping.taxes for code in rule.countries)]
    for code in codes:
        if code and not is_country(code):
            yield f"{code} is not a country"
    for rule in mapping.taxes:
        yield from _faults_of_tax(rule)


def _faults_of_words(mapping: OrderMapping) -> Iterator[str]:
    if not mapping.source or not mapping.source.isprintable():
        yield "source is empty"
    if mapping.delimiter is not None and len(mapping.delimiter) != 1:
        yield "delimiter is not one character"
    if mapping.credits is not None and not mapping.credits.prefix:
        yield "the prefix of credits is empty"
    if not TAG.fullmatch(mapping.language):
        yield f"{mapping.language} is not a language"
    try:
        digits(mapping.currency)
        ZoneInfo(mapping.time_zone)
    except CurrencyUnknown:
        yield f"{mapping.currency} is not a currency"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"{mapping.time_zone} is not a time zone"


def _faults_of_tax(rule: TaxRule) -> Iterator[str]:
    exponent = rule.rate.as_tuple().exponent
    if not rule.rate.is_finite() or not 0 <= rule.rate <= 1 or not isinstance(exponent, int):
        yield f"{rule.rate} is not a rate"
    elif exponent < -_DIGITS_OF_RATES:
        yield f"{rule.rate} has more than {_DIGITS_OF_RATES} digits"
