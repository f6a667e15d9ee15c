"""Past orders from files: what becomes of each row, and that rows and money add up."""

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests import callers, servers
from tests.fixtures import writing
from tests.transfer.past_sales import HEADER, Office, an_office, guest, sale

from mercer.catalog.models import Product, ProductType, Variant
from mercer.catalog.service import store_product_types, store_products
from mercer.channels.errors import ChannelUnknown
from mercer.platform.settings import Settings
from mercer.transfer.errors import ColumnMissing, CurrencyMismatch, FileUnreadable
from mercer.transfer.rules import invoices
from mercer.transfer.service import orders

ROOT = Path(__file__).parents[2]
MANY = [
    sale(f"C{number}", "T1", -1) if number % 5 == 4 else sale(str(number // 2), f"T{number % 3}")
    for number in range(90)
]


@pytest.fixture
async def office(fresh: Settings, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh, tmp_path / "office") as each:
        yield each


@pytest.fixture
async def other(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """A second one, to compare with."""
    name = f"other_{os.getpid()}_{abs(hash(request.node.nodeid))}"
    settings = callers.test_settings(servers.copy_database(database_url, name), "unix:///nowhere")
    async with an_office(settings, tmp_path / "other") as each:
        yield each


async def test_an_invoice_becomes_an_order_with_its_tax_taken_out(office: Office) -> None:
    report = await office.take(
        sale("1", "A", 3, "1.20", name="MUG"), sale("1", "Z", 1, "0.99"), sale("1", "POST", 2, "3.00", name="POSTAGE")
    )
    assert (report.created, report.lines, report.merged, report.rejected) == (1, 3, 0, 0)
    assert await office.rows(
        "SELECT o.external_id, o.number, o.email, c.name, o.currency, o.tax_mode, o.shipping_country, o.created_at,"
        " o.placed_at, o.cancelled_at, o.subtotal_gross, o.shipping_gross, o.total_net, o.total_tax"
        ' FROM orders."order" o'
        " JOIN identity.customer c ON c.id = o.customer_id AND c.email = o.email"
    ) == [
        (
            *("uci:1", "UCI-1", "customer-17850@uci.example.com", "Customer 17850", "GBP", "gross", "GB"),
            *(datetime(2011, 3, 1, 10, tzinfo=UTC), datetime(2011, 3, 1, 10, tzinfo=UTC), None),
            *(459, 600, 300 + 82 + 500, 60 + 17 + 100),
        )
    ]
    assert await office.rows(
        "SELECT position, sku, product_name, quantity, shipped_quantity, unit_gross, total_gross, total_tax, variant_id"
        " FROM orders.line ORDER BY position"
    ) == [(1, "A", "MUG", 3, 3, 120, 360, 60, None), (2, "Z", "THING", 1, 1, 99, 99, 17, None)]
    assert await office.rows("SELECT code, name, total_gross FROM orders.shipping_line") == [("POST", "POSTAGE", 600)]
    assert await office.rows("SELECT name, jurisdiction, rate, base, amount FROM orders.tax_line ORDER BY base") == [
        ("VAT", "GB", Decimal("0.20"), base, amount) for base, amount in ((82, 17), (300, 60), (500, 100))
    ]
    assert await office.states() == [("UCI-1", "completed", "paid", "fulfilled", 1059)]


async def test_the_tax_is_that_of_the_day_and_the_country(office: Office) -> None:
    await office.take(
        sale("1", price="1.20", at="2011-01-03 23:59:00"),
        sale("2", price="1.20", at="2011-01-04 00:00:00"),
        sale("3", price="1.20", country="EIRE"),
        sale("4", price="1.20", country="Unspecified"),
    )
    assert await office.rows('SELECT number, total_tax, shipping_country FROM orders."order" ORDER BY number') == [
        ("UCI-1", 18, "GB"),
        ("UCI-2", 20, "GB"),
        ("UCI-3", 0, "IE"),
        ("UCI-4", 0, None),
    ]


async def test_moments_are_those_of_the_mappings_time_zone(office: Office) -> None:
    await office.take(sale("1", at="2011-07-01 10:00:00"), sale("2", at="2011-07-01T10:00:00+02:00"))
    assert await office.rows('SELECT created_at FROM orders."order" ORDER BY number') == [
        (datetime(2011, 7, 1, 9, tzinfo=UTC),),
        (datetime(2011, 7, 1, 8, tzinfo=UTC),),
    ]


async def test_rows_of_one_thing_at_one_price_are_merged(office: Office) -> None:
    report = await office.take(
        sale("1", "A", 3), sale("1", "A", 3), sale("1", "A", 1, "1.10"), sale("1", "A", 1, name="OTHER")
    )
    assert (report.lines, report.merged, report.rows) == (3, 1, 4)
    assert await office.rows("SELECT quantity, unit_gross, product_name FROM orders.line ORDER BY position") == [
        (6, 120, "THING"),
        (1, 110, "THING"),
        (1, 120, "OTHER"),
    ]


async def test_a_guest_has_no_account_and_a_customer_one_for_all_orders(office: Office) -> None:
    await office.take(guest("1"), sale("2"), sale("3"), sale("4", customer="12346"))
    assert await office.rows(
        "SELECT email, password_hash, email_verified_at FROM identity.customer WHERE email LIKE '%uci%' ORDER BY 1"
    ) == [
        ("customer-12346@uci.example.com", None, None),
        ("customer-17850@uci.example.com", None, None),
    ]
    assert await office.rows('SELECT count(*), count(customer_id), count(email) FROM orders."order"') == [(4, 3, 3)]


async def test_what_the_catalogue_has_is_linked(fresh: Settings, office: Office) -> None:
    async with writing(fresh) as context:
        await store_product_types(context, product_types=[ProductType(code="own", name="Own")])
        product = Product(product_type="own", name="Own", variants=[Variant(sku="A")])
        assert not (await store_products(context, products=[product])).rejected
    await office.take(sale("1", "A"), sale("1", "Z"))
    assert await office.rows(
        "SELECT l.sku, v.sku, v.product_id = l.product_id FROM orders.line l"
        " LEFT JOIN catalog.variant v ON v.id = l.variant_id ORDER BY 1"
    ) == [("A", "A", True), ("Z", None, None)]


async def test_a_credit_takes_back_from_the_latest_purchase(office: Office) -> None:
    report = await office.take(
        sale("1", "A", 5, at="2011-03-01 10:00:00"),
        sale("2", "A", 5, at="2011-03-02 10:00:00"),
        sale("3", "A", 5, at="2011-03-04 10:00:00"),
        sale("C4", "A", -7, at="2011-03-03 10:00:00"),
    )
    assert (report.created, report.credits, report.told_lines) == (4, 1, 1)
    assert (report.cancelled, report.reduced) == (1, 1)
    assert await office.states() == [
        ("UCI-1", "completed", "partially_refunded", "fulfilled", 600),
        ("UCI-2", "cancelled", "refunded", "cancelled", 600),
        ("UCI-3", "completed", "paid", "fulfilled", 600),
        ("UCI-C4", "cancelled", "refunded", "cancelled", 840),
    ]
    assert await office.rows(
        "SELECT number, cancel_reason, cancelled_at FROM orders.\"order\" WHERE status = 'cancelled' ORDER BY number"
    ) == [
        ("UCI-2", "Taken back by C4.", datetime(2011, 3, 3, 10, tzinfo=UTC)),
        ("UCI-C4", "Takes back from 2, 1.", datetime(2011, 3, 3, 10, tzinfo=UTC)),
    ]
    assert (report.amount_sold, report.amount_credited, report.amount) == (
        Decimal(18),
        Decimal("8.40"),
        Decimal("9.60"),
    )


@pytest.mark.parametrize(
    "credit",
    [
        sale("C2", "A", -6),
        sale("C2", "Z", -1),
        sale("C2", "A", -1, "1.10"),
        sale("C2", "A", -1, customer="1"),
        guest("C2", "A", -1),
        sale("C2", "A", -1, at="2011-02-01 10:00:00"),
    ],
)
async def test_a_credit_whose_order_cannot_be_told_stands_by_itself(office: Office, credit: str) -> None:
    report = await office.take(sale("1", "A", 5), credit)
    assert (report.created, report.credits, report.told_lines) == (2, 1, 0)
    assert [row[:4] for row in await office.states()] == [
        ("UCI-1", "completed", "paid", "fulfilled"),
        ("UCI-C2", "cancelled", "refunded", "cancelled"),
    ]
    assert await office.rows("SELECT cancel_reason FROM orders.\"order\" WHERE status = 'cancelled'") == [
        ("Takes back from an order that is not told.",)
    ]


async def test_no_more_is_taken_back_than_was_bought(office: Office) -> None:
    report = await office.take(sale("1", "A", 5), sale("C2", "A", -4), sale("C3", "A", -2), sale("C4", "A", -1))
    assert (report.credits, report.told_lines, report.cancelled, report.reduced) == (3, 2, 1, 0)
    assert await office.rows('SELECT cancel_reason FROM orders."order" ORDER BY number') == [
        ("Taken back by C2, C4.",),
        ("Takes back from 1.",),
        ("Takes back from an order that is not told.",),
        ("Takes back from 1.",),
    ]


async def test_an_order_whose_delivery_is_kept_is_not_cancelled(office: Office) -> None:
    await office.take(sale("1", "A", 5), sale("1", "POST", 1, "3.00"), sale("C2", "A", -5))
    assert (await office.states())[0] == ("UCI-1", "completed", "partially_refunded", "fulfilled", 900)


async def test_each_odd_row_is_accounted_for(office: Office) -> None:
    rows = {
        sale("1", "A", 2): None,
        sale("1", "Z", 1, "0.00"): None,
        sale("1", "A", 0): "QuantityContrary",
        sale("1", "A", -3): "QuantityContrary",
        sale("C2", "A", 3): "QuantityContrary",
        guest("3", "A", 3, "0"): "NothingSold",
        guest("3", "Z", 3, "0"): "NothingSold",
        sale("4", "A", 3, "0"): None,
        sale("5", "Z", 1, "-4.00"): "PriceInvalid",
        sale("5", "AMAZONFEE", 1, "4.00"): "BookkeepingRow",
        sale("5", "A", 1, "0.001"): "PriceTooExact",
        sale("5", "A", 1, "many"): "PriceInvalid",
        sale("5", "A", "1.5"): "ValueInvalid",
        sale("5", "A", "x"): "ValueInvalid",
        sale("5", "A", 3_000_000_000): "ValueInvalid",
        sale("5", "A", 2_000_000_000, "9999999999999"): "TotalTooLarge",
        sale("6", "A", at="2011-02-30 10:00:00"): "ValueInvalid",
        sale("6", "A", at=""): "ValueInvalid",
        sale("6", "A", at="0001-01-01 00:00:00"): "ValueInvalid",
        sale("6", "A", country="Atlantis"): "ValueInvalid",
        sale("6", "A", customer="a b"): "ValueInvalid",
        sale("6", "A", name="X" * 201): "TextTooLong",
        sale("6", "A", name="tab\tbed"): "TextInvalid",
        sale("6", "", 1): "SkuMissing",
        sale("", "A", 1): "InvoiceMissing",
        sale("7", "A"): None,
        sale("7", "A", customer="2"): "InvoiceContradictory",
        sale("7", "A", country="France"): "InvoiceContradictory",
        guest("7", "A"): "InvoiceContradictory",
        sale("7", "A", at="2011-03-01 10:01:00"): None,
        sale("8", "POST"): None,
        "too,few\n": "ColumnsMismatch",
    }
    report = await office.take(*rows)
    expected = [(number, error) for number, error in enumerate(rows.values(), 2) if error is not None]
    assert office.reasons == expected
    assert report.rows == len(rows) == report.lines + report.merged + report.rejected
    assert (report.lines, report.merged) == (5, 1)
    assert [row[0] for row in await office.states()] == ["UCI-1", "UCI-4", "UCI-7", "UCI-8"]
    assert await office.rows(
        "SELECT sku FROM orders.line l JOIN orders.\"order\" o ON o.id = order_id WHERE o.number = 'UCI-8'"
    ) == [("POST",)]


async def test_money_adds_up_whatever_becomes_of_the_rows(office: Office) -> None:
    report = await office.take(
        sale("1", "A", 2),
        sale("1", "A", 2),
        sale("C2", "A", -1),
        sale("3", "Z", -5, "0.10"),
        sale("4", "Z", 3, "0.001"),
    )
    assert report.amount_sold == Decimal("4.80")
    assert report.amount_credited == Decimal("1.20")
    assert report.amount_rejected == Decimal("-0.497")
    assert report.amount == sum([Decimal("4.80"), Decimal("-1.20"), Decimal("-0.5"), Decimal("0.003")])


async def test_rows_of_an_invoice_that_do_not_stand_together_make_one_order(office: Office) -> None:
    report = await office.take(sale("1", "A"), sale("2", "A"), sale("1", "Z"), sale("3", "A"), sale("1", "C"))
    assert (report.created, report.lines) == (3, 5)
    assert await office.rows(
        'SELECT o.number, count(*) FROM orders."order" o JOIN orders.line l ON l.order_id = o.id GROUP BY 1 ORDER BY 1'
    ) == [("UCI-1", 3), ("UCI-2", 1), ("UCI-3", 1)]


async def test_invoices_without_end_and_scattered_files_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoices, "MOST_ROWS", 3)
    report = await office.take(*(sale("1", str(number)) for number in range(5)), sale("2"))
    assert (report.created, report.lines, office.reasons) == (2, 4, [(5, "InvoiceTooLong"), (6, "InvoiceTooLong")])
    monkeypatch.setattr(invoices, "MOST_WAITING", 2)
    report = await office.take(*(sale(str(10 + number % 3)) for number in range(9)))
    assert [type(failure).__name__ for failure in report.failures] == ["RowsScattered"]
    assert (report.created, report.reasons) == (0, {"InvoiceCutShort": 3})


async def test_half_an_invoice_is_not_stored(office: Office) -> None:
    whole = gzip.compress((HEADER + "".join(sale(str(number // 3), str(number)) for number in range(9_000))).encode())
    path = office.directory / "sales.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    report = await office.take_file(path)
    assert [type(failure).__name__ for failure in report.failures] == ["ArchiveRefused"]
    assert set(report.reasons) <= {"InvoiceCutShort"}
    assert await office.rows("SELECT DISTINCT count(*) FROM orders.line GROUP BY order_id") == [(3,)]
    path.write_bytes(whole)
    again = await office.take_file(path)
    assert (again.created + again.unchanged, again.unchanged, again.lines) == (3_000, report.created, 9_000)
    assert report.created > 0


async def test_a_packed_file_says_the_same(office: Office) -> None:
    path = office.directory / "sales.csv.gz"
    path.write_bytes(gzip.compress((HEADER + sale("1")).encode()))
    assert (await office.take_file(path)).created == 1


async def test_what_is_there_stays_as_it_is(office: Office) -> None:
    await office.take(sale("1", "A", 2))
    before = await office.stamps()
    report = await office.take(sale("1", "A", 5), sale("1", "Z"))
    assert (report.created, report.unchanged) == (0, 1)
    assert await office.stamps() == before


async def test_nobody_hears_of_past_orders(office: Office) -> None:
    await office.take(sale("1"), sale("C2", quantity=-1))
    assert await office.rows("SELECT name FROM platform.outbox WHERE name <> ''") == []
    assert await office.rows("SELECT * FROM notifications.mail") == []
    assert await office.rows("SELECT * FROM ledger.transaction") == []


async def test_a_dry_run_tells_and_changes_nothing(office: Office) -> None:
    before = await office.contents()
    report = await office.take(sale("1"), sale("C2", quantity=-1), sale("3", quantity=0), is_dry_run=True)
    assert (report.created, report.lines, report.rejected, report.cancelled) == (2, 2, 1, 1)
    assert await office.contents() == before


async def test_the_size_of_batches_does_not_matter(
    office: Office, other: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await office.take(*MANY)
    monkeypatch.setattr(orders, "BATCH", 1)
    again = await other.take(*MANY)
    assert again == report
    assert report.cancelled > 0
    assert await other.contents() == await office.contents()


@pytest.mark.parametrize("moment", ["after", "within"])
@pytest.mark.parametrize("batches", [1, 4])
async def test_a_killed_import_that_is_run_again_ends_as_if_it_had_not_been(
    office: Office, other: Office, fresh: Settings, moment: str, batches: int
) -> None:
    path = office.directory / "sales.csv"
    path.write_text(HEADER + "".join(MANY))
    command = ["-m", "tests.transfer.killed_orders", str(fresh.database_url), str(path), str(batches), moment]
    killed = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    again, once = await office.take_file(path), await other.take_file(path)
    assert again.unchanged > 0
    assert replace(again, created=once.created, unchanged=0) == once
    assert await office.contents() == await other.contents()
    before = await office.stamps()
    assert (await office.take_file(path)).created == 0
    assert await office.stamps() == before


async def test_what_stands_against_importing_at_all_is_raised(office: Office) -> None:
    path = office.directory / "sales.csv"
    with pytest.raises(FileUnreadable):
        await office.take_file(path)
    path.write_text(HEADER + sale("1"))
    with pytest.raises(ChannelUnknown):
        await office.take_file(path, channel="mars")
    with pytest.raises(CurrencyMismatch):
        await office.take_file(path, channel="us")
    path.write_text("InvoiceNo\n1\n")
    report = await office.take_file(path)
    assert [type(failure) for failure in report.failures] == [ColumnMissing]
    assert await office.states() == []
