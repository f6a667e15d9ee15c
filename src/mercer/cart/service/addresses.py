"""What is known of addresses."""

from mercer.cart.errors import CountryUnknown
from mercer.cart.models import AddressFormat
from mercer.cart.rules.countries import country_of


def find_address_format(*, country: str) -> AddressFormat | None:
    """How addresses of a country are written: by two letters (ISO 3166-1). None: there is no such country."""
    try:
        return country_of(country.strip().upper()).format
    except CountryUnknown:
        return None
