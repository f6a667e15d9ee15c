"""The ledger as staff see it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.callers import Caller, admin_caller, calling
from tests.ledger.conftest import ORDER, Books

from mercer.ledger.models import Account
from mercer.ledger.service import (
    cancellation_entries,
    capture_entries,
    refund_entries,
    sale_entries,
    suspense_entries,
    suspense_refund_entries,
)

SALE = {"goods_net": 10_000, "shipping_net": 500, "tax": 1_995}
TRAIL = """query ($id: ID!) { moneyTrail(orderId: $id) {
    orderId isSettled
    transactions { kind reference note amount { amount currency } entries { account provider amount { amount } } }
    balances { account provider balance { amount currency } }
} }"""
LISTED = """query ($filter: LedgerTransactionFilter) { ledgerTransactions(filter: $filter) {
    totalCount nodes { kind orderId } } }"""
UNKNOWN = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
async def staff(books: Books) -> AsyncIterator[Caller]:
    async with calling(books.settings) as http:
        yield admin_caller(http)


def entries(transaction: Any) -> list[tuple[str, str | None, str]]:
    return [(each["account"], each["provider"], each["amount"]["amount"]) for each in transaction["entries"]]


async def test_where_every_cent_of_an_order_is(books: Books, staff: Caller) -> None:
    await books.post("sale", sale_entries(**SALE), note="Order 1001")
    await books.post("capture", capture_entries(12_495), provider="simulator")
    await books.post("sale", sale_entries(goods_net=1, shipping_net=0, tax=0), reference="other", order_id=None)
    trail = (await staff(TRAIL, {"id": str(ORDER)}))["moneyTrail"]
    assert (trail["orderId"], trail["isSettled"]) == (str(ORDER), True)
    sale, capture = trail["transactions"]
    assert (sale["kind"], sale["reference"], sale["note"]) == ("SALE", "sale", "Order 1001")
    assert sale["amount"] == {"amount": "124.95", "currency": "EUR"}
    assert entries(sale) == [
        ("RECEIVABLE", None, "124.95"),
        ("SALES", None, "-100.00"),
        ("SHIPPING", None, "-5.00"),
        ("TAX", None, "-19.95"),
    ]
    assert entries(capture) == [("PROVIDER_CLEARING", "simulator", "124.95"), ("RECEIVABLE", None, "-124.95")]
    assert [(each["account"], each["provider"], each["balance"]["amount"]) for each in trail["balances"]] == [
        ("PROVIDER_CLEARING", "simulator", "124.95"),
        ("RECEIVABLE", None, "0.00"),
        ("SALES", None, "-100.00"),
        ("SHIPPING", None, "-5.00"),
        ("TAX", None, "-19.95"),
    ]


async def test_who_owes_whom(books: Books, staff: Caller) -> None:
    async def is_settled() -> bool:
        return bool((await staff(TRAIL, {"id": str(ORDER)}))["moneyTrail"]["isSettled"])

    assert await is_settled()
    await books.post("sale", sale_entries(**SALE))
    assert not await is_settled()
    await books.post("capture", capture_entries(12_495), provider="simulator")
    assert await is_settled()
    await books.post("cancellation", cancellation_entries(**SALE))
    assert not await is_settled()
    await books.post("refund", refund_entries(12_495), provider="simulator")
    assert await is_settled()
    await books.post("suspense", suspense_entries(12_495), provider="simulator")
    assert not await is_settled()
    await books.post("suspense_refund", suspense_refund_entries(12_495), provider="simulator")
    assert await is_settled()
    assert set((await books.balances()).values()) == {0}


@pytest.mark.parametrize("id_", [UNKNOWN, "nonsense"])
async def test_an_order_without_money(staff: Caller, id_: str) -> None:
    nothing = {"orderId": id_, "isSettled": True, "transactions": [], "balances": []}
    assert await staff(TRAIL, {"id": id_}) == {"moneyTrail": nothing}


async def test_money_of_a_currency_that_is_not_in_use(books: Books, staff: Caller) -> None:
    await books.post("suspense", suspense_entries(700), provider="simulator", currency="ZZZ")
    clearing = {"account": "PROVIDER_CLEARING", "provider": "simulator"}
    suspense = {"account": "SUSPENSE", "provider": None}
    shown = [
        {**clearing, "balance": {"amount": "7.00", "currency": "ZZZ"}},
        {**suspense, "balance": {"amount": "-7.00", "currency": "ZZZ"}},
    ]
    trail = (await staff(TRAIL, {"id": str(ORDER)}))["moneyTrail"]
    assert trail["balances"] == shown
    assert trail["transactions"][0]["entries"] == [
        {**clearing, "amount": {"amount": "7.00"}},
        {**suspense, "amount": {"amount": "-7.00"}},
    ]
    everything = await staff("{ ledgerBalances { account provider balance { amount currency } } }")
    assert everything["ledgerBalances"] == shown


async def test_lists(books: Books, staff: Caller) -> None:
    sale = await books.post("sale", sale_entries(**SALE))
    await books.post("capture", capture_entries(12_495), provider="simulator")
    await books.post("suspense", suspense_entries(700), provider="manual", order_id=None, currency="JPY")

    async def kinds(**given: Any) -> list[str]:
        found = (await staff(LISTED, {"filter": given}))["ledgerTransactions"]
        assert found["totalCount"] == len(found["nodes"])
        return sorted(node["kind"] for node in found["nodes"])

    assert await kinds() == ["CAPTURE", "SALE", "SUSPENSE"]
    assert await kinds(orderId={"eq": str(ORDER)}) == ["CAPTURE", "SALE"]
    assert await kinds(orderId={"eq": UNKNOWN}) == []
    assert await kinds(kind={"in": ["SUSPENSE", "REFUND"]}) == ["SUSPENSE"]
    assert await kinds(kind={"in": []}) == []
    assert await kinds(account={"in": ["PROVIDER_CLEARING"]}) == ["CAPTURE", "SUSPENSE"]
    assert await kinds(account={"in": ["TAX"]}, orderId={"eq": str(ORDER)}) == ["SALE"]
    assert await kinds(postedAt={"gte": "2026-11-22T12:00:01Z"}) == []
    one = await staff("query ($id: ID) { ledgerTransaction(id: $id) { kind } }", {"id": str(sale)})
    assert one == {"ledgerTransaction": {"kind": "SALE"}}
    balances = await staff("{ ledgerBalances { account provider balance { amount currency } } }")
    assert [
        (each["account"], each["provider"], each["balance"]["amount"], each["balance"]["currency"])
        for each in balances["ledgerBalances"]
    ] == [
        (Account.PROVIDER_CLEARING.name, "simulator", "124.95", "EUR"),
        (Account.PROVIDER_CLEARING.name, "manual", "700", "JPY"),
        (Account.RECEIVABLE.name, None, "0.00", "EUR"),
        (Account.SALES.name, None, "-100.00", "EUR"),
        (Account.SHIPPING.name, None, "-5.00", "EUR"),
        (Account.SUSPENSE.name, None, "-700", "JPY"),
        (Account.TAX.name, None, "-19.95", "EUR"),
    ]


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("merchandiser", 403)])
async def test_who_may_not(books: Books, role: str | None, status: int) -> None:
    async with calling(books.settings) as http:
        caller = Caller(http, "/admin/graphql", {}) if role is None else admin_caller(http, role=role)
        for query, given in ((TRAIL, {"id": UNKNOWN}), (LISTED, {}), ("{ ledgerBalances { account } }", {})):
            assert (await caller.send(query, given)).status_code == status
