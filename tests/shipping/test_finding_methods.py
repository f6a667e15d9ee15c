"""Which methods a parcel can take, and what they cost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.selling import Selling

from mercer.platform.context import Context
from mercer.shipping import service
from mercer.shipping.models import RateBasis, ShippingMethod, ShippingOffer, ShippingZone, Tier
from mercer.values.places import Area

POST = ShippingMethod(
    zone="states",
    channel="us",
    code="post",
    name="Post",
    name_translations={"de": "Post"},
    basis=RateBasis.FLAT,
    amount=500,
    free_from=5000,
)
PARCEL = ShippingMethod(
    zone="states",
    channel="us",
    code="parcel",
    name="Parcel",
    basis=RateBasis.WEIGHT,
    tiers=[Tier(starts_at=0, amount=700), Tier(starts_at=1000, amount=900), Tier(starts_at=5000, amount=1500)],
    most_weight_grams=30_000,
)
INSURED = ShippingMethod(
    zone="states",
    channel="us",
    code="insured",
    name="Insured",
    basis=RateBasis.VALUE,
    tiers=[Tier(starts_at=0, amount=800), Tier(starts_at=10_000, amount=400)],
    least_value=2_000,
    most_value=50_000,
)
ZONES = [
    ShippingZone(code="states", name="United States", areas=[Area(country="US")], channels=["us"]),
    ShippingZone(
        code="far",
        name="Far away",
        areas=[Area(country="US", region="hi"), Area(country="US", postal_from="995", postal_to="999")],
        channels=["us", "eu"],
    ),
    ShippingZone(code="city", name="Manhattan", areas=[Area(country="US", postal_from="100")], channels=["us"]),
]
FAR_POST = replace(POST, zone="far", amount=2500, free_from=None, most_weight_grams=2_000)
BIKE = replace(POST, zone="city", code="bike", name="Bike", amount=500, free_from=None, position=1)
METHODS = [POST, PARCEL, INSURED, FAR_POST, BIKE]


async def a_post(context: Context, methods: Sequence[ShippingMethod] = METHODS) -> dict[str, UUID]:
    """Stores zones and methods. Returns the ids of the channels."""
    await service.store_zones(context, zones=ZONES)
    await service.store_methods(context, methods=methods)
    rows = await context.db.execute(sa.text("SELECT code, id FROM channels.channel"))
    return {row.code: row.id for row in rows}


async def offers(context: Context, channel_id: UUID, **given: Any) -> list[tuple[str, int]]:
    asked = {"country": "US", "region": None, "postal_code": None, "weight_grams": 0, "value": 0, **given}
    found = await service.find_methods(context, channel_id=channel_id, **asked)
    return [(each.code, each.amount) for each in found]


POST_500, POST_FREE, PARCEL_700 = ("post", 500), ("post", 0), ("parcel", 700)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [POST_500, PARCEL_700]),
        ({"weight_grams": 999}, [POST_500, PARCEL_700]),
        ({"weight_grams": 1000}, [POST_500, ("parcel", 900)]),
        ({"weight_grams": 4999}, [POST_500, ("parcel", 900)]),
        ({"weight_grams": 5000}, [POST_500, ("parcel", 1500)]),
        ({"weight_grams": 30_000}, [POST_500, ("parcel", 1500)]),
        ({"weight_grams": 30_001}, [POST_500]),
        ({"value": 1999}, [POST_500, PARCEL_700]),
        ({"value": 2000}, [POST_500, PARCEL_700, ("insured", 800)]),
        ({"value": 4999}, [POST_500, PARCEL_700, ("insured", 800)]),
        ({"value": 5000}, [POST_FREE, PARCEL_700, ("insured", 800)]),
        ({"value": 9999}, [POST_FREE, PARCEL_700, ("insured", 800)]),
        ({"value": 10_000}, [POST_FREE, ("insured", 400), PARCEL_700]),
        ({"value": 50_000}, [POST_FREE, ("insured", 400), PARCEL_700]),
        ({"value": 50_001}, [POST_FREE, PARCEL_700]),
        ({"value": 10**15, "weight_grams": 10**12}, [POST_FREE]),
        ({"region": "NY", "postal_code": "10001"}, [POST_500, ("bike", 500), PARCEL_700]),
        ({"region": "NY", "postal_code": "10-0"}, [POST_500, ("bike", 500), PARCEL_700]),
        ({"postal_code": "10"}, [POST_500, PARCEL_700]),
        ({"region": "us-hi", "postal_code": "96801"}, [PARCEL_700, ("post", 2500)]),
        ({"region": "HI", "value": 5000}, [PARCEL_700, ("insured", 800), ("post", 2500)]),
        # A parcel too heavy for the post to there is not sent as if to elsewhere.
        ({"region": "HI", "weight_grams": 2001}, [("parcel", 900)]),
        ({"postal_code": "99501"}, [PARCEL_700, ("post", 2500)]),
        ({"postal_code": "99401"}, [POST_500, PARCEL_700]),
        ({"country": "DE"}, []),
        ({"country": "XX", "region": "' OR true --", "postal_code": "\0"}, []),
    ],
)
async def test_what_a_parcel_can_take(selling: Selling, given: Any, expected: list[tuple[str, int]]) -> None:
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        channels = await a_post(context)
        assert await offers(context, channels["us"], **given) == expected
        await connection.rollback()


async def test_an_offer_says_all_that_an_order_keeps(selling: Selling) -> None:
    tax_class = UUID(int=7)
    post = replace(POST, tax_class_id=tax_class, description="By foot.", carrier="USPS")
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        channels = await a_post(context, [post])
        [offer] = await service.find_methods(
            context,
            channel_id=channels["us"],
            country="US",
            region=None,
            postal_code=None,
            weight_grams=0,
            value=0,
        )
        assert offer == ShippingOffer(
            method_id=offer.method_id,
            code="post",
            name="Post",
            translations={"de": "Post"},
            description="By foot.",
            description_translations={},
            carrier="USPS",
            amount=500,
            currency="USD",
            tax_class_id=tax_class,
        )


async def test_each_channel_has_its_own(selling: Selling) -> None:
    euro = replace(POST, zone="far", channel="eu", code="air", amount=900)
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        channels = await a_post(context, [*METHODS, euro])
        assert await offers(context, channels["eu"], region="HI") == [("air", 900)]
        assert await offers(context, channels["eu"]) == []
        assert await offers(context, UUID(int=7)) == []


async def test_what_is_archived_is_not_offered(selling: Selling) -> None:
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        channels = await a_post(context)
        query = "SELECT id FROM shipping.method WHERE code = 'post' ORDER BY amount DESC"
        far, near = (await connection.scalars(sa.text(query))).all()
        await service.archive_method(context, method_id=near)
        assert await offers(context, channels["us"]) == [PARCEL_700]
        await service.restore_method(context, method_id=near)
        await service.archive_method(context, method_id=far)
        assert await offers(context, channels["us"], region="HI") == [POST_500, PARCEL_700]


async def test_the_order_in_which_they_came_does_not_matter(selling: Selling) -> None:
    """Of the same price the first position comes first, then the older one."""
    shown = []
    for methods in (METHODS, METHODS[::-1]):
        async with selling.context.database.transaction() as connection:
            context = replace(selling.context, connection=connection)
            channels = await a_post(context, methods)
            places: list[dict[str, Any]] = [
                {"region": "HI"},
                {"postal_code": "10001"},
                {"postal_code": "99999", "value": 6000},
            ]
            shown.append([await offers(context, channels["us"], **place) for place in places])
            await connection.rollback()
    assert shown[0] == shown[1]


async def test_it_takes_one_statement(selling: Selling) -> None:
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        channels = await a_post(context)
        statements = []

        def note(*executed: Any) -> None:
            statements.append(executed[2])

        sa.event.listen(connection.sync_connection, "before_cursor_execute", note)
        assert await offers(context, channels["us"], postal_code="10001", value=5000)
        assert len(statements) == 1
