"""What all imports have in common: transactions of their own for each batch, and what becomes of a refused row."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace

import msgspec

from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.transactions import transaction
from mercer.transfer.models.rows import RejectedRow, Row

_LONGEST_EXCERPT = 200

Transactions = Callable[[], AbstractAsyncContextManager[Context]]


@asynccontextmanager
async def begin_transactions(context: Context, *, is_dry_run: bool) -> AsyncIterator[Transactions]:
    """What begins a batch's transaction: one of its own, or in a dry run always the same, undone at the end."""
    if not is_dry_run:
        yield lambda: transaction(context)
        return
    async with context.database.engine.connect() as connection:
        within = replace(context, connection=connection)
        yield lambda: nullcontext(within)
        await connection.rollback()


def refused(row: Row, error: DomainError) -> RejectedRow:
    """A row that is not stored, and why."""
    content = msgspec.json.encode(row.content).decode()
    return RejectedRow(file=row.file, number=row.number, content=content[:_LONGEST_EXCERPT], error=error)
