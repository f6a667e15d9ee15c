"""A row as a product with its prices and stock."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from mercer.catalog.models import (
    Attribute,
    AttributeKind,
    AttributeValue,
    Cost,
    Product,
    ProductType,
    Publication,
    PublicationStatus,
    Variant,
)
from mercer.inventory.models import StockLevel
from mercer.pricing.errors import BeforeAmountInvalid
from mercer.pricing.models import Price
from mercer.transfer.errors import RowRepeated, SkuMissing, ValueInvalid
from mercer.transfer.models.mapping import CostRule, FieldRule, Mapping, PriceRule, SetRule, TypeRule
from mercer.transfer.models.rows import Content, MappedRow, Row
from mercer.transfer.rules.mappings import attributes_of
from mercer.transfer.rules.values import (
    PLAIN,
    excerpt,
    parse_amount,
    parse_attribute,
    parse_count,
    parse_number,
    parse_text,
)

_CHOICES = (AttributeKind.CHOICE, AttributeKind.MULTI_CHOICE)
_DIGEST_BYTES = 16
_SKU_DIGEST_BYTES = 10
_SKU_PREFIX = 40


@dataclass(kw_only=True)
class Seen:
    """The rows of one import so far, as far as later ones must not be like them. Some 100 bytes a row."""

    skus: set[bytes] = field(default_factory=set)
    identities: Counter[bytes] = field(default_factory=Counter)


def map_row(row: Row, rule: SetRule, mapping: Mapping, seen: Seen) -> MappedRow:
    """What the row says, by the mapping. Raises what is wrong with it."""
    content = row.content
    sku = _sku(content, rule, mapping, seen)
    product = mapping.product
    category = _text(content, product.category)
    return MappedRow(
        row=row,
        product=Product(
            product_type=rule.product_type.code,
            name=_text(content, product.name) or "",
            slug=_text(content, product.slug),
            category=rule.category if category is None else category,
            description=_text(content, product.description),
            tags=_tags(content, mapping),
            attributes=_attributes(content, rule, mapping),
            variants=[
                Variant(
                    sku=sku,
                    barcode=_text(content, product.barcode),
                    weight_grams=_count(content, product.weight_grams),
                    cost=None if product.cost is None else _cost(content, product.cost),
                )
            ],
            publications={
                channel: Publication(status=PublicationStatus(mapping.status)) for channel in mapping.channels
            },
        ),
        prices=tuple(_price(content, sku, price) for price in mapping.prices),
        levels=tuple(
            StockLevel(sku=sku, warehouse=stock.warehouse, on_hand=on_hand)
            for stock in mapping.stock
            if (on_hand := _count(content, stock.field)) is not None
        ),
    )


def product_types_of(rules: Iterable[SetRule], mapping: Mapping) -> list[ProductType]:
    """The product types of these sets, each once, with the attributes of all its sets."""
    types: dict[str, TypeRule] = {}
    attributes: dict[str, dict[str, Attribute]] = {}
    for rule in rules:
        types[rule.product_type.code] = rule.product_type
        codes = (code for target in rule.attributes.values() for code in attributes_of(target))
        of_type = attributes.setdefault(rule.product_type.code, {})
        of_type.update((code, _attribute(code, mapping)) for code in codes)
    return [
        ProductType(
            code=each.code,
            name=each.name,
            name_translations=each.name_translations,
            attributes=list(attributes[each.code].values()),
        )
        for each in types.values()
    ]


def choice_names(rows: Iterable[MappedRow], mapping: Mapping) -> dict[str, list[str]]:
    """The names of the choices that these rows make, by attribute, in their order."""
    names: dict[str, dict[str, None]] = {}
    for row in rows:
        for code, value in row.product.attributes.items():
            if value is not None and mapping.attributes[code].kind in _CHOICES:
                names.setdefault(code, {}).update(dict.fromkeys(_names(value)))
    return {code: list(found) for code, found in names.items()}


def with_choice_codes(product: Product, codes: Dictionary[str, Dictionary[str, str]]) -> Product:
    """The product with its choices' codes in place of their names; `codes` are by attribute, by name."""
    attributes = dict(product.attributes)
    for attribute, value in product.attributes.items():
        if value is not None and attribute in codes:
            found = [codes[attribute][name] for name in _names(value)]
            attributes[attribute] = found[0] if isinstance(value, str) else found
    return replace(product, attributes=attributes)


