import gzip
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from tests.transfer.past_sales import Office, an_office

from mercer.platform.settings import Settings
from mercer.transfer.models.sales import Draft, Survey
from mercer.transfer.readers import sources_of
from mercer.transfer.rules.credits import match_credits
from mercer.transfer.service import orders, read_order_mapping

FILE = Path(__file__).parents[3] / "shared" / "data" / "uci-online-retail" / "online-retail.csv.gz"
ROWS = 541_909
AMOUNT = Decimal("9747747.934")
"""The sum of quantity times price over all rows."""
DECEMBER = 42_481
"""Rows of December 2010."""

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the real set is not there")


@pytest.fixture
async def office(fresh: Settings, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh, tmp_path / "office") as each:
        yield each


@pytest.mark.timeout(600)
def test_each_row_of_the_real_set_and_each_penny_is_accounted_for() -> None:
    mapping, sources, survey = read_order_mapping("uci-online-retail"), sources_of(FILE), Survey()
    for _ in orders._survey(sources, mapping, survey):
        pass
    assert survey.scattered == {"542806": 39}
    matches = match_credits(survey.credits, survey.sales)
    assert (matches.lines, len(matches.told), len(matches.taken)) == (7_183, 3_010, 3_131)
    reasons, drafted, rows, merged, refused = Counter[str](), Counter[str](), 0, 0, Decimal(0)
    amounts = {"orders": Decimal(0), "credits": Decimal(0)}
    for batch in orders._batches(sources, mapping, survey, matches):
        assert batch.failures == []
        rows += batch.rows
        reasons.update(type(each.row.error).__name__ for each in batch.refused)
        refused += sum(each.amount for each in batch.refused)
        merged += sum(draft.merged for draft in batch.drafts)
        for draft in batch.drafts:
            _add(drafted, amounts, draft)
    assert rows == ROWS
    assert reasons == {"QuantityContrary": 1_336, "NothingSold": 772, "BookkeepingRow": 90, "PriceTooExact": 3}
    assert merged == 10_107
    assert drafted["orders"] + drafted["credits"] + merged + reasons.total() == ROWS
    assert amounts == {"orders": Decimal("10641696.39"), "credits": Decimal("646256.83")}
    assert amounts["orders"] - amounts["credits"] + refused == AMOUNT


def _add(drafted: Counter[str], amounts: dict[str, Decimal], draft: Draft) -> None:
    kind = "credits" if draft.is_credit else "orders"
    drafted[kind] += len(draft.lines) + (draft.delivery is not None)
    amounts[kind] += draft.given
    assert draft.total == draft.given * 100


async def test_a_month_of_the_real_set_is_stored_to_the_penny(office: Office) -> None:
    path = office.directory / "december.csv"
    with gzip.open(FILE, "rb") as whole:
        path.write_bytes(b"".join(islice(whole, DECEMBER + 1)))
    report = await office.take_file(path)
    assert (report.rows, report.failures) == (DECEMBER, [])
    assert report.amount == Decimal("748957.020")
    [(stored, credits, sold, credited)] = await office.rows("""
        SELECT count(*), count(*) FILTER (WHERE is_credit), sum(total_gross) FILTER (WHERE NOT is_credit),
            sum(total_gross) FILTER (WHERE is_credit)
        FROM (SELECT *, number LIKE 'UCI-C%' AS is_credit FROM orders."order") o
    """)
    assert (stored, credits) == (report.created, report.credits)
    assert (Decimal(sold) / 100, Decimal(credited) / 100) == (report.amount_sold, report.amount_credited)
    [(lines, deliveries)] = await office.rows(
        "SELECT (SELECT count(*) FROM orders.line), (SELECT count(*) FROM orders.shipping_line)"
    )
    assert lines + deliveries == report.lines
    states = dict(
        await office.rows("SELECT status || ' ' || payment_status, count(*) FROM orders.\"order\" GROUP BY 1")
    )
    assert states == {
        "completed paid": report.created - report.credits - report.cancelled - report.reduced,
        "completed partially_refunded": report.reduced,
        "cancelled refunded": report.credits + report.cancelled,
    }
