"""Orders and carts of some channels: staff whose permissions go no further see and change no others."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.bounded_staff import codes, in_channels, somebody
from tests.fulfilment.buying import buy
from tests.orders.test_orders_api import NOTE
from tests.selling import Selling

from mercer.orders import service
from mercer.platform.actors import Actor, ActorKind, Scope
from mercer.platform.permissions import Dimension, ScopeExceeded
from mercer.platform.transactions import transaction

ORDERS = """query ($filter: OrderFilter) { orders(filter: $filter) {
    totalCount nodes { number } } }"""
ORDER = "query ($id: ID, $number: String) { order(id: $id, number: $number) { number } }"
MAILS = "{ mails { nodes { order { number } } } }"
CARTS = "query ($filter: CartFilter) { carts(filter: $filter) { totalCount nodes { channel { code } } } }"


async def test_orders_of_other_channels_are_not_there(selling: Selling) -> None:
    """By no path: neither listed nor counted, by no filter, by no id, from no mail."""
    american, german = await buy(selling, {"MUG-1-R": 1}), await buy(selling, {"MUG-1-B": 1}, channel="eu")
    bounds = {"orders.read": in_channels(selling.channels["eu"])}
    caller = somebody(selling.settings, selling.http, "orders.read", "mails.read", bounds=bounds)
    only = {"totalCount": 1, "nodes": [{"number": german.number}]}
    none: dict[str, Any] = {"totalCount": 0, "nodes": []}
    for given, expected in (
        ({}, only),
        ({"channel": {"eq": selling.channels["us"]}}, none),
        ({"number": {"in": [american.number, german.number]}}, only),
        ({"sku": {"eq": "MUG-1-R"}}, none),
    ):
        assert (await caller(ORDERS, {"filter": given}))["orders"] == expected, given
    for asked in ({"id": str(american.id)}, {"number": american.number}):
        assert (await caller(ORDER, asked))["order"] is None
    assert (await caller(ORDER, {"id": str(german.id)}))["order"] == {"number": german.number}
    async with selling.context.database.transaction() as connection:
        for bought in (american, german):
            await connection.execute(sa.text(MAIL), {"order": bought.id, "number": bought.number})
    mails = (await caller(MAILS))["mails"]["nodes"]
    assert sorted(str(each["order"]) for each in mails) == sorted([str({"number": german.number}), "None"])


MAIL = """INSERT INTO notifications.mail (template, language, order_id, once, created_at, happened_at)
    VALUES ('order_confirmation', 'en', :order, :number, now(), now())"""


async def test_a_mail_about_another_channels_order_is_not_shown(selling: Selling) -> None:
    american, german = await buy(selling, {"MUG-1-R": 1}), await buy(selling, {"MUG-1-B": 1}, channel="eu")
    bounds = {"orders.read": in_channels(selling.channels["eu"])}
    permissions = ("orders.read", "mails.read", "personal_data.read")
    caller = somebody(selling.settings, selling.http, *permissions, bounds=bounds)
    message = "This needs the permission orders.read; yours is limited by channel."
    assert codes(await caller.send(PREVIEW, {"id": str(american.id)})) == [("FORBIDDEN", message)]
    assert german.number in (await caller(PREVIEW, {"id": str(german.id)}))["mailPreview"]["subject"]


PREVIEW = """query ($id: ID!) {
    mailPreview(template: ORDER_CONFIRMATION, language: "en", id: $id) { subject } }"""


async def test_several_roles_see_what_each_of_them_sees(selling: Selling) -> None:
    for channel in ("us", "eu"):
        await buy(selling, {"MUG-1-R" if channel == "us" else "MUG-1-B": 1}, channel=channel)
    both = in_channels(*selling.channels.values())
    caller = somebody(selling.settings, selling.http, "orders.read", bounds={"orders.read": both})
    assert (await caller(ORDERS))["orders"]["totalCount"] == 2


async def test_notes(selling: Selling) -> None:
    """Where no money moves, a limit of amounts does not matter; one of channels does."""
    american, german = await buy(selling, {"MUG-1-R": 1}), await buy(selling, {"MUG-1-B": 1}, channel="eu")
    bounds = {"orders.manage": in_channels(selling.channels["eu"], amounts={})}
    caller = somebody(selling.settings, selling.http, "orders.manage", bounds=bounds)
    refused = await caller.send(NOTE, {"id": str(american.id), "text": "Hello"})
    message = "This needs the permission orders.manage; yours is limited by channel."
    assert codes(refused) == [("FORBIDDEN", message)]
    assert (await caller(NOTE, {"id": str(german.id), "text": "Hello"}))["orderNoteAdd"]["kind"] == "NOTE"
    noted = "SELECT order_id FROM orders.timeline WHERE kind = 'note'"
    assert await selling.rows(noted) == [(german.id,)]


async def test_a_result_that_one_may_not_read_is_not_shown(selling: Selling) -> None:
    """Who may change what he may not see has changed it, and is told no more."""
    american = await buy(selling, {"MUG-1-R": 1})
    cancel = 'mutation ($id: ID!) { orderCancel(id: $id, reason: "x") { __typename ... on Order { number } } }'
    bounds = {"orders.read": in_channels(selling.channels["eu"])}
    caller = somebody(selling.settings, selling.http, "orders.read", "orders.manage", bounds=bounds)
    answer = await caller.send(cancel, {"id": str(american.id)}, idempotency_key="x")
    assert [code for code, _ in codes(answer)] == ["RESULT_GONE"]
    assert await selling.rows('SELECT status FROM orders."order"') == [("cancelled",)]


@pytest.mark.parametrize(
    ("scope", "beyond"),
    [
        (Scope(), None),
        (Scope(amounts={}), None),
        (Scope(amounts={"EUR": 5}), None),
        (Scope(channels=frozenset()), Dimension.CHANNEL),
        (Scope(warehouses=frozenset()), Dimension.WAREHOUSE),
        (Scope(is_own=True), Dimension.OWN),
    ],
)
async def test_what_is_not_said_is_not_covered(selling: Selling, scope: Scope, beyond: Dimension | None) -> None:
    """A limit in a dimension that a verb says nothing of is no permission, whoever stored it."""
    bought = await buy(selling, {"MUG-1-R": 1})
    bounds = {"orders.manage": (scope,)}
    actor = Actor(kind=ActorKind.STAFF, id=UUID(int=1), permissions=frozenset(bounds), bounds=bounds)
    async with transaction(selling.context.with_actor(actor)) as context:
        if beyond is None:
            await service.add_note(context, order_id=bought.id, text="Hello")
            return
        with pytest.raises(ScopeExceeded) as refused:
            await service.add_note(context, order_id=bought.id, text="Hello")
    assert f"limited by {beyond}" in str(refused.value)
