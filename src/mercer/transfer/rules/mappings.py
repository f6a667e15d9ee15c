"""What a mapping may say."""

from collections.abc import Iterator

from mercer.catalog.models import AttributeKind
from mercer.transfer.errors import MappingInvalid
from mercer.transfer.models.mapping import FieldRule, Mapping, SetRule
from mercer.values.currency import CurrencyUnknown, digits


def check_mapping(name: str, mapping: Mapping) -> None:
    """Raise `MappingInvalid` if parts of the mapping do not fit together."""
    for reason in _faults(mapping):
        raise MappingInvalid(mapping=name, reason=reason)


def attributes_of(rule: str | FieldRule) -> list[str]:
    """The codes of the attributes that a field's value goes to."""
    if isinstance(rule, str):
        return [rule]
    codes = [rule.attribute, *(rule.elements or ()), *(rule.range or ()), rule.scalar]
    return list(dict.fromkeys(code for code in codes if code is not None))


def _faults(mapping: Mapping) -> Iterator[str]:
    if not mapping.sets:
        yield "it has no sets"
    if mapping.delimiter is not None and len(mapping.delimiter) != 1:
        yield "delimiter is not one character"
    cost = mapping.product.cost
    for currency in (*(price.currency for price in mapping.prices), *([cost.currency] if cost else [])):
        try:
            digits(currency)
        except CurrencyUnknown:
            yield f"{currency} is not a currency"
    if len({price.channel for price in mapping.prices}) < len(mapping.prices):
        yield "a channel has two prices"
    types = {rule.product_type.code: rule.product_type for rule in mapping.sets}
    for rule in mapping.sets:
        if types[rule.product_type.code] != rule.product_type:
            yield f"the product type {rule.product_type.code} has two names"
        yield from _faults_of_set(mapping, rule)


def _faults_of_set(mapping: Mapping, rule: SetRule) -> Iterator[str]:
    filled = set[str]()
    for field, target in rule.attributes.items():
        if isinstance(target, FieldRule):
            if sum(each is not None for each in (target.attribute, target.elements, target.range)) != 1:
                yield f"field {field} needs one of attribute, elements, range"
            if target.scalar is not None and target.elements is None:
                yield f"field {field} has scalar without elements"
        for code in attributes_of(target):
            if code not in mapping.attributes:
                yield f"field {field} names the attribute {code}, which is not described in attributes"
            if code in filled:
                yield f"the attribute {code} is filled from two fields"
            filled.add(code)
            is_range = isinstance(target, FieldRule) and target.range is not None
            if is_range and mapping.attributes[code].kind is not AttributeKind.NUMBER:
                yield f"field {field} is a range, but the attribute {code} is no number"