def _names(value: AttributeValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from value


def _attribute(code: str, mapping: Mapping) -> Attribute:
    rule = mapping.attributes[code]
    return Attribute(
        code=code,
        name=rule.name,
        kind=rule.kind,
        unit=rule.unit,
        name_translations=rule.name_translations,
        is_filterable=rule.is_filterable,
    )


def _sku(content: Content, rule: SetRule, mapping: Mapping, seen: Seen) -> str:
    """The row's SKU. One made of its content tells repetitions apart by their place in the file."""
    if mapping.sku.field is None:
        return _sku_of_content(content, rule, mapping, seen)
    sku = (_text(content, mapping.sku.field) or "").strip()
    if not sku:
        raise SkuMissing(field=mapping.sku.field)
    digest = hashlib.blake2b(sku.encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).digest()
    if digest in seen.skus:
        raise RowRepeated(sku=excerpt(sku))
    seen.skus.add(digest)
    return sku


def _sku_of_content(content: Content, rule: SetRule, mapping: Mapping, seen: Seen) -> str:
    code = rule.product_type.code
    telling = {name: value for name, value in content.items() if name not in mapping.sku.ignoring}
    identity = msgspec.json.encode([code, telling], order="sorted")
    digest = hashlib.blake2b(identity, digest_size=_SKU_DIGEST_BYTES).digest()
    seen.identities[digest] += 1
    repetition = seen.identities[digest]
    sku = f"{code[:_SKU_PREFIX].upper()}-{base64.b32encode(digest).decode()}"
    return sku if repetition == 1 else f"{sku}-{repetition}"


def _attributes(content: Content, rule: SetRule, mapping: Mapping) -> dict[str, AttributeValue | None]:
    attributes: dict[str, AttributeValue | None] = {}
    for name, target in rule.attributes.items():
        target_rule = PLAIN if isinstance(target, str) else target
        parts = {target: content.get(name)} if isinstance(target, str) else _parts(content.get(name), name, target)
        for code, value in parts.items():
            is_empty = value is None or value in ("", [])
            kind = mapping.attributes[code].kind
            attributes[code] = None if is_empty else parse_attribute(value, kind, name, target_rule)
    return attributes


def _parts(value: Any, name: str, rule: FieldRule) -> dict[str, Any]:
    """The value's share of each attribute that the rule names; None for those without."""
    parts: dict[str, Any] = dict.fromkeys(attributes_of(rule))
    if value is None:
        return parts
    if rule.attribute is not None:
        parts[rule.attribute] = value
    elif rule.range is not None:
        numbers = [parse_number(each, name) for each in (value if isinstance(value, list) else [value])]
        if numbers:
            parts |= zip(rule.range, (min(numbers), max(numbers)), strict=True)
    elif isinstance(value, list) and rule.elements is not None and len(value) <= len(rule.elements):
        parts |= zip(rule.elements, value, strict=False)
    elif not isinstance(value, list) and rule.scalar is not None:
        parts[rule.scalar] = value
    else:
        raise ValueInvalid(field=name, kind="array", value=excerpt(value))
    return parts


def _text(content: Content, name: str | None) -> str | None:
    value = None if name is None else content.get(name)
    return None if value is None or name is None else parse_text(value, name)


def _count(content: Content, name: str | None) -> int | None:
    value = None if name is None else content.get(name)
    return None if value is None or name is None else parse_count(value, name)


def _cost(content: Content, rule: CostRule) -> Cost | None:
    value = content.get(rule.field)
    if value is None:
        return None
    return Cost(amount=parse_amount(value, rule.currency, rule.field), currency=rule.currency)


def _tags(content: Content, mapping: Mapping) -> list[str] | None:
    if mapping.product.tags is None:
        return None
    value = content.get(mapping.product.tags)
    if isinstance(value, list):
        return [parse_text(each, mapping.product.tags) for each in value]
    return [] if value is None else parse_text(value, mapping.product.tags).split(mapping.product.tags_separator)


def _price(content: Content, sku: str, rule: PriceRule) -> Price:
    value = content.get(rule.field)
    if value is None:
        return Price(sku=sku, channel=rule.channel, amount=None)
    amount = parse_amount(value, rule.currency, rule.field)
    before_value = None if rule.before_field is None else content.get(rule.before_field)
    if before_value is None or rule.before_field is None:
        return Price(sku=sku, channel=rule.channel, amount=amount)
    before = parse_amount(before_value, rule.currency, rule.before_field)
    if before < amount:
        raise BeforeAmountInvalid(amount=amount, before_amount=before)
    return Price(sku=sku, channel=rule.channel, amount=amount, before_amount=before if before > amount else None)
