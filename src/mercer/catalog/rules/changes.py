"""What may be changed of one thing: the fields that have a check here, and how texts and translations are put in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from mercer.catalog.errors import (
    AttributeCodeReserved,
    CodeInvalid,
    LanguageInvalid,
    NamedTwice,
    OrderIncomplete,
    SlugInvalid,
    TooMany,
)
from mercer.catalog.models import TextChanges, Translations
from mercer.catalog.rules.checks import checked_barcode, checked_cost, checked_sku, checked_tags, checked_weight
from mercer.catalog.rules.slugs import is_slug
from mercer.catalog.rules.texts import checked_html, checked_name, checked_text, checked_translations
from mercer.values.language import TAG

T = TypeVar("T")
Checks = Mapping[str, Callable[[Any], Any]]

MOST_LANGUAGES = 100
MOST_TAGS = 100
MOST_AT_ONCE = 250
"""How many products or variants one mutation may name."""
MOST_VARIANTS = 250
MOST_OPTIONS = 10
MOST_VALUES = 250
MOST_MEDIA = 100
MOST_ATTRIBUTES = 100
MOST_CHOICES = 1_000
LONGEST_QUOTED = 200
"""How much of a value an error repeats."""
DEEPEST = 20
"""How many categories may stand one in another."""

FACETS_OF_THEIR_OWN = frozenset({"category", "tags"})
"""What products are counted by besides their attributes, which may not be called the same."""


def at_most(most: int, things: Sequence[T]) -> Sequence[T]:
    """Refuse more than so many. Raises `TooMany`."""
    if len(things) > most:
        raise TooMany(most=most)
    return things


def distinct(things: Sequence[T], *, most: int = MOST_AT_ONCE) -> list[T]:
    """Refuse too many, and any that is named twice. Raises `TooMany`, `NamedTwice`."""
    at_most(most, things)
    seen = set[T]()
    for place, thing in enumerate(things):
        if thing in seen:
            raise NamedTwice().at(str(place))
        seen.add(thing)
    return list(things)


def check_order(named: Sequence[UUID], there: Collection[UUID], *, at: str) -> None:
    """Refuse an order, which stands in the field `at`, that is not of exactly these. Raises `OrderIncomplete`."""
    if len(named) != len(there) or sorted(named) != sorted(there):
        raise OrderIncomplete().at(at)


def checked_slug(slug: str) -> str:
    if not is_slug(slug):
        raise SlugInvalid(slug=slug[:LONGEST_QUOTED])
    return slug


def checked_code(code: str) -> str:
    if not is_slug(code):
        raise CodeInvalid(code=code[:LONGEST_QUOTED])
    return code


def checked_attribute_code(code: str) -> str:
    if checked_code(code) in FACETS_OF_THEIR_OWN:
        raise AttributeCodeReserved(attribute=code)
    return code


def text_changes(field: str, *, is_html: bool = False) -> Callable[[TextChanges], TextChanges]:
    """A check of changed translations: what is empty is None. Raises `LanguageInvalid`, and as the texts do."""

    def check(changes: TextChanges) -> TextChanges:
        at_most(MOST_LANGUAGES, list(changes))
        for language in changes:
            if not TAG.fullmatch(language):
                raise LanguageInvalid(language=language[:LONGEST_QUOTED])
        given = {language: text for language, text in changes.items() if text is not None}
        checked = checked_translations(given, field, is_html=is_html)
        return {language: checked.get(language) for language in changes}

    return check


def merged(translations: Translations, changes: TextChanges) -> Translations:
    """Translations after these changes."""
    after = {**translations, **changes}
    return {language: text for language, text in after.items() if text}


def put_in(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored: changed translations put in those that are there."""
    return {
        name: merged(before.get(name, {}), value) if name.endswith("_translations") else value
        for name, value in values.items()
    }


def _html(html: str) -> str:
    return checked_html(html, "description")


def _tags(tags: Sequence[str]) -> list[str]:
    return checked_tags(at_most(MOST_TAGS, tags))


def _unit(unit: str | None) -> str | None:
    return None if unit is None else checked_name(unit, "unit")


_NAMED: Checks = {"name": checked_name, "name_translations": text_changes("name")}
_DESCRIBED: Checks = {
    "description": _html,
    "description_translations": text_changes("description", is_html=True),
}

PRODUCT: Checks = {**_NAMED, **_DESCRIBED, "slug": checked_slug, "tags": _tags}
PRODUCTS: Checks = {"add_tags": _tags, "remove_tags": _tags}
VARIANT: Checks = {
    "sku": checked_sku,
    "barcode": lambda barcode: None if barcode is None else checked_barcode(barcode),
    "name": lambda name: checked_text(name, "name"),
    "name_translations": text_changes("name"),
    "weight_grams": lambda weight: None if weight is None else checked_weight(weight),
    "cost": lambda cost: None if cost is None else checked_cost(**cost),
}
OPTION: Checks = _NAMED
CATEGORY: Checks = {**_NAMED, **_DESCRIBED, "slug": checked_slug}
PRODUCT_TYPE: Checks = {**_NAMED, "code": checked_code}
ATTRIBUTE: Checks = {
    **_NAMED,
    "code": checked_attribute_code,
    "unit": _unit,
    "is_filterable": lambda is_filterable: is_filterable,
}
CHOICE: Checks = {**_NAMED, "code": checked_code}
MEDIA: Checks = {"alt": lambda alt: checked_text(alt, "alt"), "alt_translations": text_changes("alt")}
