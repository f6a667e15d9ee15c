"""Attribute values: which kind holds which, and in which column."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from mercer.catalog.errors import AttributeValueInvalid, ChoiceUnknown
from mercer.catalog.models import AttributeKind, AttributeValue, Text, Translations
from mercer.catalog.rules.texts import LONGEST_TEXT, checked_html, checked_text, checked_translations

_NO_TRANSLATIONS: Translations = {}
_MOST_DIGITS = 30


class AttributeCells(NamedTuple):
    """A value as it stands in the columns of its row, and the ids of its choices."""

    number: Decimal | None = None
    boolean: bool | None = None
    date: dt.date | None = None
    text: str | None = None
    text_translations: Translations = _NO_TRANSLATIONS
    choices: tuple[UUID, ...] = ()


def cells_of(
    value: AttributeValue, kind: AttributeKind, *, attribute: str, choices: Mapping[str, UUID]
) -> AttributeCells:
    """Where the value is kept. Raises `AttributeValueInvalid`, `ChoiceUnknown`, and as the texts do."""
    match kind, value:
        case AttributeKind.CHOICE, str():
            return AttributeCells(choices=(_find_choice(value, attribute, choices),))
        case AttributeKind.MULTI_CHOICE, (list() | tuple()) if value:
            found = (_find_choice(choice, attribute, choices) for choice in value)
            return AttributeCells(choices=tuple(dict.fromkeys(found)))
        case AttributeKind.BOOLEAN, bool():
            return AttributeCells(boolean=value)
        case AttributeKind.NUMBER, int() | Decimal() if not isinstance(value, bool) and _is_storable(Decimal(value)):
            return AttributeCells(number=Decimal(value))
        case AttributeKind.DATE, dt.date() if not isinstance(value, dt.datetime):
            return AttributeCells(date=value)
        case ((AttributeKind.TEXT | AttributeKind.RICH_TEXT), str() | Text()):
            return _text_cells(Text(text=value) if isinstance(value, str) else value, kind, attribute)
    raise AttributeValueInvalid(attribute=attribute, kind=kind)


def _find_choice(code: str, attribute: str, choices: Mapping[str, UUID]) -> UUID:
    if (choice := choices.get(code)) is None:
        raise ChoiceUnknown(attribute=attribute, choice=code[:LONGEST_TEXT])
    return choice


def _is_storable(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() < _MOST_DIGITS


def _text_cells(value: Text, kind: AttributeKind, attribute: str) -> AttributeCells:
    is_html = kind is AttributeKind.RICH_TEXT
    text = checked_html(value.text, attribute) if is_html else checked_text(value.text, attribute, longest=LONGEST_TEXT)
    if not text:
        raise AttributeValueInvalid(attribute=attribute, kind=kind)
    return AttributeCells(
        text=text, text_translations=checked_translations(value.translations, attribute, is_html=is_html)
    )
