"""What a product may say of itself when it is created, everything that is wrong told at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from mercer.catalog.errors import OptionRepeated, OptionUnknown, OptionValuesMissing, SkuRepeated, VariantsMissing
from mercer.catalog.models import NewOption, NewProduct, NewVariant, Option, OptionValue, Product, TextChanges, Variant
from mercer.catalog.rules.changes import (
    MOST_ATTRIBUTES,
    MOST_OPTIONS,
    MOST_VALUES,
    MOST_VARIANTS,
    OPTION,
    PRODUCT,
    VARIANT,
    at_most,
    distinct,
    merged,
)
from mercer.catalog.rules.faults import Faults


def checked_new_product(product: NewProduct, faults: Faults) -> Product | None:
    """The product as it can be stored, its type and category still to be named. None, and notes, if it cannot."""
    values = faults.check_fields(product, PRODUCT)
    given_options = faults.check(("options",), at_most, MOST_OPTIONS, product.get("options", ())) or ()
    given_variants = faults.check(("variants",), at_most, MOST_VARIANTS, product.get("variants", ())) or ()
    faults.check(("attributes",), at_most, MOST_ATTRIBUTES, product.get("attributes", ()))
    options = [checked_new_option(option, faults, "options", str(place)) for place, option in enumerate(given_options)]
    _note_repeated([option.name for option in options], faults, "options")
    variants = [
        _checked_new_variant(variant, faults, "variants", str(place)) for place, variant in enumerate(given_variants)
    ]
    if not product.get("variants"):
        faults.note(VariantsMissing(), "variants")
    _note_alike(variants, options, faults)
    if faults.are_found:
        return None
    return Product(
        product_type="",
        name=values["name"],
        name_translations=_texts(values.get("name_translations")),
        slug=values.get("slug"),
        description=values.get("description"),
        description_translations=_texts(values.get("description_translations")),
        tags=values.get("tags"),
        options=options,
        variants=variants,
    )


def checked_new_option(option: NewOption, faults: Faults, *path: str) -> Option:
    """The option with its values. What is wrong is noted."""
    values = faults.check_fields(option, OPTION, *path)
    given = faults.check((*path, "values"), at_most, MOST_VALUES, option.get("values", ())) or ()
    if not option.get("values"):
        faults.note(OptionValuesMissing(), *path, "values")
    checked = [faults.check_fields(value, OPTION, *path, "values", str(place)) for place, value in enumerate(given)]
    _note_repeated([value.get("name") for value in checked], faults, *path, "values")
    return Option(
        name=values.get("name") or "",
        name_translations=_texts(values.get("name_translations")),
        values=[
            OptionValue(name=value.get("name") or "", name_translations=_texts(value.get("name_translations")))
            for value in checked
        ],
    )


def _checked_new_variant(variant: NewVariant, faults: Faults, *path: str) -> Variant:
    values = faults.check_fields(variant, VARIANT, *path)
    named = faults.check((*path, "option_values"), at_most, MOST_OPTIONS, variant.get("option_values", ())) or ()
    faults.check((*path, "option_values"), distinct, [each["option"] for each in named])
    return Variant(
        sku=values["sku"] or "",
        barcode=values.get("barcode"),
        name=values.get("name"),
        name_translations=_texts(values.get("name_translations")),
        weight_grams=values.get("weight_grams"),
        cost=values.get("cost"),
        option_values={each["option"]: each["value"] for each in named},
    )


def _note_repeated(names: Sequence[str | None], faults: Faults, *path: str) -> None:
    counts = Counter(name for name in names if name)
    for name in (name for name, count in counts.items() if count > 1):
        places = (place for place, other in enumerate(names) if other == name)
        faults.note(OptionRepeated(name=name), *path, str(next(islice(places, 1, None))), "name")


def _note_alike(variants: Sequence[Variant], options: Sequence[Option], faults: Faults) -> None:
    """Note variants without a value of each option, and those with the SKU or the values of one before."""
    known = {option.name: {value.name for value in option.values} for option in options}
    skus, combinations = set[str](), set[frozenset[tuple[str, str]]]()
    for place, variant in enumerate(variants):
        path = ("variants", str(place))
        chosen = variant.option_values or {}
        if variant.sku and variant.sku in skus:
            faults.note(SkuRepeated(sku=variant.sku), *path, "sku")
        skus.add(variant.sku)
        wrong = _wrong_value(chosen, known)
        if wrong is not None:
            faults.note(OptionUnknown(option=wrong, value=chosen.get(wrong, "")), *path, "option_values")
        elif chosen and frozenset(chosen.items()) in combinations:
            faults.note(OptionRepeated(name=", ".join(sorted(chosen.values()))), *path, "option_values")
        combinations.add(frozenset(chosen.items()))


def _wrong_value(chosen: Mapping[str, str], known: Mapping[str, set[str]]) -> str | None:
    """An option that is not the product's, has no such value, or has none chosen."""
    foreign = (option for option, value in chosen.items() if value not in known.get(option, ()))
    return next(foreign, next((option for option in known if option not in chosen), None))


def _texts(changes: TextChanges | None) -> Mapping[str, str]:
    return merged({}, changes or {})
