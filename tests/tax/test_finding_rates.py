"""Which taxes hold where and when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests import callers, servers
from tests.factories.shop import NOW
from tests.fixtures import writing
from tests.selling import Selling

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings
from mercer.tax import service
from mercer.tax.models import TaxClass, TaxZone, ZoneRate
from mercer.values.basket import TaxRate
from mercer.values.places import Area, area_key, overlap, postal_key, region_key

ZONES = [
    TaxZone(code="us", name="United States", areas=[Area(country="US")]),
    TaxZone(code="ny", name="New York", areas=[Area(country="US", region="ny")]),
    TaxZone(
        code="nyc",
        name="New York City",
        areas=[
            Area(country="US", region="NY", postal_from="100", postal_to="102"),
            Area(country="US", region="NY", postal_from="11201"),
        ],
    ),
    TaxZone(code="campus", name="A campus", areas=[Area(country="US", postal_from="1002")]),
    TaxZone(code="bc", name="British Columbia", areas=[Area(country="CA", region="CA-BC")]),
    TaxZone(code="uk", name="United Kingdom", areas=[Area(country="GB")]),
    TaxZone(code="free", name="A free port", areas=[Area(country="GB", postal_from="sw1a-1")]),
]
RATES = [
    ZoneRate(zone="us", tax_class="standard", name="Tax", rate=Decimal("0.01")),
    ZoneRate(zone="ny", tax_class="standard", name="Tax", rate=Decimal("0.04")),
    ZoneRate(zone="nyc", tax_class="standard", name="Tax", rate=Decimal("0.08875")),
    ZoneRate(zone="campus", tax_class="standard", name="Tax", rate=Decimal("0.02")),
    ZoneRate(zone="bc", tax_class="standard", name="PST", rate=Decimal("0.07")),
    ZoneRate(zone="bc", tax_class="standard", name="GST", rate=Decimal("0.05")),
    ZoneRate(zone="bc", tax_class="books", name="GST", rate=Decimal("0.05")),
    ZoneRate(zone="uk", tax_class="standard", name="VAT", rate=Decimal("0.2")),
]


async def _taxes(settings: Settings) -> None:
    async with writing(settings) as context:
        await service.store_classes(context, classes=[TaxClass(code="books", name="Books")])
        await service.store_zones(context, zones=ZONES)
        await service.store_rates(context, rates=RATES)


async def _classes(context: Context) -> dict[str, UUID]:
    rows = await context.db.execute(sa.text("SELECT code, id FROM tax.tax_class"))
    return {row.code: row.id for row in rows}


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "expected"),
    [
        ("US", "CA", "90001", [("Tax", "us", "0.01")]),
        ("US", None, None, [("Tax", "us", "0.01")]),
        ("US", "NY", "12207", [("Tax", "ny", "0.04")]),
        ("US", "ny", None, [("Tax", "ny", "0.04")]),
        ("US", "us-ny", "99999", [("Tax", "ny", "0.04")]),
        ("US", "NY", "10001", [("Tax", "nyc", "0.08875")]),
        ("US", "NY", "10001-1234", [("Tax", "nyc", "0.08875")]),
        ("US", "NY", "10299", [("Tax", "nyc", "0.08875")]),
        ("US", "NY", "10300", [("Tax", "ny", "0.04")]),
        ("US", "NY", "112", [("Tax", "ny", "0.04")]),
        ("US", "NY", "11201", [("Tax", "nyc", "0.08875")]),
        ("US", "CA", "10001", [("Tax", "us", "0.01")]),
        ("US", "NY", "10022", [("Tax", "campus", "0.02")]),
        ("US", None, "10022", [("Tax", "campus", "0.02")]),
        ("CA", "BC", "V6B 1A1", [("GST", "bc", "0.05"), ("PST", "bc", "0.07")]),
        ("CA", "ON", None, []),
        ("GB", None, "SW1A 2AA", [("VAT", "uk", "0.2")]),
        ("GB", None, "sw1a 1aa", []),
        ("GB", None, "SW1A1", []),
        ("DE", None, "10115", []),
        ("XX", "'; DROP TABLE tax.rate", "\0" * 50, []),
        ("", "\ud800", "٣٣", []),
    ],
)
async def test_the_most_specific_area_decides(
    fresh: Settings, country: str, region: str | None, postal_code: str | None, expected: list[tuple[str, str, str]]
) -> None:
    await _taxes(fresh)
    async with writing(fresh) as context:
        classes = await _classes(context)
        found = await service.find_rates(
            context, country=country, region=region, postal_code=postal_code, class_ids=[classes["standard"]]
        )
        taxes = await service.find_taxes(
            context, product_ids=[UUID(int=7)], country=country, region=region, postal_code=postal_code
        )
    rates = tuple(TaxRate(name=name, jurisdiction=zone, rate=Decimal(rate)) for name, zone, rate in expected)
    assert found == taxes.rates == {classes["standard"]: rates}


async def test_every_class_has_an_entry(fresh: Settings) -> None:
    await _taxes(fresh)
    unknown = UUID(int=7)
    async with writing(fresh) as context:
        classes = await _classes(context)
        asked = [classes["books"], unknown, classes["standard"], unknown]
        bc = await service.find_rates(context, country="CA", region="BC", postal_code=None, class_ids=asked)
        uk = await service.find_rates(context, country="GB", region=None, postal_code=None, class_ids=asked)
        none = await service.find_rates(context, country="GB", region=None, postal_code=None, class_ids=[])
    names = {each: [rate.name for rate in rates] for each, rates in bc.items()}
    assert names == {classes["books"]: ["GST"], unknown: ["GST", "PST"], classes["standard"]: ["GST", "PST"]}
    assert {each: len(rates) for each, rates in uk.items()} == {classes["books"]: 0, unknown: 1, classes["standard"]: 1}
    assert none == {}


async def test_a_rate_holds_from_its_very_moment_on(fresh: Settings) -> None:
    second = timedelta(microseconds=1)
    later = NOW + timedelta(days=1)
    async with writing(fresh) as context:
        await service.store_zones(context, zones=[TaxZone(code="de", name="Germany", areas=[Area(country="DE")])])
        windows = [("0.19", None, NOW), ("0.16", NOW, later), ("0.2", later, None)]
        rates = [
            ZoneRate(
                zone="de", tax_class="standard", name="VAT", rate=Decimal(rate), begins_at=begins_at, ends_at=ends_at
            )
            for rate, begins_at, ends_at in windows
        ]
        await service.store_rates(context, rates=rates)
    for moment, expected in (
        (NOW - second, "0.19"),
        (NOW, "0.16"),
        (later - second, "0.16"),
        (later, "0.2"),
        (later + timedelta(days=10_000), "0.2"),
    ):
        async with writing(fresh, now=moment) as context:
            standard = await service.default_class(context)
            found = await service.find_rates(context, country="DE", region=None, postal_code=None, class_ids=[standard])
        assert [str(rate.rate.normalize()) for rate in found[standard]] == [expected], moment


async def test_the_classes_of_products(selling: Selling) -> None:
    ids = [UUID(selling.products[slug]) for slug in ("steel-mug", "clay-cup")]
    unknown = UUID(int=7)
    async with writing(selling.settings) as context:
        await service.store_classes(context, classes=[TaxClass(code="books", name="Books")])
        classes = await _classes(context)
        await service.assign_class(context, product_ids=[ids[0]], tax_class_id=classes["books"])
        found = await service.find_classes(context, product_ids=[*ids, unknown])
        assert found == {ids[0]: classes["books"], ids[1]: classes["standard"], unknown: classes["standard"]}
        assert await service.default_class(context) == classes["standard"]
        await service.store_classes(context, classes=[TaxClass(code="books", name="Books", is_default=True)])
        assert await service.default_class(context) == classes["books"]
        assert (await service.find_classes(context, product_ids=ids))[ids[1]] == classes["books"]


async def test_classes_and_rates_at_once(selling: Selling) -> None:
    await _taxes(selling.settings)
    ids = [UUID(selling.products[slug]) for slug in ("steel-mug", "clay-cup")]
    unknown = UUID(int=7)
    place: Any = {"country": "CA", "region": "BC", "postal_code": "V6B 1A1"}
    async with writing(selling.settings) as context:
        classes = await _classes(context)
        await service.assign_class(context, product_ids=[ids[0]], tax_class_id=classes["books"])
        of_classes = await service.find_classes(context, product_ids=ids)
        asked = [unknown, *of_classes.values()]
        rates = await service.find_rates(context, class_ids=asked, **place)
        with counting_statements() as statements:
            taxes = await service.find_taxes(context, product_ids=ids, class_ids=[unknown], **place)
        none = await service.find_taxes(context, product_ids=[], **place)
    assert (taxes.classes, taxes.rates) == (of_classes, rates)
    assert {each: len(found) for each, found in rates.items()} == {
        unknown: 2,
        classes["books"]: 1,
        classes["standard"]: 2,
    }
    assert statements.total == 1
    assert (none.classes, none.rates) == ({}, {})


# What follows draws areas of few letters, so that they are near each other, and compares with the rule in Python.

_POSTAL = st.text(alphabet="12", min_size=1, max_size=3)
_AREAS = st.builds(
    lambda region, ends: area_key(Area(country="US", region=region, postal_from=ends[0], postal_to=ends[1])),
    st.sampled_from([None, "A", "B"]),
    st.just((None, None)) | st.tuples(_POSTAL, _POSTAL).map(sorted).filter(lambda two: len(two[0]) == len(two[1])),
)
_PLACES = st.tuples(st.sampled_from([None, "a", "B", "C"]), st.none() | st.text(alphabet="12-", max_size=4))


@pytest.fixture(scope="module")
def found(database_url: str, valkey_url: str, worker_id: str) -> Iterator[Callable[..., Any]]:
    """Stores zones and rates, finds the rates of places, and forgets it all."""
    settings = callers.test_settings(servers.copy_database(database_url, f"tax_{worker_id}"), valkey_url)
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)

    async def find(zones: Sequence[TaxZone], rates: Sequence[ZoneRate], places: Sequence[Any]) -> list[Any]:
        async with database.transaction() as connection:
            context = Context(settings, database, NOW, connection=connection)
            await service.store_zones(context, zones=zones)
            await service.store_rates(context, rates=rates)
            standard = await service.default_class(context)
            shown = []
            for region, postal_code in places:
                rates_there = await service.find_rates(
                    context, country="US", region=region, postal_code=postal_code, class_ids=[standard]
                )
                shown.append([(rate.jurisdiction, rate.name, rate.rate) for rate in rates_there[standard]])
            await connection.rollback()
            return shown

    with start_blocking_portal() as portal:
        yield lambda *drawn: portal.call(find, *drawn)
        portal.call(database.close)


def _zone_of(place: tuple[str | None, str | None], owners: Mapping[Area, str]) -> str | None:
    """The zone that decides: the rule, said in another way."""
    region, postal = region_key(place[0], country="US"), postal_key(place[1]) or ""
    matching = [
        area
        for area in owners
        if area.region in {None, region}
        and (
            area.postal_from is None
            or (
                len(postal) >= len(area.postal_from)
                and area.postal_from <= postal[: len(area.postal_from)] <= (area.postal_to or "")
            )
        )
    ]
    best = max(matching, key=lambda area: (len(area.postal_from or ""), area.region is not None), default=None)
    return None if best is None else owners[best]


@hypothesis.settings(database=None, suppress_health_check=list(HealthCheck), max_examples=60)
@given(
    areas=st.lists(_AREAS, min_size=1, max_size=8, unique=True),
    places=st.lists(_PLACES, min_size=1, max_size=6),
    names=st.lists(st.sampled_from(["GST", "PST", "City"]), min_size=1, max_size=3, unique=True),
    data=st.data(),
)
def test_the_order_of_zones_areas_and_rates_does_not_matter(
    found: Callable[..., Any], areas: list[Area], places: list[Any], names: list[str], data: st.DataObject
) -> None:
    kept: list[Area] = []
    for area in areas:
        if not any(overlap(area, other) for other in kept):
            kept.append(area)
    owners = {area: data.draw(st.sampled_from(["one", "two", "three"])) for area in kept}
    codes = sorted(set(owners.values()))
    zones = [TaxZone(code=code, name=code, areas=[each for each in kept if owners[each] == code]) for code in codes]
    rates = [
        ZoneRate(zone=code, tax_class="standard", name=name, rate=Decimal(place) / 1000)
        for place, (code, name) in enumerate((code, name) for code in codes for name in names)
    ]
    shuffled = [
        TaxZone(code=zone.code, name=zone.name, areas=data.draw(st.permutations(list(zone.areas))))
        for zone in data.draw(st.permutations(zones))
    ]
    shown = found(zones, rates, places)
    assert shown == found(shuffled, data.draw(st.permutations(rates)), places)
    by_zone = {code: sorted((code, rate.name, rate.rate) for rate in rates if rate.zone == code) for code in codes}
    assert shown == [by_zone.get(_zone_of(place, owners) or "", []) for place in places]


@given(areas=st.lists(_AREAS, max_size=6), postal=st.text(alphabet="12", max_size=4))
def test_areas_that_do_not_overlap_never_say_the_same_of_a_place(areas: list[Area], postal: str) -> None:
    for one, other in combinations(areas, 2):
        assert overlap(one, other) == overlap(other, one)
        is_equal = (one.region, len(one.postal_from or "")) == (other.region, len(other.postal_from or ""))
        both = all(
            each.postal_from is None
            or (
                (len(postal) >= len(each.postal_from) and each.postal_from <= postal[: len(each.postal_from)])
                and postal[: len(each.postal_from)] <= (each.postal_to or "")
            )
            for each in (one, other)
        )
        if is_equal and both:
            assert overlap(one, other)
