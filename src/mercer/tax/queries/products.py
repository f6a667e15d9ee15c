"""The SQL by which products are of a class."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.tax.tables import product_tax_class

_TABLE = product_tax_class


async def load_classes(connection: AsyncConnection, product_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The classes that these products were given. The products must be locked."""
    found = sa.select(_TABLE).where(_TABLE.c.product_id.in_(list(product_ids)))
    return {row.product_id: row.tax_class_id for row in await connection.execute(found)}


async def write_classes(connection: AsyncConnection, product_ids: Sequence[UUID], tax_class_id: UUID) -> None:
    """Give products a class in place of the one they had."""
    made = insert(_TABLE).values([{"product_id": each, "tax_class_id": tax_class_id} for each in product_ids])
    written = {"tax_class_id": made.excluded.tax_class_id}
    await connection.execute(made.on_conflict_do_update(index_elements=["product_id"], set_=written))


async def remove_classes(connection: AsyncConnection, product_ids: Sequence[UUID]) -> None:
    """Let products be of the default class."""
    await connection.execute(sa.delete(_TABLE).where(_TABLE.c.product_id.in_(list(product_ids))))
