"""Taxes as seeds and imports store them, and VAT as the package knows it."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories.shop import NOW
from tests.fixtures import writing
from tests.selling import Selling
from tests.tax.changing import a_rate, a_zone

from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.settings import Settings
from mercer.tax import service
from mercer.tax.errors import (
    TaxAreaTaken,
    TaxClassInvalid,
    TaxClassUnknown,
    TaxRateInvalid,
    TaxRatesOverlap,
    TaxZoneInvalid,
    TaxZoneUnknown,
)
from mercer.tax.models import TaxClass, TaxZone, ZoneRate
from mercer.values.places import Area
from mercer.values.stored import Stored

SHARED = Path(__file__).parents[3] / "shared" / "data" / "tax"
BOOKS = TaxClass(code="books", name="Books")
DE = TaxZone(code="de", name="Germany", areas=[Area(country="DE")])
AT = TaxZone(code="at", name="Austria", areas=[Area(country="AT"), Area(country="DE", postal_from="87491")])
VAT = ZoneRate(zone="de", tax_class="standard", name="VAT", rate=Decimal("0.19"))


async def test_stored_again_nothing_changes(fresh: Settings) -> None:
    async with writing(fresh) as context:
        for expected in (Stored(created=2, updated=0, unchanged=0), Stored(created=0, updated=0, unchanged=2)):
            classes = [TaxClass(code="standard", name="Standard"), BOOKS]
            assert (await service.store_classes(context, classes=[*classes, BOOKS])).unchanged == (
                1 if expected.created else 2
            )
            assert await service.store_zones(context, zones=[DE, AT]) == expected
            rates = [VAT, replace(VAT, tax_class="books", rate=Decimal("0.07"))]
            assert await service.store_rates(context, rates=rates) == expected
        changed = replace(VAT, rate=Decimal("0.16"))
        assert await service.store_rates(context, rates=[VAT, changed]) == Stored(created=0, updated=1, unchanged=0)
        renamed = [replace(DE, name="Deutschland"), AT]
        assert await service.store_zones(context, zones=renamed) == Stored(created=0, updated=1, unchanged=1)


async def test_areas_and_times_may_change_hands_within_one_call(fresh: Settings) -> None:
    early = replace(VAT, ends_at=NOW)
    late = replace(VAT, begins_at=NOW, rate=Decimal("0.2"))
    later = NOW + timedelta(days=1)
    async with writing(fresh) as context:
        await service.store_zones(context, zones=[DE, AT])
        await service.store_rates(context, rates=[late, early])
    async with writing(fresh) as context:
        swapped = [replace(AT, areas=DE.areas), replace(DE, areas=AT.areas)]
        assert (await service.store_zones(context, zones=swapped)).updated == 2
        moved = [replace(early, ends_at=later), replace(late, begins_at=later)]
        with pytest.raises(TaxRatesOverlap):
            await service.store_rates(context, rates=moved)
        longer = [replace(early, ends_at=NOW - timedelta(days=1)), replace(late, ends_at=later)]
        assert await service.store_rates(context, rates=longer) == Stored(created=0, updated=2, unchanged=0)


@pytest.mark.parametrize(
    ("verb", "given", "expected", "field"),
    [
        ("store_classes", {"classes": [BOOKS, TaxClass(code="A", name="A")]}, TaxClassInvalid, "code"),
        ("store_zones", {"zones": [AT, TaxZone(code="x", name="")]}, TaxZoneInvalid, "name"),
        ("store_zones", {"zones": [AT, replace(DE, areas=[Area(country="DEU")])]}, TaxZoneInvalid, "areas"),
        ("store_zones", {"zones": [AT, replace(AT, code="x")]}, TaxAreaTaken, None),
        ("store_rates", {"rates": [VAT, replace(VAT, zone="fr")]}, TaxZoneUnknown, None),
        ("store_rates", {"rates": [VAT, replace(VAT, tax_class="toys")]}, TaxClassUnknown, None),
        ("store_rates", {"rates": [VAT, replace(VAT, name="City", rate=Decimal(2))]}, TaxRateInvalid, "rate"),
        ("store_rates", {"rates": [VAT, replace(VAT, rate=Decimal("NaN"))]}, TaxRateInvalid, "rate"),
        ("store_rates", {"rates": [VAT, replace(VAT, begins_at=NOW)]}, TaxRatesOverlap, None),
    ],
)
async def test_a_faulty_one_refuses_all(
    fresh: Settings, verb: str, given: Any, expected: type[DomainError], field: str | None
) -> None:
    async with writing(fresh) as context:
        await service.store_zones(context, zones=[DE])
    with pytest.raises(expected) as refused:
        async with writing(fresh) as context:
            await getattr(service, verb)(context, **given)
    assert getattr(refused.value, "field", None) == field
    async with writing(fresh) as context:
        assert await _counts(context) == (1, 1, 0)


async def _counts(context: Context) -> tuple[int, ...]:
    tables = ", ".join(f"(SELECT count(*) FROM tax.{name})" for name in ("tax_class", "zone", "rate"))
    return tuple((await context.db.execute(sa.text(f"SELECT {tables}"))).one())


async def test_the_vat_of_europe(fresh: Settings) -> None:
    async with writing(fresh) as context:
        stored = await service.store_eu_vat(context)
        assert (stored.updated, stored.unchanged) == (0, 1)
        assert await _counts(context) == (2, 28, 54)
        again = await service.store_eu_vat(context)
        assert (again.created, again.updated) == (0, 0)
        classes = {row.code: row.id for row in await context.db.execute(sa.text("SELECT code, id FROM tax.tax_class"))}
        shown = {}
        for country, postal_code in (
            ("DE", "10115"),
            ("DE", "78266"),
            ("FR", "75001"),
            ("DK", None),
            ("FI", "00100"),
            ("ES", "35001"),
            ("GB", None),
        ):
            found = await service.find_rates(
                context, country=country, region=None, postal_code=postal_code, class_ids=list(classes.values())
            )
            rates = {code: [str(rate.rate.normalize()) for rate in found[id_]] for code, id_ in classes.items()}
            shown[country, postal_code] = (rates["standard"], rates["reduced"])
    assert shown == {
        ("DE", "10115"): (["0.19"], ["0.07"]),
        ("DE", "78266"): ([], []),
        ("FR", "75001"): (["0.2"], ["0.055"]),
        ("DK", None): (["0.25"], ["0.25"]),
        ("FI", "00100"): (["0.255"], ["0.1"]),
        ("ES", "35001"): ([], []),
        ("GB", None): ([], []),
    }


async def test_some_countries_only(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await service.store_eu_vat(context, countries=["DK", "SE"])
        assert await _counts(context) == (2, 2, 4)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data sets are not here")
async def test_the_vat_of_europe_against_another_source(fresh: Settings) -> None:
    """ibericode/vat-rates collects the same rates by hand. It also says where they do not hold."""
    items = json.loads((SHARED / "ibericode-vat-rates.json").read_text())["items"]
    differing = {}
    async with writing(fresh) as context:
        await service.store_eu_vat(context)
        standard = await service.default_class(context)
        for country, periods in items.items():
            latest = max(periods, key=lambda period: str(period["effective_from"]))
            found = await service.find_rates(
                context, country=country, region=None, postal_code=None, class_ids=[standard]
            )
            ours = [rate.rate * 100 for rate in found[standard]]
            if ours != [Decimal(str(latest["rates"]["standard"]))]:
                differing[country] = (str(latest["rates"]["standard"]), [str(each.normalize()) for each in ours])
    assert differing == {"GB": ("20", [])}, "the United Kingdom is no member state"


async def test_the_database_itself_refuses_what_nothing_could_decide(selling: Selling) -> None:
    zone, other = await a_zone(selling), await a_zone(selling, "fr")
    await a_rate(selling, zone)
    statements = (
        "INSERT INTO tax.area (zone_id, country) VALUES (:other, 'DE')",
        "INSERT INTO tax.rate (zone_id, tax_class_id, name, rate) SELECT :zone, id, 'VAT', 0.2 FROM tax.tax_class",
        "INSERT INTO tax.rate (zone_id, tax_class_id, name, rate) SELECT :zone, id, 'X', 1.1 FROM tax.tax_class",
        "INSERT INTO tax.tax_class (code, name, is_default) VALUES ('x', 'X', true)",
    )
    for statement in statements:
        named = statement.replace(":zone", f"'{zone['id']}'").replace(":other", f"'{other['id']}'")
        with pytest.raises(sa.exc.IntegrityError):
            async with selling.context.database.transaction() as connection:
                await connection.execute(sa.text(named))
