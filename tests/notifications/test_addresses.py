"""Addresses as mails write them."""

from dataclasses import replace

import pytest
from babel.core import get_global
from tests.fulfilment.buying import COLOGNE, NEW_YORK

from mercer.notifications.service.ordering import address_lines
from mercer.values.address import Address


def test_each_country_has_its_own_way() -> None:
    assert address_lines(NEW_YORK, "en") == [
        "Ada Lovelace",
        "1 Main St",
        "Apt 2",
        "NEW YORK, NY 10001",
        "United States",
    ]
    assert address_lines(replace(COLOGNE, company="Weiß & Co"), "de") == [
        "Jörg Weiß",
        "Weiß & Co",
        "Hauptstr. 1",
        "50667 KÖLN",
        "Deutschland",
    ]
    assert address_lines(None, "en") == []


@pytest.mark.parametrize("country", [*sorted(get_global("territory_currencies")), "QQ"])
def test_nothing_that_was_given_is_left_out(country: str) -> None:
    given = Address(
        first_name="Ada",
        last_name="Lovelace",
        company="Engines",
        line1="1 Main",
        line2="Attic",
        city="Somewhere",
        region="Northern",
        postal_code="12345",
        country=country,
    )
    *lines, _ = address_lines(given, "en")
    written = "\n".join(lines).casefold()
    for part in ("Ada Lovelace", "Engines", "1 Main", "Attic", "Somewhere", "Northern", "12345"):
        assert part.casefold() in written
