"""Addresses as each country writes them."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

import phonenumbers
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from mercer.cart.errors import CountryUnknown
from mercer.cart.models import GivenAddress
from mercer.cart.rules.countries import LONGEST, Country, country_of, postal_codes_of, shown
from mercer.platform.errors import InvalidField, InvalidInput
from mercer.values.address import Address
from mercer.values.names import composed

_JOINERS = {"\u200c", "\u200d"}
"""Persian and Indian scripts need them."""
_SPACES = re.compile(r"\s+")
_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "last_name": "Say who lives there.",
        "line1": "Say which street and house.",
        "city": "Addresses of this country need a city.",
        "region": "Addresses of this country need a region.",
        "postal_code": "Addresses of this country need a postal code.",
    }
)


def read_addresses(shipping: GivenAddress, billing: GivenAddress | None) -> tuple[Address, Address | None]:
    """Both addresses as they are stored. Raises `InvalidInput` with every field that cannot be used, of both."""
    faults: list[InvalidField] = []
    read: list[Address | None] = []
    for place, given in (("shipping", shipping), ("billing", billing)):
        try:
            read.append(None if given is None else read_address(given))
        except InvalidInput as error:
            faults += [InvalidField(path=(place, *each.path), message=each.message) for each in error.fields]
    if faults:
        raise InvalidInput(fields=tuple(faults))
    assert read[0] is not None
    return read[0], read[1]


def read_address(given: GivenAddress) -> Address:
    """An address as it is stored. Texts stand as they are given, without spaces around them.

    Regions are stored by their codes, postal codes in capitals, phone numbers as E.164 writes them. Raises
    `InvalidInput` with every field that cannot be used.
    """
    try:
        country = country_of(given.country.strip().upper())
    except CountryUnknown as error:
        raise InvalidInput(fields=(InvalidField(path=("country",), message=error.message),)) from None
    texts, faults = _texts(given)
    faults |= {
        name: _NEEDED[name] for name in sorted(country.required) if name not in faults and texts.get(name) is None
    }
    faults |= {
        name: f"Addresses of this country have no {name.replace('_', ' ')}."
        for name in ("region", "postal_code")
        if name not in country.allowed and texts.get(name) is not None
    }
    _read(texts, faults, country)
    if faults:
        raise InvalidInput(
            fields=tuple(InvalidField(path=(shown(name),), message=says) for name, says in faults.items())
        )
    return Address(
        first_name=texts["first_name"] or "",
        last_name=texts["last_name"] or "",
        company=texts["company"],
        line1=texts["line1"] or "",
        line2=texts["line2"],
        city=texts["city"] or "",
        region=texts["region"],
        postal_code=texts["postal_code"],
        country=country.format.country,
        phone=texts["phone"],
        tax_id=texts["tax_id"],
    )


def _texts(given: GivenAddress) -> tuple[dict[str, str | None], dict[str, str]]:
    """The fields as texts, empty ones as None, and what is wrong with them."""
    texts: dict[str, str | None] = {}
    faults: dict[str, str] = {}
    for name, most in LONGEST.items():
        text = composed(getattr(given, name) or "", longest=most)
        texts[name] = text or None
        if len(text) > most:
            faults[name] = f"At most {most} characters."
        elif not all(map(_is_written, text)):
            faults[name] = "Neither control characters nor < and > can stand in an address."
    return texts, faults


def _is_written(letter: str) -> bool:
    return (
        letter not in "<>"
        and (letter in _JOINERS or unicodedata.category(letter)[0] != "C")
        and letter not in "\u2028\u2029"
    )


def _read(texts: dict[str, str | None], faults: dict[str, str], country: Country) -> None:
    """Bring what has a form of its own into it, and note what has not."""
    code = country.format.country
    if (region := texts["region"]) is not None and "region" not in faults:
        texts["region"] = found = _region(region, country)
        if found is None:
            faults["region"] = "This country has no such region."
    if (postal_code := texts["postal_code"]) is not None and "postal_code" not in faults:
        texts["postal_code"] = written = _SPACES.sub(" ", unicodedata.normalize("NFKC", postal_code)).upper()
        region = None if "region" in faults else texts["region"]
        if not _is_postal_code(written, region, country):
            faults["postal_code"] = "There is no such postal code in this country or region."
    if (phone := texts["phone"]) is not None and "phone" not in faults:
        texts["phone"] = dialled = _phone(phone, code)
        if dialled is None:
            faults["phone"] = "This is no telephone number."
    if (tax_id := texts["tax_id"]) is not None and "tax_id" not in faults:
        texts["tax_id"] = number = _tax_id(tax_id, code)
        if number is None:
            faults["tax_id"] = "This is no VAT number of this country."


def _region(given: str, country: Country) -> str | None:
    """The region's code. Where the country's regions are not known, what was given."""
    if not country.region_codes:
        return given
    key = given.casefold()
    shorter = key.removeprefix(f"{country.format.country.casefold()}-")
    return country.region_codes.get(key) or country.region_codes.get(shorter)


def _is_postal_code(code: str, region: str | None, country: Country) -> bool:
    if country.postal_code is not None and not country.postal_code.fullmatch(code):
        return False
    if region is None or not country.region_codes:
        return True
    return all(pattern.match(code) for pattern in postal_codes_of(country.format.country, region))


def _phone(given: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(given, country)
    except phonenumbers.NumberParseException:
        return None
    # Not is_valid_number: new ranges are dialled before our data knows them, and a sale is not lost over one.
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _tax_id(given: str, country: str) -> str | None:
    """A VAT number of the EU in its own form, other countries' as they are given."""
    prefix = {"GR": "EL"}.get(country, country)
    if prefix.lower() not in vat.MEMBER_STATES and prefix != "EL":
        return given
    compact = re.sub(r"[\s.\-/]", "", given).upper()
    try:
        found: str = vat.validate(compact if compact.startswith(prefix) else prefix + compact)
    except ValidationError:
        return None
    return found
