"""The verbs of product types, attributes and choices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mercer.catalog.errors import (
    AttributeCodeReserved,
    AttributeDefinedTwice,
    AttributeKindFixed,
    CodeInvalid,
    ProductTypeRepeated,
)
from mercer.catalog.events import ProductTypesStored
from mercer.catalog.models import Attribute, Choice, ProductType
from mercer.catalog.queries import types as queries
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.rules.changes import FACETS_OF_THEIR_OWN
from mercer.catalog.rules.slugs import choose_slug, is_slug
from mercer.catalog.rules.texts import checked_name, checked_translations
from mercer.catalog.service.outdating import EVERYTHING
from mercer.catalog.service.search import refresh_search_of_types
from mercer.platform.context import Context
from mercer.values.names import sort_key
from mercer.values.stored import Stored


async def store_product_types(context: Context, *, product_types: Sequence[ProductType]) -> Stored:
    """Create or update product types, by code, with their attributes and choices; counts are of types.

    A type whose attribute changes counts as updated. One that is faulty refuses all. Raises `CodeInvalid`,
    `AttributeCodeReserved`, `ProductTypeRepeated`, `AttributeKindFixed`, `AttributeDefinedTwice`, and as texts do.
    """
    checked = [_checked_type(product_type) for product_type in product_types]
    codes = [product_type.code for product_type in checked]
    if len(set(codes)) < len(codes):
        raise ProductTypeRepeated(product_type=next(code for code in codes if codes.count(code) > 1))
    attributes = _distinct(attribute for each in checked for attribute in each.attributes)
    await lock_catalogue(context.db)
    kinds = await queries.load_kinds(context.db, attributes.keys())
    for code, kind in kinds.items():
        if attributes[code].kind is not kind:
            raise AttributeKindFixed(attribute=code, kind=kind)
    changed = await queries.write_attributes(context.db, list(attributes.values()))
    created, renamed, linked = await queries.write_types(context.db, checked)
    if renamed:
        await refresh_search_of_types(context, types=renamed)
    using = {each.code for each in checked if not changed.isdisjoint(key.code for key in each.attributes)}
    updated = (renamed | linked | using) - created
    if created or updated:
        ids = await queries.load_type_ids(context.db, created | updated)
        context.announce(ProductTypesStored(product_type_ids=tuple(ids)))
        context.outdate(EVERYTHING)
    return Stored(created=len(created), updated=len(updated), unchanged=len(checked) - len(created) - len(updated))


async def name_choices(context: Context, *, names: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """The codes of choices, by attribute code and by name. Choices that are missing are added, last.

    Names that differ in case or accents only are the same choice. Raises as texts do.
    """
    await lock_catalogue(context.db)
    stored = await queries.load_choices(context.db, names.keys())
    added: dict[str, list[Choice]] = {}
    codes: dict[str, dict[str, str]] = {}
    for attribute, wanted in names.items():
        by_key = {sort_key(choice.name): choice.code for choice in reversed(stored.get(attribute, []))}
        taken = set(by_key.values()) | {choice.code for choice in stored.get(attribute, [])}
        for name in wanted:
            key = sort_key(checked_name(name, attribute))
            if key not in by_key:
                code = choose_slug(name, key=key, taken=taken)
                assert code is not None, "a digest of the name is as unique as the name"
                by_key[key] = code
                taken.add(code)
                added.setdefault(attribute, []).append(Choice(code=code, name=name.strip()))
            codes.setdefault(attribute, {})[name] = by_key[key]
    if added:
        await queries.add_choices(context.db, added)
        context.outdate(EVERYTHING)
    return codes


def _checked_type(product_type: ProductType) -> ProductType:
    if not is_slug(product_type.code):
        raise CodeInvalid(code=product_type.code)
    attributes = [_checked_attribute(attribute) for attribute in product_type.attributes]
    return replace(
        product_type,
        name=checked_name(product_type.name),
        name_translations=checked_translations(product_type.name_translations, "name"),
        attributes=list(_distinct(attributes).values()),
    )


def _checked_attribute(attribute: Attribute) -> Attribute:
    for code in (attribute.code, *(choice.code for choice in attribute.choices)):
        if not is_slug(code):
            raise CodeInvalid(code=code)
    if attribute.code in FACETS_OF_THEIR_OWN:
        raise AttributeCodeReserved(attribute=attribute.code)
    choices = {choice.code: choice for choice in attribute.choices}
    if len(choices) < len(attribute.choices):
        raise AttributeDefinedTwice(attribute=attribute.code)
    return replace(
        attribute,
        name=checked_name(attribute.name, attribute.code),
        name_translations=checked_translations(attribute.name_translations, attribute.code),
        choices=[
            Choice(
                code=choice.code,
                name=checked_name(choice.name, attribute.code),
                name_translations=checked_translations(choice.name_translations, attribute.code),
            )
            for choice in attribute.choices
        ],
    )


def _distinct(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    """The attributes by code, each once. Raises `AttributeDefinedTwice` where two definitions differ."""
    distinct: dict[str, Attribute] = {}
    for attribute in attributes:
        if distinct.setdefault(attribute.code, attribute) != attribute:
            raise AttributeDefinedTwice(attribute=attribute.code)
    return distinct
