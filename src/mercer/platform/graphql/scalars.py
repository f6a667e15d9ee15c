"""Scalars whose form is part of the contract."""

import decimal
import re
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?")


def _parse_decimal(value: Any) -> decimal.Decimal:
    """Exact, finite and of a sane length: `NaN`, `1e400` and floats that JSON has rounded already are refused."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise GraphQLError('A Decimal is a string such as "12.50".')
    return decimal.Decimal(text)


def _serialize_moment(value: datetime | str) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _parse_moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        in_utc = moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise GraphQLError('A DateTime is a string such as "2026-11-22T09:30:00Z".') from None
    if moment.tzinfo is None:
        raise GraphQLError("A DateTime needs its offset from UTC, such as Z.")
    return in_utc


def _parse_translations(value: Any) -> dict[str, str | None]:
    """Texts by language; in changes, null takes one away."""
    is_right = isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values())
    if not is_right:
        raise GraphQLError('Translations are an object such as {"de": "Becher"}.')
    return dict(value)


Decimal: ScalarDefinition = strawberry.scalar(
    name="Decimal",
    description='An exact number as a string: `"12.50"`. Money has the digits of its currency.',
    serialize=str,
    parse_value=_parse_decimal,
)

DateTime: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description='A time in UTC (ISO 8601): `"2026-11-22T09:30:00.000000Z"`.',
    serialize=_serialize_moment,
    parse_value=_parse_moment,
)

Translations = NewType("Translations", dict[str, str])

TranslationsScalar: ScalarDefinition = strawberry.scalar(
    name="Translations",
    description='A text by language, its own language left out: `{"de": "Becher"}`. In a change, null removes one.',
    serialize=dict,
    parse_value=_parse_translations,
)

SCALARS: dict[object, ScalarDefinition] = {
    decimal.Decimal: Decimal,
    datetime: DateTime,
    Translations: TranslationsScalar,
}
