"""What shipping zones and methods may be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any, TypeVar

from mercer.platform.errors import InvalidField, InvalidInput, InvalidValue
from mercer.shipping.errors import ShippingAreaRepeated
from mercer.shipping.models import MethodChanges, MethodTerms, NewTier, NewZone, RateBasis, ShippingZone, Tier
from mercer.values.amounts import LARGEST_AMOUNT, AmountInvalid, minor_amount
from mercer.values.language import TAG
from mercer.values.places import area_faults, area_key, overlap

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000
MOST_AREAS = 250
"""How many areas a zone has."""
MOST_TIERS = 100
MOST_LANGUAGES = 100
LARGEST_WEIGHT = 1_000_000_000
"""In grams."""
LARGEST_POSITION = 1_000_000
_CODE = re.compile(r"(?=.{1,50}\Z)[a-z0-9]+(-[a-z0-9]+)*")
_AMOUNTS = ("amount", "free_from", "least_value", "most_value")

_CODE_SAYS = "A code has small letters and digits, with single hyphens between: at most 50."
_NAME_SAYS = "A name has 1 to 200 printable characters."
_DESCRIPTION_SAYS = "A description has at most 2,000 printable characters, in lines."
_LANGUAGES_SAYS = "Translations are by language, such as `de` or `de-AT`, each as long as the text itself may be."
_AREAS_SAYS = "A zone has at most 250 areas."
_WEIGHT_SAYS = "A weight is from 0 to 1,000,000,000 grams."
_POSITION_SAYS = "A position is from 0 to 1,000,000."
_LIMIT_SAYS = "The most is not below the least."
_FLAT_SAYS = "A flat method has one amount; the others have tiers instead."
_TIERS_SAYS = "A method by weight or value has 1 to 100 tiers, from 0 upwards; a flat one has none."
_START_SAYS = "A tier begins at a weight where the price depends on it, and at a value where it depends on that."

Faults = dict[tuple[str, ...], str]
"""What is wrong with values: where, and what should be there."""

Method = TypeVar("Method", bound=MethodTerms)


def zone_faults(given: ShippingZone | NewZone) -> Faults:
    """The fields of a zone that have values they cannot have."""
    checked = {
        ("code",): (not _CODE.fullmatch(given.code), _CODE_SAYS),
        ("name",): (not _is_name(given.name), _NAME_SAYS),
        ("areas",): (len(given.areas) > MOST_AREAS, _AREAS_SAYS),
    }
    faults: Faults = {path: says for path, (is_wrong, says) in checked.items() if is_wrong}
    areas = given.areas[:MOST_AREAS]
    for index, area in enumerate(areas):
        faults |= {("areas", str(index), field): says for field, says in area_faults(area).items()}
    if not faults:
        keys = list(enumerate(map(area_key, areas)))
        twice = {index for (_, one), (index, other) in combinations(keys, 2) if overlap(one, other)}
        faults |= {("areas", str(index)): ShippingAreaRepeated().message for index in sorted(twice)}
    return faults


def put_in(before: Method, changes: MethodChanges, *, currency: str) -> tuple[Method, Faults]:
    """A method after these changes, and what is wrong with it. What its basis has no use for is left out."""
    values: dict[str, Any] = {**changes}
    basis = values.get("basis", before.basis)
    faults: Faults = {}
    for field in _AMOUNTS:
        if (amount := values.get(field)) is not None:
            values[field] = _minor(amount, currency, faults, field)
    for field in ("name", "description"):
        if (given := values.get(f"{field}_translations")) is not None:
            merged = {**getattr(before, f"{field}_translations"), **given}
            values[f"{field}_translations"] = {language: text for language, text in merged.items() if text}
    if "tiers" in values:
        values["tiers"] = _tiers(values["tiers"], basis, currency, faults)
    elif basis is not before.basis:
        values["tiers"] = ()
    if basis is not RateBasis.FLAT:
        values.setdefault("amount", None)
    after = replace(before, **values)
    return after, {**method_faults(after), **faults}


def method_faults(given: MethodTerms) -> Faults:
    """The fields of a method that have values they cannot have."""
    is_flat = given.basis is RateBasis.FLAT
    checked = {
        "code": (bool(_CODE.fullmatch(given.code)), _CODE_SAYS),
        "name": (_is_name(given.name), _NAME_SAYS),
        "name_translations": (_are_texts(given.name_translations, LONGEST_NAME), _LANGUAGES_SAYS),
        "description": (_is_text(given.description, LONGEST_DESCRIPTION), _DESCRIPTION_SAYS),
        "description_translations": (_are_texts(given.description_translations, LONGEST_DESCRIPTION), _LANGUAGES_SAYS),
        "carrier": (given.carrier is None or _is_name(given.carrier), _NAME_SAYS),
        "amount": (is_flat is (given.amount is not None), _FLAT_SAYS),
        "tiers": (not given.tiers if is_flat else _are_tiers(given), _TIERS_SAYS),
        "least_weight_grams": (_is_within(given.least_weight_grams, LARGEST_WEIGHT), _WEIGHT_SAYS),
        "most_weight_grams": (_is_within(given.most_weight_grams, LARGEST_WEIGHT), _WEIGHT_SAYS),
        "position": (_is_within(given.position, LARGEST_POSITION), _POSITION_SAYS),
    }
    faults: Faults = {(field,): says for field, (is_right, says) in checked.items() if not is_right}
    for field in _AMOUNTS:
        if not _is_within(getattr(given, field), LARGEST_AMOUNT):
            faults[field,] = AmountInvalid(amount=0).message
    for limit in ("weight_grams", "value"):
        least, most = getattr(given, f"least_{limit}"), getattr(given, f"most_{limit}")
        if least is not None and most is not None and most < least:
            faults.setdefault((f"most_{limit}",), _LIMIT_SAYS)
    return faults


def refuse(faults: Mapping[tuple[str, ...], str]) -> None:
    """Raise `InvalidInput` with everything that is wrong, if anything is."""
    if faults:
        raise InvalidInput(fields=tuple(InvalidField(path=path, message=says) for path, says in faults.items()))


def _minor(amount: Decimal, currency: str, faults: Faults, *path: str) -> int:
    """Minor units; 0, and a note, where it is no amount that can be asked."""
    try:
        return minor_amount(amount, currency)
    except InvalidValue as error:
        faults[path] = error.message
        return 0


def _tiers(given: list[NewTier], basis: RateBasis, currency: str, faults: Faults) -> tuple[Tier, ...]:
    """Tiers as they are stored, in the order given."""
    found = []
    for index, tier in enumerate(given[: MOST_TIERS + 1]):
        at = ("tiers", str(index))
        weight, value = tier.get("from_weight_grams"), tier.get("from_value")
        starts_at = 0
        starts = {RateBasis.WEIGHT: (True, False), RateBasis.VALUE: (False, True)}.get(basis)
        if starts and (weight is not None, value is not None) != starts:
            faults[at] = _START_SAYS
        elif weight is not None:
            starts_at = weight
        elif value is not None:
            starts_at = _minor(value, currency, faults, *at, "from_value")
        found.append(Tier(starts_at=starts_at, amount=_minor(tier["amount"], currency, faults, *at, "amount")))
    return tuple(found)


def _are_tiers(given: MethodTerms) -> bool:
    tiers = given.tiers
    largest = LARGEST_WEIGHT if given.basis is RateBasis.WEIGHT else LARGEST_AMOUNT
    return (
        0 < len(tiers) <= MOST_TIERS
        and tiers[0].starts_at == 0
        and all(one.starts_at < next_.starts_at for one, next_ in pairwise(tiers))
        and all(tier.starts_at <= largest and _is_within(tier.amount, LARGEST_AMOUNT) for tier in tiers)
    )


def _is_within(number: int | None, largest: int) -> bool:
    return number is None or 0 <= number <= largest


def _is_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and len(name) <= LONGEST_NAME


def _is_text(text: str, longest: int) -> bool:
    return len(text) <= longest and all(letter.isprintable() or letter == "\n" for letter in text)


def _are_texts(texts: Mapping[str, str], longest: int) -> bool:
    are_languages = len(texts) <= MOST_LANGUAGES and all(map(TAG.fullmatch, texts))
    return are_languages and all(_is_text(text, longest) for text in texts.values())
