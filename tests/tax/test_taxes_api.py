"""Taxes as staff keep them."""

from datetime import timedelta
from typing import Any

import pytest
from tests.callers import Caller, admin_caller, shop_caller
from tests.factories.shop import NOW
from tests.people import ROLES
from tests.selling import Selling
from tests.tax.changing import (
    ASSIGN,
    CLASS_CREATE,
    CLASS_DELETE,
    CLASS_UPDATE,
    NOBODY,
    RATE_CREATE,
    RATE_DELETE,
    RATE_UPDATE,
    SCHEDULE,
    STORED,
    ZONE_CREATE,
    ZONE_DELETE,
    ZONE_UPDATE,
    a_class,
    a_rate,
    a_zone,
    said,
    standard_class,
)

from mercer.identity.rules.roles import READY_ROLES


async def test_a_class_from_its_beginning_to_its_end(selling: Selling) -> None:
    made = await a_class(selling)
    assert {**made, "id": None} == {
        "__typename": "TaxClass",
        "id": None,
        "code": "books",
        "name": "Books",
        "isDefault": False,
        "version": 1,
    }
    taken = await a_class(selling)
    assert (taken["__typename"], taken["path"]) == ("TaxClassCodeTaken", ["input", "code"])
    renamed = await selling.change(CLASS_UPDATE, {"id": made["id"], "input": {"name": "Print", "version": 1}})
    assert (renamed["name"], renamed["version"]) == ("Print", 2)
    again = await selling.change(CLASS_UPDATE, {"id": made["id"], "input": {"name": "Print"}})
    assert again["version"] == 2
    conflict = await selling.change(CLASS_UPDATE, {"id": made["id"], "input": {"name": "Late", "version": 1}})
    assert (conflict["__typename"], conflict["current"], conflict["path"]) == (
        "VersionConflict",
        2,
        ["input", "version"],
    )
    conflict = await selling.change(CLASS_DELETE, {"id": made["id"], "version": 1})
    assert (conflict["__typename"], conflict["path"]) == ("VersionConflict", ["version"])
    gone = await selling.change(CLASS_DELETE, {"id": made["id"], "version": 2})
    assert gone == {"__typename": "TaxClassDeleted", "id": made["id"]}
    assert [(entity, fields) for entity, _, fields, _ in await selling.audit()] == [
        ("TaxClass", {"code": [None, "books"], "name": [None, "Books"], "is_default": [None, False]}),
        ("TaxClass", {"name": ["Books", "Print"]}),
        ("TaxClass", {"code": ["books", None], "name": ["Print", None]}),
    ]
    names = [name for name, _ in await selling.events()]
    assert names[-3:] == ["tax.TaxClassCreated", "tax.TaxClassUpdated", "tax.TaxClassDeleted"]


async def test_there_is_always_one_default_class(selling: Selling) -> None:
    standard = await standard_class(selling)
    for refused in (
        await selling.change(CLASS_UPDATE, {"id": standard, "input": {"isDefault": False}}),
        await selling.change(CLASS_DELETE, {"id": standard}),
    ):
        assert refused["__typename"] == "DefaultTaxClassNeeded"
    made = await a_class(selling, isDefault=True)
    shown = await selling.admin("{ taxClasses { nodes { code isDefault version } } }")
    assert shown["taxClasses"]["nodes"] == [
        {"code": "books", "isDefault": True, "version": 1},
        {"code": "standard", "isDefault": False, "version": 2},
    ]
    await selling.change(CLASS_UPDATE, {"id": standard, "input": {"isDefault": True}})
    assert await selling.rows("SELECT code FROM tax.tax_class WHERE is_default") == [("standard",)]
    assert (await selling.change(CLASS_DELETE, {"id": made["id"]}))["__typename"] == "TaxClassDeleted"


async def test_a_class_in_use_stays(selling: Selling) -> None:
    books, zone = await a_class(selling), await a_zone(selling)
    await a_rate(selling, zone, taxClassId=books["id"])
    await selling.change(ASSIGN, {"ids": [selling.products["steel-mug"]], "class": books["id"]})
    refused = await selling.change(CLASS_DELETE, {"id": books["id"]})
    assert (refused["__typename"], refused["rates"], refused["products"]) == ("TaxClassInUse", 1, 1)


