"""Personal data as staff see it who may not: masked, everywhere, and not to be found out by asking."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import visitors
from tests.bounded_staff import somebody
from tests.callers import Caller
from tests.cart.market import NEW_YORK
from tests.fulfilment.buying import buy
from tests.people import person_id
from tests.selling import Selling

from mercer.app import ADMIN, MASKED
from mercer.identity import service
from mercer.platform.actors import Actor, ActorKind, Origin
from mercer.platform.graphql.views import PERSONAL_DATA
from mercer.platform.graphql.views.sources import Column, Computed, Embedded, row_of
from mercer.platform.graphql.views.types import ViewType
from mercer.platform.tables import metadata
from mercer.platform.transactions import transaction

ADDRESS = "firstName lastName company line1 line2 city region postalCode country phone taxId"
ORDER = f"""query ($id: ID) {{ order(id: $id) {{
    email shippingAddress {{ {ADDRESS} }} billingAddress {{ {ADDRESS} }} customer {{ email name }} }} }}"""
ORDERS = "query ($filter: OrderFilter) { orders(filter: $filter) { totalCount nodes { email } } }"
CUSTOMERS = """query ($filter: CustomerFilter, $sort: CustomerSort, $after: String) {
    customers(filter: $filter, sort: $sort, first: 1, after: $after) {
        totalCount nodes { email } pageInfo { endCursor hasNextPage } } }"""
AUDIT = "{ auditEntries { nodes { entity changes } } }"
READ = ("orders.read", "customers.read", "carts.read", "audit.read")
MASKED_ADDRESS = {
    "firstName": "A***",
    "lastName": "L***",
    "company": None,
    "line1": None,
    "line2": None,
    "city": "New York",
    "region": "NY",
    "postalCode": None,
    "country": "US",
    "phone": None,
    "taxId": None,
}
PLAIN_ADDRESS = MASKED_ADDRESS | {
    "firstName": "Ada",
    "lastName": "Lovelace",
    "line1": "1 Main St",
    "line2": "Apt 2",
    "postalCode": "10001",
}
OWNED = 'UPDATE orders."order" SET customer_id = :customer WHERE id = :id'
NOTHING: dict[str, Any] = {"totalCount": 0, "nodes": []}
PERSONAL = {
    "cart.cart": {"email", "shipping_address", "billing_address"},
    "identity.customer": {"email", "email_key", "name"},
    "orders.order": {"email", "email_key", "shipping_address", "billing_address"},
}
"""The columns with customers' personal data. Each is masked in all views of the admin API."""
ALL_PERSONAL = {f"{table}.{name}" for table, names in PERSONAL.items() for name in names}
PLACES = {"city", "region", "country"}
"""What stays of an address: where somebody lives is needed to see what is taxed, and how it is delivered."""
KINDS = ("email", "address", "phone", "name")
"""What such columns are called. Those of things and of staff are called so too."""
OF_NOBODY = {
    "cart.line": {"product_name", "product_name_translations", "variant_name", "variant_name_translations"},
    "cart.notice": {"name"},
    "cart.offer": {"name", "name_translations"},
    "identity.customer": {"email_verified_at"},
    "orders.line": {"product_name", "variant_name"},
    "orders.shipping_line": {"name"},
    "orders.tax_line": {"name"},
}
"""Columns that are called so in the modules of customers and orders, and hold nothing personal."""


def seen_by(selling: Selling, *permissions: str) -> Caller:
    return somebody(selling.settings, selling.http, *READ, *permissions)


async def change(selling: Selling, statement: str, **values: Any) -> None:
    async with selling.context.database.transaction() as connection:
        await connection.execute(sa.text(statement), values)


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ((), ("a***@example.org", MASKED_ADDRESS, {"email": "c***@example.com", "name": "c***"})),
        ((PERSONAL_DATA,), ("ada@example.org", PLAIN_ADDRESS, {"email": "customer@example.com", "name": "customer"})),
    ],
)
async def test_an_order(selling: Selling, permissions: tuple[str, ...], expected: tuple[Any, ...]) -> None:
    bought = await buy(selling, {"MUG-1-R": 1}, email="ada@example.org")
    await change(selling, OWNED, id=bought.id, customer=person_id("customer"))
    email, address, customer = expected
    assert (await seen_by(selling, *permissions)(ORDER, {"id": str(bought.id)}))["order"] == {
        "email": email,
        "shippingAddress": address,
        "billingAddress": address,
        "customer": customer,
    }


