"""Postal addresses, as they are given and as they are copied."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where something is delivered to, or who pays. Fields that a country does not know are None."""

    first_name: str
    last_name: str
    line1: str
    city: str
    country: str
    """ISO 3166-1, two letters."""
    company: str | None = None
    line2: str | None = None
    region: str | None = None
    """State or province, as the country's post writes it: `NY`."""
    postal_code: str | None = None
    phone: str | None = None
    """E.164: `+12125550123`."""
    tax_id: str | None = None
    """A business's own: a VAT number."""
