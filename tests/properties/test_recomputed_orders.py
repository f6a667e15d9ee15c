"""An order says how it is taxed: from its own rows alone, each amount can be computed again, to the last digit."""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.shop import NOW
from tests.fixtures import writing
from tests.fulfilment.buying import COLOGNE

from mercer.channels import service as channels
from mercer.channels.models import ChannelTerms
from mercer.orders.models import NewOrder, NewOrderLine, NewOrderShipping
from mercer.orders.service import place_order
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.totals.service import price_basket
from mercer.values.basket import Basket, BasketLine, BasketShipping, TaxMode, TaxRate
from mercer.values.ids import new_id

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
CURRENCIES = {"JPY": 0, "EUR": 2, "KWD": 3}
LINES = """
    SELECT id, quantity, unit_net, unit_tax, unit_gross, discount, total_net, total_tax, total_gross
    FROM orders.line WHERE order_id = :id
"""
SHIPPING = """
    SELECT NULL::uuid AS id, 1 AS quantity, total_net AS unit_net, total_tax AS unit_tax, total_gross AS unit_gross,
        discount, total_net, total_tax, total_gross FROM orders.shipping_line WHERE order_id = :id
"""
TAXES = "SELECT line_id, rate, base, amount, mode, currency FROM orders.tax_line WHERE order_id = :id ORDER BY id"
HEAD = """
    SELECT currency, tax_mode, subtotal_net, subtotal_tax, subtotal_gross, shipping_net, shipping_tax,
        shipping_gross, total_net, total_tax, total_gross, total_amount FROM orders."order" WHERE id = :id
"""

rate = st.integers(0, 300_000).map(lambda millionths: Decimal(millionths).scaleb(-6))
rates = st.lists(rate, max_size=3).map(
    lambda found: tuple(TaxRate(name=f"Tax {n}", jurisdiction=f"Place {n}", rate=each) for n, each in enumerate(found))
)
amounts = st.integers(0, 10**7)
lines = st.lists(st.tuples(st.integers(1, 99), amounts, rates), min_size=1, max_size=6)


@dataclass(repr=False)
class Desk:
    """Where orders are written, by currency and tax mode."""

    context: Context
    channels: Mapping[tuple[str, TaxMode], UUID]


@pytest.fixture
async def desk(fresh: Settings) -> AsyncIterator[Desk]:
    terms = {
        (currency, mode): ChannelTerms(
            code=f"{currency}-{mode}".lower(),
            name=currency,
            currency=currency,
            languages=("en",),
            country="DE",
            time_zone="Europe/Berlin",
            tax_mode=mode,
            is_default=(currency, mode) == ("EUR", TaxMode.GROSS),
        )
        for currency in CURRENCIES
        for mode in TaxMode
    }
    async with writing(fresh) as context:
        await channels.store_channels(context, channels=list(terms.values()))
        ids = {channel.code: channel.id for channel in await channels.list_channels(context)}
    assert fresh.database_url is not None
    database = Database(fresh, url=fresh.database_url)
    yield Desk(Context(fresh, database, NOW), {key: ids[each.code] for key, each in terms.items()})
    await database.close()


async def placed(desk: Desk, basket: Basket) -> UUID:
    """An order of what a basket holds."""
    priced = price_basket(basket)
    order_id = new_id(NOW)
    assert priced.shipping is not None
    async with transaction(desk.context) as context:
        order = NewOrder(
            id=order_id,
            cart_id=new_id(NOW),
            channel_id=desk.channels[basket.currency, basket.mode],
            language="en",
            email="ada@example.org",
            customer_id=None,
            cart_token_hash=None,
            shipping_address=COLOGNE,
            billing_address=COLOGNE,
            lines=[
                NewOrderLine(
                    id=line.id,
                    variant_id=line.id,
                    product_id=line.id,
                    sku=f"SKU {place}",
                    product_name="A thing",
                    variant_name=None,
                    weight_grams=None,
                    priced=line,
                )
                for place, line in enumerate(priced.lines)
            ],
            shipping=NewOrderShipping(method_id=new_id(NOW), code="x", name="X", priced=priced.shipping),
            totals=priced,
        )
        await place_order(context, order=order)
    return order_id


def half_up(amount: Fraction) -> int:
    """The nearest whole unit; of two the larger."""
    return floor(amount + Fraction(1, 2))


def taxed_again(row: Any, own: list[Any], head: Any) -> None:
    """One line's amounts, from its price, its rates and the order's tax mode, in exact fractions."""
    mode = head.tax_mode
    given = row.quantity * getattr(row, f"unit_{mode}") - row.discount
    assert getattr(row, f"total_{mode}") == given
    rates = [Fraction(each.rate) for each in own]
    if mode == TaxMode.NET:
        assert [each.amount for each in own] == [half_up(given * rate) for rate in rates]
        net, gross = given, given + sum(each.amount for each in own)
    else:
        tax = half_up(given * sum(rates) / (1 + sum(rates)))
        net, gross = given - tax, given
        # What is taken out at once is split among the taxes, none of which gets a unit more or less than is its share.
        assert all(
            abs(each.amount - tax * rate / sum(rates)) < 1 for each, rate in zip(own, rates, strict=True) if rate
        )
        assert all(each.amount == 0 for each in own if not each.rate)
    assert (row.total_net, row.total_tax, row.total_gross) == (net, gross - net, gross)
    assert row.total_tax == sum(each.amount for each in own)
    assert {(each.base, each.currency, each.mode) for each in own} <= {(net, head.currency, mode)}
    assert row.unit_gross == row.unit_net + row.unit_tax


@given(
    currency=st.sampled_from(sorted(CURRENCIES)),
    mode=st.sampled_from(TaxMode),
    lines=lines,
    shipping=st.tuples(amounts, rates),
)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
async def test_an_order_is_computed_again_from_what_it_stores(
    desk: Desk, currency: str, mode: TaxMode, lines: list[Any], shipping: Any
) -> None:
    basket = Basket(
        currency=currency,
        mode=mode,
        lines=tuple(
            BasketLine(id=new_id(NOW), quantity=quantity, unit_amount=amount, rates=of_line)
            for quantity, amount, of_line in lines
        ),
        shipping=BasketShipping(amount=shipping[0], rates=shipping[1]),
    )
    order_id = await placed(desk, basket)
    async with desk.context.database.transaction() as connection:
        head = (await connection.execute(sa.text(HEAD), {"id": order_id})).one()
        rows = (await connection.execute(sa.text(LINES), {"id": order_id})).all()
        [delivery] = (await connection.execute(sa.text(SHIPPING), {"id": order_id})).all()
        taxes: dict[Any, list[Any]] = defaultdict(list)
        for tax in (await connection.execute(sa.text(TAXES), {"id": order_id})).all():
            taxes[tax.line_id].append(tax)
    for row in (*rows, delivery):
        taxed_again(row, taxes[row.id], head)
    for part in ("net", "tax", "gross"):
        sums = sum(getattr(row, f"total_{part}") for row in rows)
        assert getattr(head, f"subtotal_{part}") == sums
        assert getattr(head, f"shipping_{part}") == getattr(delivery, f"total_{part}")
        assert getattr(head, f"total_{part}") == sums + getattr(delivery, f"total_{part}")
    assert head.total_amount == Decimal(head.total_gross).scaleb(-CURRENCIES[currency])
