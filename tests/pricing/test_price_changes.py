"""Prices as staff set and remove them."""

from typing import Any

import pytest
from tests.callers import Caller, admin_caller, shop_caller
from tests.selling import Selling

SET = """mutation ($prices: [PriceInput!]!) { pricesSet(prices: $prices) {
    __typename
    ... on PricesSet { variants { sku prices { channel { code } amount before version }
        scheduledPrices { channel { code } amount before beginsAt endsAt version } } }
    ... on Error { message path }
    ... on InvalidInput { fields { path message } }
    ... on VersionConflict { current }
    ... on PriceWindowsOverlap { variantId beginsAt endsAt }
} }"""
REMOVE = """mutation ($prices: [PriceKeyInput!]!) { pricesRemove(prices: $prices) {
    __typename
    ... on PricesRemoved { variants { sku prices { amount } scheduledPrices { amount } } }
    ... on Error { message path }
    ... on InvalidInput { fields { path message } }
} }"""
SHOWN = """{ product(slug: "steel-mug") { priceRange { start { amount } stop { amount } }
    variants { sku price { amount before } } } }"""
UNKNOWN = "019a0000-0000-7000-8000-000000000000"


def price(selling: Selling, amount: Any, *, sku: str = "MUG-1-R", channel: str = "us", **others: Any) -> dict[str, Any]:
    return {"variantId": selling.variants[sku], "channelId": selling.channels[channel], "amount": amount, **others}


def key(selling: Selling, *, sku: str = "MUG-1-R", channel: str = "us", **others: Any) -> dict[str, Any]:
    return {"variantId": selling.variants[sku], "channelId": selling.channels[channel], **others}


async def set_prices(selling: Selling, *prices: dict[str, Any]) -> Any:
    return await selling.change(SET, {"prices": list(prices)})


async def prices_of(selling: Selling) -> list[tuple[Any, ...]]:
    return await selling.rows(
        "SELECT variant_id, channel_id, amount, NULL FROM pricing.price UNION ALL "
        "SELECT variant_id, channel_id, amount, valid_from FROM pricing.scheduled_price ORDER BY 1, 2, 4"
    )


async def test_a_price_is_set_and_seen_at_once(selling: Selling) -> None:
    events = len(await selling.events())
    result = await set_prices(selling, price(selling, "10.00", beforeAmount="12.5"), price(selling, "0", sku="BAG-2"))
    red, bag = result["variants"]
    red["prices"].sort(key=lambda each: each["channel"]["code"])
    assert red == {
        "sku": "MUG-1-R",
        "prices": [
            {"channel": {"code": "eu"}, "amount": "13.99", "before": None, "version": 1},
            {"channel": {"code": "us"}, "amount": "10.00", "before": "12.50", "version": 2},
        ],
        "scheduledPrices": [],
    }
    assert bag["prices"] == [{"channel": {"code": "us"}, "amount": "0.00", "before": None, "version": 1}]
    assert await selling.shop(SHOWN) == {
        "product": {
            "priceRange": {"start": {"amount": "10.00"}, "stop": {"amount": "15.00"}},
            "variants": [
                {"sku": "MUG-1-R", "price": {"amount": "10.00", "before": "12.50"}},
                {"sku": "MUG-1-B", "price": {"amount": "15.00", "before": None}},
            ],
        }
    }
    listed = await selling.shop("{ products(sort: {field: PRICE}, first: 2) { nodes { slug } } }")
    assert [node["slug"] for node in listed["products"]["nodes"]] == ["unpriced-bag", "aepfel-glass"]
    mug, bag_product = selling.products["steel-mug"], selling.products["unpriced-bag"]
    assert await selling.audit() == [
        (
            "ProductVariant",
            selling.variants["MUG-1-R"],
            {"price.us": [{"amount": "12.50", "before": "19.99"}, {"amount": "10.00", "before": "12.50"}]},
            None,
        ),
        ("ProductVariant", selling.variants["BAG-2"], {"price.us": [None, {"amount": "0.00"}]}, None),
    ]
    assert (await selling.events())[events:] == [("pricing.PricesChanged", {"product_ids": sorted([mug, bag_product])})]
    assert await selling.tags() >= {"products", f"product:{mug}", f"product:{bag_product}"}


