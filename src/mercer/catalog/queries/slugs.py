"""Slugs, those of today and those of before."""

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog import tables


class Slugged(NamedTuple):
    """A kind of thing that has slugs: its table, that of its former slugs, and the column there that names it."""

    table: sa.Table
    former: sa.Table
    key: str


PRODUCTS = Slugged(tables.product, tables.former_product_slug, "product_id")
CATEGORIES = Slugged(tables.category, tables.former_category_slug, "category_id")


async def find_owner(connection: AsyncConnection, of: Slugged, slug: str) -> UUID | None:
    """Whose the slug is, or was."""
    now = sa.select(of.table.c.id).where(of.table.c.slug == slug)
    before = sa.select(of.former.c[of.key]).where(of.former.c.slug == slug)
    return (await connection.scalars(sa.union_all(now, before))).first()


async def list_taken(connection: AsyncConnection, of: Slugged, slugs: list[str]) -> set[str]:
    """Those of these slugs that something has, or had."""
    now = sa.select(of.table.c.slug).where(of.table.c.slug.in_(slugs))
    before = sa.select(of.former.c.slug).where(of.former.c.slug.in_(slugs))
    return set((await connection.scalars(sa.union_all(now, before))).all())


async def keep_former(connection: AsyncConnection, of: Slugged, *, id: UUID, before: str, now: str) -> None:
    """Let the slug of before lead to the thing, and the slug of now be one of its former ones no more."""
    again = sa.and_(of.former.c[of.key] == id, of.former.c.slug == now)
    await connection.execute(sa.delete(of.former).where(again))
    await connection.execute(sa.insert(of.former).values({"slug": before, of.key: id}))