async def test_orders_are_not_found_by_what_is_masked(selling: Selling) -> None:
    await buy(selling, {"MUG-1-R": 1}, email="ada@example.org")
    one = {"totalCount": 1, "nodes": [{"email": "ada@example.org"}]}
    masked, plain = seen_by(selling), seen_by(selling, PERSONAL_DATA)
    for asked in ({"eq": "ada@example.org"}, {"startsWith": "a"}, {"startsWith": ""}, {"eq": "a***@example.org"}):
        assert (await masked(ORDERS, {"filter": {"email": asked}}))["orders"] == NOTHING, asked
        if asked != {"eq": "a***@example.org"}:
            assert (await plain(ORDERS, {"filter": {"email": asked}}))["orders"] == one, asked
    assert (await masked(ORDERS, {"filter": {"email": {}}}))["orders"]["totalCount"] == 1


async def test_customers_are_neither_found_nor_sorted_by_what_is_masked(selling: Selling) -> None:
    """They stand in the order of their masks; each cursor holds a mask, and leads on without leaving anybody out."""
    for place, email in enumerate(("zoe@example.com", "cy@example.com", "cz@a.example")):
        await change(selling, CUSTOMER, id=UUID(int=place + 1), email=email)
    masked, plain = seen_by(selling), seen_by(selling, PERSONAL_DATA)
    by_email = {"filter": {"email": {"eq": "cy@example.com"}}}
    assert (await masked(CUSTOMERS, by_email))["customers"]["totalCount"] == 0
    assert (await plain(CUSTOMERS, by_email))["customers"]["totalCount"] == 1
    assert await walked(masked) == ["c***@a.example", "c***@example.com", "c***@example.com", "o***@example.com", Z]
    assert await walked(plain) == [
        "customer@example.com",
        "cy@example.com",
        "cz@a.example",
        "other_customer@example.com",
        "zoe@example.com",
    ]


Z = "z***@example.com"
CUSTOMER = """INSERT INTO identity.customer (id, email, email_key, name, language, created_at, updated_at)
    VALUES (:id, :email, :email, 'Somebody', 'en', now(), now())"""


