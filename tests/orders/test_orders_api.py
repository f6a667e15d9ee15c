"""Orders as both APIs show them, to whoever may see them."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from tests.callers import admin_caller, shop_caller
from tests.fulfilment.buying import Bought, buy
from tests.people import ROLES, person_id
from tests.selling import Selling

from mercer.orders import service
from mercer.payments.models import PaymentStatus
from mercer.platform.transactions import transaction
from mercer.platform.valkey import Valkey

ADDRESS = "firstName lastName company line1 line2 city region postalCode country phone taxId"
PARTS = f"""
    id number status paymentStatus fulfilmentStatus email language
    lines {{ sku productName variantName quantity shippedQuantity unitPrice {{ net gross }} total {{ net tax gross }}
        taxes {{ name jurisdiction rate base {{ amount }} amount {{ amount currency }} }} }}
    shipping {{ code name total {{ net tax gross }} taxes {{ amount {{ amount }} }} }}
    subtotal {{ net tax gross }} shippingTotal {{ net gross }} discountTotal {{ net gross }} taxTotal {{ amount }}
    total {{ net tax gross currency isEstimated }}
    shippingAddress {{ {ADDRESS} }} billingAddress {{ city }} createdAt placedAt cancelledAt expiresAt
"""
SHOP = f"query ($number: String, $token: String) {{ order(number: $number, token: $token) {{ token {PARTS} }} }}"
MINE = "{ myOrders(first: 10) { nodes { number } totalCount } }"
ADMIN = f"""query ($id: ID, $number: String) {{ order(id: $id, number: $number) {{ {PARTS}
    channel {{ code }} customer {{ email }} taxMode rounding version cancelReason externalId trace
    timeline {{ kind actorKind data }} }} }}"""
NOTE = """mutation ($id: ID!, $text: String!) { orderNoteAdd(id: $id, text: $text) {
    ... on TimelineEntry { kind actorKind data } ... on Error { code path }
    ... on InvalidInput { fields { path } } } }"""


async def token_of(selling: Selling, bought: Bought) -> str:
    async with transaction(selling.context) as context:
        return await service.order_token(context, order_id=bought.id)


async def give(selling: Selling, bought: Bought, name: str) -> None:
    """Make it a customer's own."""
    async with transaction(selling.context) as context:
        given = {"id": bought.id, "customer": person_id(name)}
        await context.db.execute(sa.text('UPDATE orders."order" SET customer_id = :customer WHERE id = :id'), given)


async def test_an_order_by_its_token(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2})
    token = await token_of(selling, bought)
    for given in ({"token": token}, {"number": bought.number, "token": token}, {"token": token.upper()}):
        order = (await selling.shop(SHOP, given))["order"]
        assert order["token"] == token
    assert order["lines"] == [
        {
            "sku": "MUG-1-R",
            "productName": "Product MUG-1-R",
            "variantName": "Red",
            "quantity": 2,
            "shippedQuantity": 0,
            "unitPrice": {"net": "12.50", "gross": "13.61"},
            "total": {"net": "25.00", "tax": "2.22", "gross": "27.22"},
            "taxes": [
                {
                    "name": "Sales tax",
                    "jurisdiction": "US-NY",
                    "rate": "0.08875",
                    "base": {"amount": "25.00"},
                    "amount": {"amount": "2.22", "currency": "USD"},
                }
            ],
        }
    ]
    assert order["shipping"] == {
        "code": "standard",
        "name": "Standard",
        "total": {"net": "4.90", "tax": "0.43", "gross": "5.33"},
        "taxes": [{"amount": {"amount": "0.43"}}],
    }
    assert order["subtotal"] == {"net": "25.00", "tax": "2.22", "gross": "27.22"}
    assert order["discountTotal"] == {"net": "0.00", "gross": "0.00"}
    assert order["taxTotal"] == {"amount": "2.65"}
    assert order["total"] == {"net": "29.90", "tax": "2.65", "gross": "32.55", "currency": "USD", "isEstimated": False}
    assert order["shippingAddress"]["line2"] == "Apt 2"
    assert (order["placedAt"], order["expiresAt"]) == ("2026-11-22T12:00:00.000000Z", None)


async def test_the_database_and_the_program_sign_the_same(selling: Selling) -> None:
    """With another key added, it signs; what the older one signed still opens."""
    bought = await buy(selling, {"MUG-1-R": 1})
    before = await token_of(selling, bought)
    async with transaction(selling.context) as context:
        new = "INSERT INTO orders.token_key VALUES (2, sha256('a'), sha256('b'), now())"
        await context.db.execute(sa.text(new))
    after = await token_of(selling, bought)
    assert after != before
    for token in (before, after):
        assert (await selling.shop(SHOP, {"token": token}))["order"]["token"] == after