async def test_what_stands_already_changes_nothing(selling: Selling) -> None:
    await set_prices(selling, price(selling, "10.00"))
    events, audit = await selling.events(), await selling.audit()
    result = await set_prices(selling, price(selling, "10.00", version=2))
    assert result["__typename"] == "PricesSet"
    assert (await selling.events(), await selling.audit()) == (events, audit)


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"amount": "-0.01"}, "amount", "An amount is from 0 to"),
        ({"amount": "10.001"}, "amount", "more digits than its currency"),
        ({"amount": "99999999999999999999"}, "amount", "An amount is from 0 to"),
        ({"amount": "10000000000000.01"}, "amount", "An amount is from 0 to"),
        ({"amount": "5", "beforeAmount": "5"}, "beforeAmount", "The price before is higher"),
        ({"amount": "5", "beforeAmount": "5.001"}, "beforeAmount", "more digits than its currency"),
        (
            {"beginsAt": "2026-12-01T00:00:00Z", "endsAt": "2026-12-01T00:00:00Z"},
            "endsAt",
            "A scheduled price",
        ),
        (
            {"beginsAt": "2026-11-01T00:00:00Z", "endsAt": "2026-11-22T12:00:00Z"},
            "endsAt",
            "A scheduled price",
        ),
    ],
)
async def test_values_that_no_price_can_have(selling: Selling, given: Any, path: str, message: str) -> None:
    before = await prices_of(selling)
    result = await set_prices(selling, price(selling, "1", sku="CLAY-1"), price(selling, "10") | given)
    assert result["__typename"] == "InvalidInput"
    [fault] = result["fields"]
    assert fault["path"] == ["prices", "1", path]
    assert message in fault["message"]
    assert await prices_of(selling) == before


async def test_everything_wrong_is_told_at_once(selling: Selling) -> None:
    result = await set_prices(
        selling, price(selling, "-1", beforeAmount="1.001"), price(selling, "2"), price(selling, "3")
    )
    assert [fault["path"] for fault in result["fields"]] == [
        ["prices", "0", "amount"],
        ["prices", "0", "beforeAmount"],
        ["prices", "1"],
        ["prices", "2"],
    ]


@pytest.mark.parametrize("count", [0, 251])
async def test_too_many_at_once_or_none(selling: Selling, count: int) -> None:
    for mutation, given in ((SET, price(selling, "1")), (REMOVE, key(selling))):
        result = await selling.change(mutation, {"prices": [given] * count})
        assert [fault["path"] for fault in result["fields"]] == [["prices"]]


@pytest.mark.parametrize("id_", [UNKNOWN, "nonsense", ""])
async def test_unknown_variants_and_channels(selling: Selling, id_: str) -> None:
    for name, error in (("variantId", "VariantNotFound"), ("channelId", "ChannelNotFound")):
        before = await prices_of(selling)
        for mutation, given in ((SET, price(selling, "1")), (REMOVE, key(selling))):
            result = await selling.change(mutation, {"prices": [given, given | {name: id_}]})
            assert (result["__typename"], result["path"]) == (error, ["prices", "1", name])
        assert await prices_of(selling) == before


async def test_digits_are_those_of_the_channels_currency(selling: Selling) -> None:
    create = """mutation ($currency: String!, $code: String!) { channelCreate(input: {code: $code, name: "X",
        currency: $currency, languages: ["en"], country: "JP", timeZone: "Asia/Tokyo", taxMode: GROSS}) {
        ... on Channel { id } } }"""
    jp = (await selling.change(create, {"code": "jp", "currency": "JPY"}))["id"]
    kw = (await selling.change(create, {"code": "kw", "currency": "KWD"}))["id"]
    given = {"variantId": selling.variants["CLAY-1"]}
    refused = await set_prices(selling, given | {"channelId": jp, "amount": "1250.5"})
    assert refused["__typename"] == "InvalidInput"
    await set_prices(
        selling, given | {"channelId": jp, "amount": "1250.0"}, given | {"channelId": kw, "amount": "1.125"}
    )
    stored = "SELECT currency, amount FROM pricing.price WHERE currency IN ('JPY', 'KWD') ORDER BY 1"
    assert await selling.rows(stored) == [("JPY", 1250), ("KWD", 1125)]


async def test_versions(selling: Selling) -> None:
    conflict = await set_prices(selling, price(selling, "1", version=2))
    assert (conflict["__typename"], conflict["current"], conflict["path"]) == (
        "VersionConflict",
        1,
        ["prices", "0", "version"],
    )
    assert (await set_prices(selling, price(selling, "1", version=1)))["__typename"] == "PricesSet"
    new = {"sku": "BAG-2"}
    assert (await set_prices(selling, price(selling, "1", version=1, **new)))["current"] == 0
    assert (await set_prices(selling, price(selling, "1", version=0, **new)))["__typename"] == "PricesSet"
    assert (await set_prices(selling, price(selling, "2", version=0, **new)))["current"] == 1


