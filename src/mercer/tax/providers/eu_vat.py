"""VAT in Europe, from the package eu-vat-rates-data: its source is the European Commission's TEDB.

Regions that have rates of their own within a country, such as Madeira or Corsica, are taxed as the country is.
"""

from collections.abc import Iterable
from decimal import Decimal

import eu_vat_rates_data

from mercer.tax.models import TaxClass, TaxZone, ZoneRate
from mercer.values.places import Area

STANDARD = TaxClass(code="standard", name="Standard")
REDUCED = TaxClass(code="reduced", name="Reduced")
OUTSIDE = "eu-outside-vat"
"""The zone of places in member states where their VAT does not hold: no rate, so no tax."""

# Directive 2006/112/EC, article 6, by the postal codes of the countries' posts.
_OUTSIDE = {
    "DE": ("27498", "78266"),  # Heligoland, Büsingen
    "ES": ("35", "38", "51", "52"),  # the Canary Islands, Ceuta, Melilla
    "FI": ("22",),  # Åland
    "FR": ("973", "976"),  # French Guiana, Mayotte
    "GR": ("63086",),  # Mount Athos
    "IT": ("22061", "23041"),  # Campione d'Italia, Livigno
}


def countries() -> list[str]:
    """The member states of the Union (ISO 3166-1)."""
    rates = eu_vat_rates_data.get_all_rates()
    return sorted(country for country, of_country in rates.items() if of_country["eu_member"])


def zones(of: Iterable[str]) -> list[TaxZone]:
    """A zone for each of these countries, called `eu-de`, and one for what lies outside in them."""
    wanted = list(of)
    rates = eu_vat_rates_data.get_all_rates()
    outside = [Area(country=country, postal_from=code) for country in wanted for code in _OUTSIDE.get(country, ())]
    inside = [
        TaxZone(code=_code(country), name=rates[country]["country"], areas=[Area(country=country)])
        for country in wanted
    ]
    return [*inside, TaxZone(code=OUTSIDE, name="Outside the territory of VAT", areas=outside)] if outside else inside


def rates(of: Iterable[str]) -> list[ZoneRate]:
    """The standard rate of each country, and its lowest reduced one; where it has none, the standard one for both.

    A country may have several reduced rates, for goods that each defines by itself. The package does not say for which.
    """
    found = []
    for country in of:
        stored = eu_vat_rates_data.get_all_rates()[country]
        standard = stored["standard"]
        for tax_class, percent in ((STANDARD, standard), (REDUCED, min(_usual(country), default=standard))):
            rate = Decimal(str(percent)) / 100
            found.append(
                ZoneRate(zone=_code(country), tax_class=tax_class.code, name=stored["vat_abbr"] or "VAT", rate=rate)
            )
    return found


def _usual(country: str) -> list[float]:
    """A country's reduced rates. Those below the Directive's 5 per cent (article 99) are of single regions or goods."""
    return [rate for rate in eu_vat_rates_data.get_all_rates()[country]["reduced"] if rate >= 5]  # noqa: PLR2004 — see above


def _code(country: str) -> str:
    return f"eu-{country.lower()}"
