"""Shipping as staff keep it."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller
from tests.people import ROLES
from tests.selling import Selling
from tests.shipping.test_finding_methods import METHODS, POST, ZONES

from mercer.identity.rules.roles import READY_ROLES
from mercer.platform.errors import DomainError
from mercer.shipping import service
from mercer.shipping.errors import (
    ShippingMethodInvalid,
    ShippingZoneInvalid,
    ShippingZoneOutsideChannel,
    ShippingZoneUnknown,
)
from mercer.shipping.models import ShippingZone, Tier
from mercer.values.places import Area
from mercer.values.stored import Stored

WRONG = "... on Error { path } ... on InvalidInput { fields { path } }"
ERROR = f"{WRONG} ... on VersionConflict {{ current }}"
ZONE = "id code name areas { country region postalFrom postalTo } channels { code } version"
METHOD = """id zone { code } channel { code } code name nameTranslations description carrier taxClassId basis currency
    amount tiers { fromWeightGrams fromValue amount } freeFrom leastWeightGrams mostWeightGrams leastValue mostValue
    position archivedAt version"""
ZONE_CREATE = f"""mutation ($input: ShippingZoneCreateInput!) {{ shippingZoneCreate(input: $input) {{
    __typename ... on ShippingZone {{ {ZONE} }} {WRONG} }} }}"""
ZONE_UPDATE = f"""mutation ($id: ID!, $input: ShippingZoneUpdateInput!) {{ shippingZoneUpdate(id: $id, input: $input) {{
    __typename ... on ShippingZone {{ {ZONE} }} ... on ShippingZoneChannelInUse {{ channelId methods }} {ERROR} }} }}"""
ZONE_DELETE = f"""mutation ($id: ID!, $version: Int) {{ shippingZoneDelete(id: $id, version: $version) {{
    __typename ... on ShippingZoneDeleted {{ id }} ... on ShippingZoneInUse {{ methods }} {ERROR} }} }}"""
CREATE = f"""mutation ($input: ShippingMethodCreateInput!) {{ shippingMethodCreate(input: $input) {{
    __typename ... on ShippingMethod {{ {METHOD} }} {WRONG} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: ShippingMethodUpdateInput!) {{ shippingMethodUpdate(id: $id, input: $input) {{
    __typename ... on ShippingMethod {{ {METHOD} }} {ERROR} }} }}"""
ARCHIVE, RESTORE = (
    f"""mutation ($id: ID!, $version: Int) {{ shippingMethod{verb}(id: $id, version: $version) {{
    __typename ... on ShippingMethod {{ archivedAt version }} {ERROR} }} }}"""
    for verb in ("Archive", "Restore")
)
DELETE = f"""mutation ($id: ID!, $version: Int) {{ shippingMethodDelete(id: $id, version: $version) {{
    __typename ... on ShippingMethodDeleted {{ id }} {ERROR} }} }}"""
STORED = """
    SELECT (SELECT json_agg(z ORDER BY id) FROM shipping.zone z)::text,
        (SELECT json_agg(a ORDER BY id) FROM shipping.area a)::text,
        (SELECT json_agg(c ORDER BY zone_id, channel_id) FROM shipping.zone_channel c)::text,
        (SELECT json_agg(m ORDER BY id) FROM shipping.method m)::text,
        (SELECT json_agg(t ORDER BY method_id, starts_at) FROM shipping.tier t)::text
"""
NOBODY = ("019a0000-0000-7000-8000-000000000000", "nonsense")


async def a_zone(selling: Selling, code: str = "us", **given: Any) -> Any:
    values = {
        "code": code,
        "name": code.upper(),
        "areas": [{"country": "US"}],
        "channelIds": [selling.channels["us"]],
        **given,
    }
    return await selling.change(ZONE_CREATE, {"input": values})


async def a_method(selling: Selling, zone: Any, **given: Any) -> Any:
    flat = {"basis": "FLAT", "amount": "5.00"}
    values = {"zoneId": zone["id"], "channelId": selling.channels["us"], "code": "post", "name": "Post", **flat}
    return await selling.change(CREATE, {"input": {**values, **given}})


async def test_a_zone_from_its_beginning_to_its_end(selling: Selling) -> None:
    us, eu = selling.channels["us"], selling.channels["eu"]
    made = await a_zone(selling, areas=[{"country": "US", "region": "ny", "postalFrom": "1 0"}], channelIds=[us, us])
    assert {**made, "id": None} == {
        "__typename": "ShippingZone",
        "id": None,
        "code": "us",
        "name": "US",
        "areas": [{"country": "US", "region": "NY", "postalFrom": "10", "postalTo": "10"}],
        "channels": [{"code": "us"}],
        "version": 1,
    }
    taken = await a_zone(selling)
    assert (taken["__typename"], taken["path"]) == ("ShippingZoneCodeTaken", ["input", "code"])
    more = {"channelIds": [eu, us], "areas": [{"country": "CA"}], "version": 1}
    changed = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": more})
    assert ([each["code"] for each in changed["channels"]], changed["version"]) == (["eu", "us"], 2)
    late = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": more})
    assert (late["__typename"], late["current"], late["path"]) == ("VersionConflict", 2, ["input", "version"])
    same = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": {**more, "version": 2}})
    assert same["version"] == 2
    method = await a_method(selling, made)
    leave = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": {"channelIds": [eu]}})
    assert (leave["__typename"], leave["channelId"], leave["methods"]) == ("ShippingZoneChannelInUse", us, 1)
    used = await selling.change(ZONE_DELETE, {"id": made["id"]})
    assert (used["__typename"], used["methods"]) == ("ShippingZoneInUse", 1)
    await selling.change(ARCHIVE, {"id": method["id"]})
    await selling.change(DELETE, {"id": method["id"]})
    gone = await selling.change(ZONE_DELETE, {"id": made["id"], "version": 2})
    assert gone == {"__typename": "ShippingZoneDeleted", "id": made["id"]}
    assert [name for name, _ in await selling.events() if name.startswith("shipping.")] == [
        "shipping.ShippingZoneCreated",
        "shipping.ShippingZoneUpdated",
        "shipping.ShippingMethodCreated",
        "shipping.ShippingMethodArchived",
        "shipping.ShippingMethodDeleted",
        "shipping.ShippingZoneDeleted",
    ]


async def test_a_method_from_its_beginning_to_its_end(selling: Selling) -> None:
    zone = await a_zone(selling)
    tax_class = "019a0000-0000-7000-8000-000000000007"
    made = await a_method(
        selling, zone, nameTranslations={"de": "Brief"}, taxClassId=tax_class, freeFrom="50", mostWeightGrams=2000
    )
    assert {**made, "id": None} == {
        "__typename": "ShippingMethod",
        "id": None,
        "zone": {"code": "us"},
        "channel": {"code": "us"},
        "code": "post",
        "name": "Post",
        "nameTranslations": {"de": "Brief"},
        "description": "",
        "carrier": None,
        "taxClassId": tax_class,
        "basis": "FLAT",
        "currency": "USD",
        "amount": "5.00",
        "tiers": [],
        "freeFrom": "50.00",
        "leastWeightGrams": None,
        "mostWeightGrams": 2000,
        "leastValue": None,
        "mostValue": None,
        "position": 0,
        "archivedAt": None,
        "version": 1,
    }
    taken = await a_method(selling, zone)
    assert (taken["__typename"], taken["path"]) == ("ShippingMethodCodeTaken", ["input", "code"])


async def test_a_method_changes_what_its_price_depends_on(selling: Selling) -> None:
    made = await a_method(selling, await a_zone(selling), nameTranslations={"de": "Brief"}, freeFrom="50")
    tiers = [{"fromWeightGrams": 0, "amount": "1"}, {"fromWeightGrams": 500, "amount": "2.50"}]
    by_weight = {"basis": "WEIGHT", "tiers": tiers, "freeFrom": None, "nameTranslations": {"de": None}, "version": 1}
    changed = await selling.change(UPDATE, {"id": made["id"], "input": by_weight})
    assert (changed["amount"], changed["freeFrom"], changed["nameTranslations"], changed["version"]) == (
        None,
        None,
        {},
        2,
    )
    assert changed["tiers"] == [
        {"fromWeightGrams": 0, "fromValue": None, "amount": "1.00"},
        {"fromWeightGrams": 500, "fromValue": None, "amount": "2.50"},
    ]
    by_value = {"basis": "VALUE", "tiers": [{"fromValue": "0", "amount": "1"}, {"fromValue": "9.99", "amount": "0"}]}
    changed = await selling.change(UPDATE, {"id": made["id"], "input": by_value})
    assert [each["fromValue"] for each in changed["tiers"]] == ["0.00", "9.99"]
    late = await selling.change(UPDATE, {"id": made["id"], "input": {"name": "Late", "version": 1}})
    assert (late["__typename"], late["current"]) == ("VersionConflict", 3)
    offered = await selling.change(DELETE, {"id": made["id"]})
    assert offered["__typename"] == "ShippingMethodOffered"
    archived = await selling.change(ARCHIVE, {"id": made["id"], "version": 3})
    assert archived["version"] == 4
    assert await selling.change(ARCHIVE, {"id": made["id"]}) == archived
    restored = await selling.change(RESTORE, {"id": made["id"]})
    assert restored == {"__typename": "ShippingMethod", "archivedAt": None, "version": 5}
    await selling.change(ARCHIVE, {"id": made["id"]})
    assert (await selling.change(DELETE, {"id": made["id"]}))["__typename"] == "ShippingMethodDeleted"
    audit = [fields for entity, _, fields, _ in await selling.audit() if entity == "ShippingMethod"]
    assert audit[1]["basis"] == ["flat", "weight"]
    assert audit[1]["amount"] == [500, None]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"code": "A B"}, ["code"]),
        ({"name": ""}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"name": "a\u0007"}, ["name"]),
        ({"nameTranslations": {"english": "Post"}}, ["nameTranslations"]),
        ({"nameTranslations": {"de": "x" * 201}}, ["nameTranslations"]),
        ({"description": "x" * 2001}, ["description"]),
        ({"carrier": " "}, ["carrier"]),
        ({"amount": "-1"}, ["amount"]),
        ({"amount": "1.001"}, ["amount"]),
        ({"amount": "10000000000000000"}, ["amount"]),
        ({"amount": None}, ["amount"]),
        ({"freeFrom": "-0.01"}, ["freeFrom"]),
        ({"leastWeightGrams": -1}, ["leastWeightGrams"]),
        ({"mostWeightGrams": 2_000_000_000}, ["mostWeightGrams"]),
        ({"leastWeightGrams": 2, "mostWeightGrams": 1}, ["mostWeightGrams"]),
        ({"leastValue": "2", "mostValue": "1"}, ["mostValue"]),
        ({"position": -1}, ["position"]),
        ({"tiers": [{"fromWeightGrams": 0, "amount": "1"}]}, ["tiers"]),
        ({"basis": "WEIGHT", "amount": None}, ["tiers"]),
        ({"basis": "WEIGHT", "amount": "5", "tiers": [{"fromWeightGrams": 0, "amount": "1"}]}, ["amount"]),
        ({"basis": "WEIGHT", "amount": None, "tiers": [{"fromValue": "0", "amount": "1"}]}, ["tiers", "0"]),
        ({"basis": "WEIGHT", "amount": None, "tiers": [{"fromWeightGrams": 1, "amount": "1"}]}, ["tiers"]),
        ({"basis": "WEIGHT", "amount": None, "tiers": [{"fromWeightGrams": 0, "amount": "1"}] * 2}, ["tiers"]),
        (
            {"basis": "VALUE", "amount": None, "tiers": [{"fromValue": "0", "amount": "0.001"}]},
            ["tiers", "0", "amount"],
        ),
        (
            {
                "basis": "WEIGHT",
                "amount": None,
                "tiers": [{"fromWeightGrams": each, "amount": "1"} for each in range(500)],
            },
            ["tiers"],
        ),
    ],
)
async def test_methods_that_cannot_be(selling: Selling, given: Any, path: list[str]) -> None:
    zone = await a_zone(selling)
    made = await a_method(selling, zone, code="known")
    stored = await selling.rows(STORED)
    refused = await a_method(selling, zone, **given)
    assert [each["path"] for each in refused["fields"]] == [["input", *path]]
    if "code" not in given:
        refused = await selling.change(UPDATE, {"id": made["id"], "input": given})
        assert [each["path"] for each in refused["fields"]] == [["input", *path]]
    assert await selling.rows(STORED) == stored


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"code": "A"}, ["code"]),
        ({"name": ""}, ["name"]),
        ({"areas": [{"country": "ZZ"}]}, ["areas", "0", "country"]),
        ({"areas": [{"country": "US", "postalFrom": "/"}]}, ["areas", "0", "postalFrom"]),
        ({"areas": [{"country": "US"}, {"country": "US"}]}, ["areas", "1"]),
        ({"areas": [{"country": "US", "postalFrom": str(each)} for each in range(251)]}, ["areas"]),
    ],
)
async def test_zones_that_cannot_be(selling: Selling, given: Any, path: list[str]) -> None:
    refused = await a_zone(selling, **{"areas": [], **given})
    assert [each["path"] for each in refused["fields"]] == [["input", *path]]
    assert await selling.rows("SELECT count(*) FROM shipping.zone") == [(0,)]


async def test_ids_that_nothing_has(selling: Selling) -> None:
    zone = await a_zone(selling)
    stored = await selling.rows(STORED)
    for id_ in NOBODY:
        for mutation, given, expected in (
            (ZONE_UPDATE, {"name": "X"}, "ShippingZoneNotFound"),
            (ZONE_DELETE, None, "ShippingZoneNotFound"),
            (UPDATE, {"name": "X"}, "ShippingMethodNotFound"),
            (ARCHIVE, None, "ShippingMethodNotFound"),
            (RESTORE, None, "ShippingMethodNotFound"),
            (DELETE, None, "ShippingMethodNotFound"),
        ):
            variables = {"id": id_} if given is None else {"id": id_, "input": given}
            assert (await selling.change(mutation, variables))["__typename"] == expected
        of_zone = await a_method(selling, {"id": id_})
        assert (of_zone["__typename"], of_zone["path"]) == ("ShippingZoneNotFound", ["input", "zoneId"])
        of_channel = await a_method(selling, zone, channelId=id_)
        assert (of_channel["__typename"], of_channel["path"]) == ("ChannelNotFound", ["input", "channelId"])
        in_zone = await a_zone(selling, "x", channelIds=[selling.channels["us"], id_])
        assert (in_zone["__typename"], in_zone["path"]) == ("ChannelNotFound", ["input", "channelIds", "1"])
    outside = await a_method(selling, zone, channelId=selling.channels["eu"])
    assert (outside["__typename"], outside["path"]) == ("ShippingZoneOutsideChannel", ["input", "channelId"])
    assert await selling.rows(STORED) == stored


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_who_may(selling: Selling, role: str | None) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    has = frozenset() if role is None else frozenset(READY_ROLES[role].permissions)
    zone = await a_zone(selling)
    method = await a_method(selling, zone)
    stored = await selling.rows(STORED)
    everything: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "shipping.read": [
            ("{ shippingZones { nodes { id } } }", {}),
            ("{ shippingMethods { nodes { id } } }", {}),
        ],
        "shipping.manage": [
            (ZONE_CREATE, {"input": {"code": "x", "name": "X"}}),
            (ZONE_UPDATE, {"id": zone["id"], "input": {"name": "X"}}),
            (
                CREATE,
                {
                    "input": {
                        "zoneId": zone["id"],
                        "channelId": selling.channels["us"],
                        "code": "x",
                        "name": "X",
                        "basis": "FLAT",
                        "amount": "1",
                    }
                },
            ),
            (UPDATE, {"id": method["id"], "input": {"name": "X"}}),
            (ARCHIVE, {"id": method["id"]}),
            (RESTORE, {"id": method["id"]}),
            (DELETE, {"id": method["id"]}),
            (ZONE_DELETE, {"id": zone["id"]}),
        ],
    }
    for needs, requests in everything.items():
        may = role == "administrator" or needs in has
        for query, given in requests:
            answer = await caller.send(query, given)
            assert answer.status_code == (200 if may else 401 if role is None else 403), query
    assert (await selling.rows(STORED) == stored) is (role != "administrator" and "shipping.manage" not in has)


async def test_one_code_once(racing: Selling) -> None:
    zones = await racing.at_once(a_zone(racing) for _ in range(12))
    assert Counter(each["__typename"] for each in zones) == {"ShippingZone": 1, "ShippingZoneCodeTaken": 11}
    zone = next(each for each in zones if each["__typename"] == "ShippingZone")
    methods = await racing.at_once(a_method(racing, zone) for _ in range(12))
    assert Counter(each["__typename"] for each in methods) == {"ShippingMethod": 1, "ShippingMethodCodeTaken": 11}
    made = next(each for each in methods if each["__typename"] == "ShippingMethod")
    changes = await racing.at_once(
        racing.change(UPDATE, {"id": made["id"], "input": {"amount": str(number), "version": 1}})
        for number in range(12)
    )
    assert Counter(each["__typename"] for each in changes) == {"ShippingMethod": 1, "VersionConflict": 11}


async def test_no_zone_goes_while_a_method_comes(racing: Selling) -> None:
    for number in range(6):
        zone = await a_zone(racing, f"zone-{number}")
        results = await asyncio.gather(a_method(racing, zone), racing.change(ZONE_DELETE, {"id": zone["id"]}))
        assert {each["__typename"] for each in results} in (
            {"ShippingMethod", "ShippingZoneInUse"},
            {"ShippingZoneNotFound", "ShippingZoneDeleted"},
        )


async def test_stored_again_nothing_changes(selling: Selling) -> None:
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        for counts in ((3, 0, 0), (0, 0, 3)):
            expected = Stored(created=counts[0], updated=counts[1], unchanged=counts[2])
            assert await service.store_zones(context, zones=ZONES) == expected
        for counts in ((5, 0, 0), (0, 0, 5)):
            expected = Stored(created=counts[0], updated=counts[1], unchanged=counts[2])
            assert await service.store_methods(context, methods=METHODS) == expected
        dearer = [replace(POST, amount=600), *METHODS[1:]]
        changed = await service.store_methods(context, methods=dearer)
        assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 4)


@pytest.mark.parametrize(
    ("verb", "given", "expected"),
    [
        ("store_zones", {"zones": [ShippingZone(code="x", name="")]}, ShippingZoneInvalid),
        ("store_zones", {"zones": [ShippingZone(code="x", name="X", areas=[Area(country="x")])]}, ShippingZoneInvalid),
        ("store_methods", {"methods": [replace(POST, zone="x")]}, ShippingZoneUnknown),
        ("store_methods", {"methods": [replace(POST, channel="eu")]}, ShippingZoneOutsideChannel),
        ("store_methods", {"methods": [POST, replace(POST, code="x", amount=-1)]}, ShippingMethodInvalid),
        (
            "store_methods",
            {"methods": [POST, replace(POST, code="x", tiers=[Tier(starts_at=0, amount=0)])]},
            ShippingMethodInvalid,
        ),
    ],
)
async def test_a_faulty_one_refuses_all(selling: Selling, verb: str, given: Any, expected: type[DomainError]) -> None:
    async with selling.context.database.transaction() as connection:
        await service.store_zones(replace(selling.context, connection=connection), zones=ZONES)
    stored = await selling.rows(STORED)
    with pytest.raises(expected):
        async with selling.context.database.transaction() as connection:
            await getattr(service, verb)(replace(selling.context, connection=connection), **given)
    assert await selling.rows(STORED) == stored


async def test_the_database_itself_refuses_what_cannot_be(selling: Selling) -> None:
    async with selling.context.database.transaction() as connection:
        context = replace(selling.context, connection=connection)
        await service.store_zones(context, zones=ZONES)
        await service.store_methods(context, methods=METHODS)
    for wrong in ("amount = -1", "amount = NULL", "basis = 'x'", "most_value = -1", "least_weight_grams = -1"):
        with pytest.raises(sa.exc.IntegrityError):
            async with selling.context.database.transaction() as connection:
                await connection.execute(sa.text(f"UPDATE shipping.method SET {wrong} WHERE basis = 'flat'"))