async def test_who_sees_an_order(selling: Selling) -> None:
    """Its owner by its number, whoever has its token; nobody else, and not by asking for something beside it."""
    own, others = await buy(selling, {"MUG-1-R": 1}), await buy(selling, {"GLASS-1": 1})
    await give(selling, own, "customer")
    owner = shop_caller(selling.http, customer="customer")
    other = shop_caller(selling.http, customer="other_customer")
    by_number = {"number": own.number}
    assert (await owner(SHOP, by_number))["order"]["number"] == own.number
    assert await owner(MINE) == {"myOrders": {"nodes": [{"number": own.number}], "totalCount": 1}}
    for caller in (other, selling.shop):
        assert await caller(SHOP, by_number) == {"order": None}
        assert (await caller(SHOP, {"token": await token_of(selling, own)}))["order"]["number"] == own.number
    assert await owner(SHOP, {"number": others.number}) == {"order": None}
    assert await owner(SHOP, {}) == {"order": None}
    assert await other(MINE) == {"myOrders": {"nodes": [], "totalCount": 0}}
    assert (await selling.shop.send(MINE)).status_code == 401
    token = await token_of(selling, others)
    both = f'{{ order(token: "{token}") {{ number }} myOrders {{ nodes {{ number }} }} }}'
    found = await owner(both)
    assert found == {"order": {"number": others.number}, "myOrders": {"nodes": [{"number": own.number}]}}


async def test_guessing_is_held_up(selling: Selling) -> None:
    """By address, in the database: losing Valkey lets nobody go on. A right token is never held up."""
    answers = [await selling.shop.send(SHOP, {"token": f"{place:064x}"}) for place in range(35)]
    assert ["errors" in each.json() for each in answers] == [False] * 30 + [True] * 5
    assert selling.settings.valkey_url is not None
    valkey = Valkey(selling.settings.valkey_url)
    await valkey.client.flushdb()
    await valkey.close()
    [refused] = (await selling.shop.send(SHOP, {"token": "f" * 64})).json()["errors"]
    assert (refused["extensions"]["code"], refused["message"]) == (
        "TOO_MANY_REQUESTS",
        "Too many requests. Wait 31 seconds.",
    )
    async with transaction(selling.context) as context:
        logged = "SELECT outcome, count(*) FROM identity.attempt WHERE surface = 'order_look_up' GROUP BY 1 ORDER BY 1"
        assert [tuple(row) for row in await context.db.execute(sa.text(logged))] == [("held_up", 6), ("wrong", 30)]
    bought = await buy(selling, {"MUG-1-R": 1})
    assert (await selling.shop(SHOP, {"token": await token_of(selling, bought)}))["order"] is not None


async def test_what_staff_see(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-B": 1}, channel="eu", language="de")
    await give(selling, bought, "customer")
    for given in ({"id": str(bought.id)}, {"number": bought.number}):
        order = (await selling.admin(ADMIN, given))["order"]
        assert (order["channel"], order["customer"]) == ({"code": "eu"}, {"email": "customer@example.com"})
    assert (order["taxMode"], order["rounding"], order["language"]) == ("GROSS", "HALF_UP", "de")
    assert order["total"]["gross"] == "17.40"
    assert [entry["kind"] for entry in order["timeline"]] == ["CREATED", "PAYMENT_CHANGED", "PLACED"]
    assert set(order["trace"]) == {"lines", "shipping"}
    for missing in ({"id": str(uuid4())}, {"id": "x"}, {"number": "US-9"}):
        assert await selling.admin(ADMIN, missing) == {"order": None}


async def test_notes(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 1})
    noted = await selling.change(NOTE, {"id": str(bought.id), "text": " Call him.\nTwice. "})
    assert noted == {"kind": "NOTE", "actorKind": "staff", "data": {"text": "Call him.\nTwice."}}
    assert (await selling.change(NOTE, {"id": str(uuid4()), "text": "x"}))["code"] == "ORDER_NOT_FOUND"
    for text in ("", "x" * 2001, "a\x07b"):
        assert "fields" in await selling.change(NOTE, {"id": str(bought.id), "text": text})
    assert await selling.rows("SELECT count(*)::int FROM orders.timeline WHERE kind = 'note'") == [(1,)]