async def test_products_are_assigned(selling: Selling) -> None:
    books = await a_class(selling)
    mug, cup = selling.products["steel-mug"], selling.products["clay-cup"]
    given = {"ids": [cup, mug, cup], "class": books["id"]}
    assert await selling.change(ASSIGN, given) == {
        "__typename": "TaxClassAssigned",
        "products": [
            {"slug": "clay-cup", "taxClass": {"code": "books"}},
            {"slug": "steel-mug", "taxClass": {"code": "books"}},
        ],
    }
    assert {f"product:{mug}", f"product:{cup}"} <= await selling.tags()
    events = await selling.events()
    assert events[-1] == ("tax.ProductTaxClassChanged", {"product_ids": sorted([mug, cup])})
    await selling.change(ASSIGN, given)
    assert await selling.events() == events
    back = await selling.change(ASSIGN, {"ids": [mug], "class": None})
    assert back["products"] == [{"slug": "steel-mug", "taxClass": {"code": "standard"}}]
    audit = [(entity, fields) for entity, _, fields, _ in await selling.audit()]
    assert audit[-1] == ("Product", {"tax_class_id": [books["id"], None]})


async def test_assigning_what_is_not_there(selling: Selling) -> None:
    books = await a_class(selling)
    stored = await selling.rows(STORED)
    mug = selling.products["steel-mug"]
    for unknown in NOBODY:
        product = await selling.change(ASSIGN, {"ids": [mug, unknown], "class": books["id"]})
        assert (product["__typename"], product["path"]) == ("ProductNotFound", ["productIds", "1"])
        tax_class = await selling.change(ASSIGN, {"ids": [mug], "class": unknown})
        assert (tax_class["__typename"], tax_class["path"]) == ("TaxClassNotFound", ["taxClassId"])
    for ids in ([], [f"019a0000-0000-7000-8000-{number:012}" for number in range(251)]):
        many = await selling.change(ASSIGN, {"ids": ids, "class": books["id"]})
        assert [each["path"] for each in many["fields"]] == [["productIds"]]
    assert await selling.rows(STORED) == stored


async def test_a_zone_from_its_beginning_to_its_end(selling: Selling) -> None:
    areas = [{"country": "US", "region": "us-ny", "postalFrom": "100-0 1", "postalTo": "10299"}, {"country": "CA"}]
    made = await a_zone(selling, "ny", *areas)
    assert made["areas"] == [
        {"country": "CA", "region": None, "postalFrom": None, "postalTo": None},
        {"country": "US", "region": "NY", "postalFrom": "10001", "postalTo": "10299"},
    ]
    taken = await a_zone(selling, "ny", {"country": "FR"})
    assert (taken["__typename"], taken["path"]) == ("TaxZoneCodeTaken", ["input", "code"])
    same = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": {"areas": list(reversed(areas))}})
    assert same["version"] == 1
    less = await selling.change(ZONE_UPDATE, {"id": made["id"], "input": {"areas": areas[1:], "version": 1}})
    assert ([each["country"] for each in less["areas"]], less["version"]) == (["CA"], 2)
    rate = await a_rate(selling, made)
    refused = await selling.change(ZONE_DELETE, {"id": made["id"]})
    assert (refused["__typename"], refused["rates"]) == ("TaxZoneInUse", 1)
    await selling.change(RATE_DELETE, {"id": rate["id"]})
    gone = await selling.change(ZONE_DELETE, {"id": made["id"], "version": 2})
    assert gone == {"__typename": "TaxZoneDeleted", "id": made["id"]}
    names = [name for name, _ in await selling.events() if name.startswith("tax.")]
    assert names == [
        "tax.TaxZoneCreated",
        "tax.TaxZoneUpdated",
        "tax.TaxRatesChanged",
        "tax.TaxRatesChanged",
        "tax.TaxZoneDeleted",
    ]


