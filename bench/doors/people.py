"""Who calls, and what they change: accounts with passwords hashed as in production, and products in stock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.doors.app import PASSWORD
from mercer.identity import service as identity
from mercer.identity.models import TokenPurpose
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

CUSTOMER = "customer@example.com"


@dataclass(frozen=True)
class Place:
    """What one caller changes: no two change the same product."""

    product_id: str
    variant_id: str
    warehouse_id: str


@contextmanager
def copied(settings: Settings, original: str, *, name: str | None = None) -> Iterator[str]:
    """The address of a copy of a database that nobody is connected to, for as long as the body."""
    assert settings.database_url is not None
    name = name or f"{original}_copy"
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        # Without FORCE, which is refused while autovacuum is at work there; it gives way by itself.
        drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, original))))
        try:
            yield urlsplit(settings.database_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(drop)


def staff_email(number: int) -> str:
    return f"staff{number}@example.com"


async def store_people(settings: Settings, *, staff: int) -> None:
    """Make so many administrators and a customer, all of them with the same password."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        context = Context(settings, database, datetime.now(UTC), origin=Origin(operation="bench"))
        for number in range(staff):
            await identity.create_staff(
                context, email=staff_email(number), name="Ada", password=PASSWORD, roles=["administrator"]
            )
        await identity.register_customer(context, email=CUSTOMER, password=PASSWORD, name="Ada", language="en")
        [customer_id] = _rows(settings.database_url, "SELECT id FROM identity.customer")[0]
        async with transaction(context) as inner:
            token = await identity.issue_token(inner, customer_id=customer_id, purpose=TokenPurpose.VERIFY_EMAIL)
            await identity.verify_customer(inner, token=token)
    finally:
        await database.close()


def places(database_url: str, *, callers: int) -> list[Place]:
    """What each of so many callers changes."""
    found = _rows(database_url, _PLACES, callers)
    assert len(found) == callers, "the catalogue has products in stock"
    return [Place(*map(str, row)) for row in found]


_PLACES = """
    SELECT DISTINCT ON (variant.product_id) variant.product_id, stock.variant_id, stock.warehouse_id
    FROM inventory.stock JOIN catalog.variant ON variant.id = stock.variant_id
    ORDER BY variant.product_id, stock.variant_id, stock.warehouse_id LIMIT %s
"""


def _rows(database_url: str, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute(query, values).fetchall()
