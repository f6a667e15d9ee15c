"""The SQL by which a payment and its first attempt begin: one statement."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.payments import tables


async def insert_payment(connection: AsyncConnection, *, intent: Mapping[str, Any], attempt: Mapping[str, Any]) -> UUID:
    """Write what is due for an order, and an attempt to pay it. Returns the attempt."""
    opened = sa.insert(tables.intent).values(intent).returning(tables.intent.c.id).cte("opened")
    values = [sa.literal(value, tables.attempt.c[name].type) for name, value in attempt.items()]
    begun = sa.insert(tables.attempt).from_select(["intent_id", *attempt], sa.select(opened.c.id, *values))
    attempt_id: UUID = (await connection.execute(begun.returning(tables.attempt.c.id))).scalar_one()
    return attempt_id
