"""An empty ledger, and how it is posted to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.factories.shop import NOW

from mercer.ledger import service
from mercer.ledger.models import TransactionKind
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

ORDER = UUID("019a0000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Books:
    """A ledger of a test's own."""

    settings: Settings
    context: Context

    async def post(self, kind: str, entries: Any, reference: str | None = None, **others: Any) -> UUID:
        """Post a transaction on `ORDER` in euros, unless something else is given."""
        given = {"order_id": ORDER, "currency": "EUR", "provider": None, **others}
        async with transaction(self.context) as context:
            named = TransactionKind(kind)
            return await service.post(context, kind=named, reference=reference or kind, entries=entries, **given)

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.context.database.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(query), values)]

    async def counts(self) -> tuple[int, int]:
        """How many transactions and entries there are."""
        [(transactions, entries)] = await self.rows(
            "SELECT (SELECT count(*) FROM ledger.transaction), (SELECT count(*) FROM ledger.entry)"
        )
        return transactions, entries

    async def balances(self) -> dict[str, int]:
        """What each account comes to."""
        found = await self.rows("SELECT account, sum(amount)::bigint FROM ledger.entry GROUP BY account")
        return dict(found)


@pytest.fixture
async def books(fresh: Settings) -> AsyncIterator[Books]:
    settings = fresh.model_copy(update={"write_connections": 12})
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        yield Books(settings, Context(settings, database, NOW))
    finally:
        await database.close()