@pytest.mark.parametrize(
    ("area", "is_taken"),
    [
        ({"country": "DE"}, True),
        ({"country": "DE", "region": "BY"}, False),
        ({"country": "DE", "postalFrom": "805"}, True),
        ({"country": "DE", "postalFrom": "801", "postalTo": "809"}, True),
        ({"country": "DE", "postalFrom": "809"}, False),
        ({"country": "DE", "postalFrom": "8050"}, False),
        ({"country": "DE", "region": "BY", "postalFrom": "805"}, False),
        ({"country": "AT", "postalFrom": "805"}, False),
    ],
)
async def test_areas_of_two_zones_never_overlap(selling: Selling, area: Any, is_taken: Any) -> None:
    await a_zone(selling, "de", {"country": "DE"}, {"country": "DE", "postalFrom": "802", "postalTo": "808"})
    other = await a_zone(selling, "other", {"country": "FR"})
    stored = await selling.rows(STORED)
    changed = await selling.change(ZONE_UPDATE, {"id": other["id"], "input": {"areas": [{"country": "NL"}, area]}})
    if is_taken:
        assert (changed["__typename"], changed["zone"], changed["path"]) == (
            "TaxAreaTaken",
            "de",
            ["input", "areas", "1"],
        )
        assert await selling.rows(STORED) == stored
    else:
        assert changed["__typename"] == "TaxZone"
    twice = await a_zone(selling, "twice", {"country": "IT"}, {"country": "IT"})
    assert (twice["__typename"], twice["zone"], twice["path"]) == ("TaxAreaTaken", "twice", ["input", "areas", "1"])


async def test_a_rate_from_its_beginning_to_its_end(selling: Selling) -> None:
    zone = await a_zone(selling)
    made = await a_rate(selling, zone, endsAt=said(NOW))
    assert {**made, "id": None} == {
        "__typename": "TaxRate",
        "id": None,
        "zone": {"code": "de"},
        "taxClass": {"code": "standard"},
        "name": "VAT",
        "rate": "0.190000",
        "beginsAt": None,
        "endsAt": said(NOW),
        "version": 1,
    }
    following = await a_rate(selling, zone, "0.2", beginsAt=said(NOW))
    assert following["__typename"] == "TaxRate"
    overlapping = await a_rate(selling, zone, "0.3", beginsAt=said(NOW - timedelta(seconds=1)))
    assert (overlapping["__typename"], overlapping["id"]) == ("TaxRatesOverlap", made["id"])
    assert (await a_rate(selling, zone, "0.3", name="City"))["__typename"] == "TaxRate"
    later = {"endsAt": said(NOW + timedelta(seconds=1)), "version": 1}
    refused = await selling.change(RATE_UPDATE, {"id": made["id"], "input": later})
    assert (refused["__typename"], refused["id"]) == ("TaxRatesOverlap", following["id"])
    put_right = await selling.change(RATE_UPDATE, {"id": made["id"], "input": {"rate": "0.16", "version": 1}})
    assert (put_right["rate"], put_right["version"]) == ("0.160000", 2)
    conflict = await selling.change(RATE_UPDATE, {"id": made["id"], "input": {"rate": "0.17", "version": 1}})
    assert (conflict["__typename"], conflict["current"]) == ("VersionConflict", 2)
    assert (await selling.change(RATE_DELETE, {"id": made["id"], "version": 1}))["__typename"] == "VersionConflict"
    gone = await selling.change(RATE_DELETE, {"id": made["id"], "version": 2})
    assert gone == {"__typename": "TaxRateDeleted", "id": made["id"]}
    open_ended = await selling.change(RATE_UPDATE, {"id": following["id"], "input": {"beginsAt": None}})
    assert (open_ended["beginsAt"], open_ended["endsAt"]) == (None, None)


async def test_a_new_rate_ends_the_old_one(selling: Selling) -> None:
    zone = await a_zone(selling)
    end = said(NOW + timedelta(days=100))
    first = await a_rate(selling, zone, endsAt=end)
    begins = said(NOW + timedelta(days=10))
    given = {"rate": "0.2", "beginsAt": begins, "version": 1}
    second = await selling.change(SCHEDULE, {"id": first["id"], "input": given})
    assert (second["rate"], second["beginsAt"], second["endsAt"], second["name"]) == ("0.200000", begins, end, "VAT")
    shown = await selling.admin("query ($id: ID!) { taxRate(id: $id) { endsAt version } }", {"id": first["id"]})
    assert shown["taxRate"] == {"endsAt": begins, "version": 2}
    stored = await selling.rows(STORED)
    conflict = await selling.change(SCHEDULE, {"id": first["id"], "input": given})
    assert (conflict["__typename"], conflict["path"]) == ("VersionConflict", ["input", "version"])
    for moment, at in ((NOW + timedelta(days=10), first), (NOW + timedelta(days=10), second), (NOW, second)):
        late = await selling.change(SCHEDULE, {"id": at["id"], "input": {"rate": "0.2", "beginsAt": said(moment)}})
        assert [each["path"] for each in late["fields"]] == [["input", "beginsAt"]]
    longer = {"rate": "0.2", "beginsAt": said(NOW), "endsAt": end}
    overlapping = await selling.change(SCHEDULE, {"id": first["id"], "input": longer})
    assert (overlapping["__typename"], overlapping["id"]) == ("TaxRatesOverlap", second["id"])
    assert await selling.rows(STORED) == stored