@pytest.mark.parametrize("role", ROLES)
async def test_which_staff_may(selling: Selling, role: str) -> None:
    bought = await buy(selling, {"MUG-1-R": 1})
    caller = admin_caller(selling.http, role=role)
    reads = {"administrator", "customer_support", "fulfilment", "finance"}
    writes = {"administrator", "customer_support"}
    listed = await caller.send("{ orders { nodes { number } } }")
    assert listed.status_code == (200 if role in reads else 403)
    noted = await caller.send(NOTE, {"id": str(bought.id), "text": "Hello"})
    assert noted.status_code == (200 if role in writes else 403)
    count = await selling.rows("SELECT count(*)::int FROM orders.timeline WHERE kind = 'note'")
    assert count == [(1 if role in writes else 0,)]


async def test_nobody_may(selling: Selling) -> None:
    nobody = shop_caller(selling.http)
    answer = await selling.http.post("/admin/graphql", json={"query": "{ orders { nodes { number } } }"})
    assert answer.status_code == 401
    assert (await nobody.send("{ orders { nodes { number } } }")).status_code == 422


async def listed(selling: Selling, given: Any) -> list[str]:
    query = "query ($filter: OrderFilter) { orders(filter: $filter, first: 50) { nodes { number } totalCount } }"
    found = (await selling.admin(query, {"filter": given}))["orders"]
    numbers = [node["number"] for node in found["nodes"]]
    assert found["totalCount"] == len(numbers)
    return numbers


async def test_filters(selling: Selling) -> None:
    """Each by itself, and together; what is nonsense finds nothing."""
    mug = await buy(selling, {"MUG-1-R": 1}, email="Ada@Example.org")
    glass = await buy(selling, {"GLASS-1": 1, "MUG-1-R": 1}, paid=None, email="adam@example.org")
    german = await buy(selling, {"MUG-1-B": 1}, channel="eu", paid=PaymentStatus.AUTHORIZED, email="eva@example.org")
    await give(selling, mug, "customer")
    for given, expected in (
        ({}, [german, glass, mug]),
        ({"number": {"eq": mug.number}}, [mug]),
        ({"number": {"in": [mug.number, german.number, "x"]}}, [german, mug]),
        ({"email": {"eq": "ADA@example.org"}}, [mug]),
        ({"email": {"startsWith": "AD"}}, [glass, mug]),
        ({"email": {"startsWith": "ada@"}}, [mug]),
        ({"email": {"startsWith": ""}}, [german, glass, mug]),
        ({"email": {"startsWith": "%"}}, []),
        ({"customer": {"eq": str(person_id("customer"))}}, [mug]),
        ({"customer": {"eq": "x"}}, []),
        ({"channel": {"eq": selling.channels["eu"]}}, [german]),
        ({"status": {"in": ["OPEN"]}}, [german, mug]),
        ({"status": {"in": ["PENDING_PAYMENT", "CANCELLED"]}}, [glass]),
        ({"status": {"in": []}}, []),
        ({"paymentStatus": {"in": ["AUTHORIZED"]}}, [german]),
        ({"fulfilmentStatus": {"in": ["UNFULFILLED"]}}, [german, glass, mug]),
        ({"fulfilmentStatus": {"in": ["PARTIAL", "FULFILLED"]}}, []),
        ({"createdAt": {"gte": "2026-11-22T12:00:00Z"}}, [german, glass, mug]),
        ({"createdAt": {"lte": "2026-11-22T11:59:59Z"}}, []),
        ({"placedAt": {"gte": "2026-11-22T00:00:00Z"}}, [german, mug]),
        ({"total": {"gte": "18.94"}}, [glass, mug]),
        ({"total": {"gte": "17.40", "lte": "17.40"}}, [german]),
        ({"country": {"eq": "DE"}}, [german]),
        ({"country": {"eq": "de"}}, []),
        ({"sku": {"eq": "MUG-1-R"}}, [glass, mug]),
        ({"sku": {"in": ["GLASS-1", "MUG-1-B"]}}, [german, glass]),
        ({"sku": {"eq": "MUG-1-R"}, "status": {"in": ["OPEN"]}, "email": {"startsWith": "a"}}, [mug]),
    ):
        # Of the same moment: which of them comes first is nobody's business.
        assert sorted(await listed(selling, given)) == sorted(order.number for order in expected), given


async def test_pages(selling: Selling) -> None:
    numbers: list[str] = []
    bought = [await buy(selling, {"MUG-1-R": 1}, paid=None) for _ in range(5)]
    query = """query ($after: String) { orders(first: 2, after: $after, sort: {field: CREATED_AT, direction: ASC}) {
        nodes { number } pageInfo { hasNextPage endCursor } } }"""
    after = None
    while True:
        page = (await selling.admin(query, {"after": after}))["orders"]
        numbers += [node["number"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(numbers) == sorted(order.number for order in bought)
