"""A wholesaler's past sales, and imports of them into a channel in pounds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contents import Rows, contents, fetch, stamps
from tests.factories.shop import NOW, US
from tests.fixtures import writing

from mercer.channels.models import ChannelTerms
from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.rows import RejectedRow
from mercer.transfer.models.sales import OrderReport
from mercer.transfer.service import import_orders, read_order_mapping
from mercer.values.basket import TaxMode

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GB = ChannelTerms(
    code="gb",
    name="Britain",
    currency="GBP",
    languages=("en",),
    country="GB",
    time_zone="Europe/London",
    tax_mode=TaxMode.GROSS,
)


def sale(
    invoice: str,
    sku: str = "A",
    quantity: object = 1,
    price: object = "1.20",
    *,
    name: str = "THING",
    at: str = "2011-03-01 10:00:00",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    """A row of the file."""
    return f"{invoice},{sku},{name},{quantity},{at},{price},{customer},{country}\n"


def guest(invoice: str, sku: str = "A", quantity: object = 1, price: object = "1.20", **more: str) -> str:
    """A row that names no customer."""
    return sale(invoice, sku, quantity, price, customer="", **more)


@dataclass
class Office:
    """Imports past sales into a shop of the test's own, and looks at what came of it."""

    context: Context
    directory: Path
    mapping: OrderMapping = field(default_factory=lambda: read_order_mapping("uci-online-retail"))
    rejected: list[RejectedRow] = field(default_factory=list)

    async def take(self, *rows: str, is_dry_run: bool = False) -> OrderReport:
        """Import a file with these rows."""
        path = self.directory / "sales.csv"
        path.write_text(HEADER + "".join(rows))
        return await self.take_file(path, is_dry_run=is_dry_run)

    async def take_file(self, path: Path, *, channel: str = "gb", is_dry_run: bool = False) -> OrderReport:
        self.rejected = []
        return await import_orders(
            self.context,
            path=path,
            mapping=self.mapping,
            channel=channel,
            on_batch=lambda _report: None,
            on_rejected=self.rejected.append,
            is_dry_run=is_dry_run,
        )

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """The rows rejected last, by line of the file, and why."""
        return sorted((row.number, type(row.error).__name__) for row in self.rejected)

    async def rows(self, sql: str) -> Sequence[tuple[Any, ...]]:
        async with self.context.database.transaction() as connection:
            return await fetch(connection, sql)

    async def states(self) -> Sequence[tuple[Any, ...]]:
        """Number, states and gross total of each order."""
        return await self.rows(
            'SELECT number, status, payment_status, fulfilment_status, total_gross FROM orders."order" ORDER BY number'
        )

    async def contents(self) -> Rows:
        async with self.context.database.transaction() as connection:
            return await contents(connection)

    async def stamps(self) -> Rows:
        async with self.context.database.transaction() as connection:
            return await stamps(connection)


@asynccontextmanager
async def an_office(settings: Settings, directory: Path) -> AsyncIterator[Office]:
    """An office of a shop without products."""
    async with writing(settings) as context:
        await store_channels(context, channels=[US, GB])
    database = Database(settings, url=settings.database_url or "")
    await asyncio.to_thread(directory.mkdir)
    yield Office(Context(settings, database, NOW), directory)
    await database.close()