@pytest.mark.parametrize("rate", ["-0.01", "1.01", "19", "0.1234567"])
async def test_rates_that_cannot_be(selling: Selling, rate: str) -> None:
    zone = await a_zone(selling)
    made = await a_rate(selling, zone)
    stored = await selling.rows(STORED)
    later = said(NOW + timedelta(days=1))
    for refused in (
        await a_rate(selling, zone, rate, name="City"),
        await selling.change(RATE_UPDATE, {"id": made["id"], "input": {"rate": rate}}),
        await selling.change(SCHEDULE, {"id": made["id"], "input": {"rate": rate, "beginsAt": later}}),
    ):
        assert [each["path"] for each in refused["fields"]] == [["input", "rate"]]
    assert await selling.rows(STORED) == stored


async def test_the_least_and_the_most_rate(selling: Selling) -> None:
    zone = await a_zone(selling)
    shown = [(await a_rate(selling, zone, rate, name=rate))["rate"] for rate in ("0", "1", "0.000001")]
    assert shown == ["0.000000", "1.000000", "0.000001"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"code": "A B"}, ["input", "code"]),
        ({"code": "x" * 51}, ["input", "code"]),
        ({"name": " "}, ["input", "name"]),
        ({"name": "x" * 201}, ["input", "name"]),
        ({"name": "a\u0007b"}, ["input", "name"]),
        ({"areas": [{"country": "XX"}]}, ["input", "areas", "0", "country"]),
        ({"areas": [{"country": "de"}]}, ["input", "areas", "0", "country"]),
        ({"areas": [{"country": "DE", "region": " "}]}, ["input", "areas", "0", "region"]),
        ({"areas": [{"country": "DE", "region": "x" * 101}]}, ["input", "areas", "0", "region"]),
        ({"areas": [{"country": "DE", "region": "B\u0007Y"}]}, ["input", "areas", "0", "region"]),
        ({"areas": [{"country": "DE", "postalFrom": "- "}]}, ["input", "areas", "0", "postalFrom"]),
        ({"areas": [{"country": "DE", "postalFrom": "1" * 13}]}, ["input", "areas", "0", "postalFrom"]),
        ({"areas": [{"country": "DE", "postalFrom": "<b>"}]}, ["input", "areas", "0", "postalFrom"]),
        ({"areas": [{"country": "DE", "postalFrom": "\uff12"}]}, ["input", "areas", "0", "postalFrom"]),
        ({"areas": [{"country": "DE", "postalTo": "1"}]}, ["input", "areas", "0", "postalTo"]),
        ({"areas": [{"country": "DE", "postalFrom": "20", "postalTo": "10"}]}, ["input", "areas", "0", "postalTo"]),
        ({"areas": [{"country": "DE", "postalFrom": "1", "postalTo": "20"}]}, ["input", "areas", "0", "postalTo"]),
        ({"areas": [{"country": "DE", "postalFrom": str(each)} for each in range(251)]}, ["input", "areas"]),
    ],
)
async def test_zones_that_cannot_be(selling: Selling, given: Any, path: list[str]) -> None:
    stored = await selling.rows(STORED)
    refused = await selling.change(ZONE_CREATE, {"input": {"code": "de", "name": "Germany", **given}})
    assert [each["path"] for each in refused["fields"]] == [path]
    if "areas" not in given:
        refused = await selling.change(CLASS_CREATE, {"input": {"code": "de", "name": "Germany", **given}})
        assert [each["path"] for each in refused["fields"]] == [path]
    assert await selling.rows(STORED) == stored


async def test_everything_wrong_is_told_at_once(selling: Selling) -> None:
    zone = await a_zone(selling)
    times = {"beginsAt": said(NOW), "endsAt": said(NOW)}
    refused = await a_rate(selling, zone, "2", name="", **times)
    assert [each["path"][1] for each in refused["fields"]] == ["name", "rate", "endsAt"]


