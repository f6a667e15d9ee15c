"""Taxes changed by many at once."""

from collections import Counter
from datetime import timedelta

from tests.factories.shop import NOW
from tests.selling import Selling
from tests.tax.changing import (
    ASSIGN,
    CLASS_DELETE,
    CLASS_UPDATE,
    SCHEDULE,
    a_class,
    a_rate,
    a_zone,
    said,
    standard_class,
)

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


async def test_one_code_once(racing: Selling) -> None:
    classes = await racing.at_once(a_class(racing) for _ in range(12))
    assert Counter(each["__typename"] for each in classes) == {"TaxClass": 1, "TaxClassCodeTaken": 11}
    zones = await racing.at_once(a_zone(racing) for _ in range(12))
    assert Counter(each["__typename"] for each in zones) == {"TaxZone": 1, "TaxZoneCodeTaken": 11}


async def test_one_area_once(racing: Selling) -> None:
    results = await racing.at_once(a_zone(racing, f"zone-{number}", {"country": "DE"}) for number in range(12))
    assert Counter(each["__typename"] for each in results) == {"TaxZone": 1, "TaxAreaTaken": 11}


async def test_overlapping_rates_at_once(racing: Selling) -> None:
    """One of them holds, whoever comes first."""
    zone = await a_zone(racing)
    results = await racing.at_once(
        a_rate(racing, zone, f"0.{number}", beginsAt=said(NOW + number * timedelta(days=1))) for number in range(1, 13)
    )
    assert Counter(each["__typename"] for each in results) == {"TaxRate": 1, "TaxRatesOverlap": 11}


async def test_one_new_rate_follows(racing: Selling) -> None:
    first = await a_rate(racing, await a_zone(racing))
    results = await racing.at_once(
        racing.change(
            SCHEDULE,
            {"id": first["id"], "input": {"rate": f"0.{number}", "beginsAt": said(NOW), "version": 1}},
        )
        for number in range(1, 13)
    )
    assert Counter(each["__typename"] for each in results) == {"TaxRate": 1, "VersionConflict": 11}
    assert await racing.rows("SELECT count(*) FROM tax.rate") == [(2,)]


async def test_one_default_whoever_comes_first(racing: Selling) -> None:
    classes = [await a_class(racing, f"class-{number}") for number in range(6)]
    results = await racing.at_once(
        racing.change(CLASS_UPDATE, {"id": each["id"], "input": {"isDefault": True}}) for each in classes * 2
    )
    assert {each["__typename"] for each in results} == {"TaxClass"}
    assert await racing.rows("SELECT count(*) FROM tax.tax_class WHERE is_default") == [(1,)]


async def test_no_class_is_deleted_while_products_move_to_it(racing: Selling) -> None:
    """Products in opposite orders, and the class going: nobody waits in a circle, no product loses its class."""
    ids = list(racing.products.values())
    standard = await standard_class(racing)
    for _ in range(4):
        books = await a_class(racing)

        async def move(number: int, to: str = books["id"]) -> str:
            if number % 6 == 5:
                result = await racing.change(CLASS_DELETE, {"id": to})
            else:
                products = ids if number % 2 else ids[::-1]
                result = await racing.change(ASSIGN, {"ids": products, "class": to if number % 3 else standard})
            return str(result["__typename"])

        kinds = Counter(await racing.at_once(map(move, range(12))))
        assert set(kinds) <= {"TaxClassAssigned", "TaxClassNotFound", "TaxClassInUse", "TaxClassDeleted"}
        await racing.change(ASSIGN, {"ids": ids, "class": None})
        await racing.change(CLASS_DELETE, {"id": books["id"]})
    assert await racing.rows(DEADLOCKS) == [(0,)]
    assert await racing.rows("SELECT code FROM tax.tax_class") == [("standard",)]
