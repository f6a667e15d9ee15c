"""What taxes may be, and which of them collide."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import combinations
from uuid import UUID

from mercer.platform.errors import InvalidField, InvalidInput
from mercer.tax.errors import TaxAreaTaken, TaxRatesOverlap
from mercer.tax.models import KnownRate, NewRate, RateTerms, TaxClass, TaxZone
from mercer.values.places import area_faults, overlap

LONGEST_NAME = 200
MOST_AREAS = 250
"""How many areas a zone has."""
MOST_PRODUCTS = 250
"""How many products staff move to a class at once."""
RATE_DIGITS = 6
_CODE = re.compile(r"(?=.{1,50}\Z)[a-z0-9]+(-[a-z0-9]+)*")

_CODE_SAYS = "A code has small letters and digits, with single hyphens between: at most 50."
_NAME_SAYS = "A name has 1 to 200 printable characters."
_AREAS_SAYS = "A zone has at most 250 areas."
_RATE_SAYS = "A rate is from 0 to 1, with at most 6 digits after the point: 0.19 is 19 per cent."
_ENDS_SAYS = "A rate ends after it begins."

Checked = dict[tuple[str, ...], tuple[bool, str]]
"""What values were checked for: where, whether it is wrong, and what should be there."""

Faults = Mapping[tuple[str, ...], str]
"""What is wrong with values: where, and what should be there."""


def class_faults(given: TaxClass) -> Faults:
    """The fields of a class that have values they cannot have."""
    return _wrong(_named(given))


def zone_faults(given: TaxZone) -> Faults:
    """The fields of a zone that have values they cannot have."""
    checked = {**_named(given), ("areas",): (len(given.areas) > MOST_AREAS, _AREAS_SAYS)}
    for index, area in enumerate(given.areas[:MOST_AREAS]):
        checked |= {("areas", str(index), field): (True, says) for field, says in area_faults(area).items()}
    return _wrong(checked)


def rate_faults(given: RateTerms) -> Faults:
    """The fields of a rate that have values they cannot have."""
    is_turned = given.begins_at is not None and given.ends_at is not None and given.ends_at <= given.begins_at
    return _wrong(
        {
            ("name",): _name(given.name),
            ("rate",): (not _is_rate(given.rate), _RATE_SAYS),
            ("ends_at",): (is_turned, _ENDS_SAYS),
        }
    )


def refuse(faults: Faults) -> None:
    """Raise `InvalidInput` with everything that is wrong, if anything is."""
    if faults:
        raise InvalidInput(fields=tuple(InvalidField(path=path, message=says) for path, says in faults.items()))


def check_areas(zone: TaxZone, others: Iterable[TaxZone]) -> None:
    """Raise `TaxAreaTaken` if an area of the zone overlaps another one of it, or one of another zone."""
    for (_, one), (index, other) in combinations(enumerate(zone.areas), 2):
        if overlap(one, other):
            raise TaxAreaTaken(zone=zone.code).at("areas", str(index))
    for known in others:
        for index, area in enumerate(zone.areas):
            if any(overlap(area, taken) for taken in known.areas):
                raise TaxAreaTaken(zone=known.code).at("areas", str(index))


def check_windows(rate: NewRate, others: Iterable[KnownRate]) -> None:
    """Raise `TaxRatesOverlap` if one of the others is of the same zone, class and name, and holds at the same time."""
    for other in others:
        if of(other) == of(rate) and _meet(rate, other):
            raise TaxRatesOverlap(id=other.id, begins_at=other.begins_at, ends_at=other.ends_at)


def of(rate: NewRate) -> tuple[UUID, UUID, str]:
    """Of which only one rate holds at a time."""
    return rate.zone_id, rate.tax_class_id, rate.name


def _meet(one: RateTerms, other: RateTerms) -> bool:
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: RateTerms, other: RateTerms) -> bool:
    return one.begins_at is None or other.ends_at is None or one.begins_at < other.ends_at


def _is_rate(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= 1 and rate == round(rate, RATE_DIGITS)


def _named(given: TaxClass | TaxZone) -> Checked:
    return {("code",): (not _CODE.fullmatch(given.code), _CODE_SAYS), ("name",): _name(given.name)}


def _name(name: str) -> tuple[bool, str]:
    return not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME, _NAME_SAYS


def _wrong(checked: Checked) -> Faults:
    return {path: says for path, (is_wrong, says) in checked.items() if is_wrong}