async def test_ids_that_nothing_has(selling: Selling) -> None:
    zone = await a_zone(selling)
    stored = await selling.rows(STORED)
    later = said(NOW)
    for id_ in NOBODY:
        for mutation, given, expected in (
            (CLASS_UPDATE, {"name": "X"}, "TaxClassNotFound"),
            (CLASS_DELETE, None, "TaxClassNotFound"),
            (ZONE_UPDATE, {"name": "X"}, "TaxZoneNotFound"),
            (ZONE_DELETE, None, "TaxZoneNotFound"),
            (RATE_UPDATE, {"name": "X"}, "TaxRateNotFound"),
            (SCHEDULE, {"rate": "0.1", "beginsAt": later}, "TaxRateNotFound"),
            (RATE_DELETE, None, "TaxRateNotFound"),
        ):
            variables = {"id": id_} if given is None else {"id": id_, "input": given}
            assert (await selling.change(mutation, variables))["__typename"] == expected
        of_zone = await a_rate(selling, {"id": id_})
        assert (of_zone["__typename"], of_zone["path"]) == ("TaxZoneNotFound", ["input", "zoneId"])
        of_class = await a_rate(selling, zone, taxClassId=id_)
        assert (of_class["__typename"], of_class["path"]) == ("TaxClassNotFound", ["input", "taxClassId"])
    assert await selling.rows(STORED) == stored


async def test_lists_and_their_filters(selling: Selling) -> None:
    german, french = await a_zone(selling), await a_zone(selling, "fr")
    await a_rate(selling, german)
    await a_rate(selling, french, "0.2")
    query = """query ($zone: ID!) { taxRates(filter: {zone: {eq: $zone}}) { nodes { rate } totalCount }
        taxZones { nodes { code rates { rate } } } taxZone(code: "fr") { code } }"""
    assert await selling.admin(query, {"zone": french["id"]}) == {
        "taxRates": {"nodes": [{"rate": "0.200000"}], "totalCount": 1},
        "taxZones": {
            "nodes": [
                {"code": "de", "rates": [{"rate": "0.190000"}]},
                {"code": "fr", "rates": [{"rate": "0.200000"}]},
            ]
        },
        "taxZone": {"code": "fr"},
    }


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_who_may(selling: Selling, role: str | None) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    has = frozenset() if role is None else frozenset(READY_ROLES[role].permissions)
    is_administrator = role == "administrator"
    zone = await a_zone(selling)
    rate = await a_rate(selling, zone)
    standard, mug = await standard_class(selling), selling.products["steel-mug"]
    stored = await selling.rows(STORED)
    queries = (
        "{ taxClasses { nodes { id } } }",
        "{ taxZones { nodes { id } } }",
        "{ taxRates { nodes { id } } }",
        "{ products { nodes { taxClass { id } } } }",
    )
    may_read = is_administrator or "taxes.read" in has
    for query in queries:
        status = (await caller.send(query)).status_code
        assert status == (200 if may_read else 401 if role is None else 403), query
    changes: list[tuple[str, dict[str, Any]]] = [
        (CLASS_CREATE, {"input": {"code": "books", "name": "Books"}}),
        (CLASS_UPDATE, {"id": standard, "input": {"name": "Usual"}}),
        (ASSIGN, {"ids": [mug], "class": standard}),
        (ZONE_CREATE, {"input": {"code": "fr", "name": "France"}}),
        (ZONE_UPDATE, {"id": zone["id"], "input": {"name": "X"}}),
        (RATE_CREATE, {"input": {"zoneId": zone["id"], "taxClassId": standard, "name": "City", "rate": "0.1"}}),
        (RATE_UPDATE, {"id": rate["id"], "input": {"rate": "0.1"}}),
        (SCHEDULE, {"id": rate["id"], "input": {"rate": "0.1", "beginsAt": said(NOW)}}),
        (RATE_DELETE, {"id": rate["id"]}),
        (ZONE_DELETE, {"id": zone["id"]}),
        (CLASS_DELETE, {"id": standard}),
    ]
    may_change = is_administrator or "taxes.manage" in has
    for mutation, given in changes:
        answer = await caller.send(mutation, given)
        assert answer.status_code == (200 if may_change else 401 if role is None else 403), mutation
    assert (await selling.rows(STORED) == stored) is not may_change


async def test_shoppers_see_no_taxes(selling: Selling) -> None:
    for caller in (shop_caller(selling.http), shop_caller(selling.http, customer="customer")):
        for query in ("{ taxRates { nodes { id } } }", "{ products { nodes { taxClass { id } } } }"):
            answer = await caller.send(query)
            assert answer.status_code == 422
            assert "data" not in answer.json()