async def walked(caller: Caller) -> list[str]:
    """All customers by e-mail address, a page for each."""
    found: list[str] = []
    after = None
    while True:
        given = {"sort": {"field": "EMAIL", "direction": "ASC"}, "after": after}
        page = (await caller(CUSTOMERS, given))["customers"]
        found += [node["email"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("email", ["x", "é@b", "a@b@c.example", "😀@example.org", "a\nb@example.org"])
async def test_odd_addresses_show_no_more(selling: Selling, email: str) -> None:
    bought = await buy(selling, {"MUG-1-R": 1}, email=email)
    found = (await seen_by(selling)(ORDER, {"id": str(bought.id)}))["order"]["email"]
    assert found == f"{email[0]}***" + (f"@{email.rsplit('@', 1)[1]}" if "@" in email else "")


async def test_the_audit(selling: Selling) -> None:
    """What changed of a customer is told, not from what to what."""
    async with transaction(selling.context) as context:
        await service.update_customer(context, customer_id=person_id("customer"), name="Ada", language="de")
    plain = {"name": ["customer", "Ada"], "language": ["en", "de"]}
    for caller, changes in (
        (seen_by(selling), plain | {"name": ["***", "***"]}),
        (seen_by(selling, PERSONAL_DATA), plain),
    ):
        assert (await caller(AUDIT))["auditEntries"]["nodes"] == [{"entity": "Customer", "changes": changes}]
    assert {"Customer.email", "Customer.name"} <= {field for field in MASKED if MASKED[field] == PERSONAL_DATA}


async def test_where_customers_acted_from_and_why_they_were_changed(selling: Selling) -> None:
    """Of staff it is told where from; why something was changed only of what is no person's."""
    origin = Origin(ip="192.0.2.1", user_agent="curl")
    entries = (
        (ActorKind.CUSTOMER, "Customer"),
        (ActorKind.GUEST, "Order"),
        (ActorKind.STAFF, "Payment"),
        (ActorKind.STAFF, "PaymentException"),
        (ActorKind.STAFF, "Product"),
    )
    for kind, entity in entries:
        actor = Actor(kind=kind, id=UUID(int=1))
        async with transaction(replace(selling.context, actor=actor, origin=origin)) as context:
            context.record(entity, UUID(int=2), {"x": (1, 2)}, reason="Ada Lovelace")
    query = "{ auditEntries { nodes { entity ip userAgent reason } } }"
    plain = {"ip": "192.0.2.1", "userAgent": "curl", "reason": "Ada Lovelace"}
    for caller, masked in ((seen_by(selling), True), (seen_by(selling, PERSONAL_DATA), False)):
        found = {each.pop("entity"): each for each in (await caller(query))["auditEntries"]["nodes"]}
        for kind, entity in entries:
            hidden = {"ip", "userAgent"} if kind in {ActorKind.CUSTOMER, ActorKind.GUEST} else set()
            hidden |= set() if entity == "Product" else {"reason"}
            assert found[entity] == plain | (dict.fromkeys(hidden) if masked else {}), entity


async def test_a_cart(selling: Selling) -> None:
    await change(
        selling,
        """INSERT INTO cart.cart (channel_id, currency, language, email, shipping_address, created_at, updated_at)
        VALUES (:channel, 'USD', 'en', 'ada@example.org', cast(:address AS jsonb), now(), now())""",
        channel=selling.channels["us"],
        address='{"first_name": "Ada", "last_name": "Byron", "line1": "1 Main St", "city": "X", "country": "US"}',
    )
    query = "{ carts { nodes { email shippingAddress { firstName line1 city } billingAddress { lastName line1 } } } }"
    assert (await seen_by(selling)(query))["carts"]["nodes"] == [
        {
            "email": "a***@example.org",
            "shippingAddress": {"firstName": "A***", "line1": None, "city": "X"},
            "billingAddress": {"lastName": "B***", "line1": None},
        }
    ]
    [plain] = (await seen_by(selling, PERSONAL_DATA)(query))["carts"]["nodes"]
    assert plain["shippingAddress"]["line1"] == NEW_YORK["line1"]


def test_no_view_shows_personal_data_unmasked() -> None:
    """Whatever reads a column with personal data asks for the permission, and says so in the catalogue."""
    shown = set[str]()
    for type_, row in _views():
        for name, expression, shown_to in _values(type_, row):
            parts = list(visitors.iterate(expression))
            columns = {_full_name(each) for each in parts if isinstance(each, sa.Column)}
            if name not in PLACES and (personal := columns & ALL_PERSONAL):
                shown |= personal
                assert PERSONAL_DATA in [each.value for each in parts if isinstance(each, sa.BindParameter)], name
                assert shown_to == PERSONAL_DATA, f"{type_.name}.{name}"
    assert shown == {each for each in ALL_PERSONAL if not each.endswith("email_key")}


def test_every_column_of_that_kind_is_looked_at() -> None:
    """A new column that is called like personal data is either masked or said to be none."""
    for table in metadata.tables.values():
        if table.schema in {"cart", "orders"} or table.name == "customer":
            found = {each.name for each in table.c if any(kind in each.name for kind in KINDS)}
            said = PERSONAL.get(table.fullname, set()) | OF_NOBODY.get(table.fullname, set())
            assert found <= said, table.fullname


def _full_name(column: sa.Column[Any]) -> str:
    table: Any = getattr(column.table, "element", column.table)
    return f"{table.fullname}.{column.name}"


def _views() -> Iterator[tuple[ViewType, sa.Table]]:
    for type_ in ADMIN.plans.types.types.values():
        if type_.view is not None:
            yield type_, type_.view.table


def _values(type_: ViewType, row: Any) -> Iterator[tuple[str, sa.ColumnElement[Any], str | None]]:
    """The values of a row's own fields, and of the objects that are made of it, with what each says it is shown to."""
    for field in type_.fields.values():
        shown_to = field.definition.extensions["strawberry-definition"].metadata.get("shown_to")
        match field.source:
            case Column(name):
                yield field.name, row.c[name or field.column], shown_to
            case Computed(expression):
                yield field.name, expression(row), shown_to
            case Embedded(values):
                yield from _values(ADMIN.plans.types[field.target.name], row_of(values(row)))