async def test_prices_are_removed(selling: Selling) -> None:
    window = {"beginsAt": "2026-12-01T00:00:00Z"}
    await set_prices(selling, price(selling, "1", **window))
    result = await selling.change(REMOVE, {"prices": [key(selling), key(selling, **window)]})
    assert result == {
        "__typename": "PricesRemoved",
        "variants": [{"sku": "MUG-1-R", "prices": [{"amount": "13.99"}], "scheduledPrices": []}],
    }
    shown = (await selling.shop(SHOWN))["product"]
    assert shown["variants"][0] == {"sku": "MUG-1-R", "price": None}
    assert shown["priceRange"]["start"] == {"amount": "15.00"}
    again = await selling.change(REMOVE, {"prices": [key(selling, sku="MUG-1-B"), key(selling)]})
    assert (again["__typename"], again["path"]) == ("PriceNotFound", ["prices", "1"])
    twice = await selling.change(REMOVE, {"prices": [key(selling, sku="MUG-1-B")] * 2})
    assert [fault["path"] for fault in twice["fields"]] == [["prices", "1"]]
    assert (await selling.shop(SHOWN))["product"]["variants"][1]["price"]["amount"] == "15.00"


async def test_an_archived_variant_is_listed_no_more_and_again(selling: Selling) -> None:
    """By the database itself, in the transaction that archives it."""
    ask = """{ product(slug: "steel-mug") { priceRange { start { amount } } }
        products(filter: {price: {lte: "12.50", gte: "12.50"}}) { nodes { slug } } }"""
    archive = "UPDATE catalog.variant SET archived_at = {at} WHERE sku = 'MUG-1-R'"
    for at, start, slugs in (("now()", "15.00", ["american-mug"]), ("NULL", "12.50", ["american-mug", "steel-mug"])):
        await _execute(selling, archive.format(at=at))
        found = await selling.shop(ask)
        assert found["product"]["priceRange"]["start"]["amount"] == start
        assert sorted(node["slug"] for node in found["products"]["nodes"]) == slugs
    await _execute(selling, "DELETE FROM catalog.variant WHERE sku = 'MUG-1-R'")
    assert (await selling.shop(ask))["product"]["priceRange"]["start"]["amount"] == "15.00"
    await _execute(selling, "DELETE FROM catalog.product WHERE slug = 'steel-mug'")
    assert (await selling.shop(ask))["product"] is None


async def test_history(selling: Selling) -> None:
    await set_prices(selling, price(selling, "11.00"))
    await selling.change(REMOVE, {"prices": [key(selling)]})
    query = """query ($variant: ID, $channel: ID) {
        priceChanges(filter: {variant: {eq: $variant}, channel: {eq: $channel}}, sort: {field: CHANGED_AT}) {
            totalCount nodes { amount before currency changedAt channel { code } variant { sku } } } }"""
    found = await selling.admin(query, {"variant": selling.variants["MUG-1-R"], "channel": selling.channels["us"]})
    assert found["priceChanges"]["totalCount"] == 3
    assert [(each["amount"], each["before"]) for each in found["priceChanges"]["nodes"]] == [
        ("12.50", "19.99"),
        ("11.00", None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [(None, 401, "UNAUTHENTICATED"), ("analyst", 403, "FORBIDDEN"), ("fulfilment", 403, "FORBIDDEN")],
)
async def test_who_may_not(selling: Selling, role: str | None, status: int, code: str) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    before, audit = await prices_of(selling), await selling.audit()
    for mutation, given in ((SET, price(selling, "1")), (REMOVE, key(selling))):
        answer = await caller.send(mutation, {"prices": [given]})
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert (await prices_of(selling), await selling.audit()) == (before, audit)


async def test_customers_find_no_such_mutation(selling: Selling) -> None:
    caller = shop_caller(selling.http, customer="customer")
    answer = await caller.send(SET, {"prices": [price(selling, "1")]})
    assert answer.status_code == 422


async def test_a_merchandiser_may(selling: Selling) -> None:
    result = await admin_caller(selling.http, role="merchandiser")(SET, {"prices": [price(selling, "1")]})
    assert result["pricesSet"]["__typename"] == "PricesSet"


async def _execute(selling: Selling, statement: str) -> None:
    async with selling.context.database.transaction() as connection:
        await connection.exec_driver_sql(statement)
